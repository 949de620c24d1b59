"""What one word means."""

import contextlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.scenario.scalars import ScalarError, forbidden, number_meant, resolved


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("1e6", 1e6),
        ("1.0e6", 1e6),
        ("+5", 5),
        (".5", 0.5),
        ("5.", 5.0),
        ("-3", -3),
        ("-0.0", 0.0),
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
    ],
)
def test_the_core_rules_of_yaml(word, value):
    """Numbers, true, false and nothing are what YAML 1.2 says."""
    found = resolved(word)
    assert (found, type(found)) == (value, type(value))
    assert not isinstance(found, float) or math.copysign(1, found) == math.copysign(1, value)


@pytest.mark.parametrize(
    "word",
    [
        *("NO", "ON", "yes", "off", "tRUE", "nan", "inf", "<<", "2023-03-13", "12:30:00"),
        *("0123", "090111", "1_000", "1,000", "1.000.000", "0x1F", "0o17", "۱۲۳"),
        *("+", ".", "e5", "1e", "--1"),
    ],
)
def test_everything_else_is_text(word):
    """What YAML 1.1 made into something else stays text."""
    assert resolved(word) == word


@pytest.mark.parametrize("word", [".nan", ".NaN", ".inf", "-.INF", "1e999", "-1e999"])
def test_numbers_are_finite(word):
    """Infinity and what is not a number are refused wherever they stand."""
    with pytest.raises(ScalarError, match="must be a finite number"):
        resolved(word)


@pytest.mark.parametrize("word", ["9" * 5000, "-" + "9" * 20, str(2**63)])
def test_whole_numbers_have_a_limit(word):
    """A number beyond 64 bits is a slip of the finger."""
    with pytest.raises(ScalarError, match="too large"):
        resolved(word)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_written_is_read_back(number):
    """The shortest form of a number means that number."""
    assert resolved(repr(number)) == number


@given(st.text())
def test_a_word_has_a_value_or_a_code(word):
    """No word fails in another way."""
    assert isinstance(number_meant(word, "some_days"), str)
    with contextlib.suppress(ScalarError):
        resolved(word)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("1,000,000", "1000000"),
        ("1_000", "1000"),
        ("1.000.000", "1000000"),
        ("1 000 000", "1000000"),
        ("1.000.000,50", "1000000.50"),
        ("1,000.5", "1000.5"),
        ("-1,000", "-1000"),
        ("0,5", "0.5"),
        ("5%", "0.05"),
        ("2.5 percent", "0.025"),
        ("$5", "5"),
        ("USD 1,000", "1000"),
        ("5 €", "5"),
        ("10 days", "10"),
        ("0123", "123"),
        ("007.5", "7.5"),
        ("12:30:00", "0.5208 (as days)"),
        ("۱۲۳", "123"),
        ("\u0665", "5"),
        ("5", "5"),
        ("5.0", "5.0"),
        ("1e3", "1e3"),
        ("slow", ""),
        ("²", ""),
        ("2023-03-13", ""),
    ],
)
def test_a_near_miss_is_answered_with_the_number_meant(word, meant):
    """What looks like a number to people is answered with how to write it."""
    assert number_meant(word) == meant


def test_the_unit_stands_in_the_name_of_the_field():
    """A unit behind a number is answered with the unit of the field."""
    assert number_meant("10 days", "processing_days") == "10 (the unit is days)"
    assert number_meant("1,5 m", "size_usd_million") == "1.5 (the unit is usd million)"


@pytest.mark.parametrize(
    ("word", "field", "meant"),
    [
        ("36 hours", "red_days", "1.5"),
        ("2 weeks", "processing_days", "14"),
        ("2 years", "median_months", "24"),
        ("6 months", "ramp_years", "0.5"),
        ("1.2 bn", "turnover_usd_million", "1200"),
        ("15 thousand", "order_cost_usd", "1.5e+04"),
    ],
)
def test_another_unit_of_the_same_kind_is_converted(word, field, meant):
    """Hours in a field of days, or billions in one of millions, are answered in its own unit."""
    assert number_meant(word, field).partition(" (")[0] == meant


@pytest.mark.parametrize(("word", "field"), [("5 tonnes", "red_days"), ("5 days", "fee_share")])
def test_a_unit_of_another_kind_is_no_number(word, field):
    """What cannot be converted is not guessed."""
    assert number_meant(word, field) == ""


def test_hidden_characters_are_found():
    """Control and direction characters are forbidden; joiners of letters are not."""
    assert all(forbidden(f"a{c}") for c in "\x00\x1b\x7f\x85\u202e\u2066\ud800\ufeff")
    assert not forbidden("a\tb\nc\u200c\u200dمی")
