"""Every shipped scenario: it loads, runs, states its question and uses nothing from its future."""

import re
from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator.runs import accounts, turnover
from simulator.scenario.types import quantities

FOLDER = Path(__file__).parents[1] / "scenarios"
SCENARIOS = sorted(FOLDER.glob("*.yaml"))
EVENTS = Path(__file__).parents[2] / "shared" / "data" / "events.csv"
KNOWN_LATER = ("menafn.com/1108098707", "creditportal.by", "mehrnews.com/amp/5912720")
"""Addresses of what was published after March 2023 and speaks of the time before."""


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_begins_with_its_question(path):
    """The first line of a file is the question it answers."""
    first = path.read_text().splitlines()[0]
    assert first.startswith("question: ")
    assert simulator.load(path).question == first.removeprefix("question: ")


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_scenario_runs(path):
    """A few replications give trade on both statistics."""
    run = simulator.run(simulator.load(path), replications=4)
    for office in run.scenario.statistics:
        assert (turnover(run, office, run.scenario.target.year) > 0).all()


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_nothing_later_than_the_information_date_is_used(path):
    """No source speaks of a later year, and no known later page is cited."""
    scenario = simulator.load(path)
    for name, quantity in quantities(scenario):
        source = quantity.source or ""
        years = [int(year) for year in re.findall(r"(?<![\d/.=-])(20\d\d)(?![\d/])", source)]
        # Spans such as the roadmap's 2023-2026 were announced on the day itself.
        told = [year for year in years if year > scenario.information_date.year]
        assert not told or "2023-2026" in source, f"{name}: {source}"
        assert not any(page in source for page in KNOWN_LATER), f"{name}: {source}"


@pytest.mark.skipif(not EVENTS.exists(), reason="the sourced events are not beside the repository")
def test_no_source_is_the_page_of_a_later_event():
    """Pages under events dated after the information date are cited nowhere."""
    later = set()
    earlier = set()
    for line in EVENTS.read_text().splitlines()[1:]:
        pages = set(re.findall(r"https?://[^\s,\"]+", line))
        (later if line[:10] > "2023-03-13" else earlier).update(pages)
    for path in SCENARIOS:
        text = path.read_text()
        cited = {page for page in later - earlier if page in text}
        # Studies and measurements of earlier years may stand under an event by chance.
        assert not cited, cited


def test_no_number_of_the_flagship_is_without_a_word_on_its_source():
    """Each number has an address, a derivation, or says that it is assumed."""
    scenario = simulator.load(FOLDER / "iran-belarus-2023.yaml")
    defaults = ("latent_usd_million", "affinity")
    silent = [
        name
        for name, quantity in quantities(scenario)
        if quantity.source is None and name.rpartition(".")[2] not in defaults
    ]
    assert silent == []


def test_the_roadmap_is_a_difference_of_a_few_lines():
    """Without the eight documents, and with nothing else changed, trade is lower on average.

    Both runs share their draws; 60 pairs of a difference that is positive in nearly all of them.
    """
    shorter = {"horizon.end": "2024-12-31"}
    with_it, without = (
        simulator.run(simulator.load(FOLDER / f"{name}.yaml", shorter), replications=60)
        for name in ("iran-belarus-2023", "no-roadmap")
    )
    year = with_it.scenario.target.year + 1
    gain = turnover(with_it, "belarus", year) - turnover(without, "belarus", year)
    assert gain.mean() > 0
    assert np.median(gain) >= 0
    assert accounts(with_it).keys() == accounts(without).keys()
