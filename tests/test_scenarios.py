"""Every shipped scenario: it loads, runs, states its question and uses nothing from its future."""

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator.runs import accounts, turnover
from simulator.scenario.paths import grouped, matching
from simulator.scenario.reading import checked
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


VARIANTS = [(path, override) for path in SCENARIOS for override in ("", *checked(path).overrides)]


@pytest.mark.parametrize(
    ("path", "override"), VARIANTS, ids=lambda part: getattr(part, "stem", part)
)
def test_a_scenario_runs_and_its_answer_names_its_levers(path, override):
    """Fifty replications give trade, and the answer states question, suppositions and levers."""
    scenario = simulator.load(path, overrides=[override] if override else [])
    run = simulator.run(scenario, replications=50)
    for office in scenario.statistics:
        assert turnover(run, office, scenario.target.year).mean() > 0
    answer = simulator.answer(run)
    words = simulator.words(answer)
    assert answer.question.endswith("?")
    assert answer.question in " ".join(words.split())
    supposed = [supposition.path for supposition in answer.suppositions]
    assert all(
        any(p == path or p.startswith(f"{path}.") for p in supposed) for path in scenario.former
    )
    own = [path for path, number in quantities(scenario) if number.kind == "lever"]
    assert [lever.path for lever in answer.levers] == own
    assert all(pattern in words for pattern in grouped(own))
    told = {word for word in words.split() if "." in word}
    told |= {path for path in supposed if f" {path} = " in words}
    assert all(any(matching(word, [path]) for word in told) for path in supposed)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_a_difference_is_small(path):
    """What a scenario or a variant changes in the one that it extends is told in ten lines."""
    for override in ("", *checked(path).overrides):
        scenario = simulator.load(path, overrides=[override] if override else [])
        assert len(grouped(scenario.former)) <= 10


def test_the_shipped_scenarios_are_valid_without_a_warning():
    """All are checked with every override, and nothing is probably not meant."""
    assert len(SCENARIOS) >= 11
    assert [warning for path in SCENARIOS for warning in checked(path).warnings] == []


@cache
def mean_turnover(question):
    """Mean turnover of the target year over 24 runs, by the name of a scenario with its override.

    Equal draws for all questions, so that differences are those of the questions.
    """
    name, _, override = question.partition(".")
    path = FOLDER / f"{name}.yaml"
    scenario = simulator.load(path, overrides=[override] if override else [])
    shorter = {"horizon.end": f"{max(scenario.target.year, 2024)}-12-31"}
    run = simulator.run(simulator.override(scenario, shorter), replications=24)
    return turnover(run, "belarus", scenario.target.year).mean()


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("one-contract.failed", "one-contract.half"),
        ("one-contract.half", "one-contract.full"),
        ("payments-first.limit_5", "payments-first.limit_20"),
        ("payments-first.limit_20", "payments-first.limit_60"),
        ("payments-first", "payments-first.balanced"),
        ("corridor-days", "corridor-days.steadier"),
        ("corridor-days.steadier", "corridor-days.faster"),
        ("one-exchange-rate.undone", "one-exchange-rate"),
        ("snapback-and-relief.snapback", "snapback-and-relief"),
        ("tariff-preference.never", "tariff-preference.late"),
        ("tariff-preference.late", "tariff-preference.on_time"),
        ("joint-collective.members_7", "joint-collective.members_4"),
    ],
)
def test_what_helps_helps_and_what_binds_binds(less, more):
    """Questions of the seed case have the answers that trade economics expects, on average."""
    assert mean_turnover(less) < mean_turnover(more)


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
    outcomes = set(FOLDER.glob("*-outcome.csv"))  # against these a forecast is scored afterwards
    for path in {*SCENARIOS, *FOLDER.glob("*.csv")} - outcomes:
        text = path.read_text()
        assert not any(file.name in text for file in outcomes), f"{path} knows the outcome"
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
        for name in ("iran-belarus-2023", "paper-only")
    )
    year = with_it.scenario.target.year + 1
    gain = turnover(with_it, "belarus", year) - turnover(without, "belarus", year)
    assert gain.mean() > 0
    assert np.median(gain) >= 0
    assert accounts(with_it).keys() == accounts(without).keys()
