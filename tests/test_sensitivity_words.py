"""The words of a sensitivity."""

import re
from dataclasses import replace

import pytest
from sensitivities_for_tests import LONGEST, asked, example, toy

from simulator.sensitivities import studied
from simulator.sensitivity_words import plan, words

REPEAT = "sim sensitivity FILE"


@pytest.fixture(scope="module", params=["tornado", "sobol", "morris"])
def found(request):
    """A sensitivity by each method."""
    return example(request.param)


def flat(text):
    """Words without their lines."""
    return " ".join(text.split())


def test_the_answer_comes_first(found):
    """The first sentence names the input that moves the chance most."""
    first = flat(words(found)).partition(". ")[0]
    assert LONGEST in first
    assert ("Of 5 uncertain inputs" in first) == (found.method == "tornado")


def test_the_lines_fit_a_terminal(found):
    """90 columns, commands excepted; every path is written in full."""
    told = words(found, repeat=REPEAT)
    lines = [line for line in told.splitlines() if not line.startswith("  Repeat")]
    assert max(map(len, lines)) <= 90
    assert REPEAT in told
    assert "\u2026" not in told


def test_every_number_is_one_of_the_sensitivity():
    """V45: chances and changes in the words are those of the table, as they are rounded."""
    found = example()
    told = words(found)
    for row in found.table().to_pylist():
        if not row["is_clear"]:
            continue
        block = told.partition(row["path"] + "  (assumed)\n")[2]
        low, high = (100 * row[f"chance_at_{end}"] for end in ("p10", "p90"))
        assert f"{low:.1f} \u2192 {high:.1f}" in block
        change = f"{100 * row['chance_change']:+.1f}".replace("-", "\u2212")
        assert re.search(rf"\u2192 {high:.1f} +{re.escape(change)} \(", block)
    part = found.knowledge.best.part
    assert f"about {100 * part.value:.0f}% of the uncertainty" in flat(told)
    assert f"{found.knowledge.brier:.3f}" in told
    rest = 1 - found.knowledge.of_event.value
    assert f"; {100 * rest:.0f}% is run noise" in flat(told)


def test_what_moves_nothing_is_told_as_a_group():
    """Inputs whose intervals cover zero stand together, by their pattern, without a row."""
    found = example()
    told = flat(words(found))
    assert len(found.unclear) == 3
    assert "3 inputs: settlement.channels.*.refusal_share (2) \u00b7 base.rest" in told
    assert len(found.clear) == 2
    assert "replication noise" in told


def test_no_clear_effect_is_said():
    """Where nothing moves anything, no input is made the first, and none is to be researched."""
    study = asked(3, target=0.9)
    told = flat(words(studied(study, toy(lambda _, noise: noise, ("x0", "x1", "x2")))))
    assert "Of 3 uncertain inputs, none clearly moves the chance" in told
    assert "No single input is surely worth research" in told
    assert "No input has a clear effect" in told
    always = flat(words(studied(replace(study, target_usd_million=-1.0), toy(
        lambda _, noise: noise, ("x0", "x1", "x2")))))  # fmt: skip
    assert "Every run says the same of the target, so there is nothing to find out." in always


def test_an_interval_that_few_runs_cannot_have_is_withheld():
    """Below 60 runs no interval of the median is told."""
    assert "(interval withheld: too few runs)" in words(example(replications=40))


def test_what_was_screened_out_is_told():
    """How many inputs were left out, and how much they moved at most."""
    told = flat(words(example(top=2)))
    assert "Screened out 3 inputs: from P10 to P90 none of them moved turnover by more" in told


def test_hostile_text_reaches_no_terminal():
    """D10, D11: escapes and line ends in a name are shown, not sent."""
    found = replace(example(), statistics="statistics of \x1b[31m\r\nBelarus\u202e")
    told = words(found)
    assert not set(told) & {"\x1b", "\r", "\u202e"}
    assert "\\x1b[31m\\x0d\\x0aBelarus\\u202e" in flat(told)


def test_a_plan_tells_what_it_takes():
    """Inputs, runs and time come before anything is run."""
    study = asked(3, replications=1000)
    told = plan(study, 130).replace("\u202f", " ")
    assert told == "3 uncertain inputs: about 14 096 runs, 2 min."
    assert study.runs() == (4 + 2 * 3) * 1000 + 256 * 16
