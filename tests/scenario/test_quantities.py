"""Quantities: one number in one form, its middle, its support, and the range it must keep."""

import pytest
from pydantic import TypeAdapter, ValidationError

from simulator.scenario.quantities import (
    LAWS,
    Beta,
    Discrete,
    Lognormal,
    NonNegative,
    Normal,
    Positive,
    Quantity,
    Rate,
    Share,
    Triangular,
    Uniform,
    described,
)

NUMBER = TypeAdapter(Quantity)


def codes(kind, given):
    """The codes of what is wrong with a value of a type."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(given)
    return {error["type"] for error in caught.value.errors()}


def test_bare_number_is_a_value():
    """A bare number is short for a value, and has no law."""
    short, long = NUMBER.validate_python(3), NUMBER.validate_python({"value": 3.0})
    assert short == long
    assert short.law is None
    assert (short.central, short.support) == (3.0, (3.0, 3.0))


@pytest.mark.parametrize(
    ("name", "law", "central", "support"),
    [
        ("uniform", Uniform(low=1, high=4), 2.5, (1, 4)),
        ("triangular", Triangular(low=1, mode=2, high=9), 2, (1, 9)),
        ("normal", Normal(mean=1, sd=2, low=0, high=5), 1, (0, 5)),
        ("lognormal", Lognormal(median=3, sigma=1), 3, (0, float("inf"))),
        ("beta", Beta(a=2, b=6), 0.25, (0, 1)),
        ("beta", Beta(a=1, b=1, low=2, high=4), 3, (2, 4)),
        ("discrete", Discrete(values=(1, 5), weights=(3, 1)), 2, (1, 5)),
    ],
)
def test_law_has_a_middle_and_a_support(name, law, central, support):
    """Each law has its median, mode or mean as its middle, inside all that it can be."""
    quantity = NUMBER.validate_python({name: law.model_dump()})
    assert quantity.law == law
    assert quantity.central == central
    assert quantity.support == support
    assert support[0] <= central <= support[1]


def test_every_law_has_its_field():
    """A quantity has one field for each law, and one for a value."""
    assert {*LAWS, "value"} < {*Quantity.model_fields}


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"source": "a book"},
        {"value": 1, "uniform": {"low": 0, "high": 1}},
        {"uniform": {"low": 0, "high": 1}, "beta": {"a": 1, "b": 1}},
    ],
)
def test_number_has_exactly_one_form(given):
    """A number is a value or one law: not none, and not two."""
    assert codes(Quantity, given) == {"S122"}


@pytest.mark.parametrize("given", ["3", None, True, [1]])
def test_only_numbers_are_numbers(given):
    """Text, nothing, truth values and lists are no numbers."""
    assert codes(Quantity, given) == {"S111"}


@pytest.mark.parametrize(
    "given",
    [
        {"uniform": {"low": 2, "high": 1}},
        {"triangular": {"low": 0, "mode": 3, "high": 2}},
        {"normal": {"mean": 9, "sd": 1, "low": 0, "high": 5}},
        {"normal": {"mean": 1, "sd": -1, "low": 0, "high": 5}},
        {"lognormal": {"median": 0, "sigma": 1}},
        {"lognormal": {"median": 1, "sigma": -1}},
        {"beta": {"a": 0, "b": 1}},
        {"beta": {"a": 1, "b": 1, "low": 2, "high": 1}},
        {"discrete": {"values": (), "weights": ()}},
        {"discrete": {"values": (1.0, 2.0), "weights": (1.0,)}},
        {"discrete": {"values": (1.0, 2.0), "weights": (0.0, 0.0)}},
        {"discrete": {"values": (1.0, 2.0), "weights": (2.0, -1.0)}},
    ],
)
def test_law_that_contradicts_itself_is_refused(given):
    """Bounds in the wrong order, negative spreads and weights are mistakes in a law."""
    assert codes(Quantity, given) == {"S123"}


@pytest.mark.parametrize("given", [float("nan"), float("inf"), {"value": -float("inf")}])
def test_numbers_are_finite(given):
    """Neither infinity nor what is no number is a value."""
    assert codes(Quantity, given) == {"finite_number"}


@pytest.mark.parametrize(
    ("kind", "inside", "outside"),
    [
        (Share, (0, 0.5, 1), (-1e-9, 1.0001)),
        (Positive, (1e-9, 5e9), (0, -1)),
        (NonNegative, (0, 5e9), (-1e-9,)),
        (Rate, (-0.99, 0, 10), (-1, 10.1)),
    ],
)
def test_kinds_of_numbers_have_their_range(kind, inside, outside):
    """Shares, positive numbers, those of 0 or more and yearly rates keep their ranges."""
    for value in inside:
        assert TypeAdapter(kind).validate_python(value).central == value
    for value in outside:
        assert codes(kind, value) == {"S121"}


def test_all_that_a_number_can_be_is_in_its_range():
    """A law is in range only with its whole support; a lognormal law is positive by itself."""
    share = TypeAdapter(Share)
    assert share.validate_python({"beta": {"a": 1, "b": 1}}).law == Beta(a=1, b=1)
    assert codes(Share, {"uniform": {"low": 0.5, "high": 1.5}}) == {"S121"}
    assert codes(NonNegative, {"normal": {"mean": 1, "sd": 1, "low": -1, "high": 2}}) == {"S121"}
    assert share.validate_python({"lognormal": {"median": 0.1, "sigma": 1}}).central == 0.1


def test_percentage_is_the_usual_slip():
    """A share of 30 is answered with 0.3."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Share).validate_python(30)
    (error,) = caught.value.errors()
    assert error["ctx"]["suggestion"] == "0.3 (30 percent)"
    assert error["msg"] == "must be between 0 and 1, found 30"


@pytest.mark.parametrize(
    ("source", "is_assumed"),
    [(None, True), ("assumed: like others", True), ("Assumed", True), ("World Bank", False)],
)
def test_number_without_a_source_is_assumed(source, is_assumed):
    """A number is assumed when no source stands behind it, or when its source says so."""
    assert Quantity(value=1.0, source=source).is_assumed == is_assumed


def test_values_never_change():
    """A number cannot be changed after it is made."""
    with pytest.raises(ValidationError, match="frozen"):
        Quantity(value=1.0).value = 2.0


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (True, "true (true or false)"),
        ("abc", 'text "abc"'),
        (3, "the number 3"),
        (None, "nothing"),
        ([], "a list"),
        ({}, "fields"),
        (1j, "1j"),
    ],
)
def test_what_was_found_is_told_in_words(found, words):
    """What stands in the place of something else is described in words."""
    assert described(found) == words
