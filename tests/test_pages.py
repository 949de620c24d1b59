"""Pages: whatever text they are given, it stays text."""

import base64
import hashlib
import json

import pytest
from jinja2 import UndefinedError
from pages_for_tests import Page

from simulator.drawing import frame
from simulator.pages import (
    MOST_ROWS,
    as_script_data,
    dotted,
    exact,
    linked,
    page,
    scripted,
    sentence,
    shown,
    told,
)
from simulator.pages import brief as short

HOSTILE = """</script><img src=x onerror="alert(1)"><svg onload='x'>"quoted" \u202ertl {{ 7*7 }}"""


@pytest.mark.parametrize("filled", [told, linked])
def test_hostile_text_is_inert(filled):
    """D01, D02, C16: no tag, attribute, template or turned direction comes out of a text."""
    found = str(filled(HOSTILE))
    assert Page(found).tags == ["bdi"]
    assert "{{ 7*7 }}" in found
    assert "\u202e" not in found


def test_only_addresses_of_the_web_can_be_followed():
    """D02: http and https become links that tell nobody where they were found; others stay text."""
    text = "see https://a.example/x?y=1&z=2, (http://b.example). javascript:alert(1) file:///c"
    found = Page(str(linked(text)))
    assert found.links == ["https://a.example/x?y=1&z=2", "http://b.example"]
    assert ("a", "rel", "noopener noreferrer") in found.attributes
    assert found.words == text
    assert Page(str(linked('https://a.example/"onmouseover="x'))).tags == ["bdi", "a"]


def test_a_path_may_break_behind_its_dots():
    """The text is the path, and nothing of it is markup."""
    found = Page(str(dotted("a.<b>.c")))
    assert (found.words, found.tags) == ("a.<b>.c", ["bdi", "wbr", "wbr"])


def test_numbers_are_told_exactly_and_in_short():
    """A value keeps all its digits beside the short form; nothing is shown for nothing."""
    assert exact(0.1) == "0.1"
    assert exact(3) == "3"
    assert str(short(1 / 3)) == '<data value="0.3333333333333333">0.3333</data>'
    assert str(short(None)) == ""
    assert "yes" in short(value=True)
    assert sentence("so it is") == "So it is."


def test_a_template_that_lacks_something_is_an_error():
    """T28: nothing is silently left out of a page."""
    with pytest.raises(UndefinedError):
        page("run.html.j2")


def test_figures_are_shown_in_both_widths_with_their_numbers():
    """Long columns stay in the file beside the page; what draws nothing is left out."""

    def draw(count, sheet):
        figure, _ = frame("foot", "A finding", "What is shown", sheet)
        figure.numbers = {"n": list(range(count))}
        return figure

    draws = {"few": lambda sheet: draw(3, sheet), "many": lambda sheet: draw(MOST_ROWS + 1, sheet)}
    found = shown(draws | {"none": lambda _: None}, "{name}.csv")
    assert list(found) == ["few", "many"]
    assert (found["few"].rows, found["many"].rows) == (((0,), (1,), (2,)), ())
    assert found["few"].foot == "few.csv"
    assert found["few"].broad != found["few"].narrow


def test_no_text_breaks_out_of_the_data_of_a_script():
    """D03: what could end or open an element is written as an escape, and reads as what it was."""
    text = f"{HOSTILE}<!-- & \u2028\u2029"
    found = as_script_data({"text": text})
    assert found.isascii()
    assert not set("<>&") & set(found)
    assert json.loads(found) == {"text": text}
    with pytest.raises(ValueError, match="not JSON compliant"):
        as_script_data(float("nan"))


def test_a_script_is_named_by_its_hash():
    """The policy lets run exactly the bytes of the file, which end no element."""
    text, digest = scripted("explore.js")
    assert base64.b64decode(digest) == hashlib.sha256(text.encode()).digest()
    assert "</script" not in text
    assert "<!--" not in text
