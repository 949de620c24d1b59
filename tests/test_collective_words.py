"""The words of a collective's parts."""

from dataclasses import replace

import pytest
from engines.worlds import busy

from simulator import collective_words
from simulator.collectives import WHOLE, Part
from simulator.comparisons import compare
from simulator.scenario.overriding import override
from simulator.simulation import run


@pytest.fixture(scope="module")
def found():
    """A scenario, and parts of known signs: dearer payments, nothing, surer payments."""
    surer = override(busy(), {"settlement.channels.*.refusal_share": 0})
    one, other = (run(scenario, replications=30) for scenario in (busy(), surer))
    effects = (compare(other, one), compare(one, one), compare(one, other))
    names = (WHOLE, "netting with members", "what payments save")
    collective = {
        "title": "A collective",
        "channel": next(n for n, c in busy().settlement.channels.items() if c.clearing),
        "founded": "2023-01-02",
        "ramp_years": 0,
        "pooled_usd_million": 1,
        "platform_cost_usd_million": 0,
        "saving_share": 0,
        "complementarity_share": 0,
        "retaliation_share": 0,
    }
    scenario = override(busy(), {"collective": collective})
    return scenario, tuple(Part(*pair) for pair in zip(names, effects, strict=True))


def test_the_finding_has_the_signs_of_the_parts(found):
    """What the whole does stands first, then what speaks for it; what is unclear is in neither."""
    told = " ".join(collective_words.words(*found).split())
    assert "the collective of 2 lowers turnover of" in told
    assert "for it: what payments save" in told
    assert "against it" not in told
    assert "~ netting with members" in told


def test_what_makes_no_difference_is_said_to_make_none(found):
    """A whole that is not clear is not given a direction."""
    scenario, (whole, nothing, _) = found
    told = collective_words.words(scenario, (replace(whole, effect=nothing.effect),))
    assert "makes no clear difference" in " ".join(told.split())


def test_no_line_is_wider_than_a_terminal(found):
    """Whatever there is to say, it fits into 90 columns."""
    assert all(len(line) <= 90 for line in collective_words.words(*found).splitlines())
