"""Reporting: the same run gives the same files, which say where they come from and nothing else."""

import os
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from pages_for_tests import Page
from runs_for_tests import synthetic, uncertain

from simulator import storage
from simulator.origins import Origins
from simulator.reporting import report
from simulator.scenario.types import Scenario
from simulator.verifying import _agree

HOSTILE = "</script><img src=x onerror=alert(1)>\"'><svg onload=alert(2)> {{ 7*7 }}"


def _html(run, folder, **options):
    return report(run, folder, **options)[0].read_text()


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    """The report of a run in which something is uncertain."""
    return _html(uncertain(), tmp_path_factory.mktemp("report"))


def test_a_stored_run_gives_the_same_bytes(tmp_path):
    """P1, P4: the report made after the run is the one that its tables give later."""
    run = uncertain()
    folder = storage.save(run, tmp_path, draw=lambda *_: None)
    manifest = storage.manifest_of(folder)
    first = _html(run, tmp_path / "first", manifest=manifest)
    again = storage.load_run(folder)
    assert _html(again, tmp_path / "second", manifest=manifest) == first
    assert manifest["tables"]["years"] in first


def test_files_that_are_right_are_left_alone(tmp_path):
    """D2: making a report again touches nothing, neither the report nor the run."""
    run = uncertain()
    folder = storage.save(run, tmp_path, draw=lambda *_: None)
    paths = report(run, folder)
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert report(run, folder) == paths
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before
    _agree(folder, storage.load_run(folder), storage.manifest_of(folder))
    paths[0].write_text("torn")
    report(run, folder)
    assert paths[0].read_text().endswith("</html>")


def test_the_page_allows_nothing_from_outside(html):
    """D05: no script, form, frame or foreign file; the policy forbids them as well."""
    page = Page(html)
    assert not {"script", "iframe", "form", "object", "embed", "img", "base"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    sources = [value for _, name, value in page.attributes if name in ("src", "srcset", "data")]
    assert sources == []
    policy = [v for _, n, v in page.attributes if n == "content" and "default-src" in v]
    assert policy[0].startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert all(link.startswith(("#", "https://", "http://")) for link in page.links)


def test_hostile_text_of_a_scenario_is_text(tmp_path):
    """D01-D04, C16: in question, title, names, sources and keys it stays what it is."""
    run = uncertain(
        question=HOSTILE,
        title=HOSTILE,
        context_of_use=HOSTILE,
        not_covered=[HOSTILE],
        world_price_rate={"uniform": {"low": 0, "high": 0.04}, "source": f"{HOSTILE} javascript:1"},
    )
    economies = {
        key: economy.model_copy(update={"name": HOSTILE})
        for key, economy in run.scenario.economies.items()
    }
    hostile = run.scenario.model_copy(update={"economies": economies, "name": HOSTILE})
    assert isinstance(hostile, Scenario)
    where = Origins(HOSTILE, {"world_price_rate": f"{HOSTILE}:1"})
    text = _html(replace(run, scenario=hostile), tmp_path, where=where)
    page = Page(text)
    assert not {"script", "img"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert page.words.count(HOSTILE) > 5
    assert not [link for link in page.links if link.startswith("javascript")]
    assert "49" not in page.words.partition("{{ 7*7 }}")[2][:40]


def test_a_report_tells_of_no_time_place_or_person(html):
    """D12: no folder, host or user stands in it."""
    for trace in (str(Path.home()), os.uname().nodename, str(Path.cwd())):
        assert len(trace) <= 5 or trace not in html


def test_the_page_says_what_made_it(html):
    """W12: run, seed, replications, model and the command that makes it again."""
    run = uncertain()
    words = Page(html).words
    for fact in (run.id, str(run.seed), f"sim run FILE --seed {run.seed} --reps 400"):
        assert fact in words


def test_the_page_can_be_heard(html):
    """W9: language, one main heading, levels without gaps, heads of columns, names of figures."""
    page = Page(html)
    assert ("html", "lang", "en") in page.attributes
    levels = [int(tag[1]) for tag in page.tags if tag in ("h1", "h2", "h3")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    heads = [tag for tag in page.tags if tag == "th"]
    scopes = [name for tag, name, _ in page.attributes if (tag, name) == ("th", "scope")]
    assert len(heads) == len(scopes)
    labels = [v for _, n, v in page.attributes if n in ("aria-labelledby", "aria-describedby")]
    assert set(labels) <= set(page.ids)
    assert page.tags.count("figure") == 5
    assert page.links[0] == "#answer"


@pytest.mark.parametrize(
    "case",
    [
        {"scale": 0.0},
        {"loss_only": True},
        {"complete": False},
        {"replications": 1},
        {"not_covered": []},
    ],
    ids=lambda case: next(iter(case)),
)
def test_whatever_happens_there_is_a_report(case, tmp_path):
    """H07-H09: without trade, without a whole year, with a single run; no number is invented."""
    page = Page(_html(synthetic(**{"replications": 60} | case), tmp_path))
    assert {"nan", "inf", "None"}.isdisjoint(page.words.split())
    assert page.tags.count("h2") == 10
