"""What-if page: one file that holds all it shows, in which foreign text stays text."""

import base64
import hashlib
import json
import os
import re
from itertools import pairwise
from pathlib import Path

import pytest
from explorations_for_tests import EVERY, PATIENCE, example
from pages_for_tests import Page

from simulator import runs, wording
from simulator.answers import answer
from simulator.exploration_words import sentence
from simulator.what_if import what_if

HOSTILE = "</script><img src=x onerror=alert(1)>\"'><!--<svg onload=alert(2)> \u2028 {{ 7*7 }}"
RUN, FOUND = example()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """The page of the synthetic run."""
    return what_if(FOUND, RUN, tmp_path_factory.mktemp("explore"), command="tiny.yaml")


@pytest.fixture(scope="module")
def html(path):
    """Its text."""
    return path.read_text()


def scripts(html):
    """What stands inside the elements of script: the data, and the program."""
    return re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL)


def test_the_same_exploration_gives_the_same_bytes(path, html):
    """A file that is right is left alone."""
    before = path.stat().st_mtime_ns
    assert what_if(FOUND, RUN, path.parent, command="tiny.yaml").read_text() == html
    assert path.stat().st_mtime_ns == before
    assert len(html.encode()) < 3e6


def test_only_the_script_of_the_house_may_run(html):
    """The policy names its hash and forbids everything else; no element or attribute goes round."""
    page = Page(html)
    (policy,) = [v for _, n, v in page.attributes if n == "content" and "default-src" in v]
    program = scripts(html)[1]
    digest = base64.b64encode(hashlib.sha256(program.encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    assert page.tags.count("script") == 2
    assert not {"iframe", "form", "object", "embed", "img", "base"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert not [name for _, name, _ in page.attributes if name in ("src", "srcset", "style")]
    for word in ("eval(", "Function(", "innerHTML", "fetch(", "import(", "document.write", "http"):
        assert word not in program
    assert all(link.startswith("#") or link == "report.html" for link in page.links)


def test_hostile_text_cannot_leave_its_place(tmp_path):
    """D01-D03: in question, names and command it is text; the data hold no sign of a markup."""
    run, found = example(question=HOSTILE)
    economies = {
        key: economy.model_copy(update={"name": HOSTILE})
        for key, economy in run.scenario.economies.items()
    }
    scenario = run.scenario.model_copy(update={"economies": economies, "name": HOSTILE})
    hostile = runs.Run(scenario, run.seed, run.replications, run.tables)
    html = what_if(found, hostile, tmp_path, command=HOSTILE).read_text()
    page = Page(html)
    assert page.tags.count("script") == 2
    assert "img" not in page.tags
    data = scripts(html)[0]
    assert not set("<>&\u2028\u2029") & set(data)
    assert data.isascii()
    assert json.loads(data)["words"]["subject"].count("onerror=alert(1)") == 2
    assert json.loads(data)["command"]["start"] == f"sim run {HOSTILE}"
    assert page.words.count("onerror=alert(1)") > 5
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]


def test_the_data_are_the_surface(html):
    """What the script computes with are the coefficients, ranges and runs of the exploration."""
    data = json.loads(scripts(html)[0])
    assert data["surface"] == [list(one) for one in FOUND.surface.coefficients]
    assert data["sizes"] == list(FOUND.sizes)
    assert [(one["low"], one["high"]) for one in data["sliders"]] == [
        (one.low, one.high) for one in FOUND.sliders
    ]
    assert [one["is_log"] for one in data["sliders"]] == [True, False, False]
    assert [one["hits"] for one in data["tried"]] == [list(one.hits) for one in FOUND.tried]


def test_without_a_script_the_start_and_all_runs_are_there(html):
    """W8: sentence, quantiles, drawing, command and table stand in the file itself."""
    page = Page(html)
    share = FOUND.surface.chance(FOUND.start, 100)
    whose = "the statistics of Belarus"
    told = answer(RUN)
    subject = f"Trade between {' and '.join(told.economies)}"
    assert sentence(subject, 100, 2023, share, whose) in page.words
    assert wording.sentence(told) in page.words
    assert page.tags.count("circle") == 52
    assert page.ids.count("row-0") == 1
    assert f"row-{len(FOUND.tried) - 1}" in page.ids
    assert "Without a script the sliders do not move" in page.words
    disabled = [tag for tag, name, _ in page.attributes if name == "disabled"]
    assert disabled == ["input"] * 4


def test_the_command_is_that_of_the_setting(html):
    """A pattern is quoted for the shell, and seed and replications are those of the page."""
    page = Page(html)
    assert (
        f"sim run tiny.yaml --set {PATIENCE}=60 --set relationships.search_support=1.00 "
        f"--set '{EVERY}=40.0' --set target.turnover_usd_million=100 --seed {RUN.seed} --reps 500"
    ) in page.words


def test_the_page_says_how_far_off_it_is(html, tmp_path):
    """The error stands in the head, as a warning where the surface may mislead."""
    page = Page(html)
    assert "approximate" in page.ids
    assert "rough" not in page.ids
    typical, largest = (f"{100 * x:.1f}" for x in (FOUND.misfit.typical, FOUND.misfit.largest))
    head = page.words.partition("With these settings")[0]
    assert f"off by {typical} points of 100 typically and {largest} at most" in head
    run, bent = example(0.6)
    rough = Page(what_if(bent, run, tmp_path).read_text())
    assert "rough" in rough.ids
    assert "Warning: too rough to rely on." in rough.words.partition("With these settings")[0]


def test_the_page_can_be_heard(html):
    """W9: labels of all sliders, a live answer, one main heading, levels without gaps."""
    page = Page(html)
    levels = [int(tag[1]) for tag in page.tags if tag in ("h1", "h2", "h3")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    labels = [value for tag, name, value in page.attributes if (tag, name) == ("label", "for")]
    assert labels == ["size", "slider-0", "slider-1", "slider-2"]
    named = [v for _, n, v in page.attributes if n in ("aria-labelledby", "aria-describedby")]
    assert {one for value in named for one in value.split()} <= set(page.ids)
    assert ("output", "aria-live", "polite") in page.attributes
    assert len(set(page.ids)) == len(page.ids)


def test_the_page_says_what_made_it(html):
    """W12, D12: run, seed, model and command; no folder, host or user."""
    words = Page(html).words
    for fact in (FOUND.run, str(FOUND.seed), runs.MODEL_VERSION, "sim run tiny.yaml --seed"):
        assert fact in words
    for trace in (str(Path.home()), os.uname().nodename, str(Path.cwd())):
        assert len(trace) <= 5 or trace not in html


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_whatever_is_traded_there_is_a_page(scale, tmp_path):
    """No number is invented where hardly anything or very much is traded."""
    run, found = example(scale=scale)
    words = Page(what_if(found, run, tmp_path).read_text()).words.split()
    assert {"nan", "inf", "None"}.isdisjoint(words)
