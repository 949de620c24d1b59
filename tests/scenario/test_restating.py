"""Restating: what is stated anew is there, and nothing else has changed."""

from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.scenario.checking import LIMITS
from simulator.scenario.parsing import parsed
from simulator.scenario.reading import checked
from simulator.scenario.restating import Stated, restated
from simulator.scenario.trees import Source

TEMPLATE = files("simulator.scenario").joinpath("template.yaml").read_text(encoding="utf-8")
NUMBERS = (
    "exports.XAA.last_usd_million",
    "exports.XAB.goods.food.tariff_share",
    "economies.XAA.output_growth_rate",
    "settlement.channels.clearing.clearing.credit_limit_usd_million",
    "settlement.channels.banks.refusal_share",
)


def plain(text):
    """A text as plain nested values."""
    tree, problems = parsed(Source("text", tuple(text.splitlines())), LIMITS)
    assert problems == ()
    return tree.plain


def at(value, path):
    """What stands at a dotted path."""
    for name in path.split("."):
        value = value[name]
    return value


def leaves(value, path=()):
    """Every value that has none below it, by path."""
    if not isinstance(value, dict):
        return {path: value}
    return {k: v for name, inner in value.items() for k, v in leaves(inner, (*path, name)).items()}


@settings(derandomize=True, deadline=None, max_examples=30)
@given(
    st.dictionaries(
        st.sampled_from(NUMBERS), st.floats(1e-3, 1e5).map(lambda x: float(f"{x:.4g}")), min_size=1
    )
)
def test_what_is_not_stated_stays(numbers):
    """Numbers at their paths are the new ones, with who decides them; every other leaf stays."""
    text = restated(TEMPLATE, {path: Stated("a book", n) for path, n in numbers.items()})
    before, after = plain(TEMPLATE), plain(text)
    for path, number in numbers.items():
        found = at(after, path)
        assert float(found["value"]) == pytest.approx(number, abs=0.5 * (number > 1e4))
        assert found["source"] == "a book"
        assert found.get("kind") == at(before, path).get("kind")
    places = tuple(tuple(path.split(".")) for path in numbers)

    def others(value):
        return {k: v for k, v in leaves(value).items() if all(k[: len(p)] != p for p in places)}

    assert others(after) == others(before)
    assert text.count("#") == TEMPLATE.count("#")


def test_a_law_is_stated_by_its_parameters():
    """The mean and the spread of a law take the place of what was there."""
    law = Stated("a book", law="normal", parameters=(("mean", 0.01), ("sd", 0.02)))
    found = at(plain(restated(TEMPLATE, {NUMBERS[2]: law})), NUMBERS[2])
    assert found == {"normal": {"mean": 0.01, "sd": 0.02}, "source": "a book"}


def test_a_block_is_left_out_with_its_comment():
    """Neither the block nor the comment above it is there, and all else is."""
    gone = "economies.XAA.sanctions_process"
    text = restated(TEMPLATE, {}, [gone])
    assert "New sanctions by chance" not in text
    before, after = leaves(plain(TEMPLATE)), leaves(plain(text))
    place = tuple(gone.split("."))
    assert after == {k: v for k, v in before.items() if k[: len(place)] != place}


def test_a_restated_file_is_a_scenario(tmp_path):
    """The template with other numbers is valid, without a warning."""
    file = tmp_path / "template.yaml"
    file.write_text(restated(TEMPLATE, {NUMBERS[0]: Stated("a book", 70.0)}))
    found = checked(file)
    assert found.warnings == ()
    assert found.scenario.exports["XAA"].last_usd_million.central == 70.0
