"""Credibility: levels follow from evidence, and evidence is what the README tells."""

from dataclasses import replace
from pathlib import Path

import pytest
from runs_for_tests import uncertain

from simulator.answers import answer
from simulator.evidence.credibility import LEVELS, PARTS, grounds, judged, pedigree
from simulator.influence import influences
from simulator.scenario.paths import matching
from simulator.scenario.reading import load
from simulator.scenario.types import quantities

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def told():
    """The judgements of a run, by factor."""
    run = uncertain()
    return {one.factor: one for one in judged(answer(run), influences(run))}


def test_the_eight_factors_each_have_a_level_and_evidence(told):
    """No factor is left out, none is above good, and two have no evidence at all."""
    assert len(told) == 8
    assert all(one.evidence.endswith(".") for one in told.values())
    assert max(one.level for one in told.values()) == LEVELS.index("good")
    assert {f for f, one in told.items() if one.level == 0} == {"Use history", "People"}
    assert told["Validation"].words == "weak (1 of 4)"


def test_scores_are_those_of_the_readme(told):
    """The back-test is told with the figures of the table of evidence."""
    rows = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| ")]
    cells = {row.split("|")[1].strip(): row.split("|")[2:] for row in rows}
    evidence = told["Validation"].evidence
    model = [cell.strip() for cell in cells["this model"][:2]]
    names = (
        "random walk with the spread of its like",
        "growth of comparable pairs (reference class)",
    )
    best = [min(cells[name][n].strip() for name in names) for n in (0, 1)]
    inside = [cell.strip() for cell in cells["inside the middle 90%"][:2]]
    assert "{} after one year and {} after three".format(*model) in evidence
    assert "{} and {} for the best benchmarks".format(*best) in evidence
    assert "{} and {} fell into the 90% band".format(*inside) in evidence


def test_pedigree_rises_with_the_share_of_sources():
    """Nothing sourced is none, everything sourced is strong."""
    levels = [LEVELS[pedigree(n, 10)] for n in (0, 1, 3, 7, 10)]
    assert levels == ["none", "weak", "some", "good", "strong"]
    assert pedigree(0, 0) == 0


def test_every_input_belongs_to_one_part_of_the_answer():
    """The parts share all inputs of the flagship among them."""
    scenario = load(ROOT / "scenarios" / "iran-belarus-2023.yaml")
    paths = [path for path, _ in quantities(scenario)]
    assert sum(one.total for one in grounds(scenario)) == len(paths)
    for path in paths:
        first = path.partition(".")[0]
        parts = [p for p, patterns in PARTS if {first, f"{first}.*"} & set(patterns)]
        assert len(parts) == 1, path
    assert matching("target.*", paths)


def test_a_single_run_has_no_uncertainty(told):
    """One replication tells no range; unknown influence is no robustness."""
    run = uncertain()
    one = replace(answer(run), replications=1)
    found = {j.factor: j.level for j in judged(one, ())}
    assert (found["Results uncertainty"], found["Results robustness"]) == (0, 0)
    assert told["Results robustness"].level == 1
