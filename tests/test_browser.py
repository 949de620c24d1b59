"""Pages in a real browser: whole, offline, inert, readable on a telephone and by a machine."""

import json
import math
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from engines.worlds import MINIMAL
from explorations_for_tests import EVERY, PATIENCE, SUPPORT, example
from runs_for_tests import synthetic, uncertain

from simulator.comparison_plots import save_comparison
from simulator.exploration_words import frequency, short
from simulator.reporting import report
from simulator.scenario.reading import load
from simulator.study_reporting import comparison_report, sweep_report
from simulator.sweep_plots import save_sweep
from simulator.sweeps import sweep
from simulator.what_if import what_if
from simulator.wording import sentence

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed (Debian: apt)")

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HOSTILE = "</script><img src=http://a.example/x onerror=alert(1)><svg onload=alert(2)> \u200frtl"
WIDTHS = (1280, 360)
RUN, FOUND = example()


@pytest.fixture(scope="module")
def browser():
    """The browser of the distribution, without network."""
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Reports of a run, of one with hostile texts, of a comparison and of a sweep."""
    folder = tmp_path_factory.mktemp("pages")
    run = uncertain()
    one, other = synthetic(200), synthetic(200, scale=1.2)
    vary = {"exports.*.last_usd_million": "20..40:2", "settlement.patience_days": "30..60:2"}
    swept = sweep(load(MINIMAL), vary, replications=60)
    hostile = uncertain(question=HOSTILE, title=HOSTILE, not_covered=[HOSTILE])
    return {
        "run": report(run, folder / "run")[0],
        "hostile": report(hostile, folder / "hostile")[0],
        "compare": comparison_report([one, other], save_comparison([one, other], folder), "x"),
        "sweep": sweep_report(swept, save_sweep(swept, folder), "x"),
        "explore": what_if(FOUND, RUN, folder / "explore", command="tiny.yaml"),
        "hostile-explore": _hostile_page(folder),
    }


def _hostile_page(folder):
    """A page with sliders of a scenario whose texts want to run."""
    run, found = example(question=HOSTILE)
    economies = {
        key: economy.model_copy(update={"name": HOSTILE})
        for key, economy in run.scenario.economies.items()
    }
    scenario = run.scenario.model_copy(update={"economies": economies, "name": HOSTILE})
    return what_if(found, replace(run, scenario=scenario), folder / "hostile", command=HOSTILE)


@pytest.fixture
def opened(browser):
    """Opens a page offline and notes all that it asks for and complains about."""
    contexts = []

    def open_page(path, width=1280, **options):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, offline=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.noted = []
        page.on("request", lambda asked: page.noted.append(f"request {asked.url[:200]}"))
        page.on("console", lambda said: page.noted.append(f"console {said.text[:200]}"))
        page.on("pageerror", lambda error: page.noted.append(f"error {error}"))
        page.on("dialog", lambda dialog: (page.noted.append("dialog"), dialog.dismiss()))
        page.goto(Path(path).as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("name", ["run", "hostile", "compare", "sweep"])
def test_a_page_is_one_file_and_silent(pages, opened, name):
    """W1, W4: opened from the disk offline it asks for itself only, and nothing complains."""
    page = opened(pages[name])
    page.wait_for_timeout(100)
    assert page.noted == [f"request {pages[name].as_uri()}"]
    assert page.locator("script, img, iframe, form").count() == 0


def test_hostile_text_is_shown_as_it_is(pages, opened):
    """W4, D01: the question is read as text, and the title of the window is the answer's."""
    page = opened(pages["hostile"])
    assert page.locator("h1").inner_text() == HOSTILE
    assert page.title().startswith("Trade between Iran and Belarus")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["run", "compare", "sweep"])
def test_nothing_stands_beyond_the_edge(pages, opened, name, width, tmp_path):
    """W6: the page has no scroll to the side; wide tables scroll in a box that keys can reach."""
    page = opened(pages[name], width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    wide = page.locator(".scroll").evaluate_all(
        "boxes => boxes.filter(b => b.scrollWidth > b.clientWidth).map(b => b.tabIndex)"
    )
    assert set(wide) <= {0}
    drawings = page.locator("figure svg:visible")
    assert drawings.count() == page.locator("figure").count()
    smallest = page.locator("figure svg:visible text").evaluate_all(
        "texts => Math.min(...texts.map(t => t.getBoundingClientRect().height))"
    )
    assert smallest > 7
    page.screenshot(path=tmp_path / f"{name}-{width}.png", full_page=True)


def test_a_page_is_small_and_fast(pages, opened):
    """W5: below 5 MB, and there within a second or two."""
    assert pages["run"].stat().st_size < 5e6
    start = time.monotonic()
    opened(pages["run"])
    assert time.monotonic() - start < 5


def test_a_page_needs_no_script(pages, opened):
    """W8: with scripts switched off every figure and number is there."""
    page = opened(pages["run"], java_script_enabled=False)
    assert page.locator("figure svg").count() == 2 * page.locator("figure").count() == 10
    assert page.locator("data").count() > 100


def test_the_keyboard_goes_to_the_answer(pages, opened):
    """W9: the first key leads past the head of the page, and details open by a key."""
    page = opened(pages["run"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#answer")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.evaluate("one => one.open")


def test_all_that_is_said_can_be_heard(pages, opened):
    """W11: answer, findings of figures, captions and inputs are in the tree for screen readers."""
    page = opened(pages["run"])
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    nodes = [
        (node["role"]["value"], node.get("name", {}).get("value", ""))
        for node in tree["nodes"]
        if not node["ignored"]
    ]
    names = " ".join(name for _, name in nodes)
    assert page.locator(".answer").inner_text() in names
    figures = [name for role, name in nodes if role == "image"]
    titles = page.locator("figcaption strong").all_inner_texts()
    assert figures == titles
    for path in page.locator("table.inputs th[scope=row]").all_inner_texts():
        assert path in names
    roles = [role for role, _ in nodes]
    assert {"heading", "table", "columnheader", "rowheader", "navigation", "main"} <= set(roles)


def test_it_prints_on_paper(pages, opened, tmp_path):
    """The page prints on A4 with its figures, without navigation."""
    page = opened(pages["run"])
    page.emulate_media(media="print")
    assert not page.locator("nav").is_visible()
    assert page.locator("figure svg:visible").count() == page.locator("figure").count()
    page.pdf(path=tmp_path / "x.pdf", format="A4")
    assert (tmp_path / "x.pdf").read_bytes().startswith(b"%PDF")


def _shell(folder):
    """The command as a stranger types it in a folder; its answer as JSON."""

    def sim(*words):
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "simulator", *words, "--workers", "1", "--json"],
            capture_output=True,
            text=True,
            cwd=folder,
            check=True,
            env={"PYTHONPATH": str(Path(__file__).parents[1]), "PATH": "/usr/bin"},
        )
        return done.stdout

    return sim


def test_the_command_of_a_page_gives_its_run(opened, tmp_path):
    """W7, W12: what a report says to type finds the run that it speaks of, and its sentence."""
    sim = _shell(tmp_path)
    shutil.copy(MINIMAL, tmp_path / "small.yaml")
    first = sim("run", "small.yaml", "--reps", "30", "--set", "settlement.patience_days=44")
    (path,) = tmp_path.glob("results/*/*/report.html")
    page = opened(path)
    said = page.locator("#repeat + pre").inner_text()
    assert sim(*shlex.split(said)[1:]) == first
    assert path.parent.name in page.locator("header").inner_text()
    places = page.locator("table.inputs tr td:nth-child(5)").all_inner_texts()
    assert {place.partition(":")[0] for place in places} == {"small.yaml", "--set", "not stated"}


def test_the_answer_is_what_the_terminal_says(pages, opened):
    """The sentence at the top is the first of the terminal."""
    from simulator.answers import answer

    page = opened(pages["run"])
    assert page.locator(".answer").inner_text() == sentence(answer(uncertain()))


@pytest.mark.parametrize("name", ["explore", "hostile-explore"])
def test_a_page_with_sliders_is_one_file_and_silent(pages, opened, name):
    """W1, W4, W5: small and soon there, it asks for itself only, and foreign text stays text."""
    assert pages[name].stat().st_size < 3e6
    start = time.monotonic()
    page = opened(pages[name])
    page.locator("#size").press("ArrowRight")
    page.locator("#reset").click()
    assert time.monotonic() - start < 5
    assert [said for said in page.noted if "#" not in said] == [f"request {pages[name].as_uri()}"]
    assert not [said for said in page.noted if not said.startswith("request file:")]
    assert page.locator("script").count() == 2
    assert page.locator("img, iframe, form").count() == 0
    if name == "hostile-explore":
        assert page.locator("h1").inner_text() == HOSTILE
        assert page.locator("#answer").inner_text().count("onerror=alert(1)") == 3
        assert "onerror=alert(1)" in page.locator("#command").inner_text()


def _moved(page, values, size):
    """Move the sliders as a script of a test can, and tell the page as a hand would."""
    for name, value in (*((f"slider-{n}", one) for n, one in enumerate(values)), ("size", size)):
        page.locator(f"#{name}").evaluate(
            "(one, value) => { one.value = value; one.dispatchEvent(new Event('input')); }",
            str(value),
        )


def test_the_page_counts_as_the_surface_does(pages, opened):
    """The script shows what Python predicts, at settings within the ranges and in their corners."""
    page = opened(pages["explore"])
    surface, (patience, support, every) = FOUND.surface, FOUND.sliders
    places = [(0, 0, 0), (1, 1, 1), (1, 0, 1), (0.31, 0.77, 0.5), (0.9, 0.13, 0.2)]
    for number, (x, y, z) in enumerate(places):
        values = (patience.at(x), support.at(y), every.at(z))
        size = FOUND.sizes[(3 + 7 * number) % len(FOUND.sizes)]
        _moved(page, values, size)
        share = surface.chance(values, size)
        assert f"in {frequency(share)} on" in page.locator("#answer").inner_text()
        for id_, level in (("p10", 0.1), ("p50", 0.5), ("p90", 0.9)):
            told = page.locator(f"#{id_}").inner_text()
            assert told == short(surface.turnover(values, level))
        full = page.locator("#dots .met").count()
        assert full == sum(surface.logs(values) >= math.log(size))
        ends = page.locator("#end-1-0").inner_text(), page.locator("#end-1-1").inner_text()
        for end, text in zip((support.low, support.high), ends, strict=True):
            chance = surface.chance((values[0], end, values[2]), size)
            assert text == f"{math.floor(100 * chance + 0.5)} of 100"


def test_a_setting_that_was_run_shows_its_runs(pages, opened):
    """W3: at each setting of the table the page counts its runs, and its error is in the table."""
    page = opened(pages["explore"])
    place = FOUND.sizes.index(100)
    for number in (0, 5, 40, len(FOUND.tried) - 1):
        one = FOUND.tried[number]
        _moved(page, one.values, 100)
        told = page.locator("#nearest").inner_text()
        assert told.startswith(
            f"This very setting was run (row {number + 1}): {one.hits[place]} of"
        )
        assert page.locator("tr.near").get_attribute("id") == f"row-{number}"
        off = 100 * (FOUND.surface.chance(one.values, 100) - one.hits[place] / one.of)
        shown = page.locator(f"#off-{number}").inner_text().replace("\u2212", "-")
        assert float(shown) == pytest.approx(off, abs=0.051)
        if not one.is_fitted:
            assert abs(off) <= 100 * FOUND.misfit.largest
    _moved(page, FOUND.start, FOUND.sizes[2])
    assert page.locator("#stands-hits").inner_text() == str(FOUND.stands.hits[2])


def test_every_slider_moves_sentence_and_drawing(pages, opened):
    """W2: by a key and by the mouse, each slider changes what is told, and the reset undoes it."""
    page = opened(pages["explore"])
    first = page.locator("main").inner_text(), page.locator("#dots").inner_html()
    for name in ("size", "slider-0", "slider-1"):
        one = page.locator(f"#{name}")
        for move in (
            lambda one=one: one.press("PageDown"),
            lambda one=one: one.click(position={"x": 5, "y": 10}),
        ):
            before = page.locator("#answer").inner_text(), page.locator("svg.dots").inner_html()
            move()
            after = page.locator("#answer").inner_text(), page.locator("svg.dots").inner_html()
            assert before[0] != after[0]
            assert before[1] != after[1]
            page.locator("#reset").click()
    assert (page.locator("main").inner_text(), page.locator("#dots").inner_html()) == first


def test_the_script_begins_with_what_the_file_says(pages, opened):
    """W8: without a script the same numbers stand there, the sliders rest, and a notice says so."""
    still = opened(pages["explore"], java_script_enabled=False)
    live = opened(pages["explore"])
    for id_ in ("answer", "p10", "p50", "p90", "nearest", "command", "size-value", "value-1"):
        assert still.locator(f"#{id_}").inner_text() == live.locator(f"#{id_}").inner_text()
    assert still.locator("#tried").inner_text() == live.locator("#tried").inner_text()
    assert still.locator("input:disabled").count() == 4
    assert live.locator("input:disabled").count() == 0
    assert "Without a script" in still.locator("header").inner_text()
    assert still.locator("button:visible").count() == 0
    circles = "all => all.map(c => [Number(c.getAttribute('cx')), Number(c.getAttribute('cy'))])"
    drawn = [one.locator("#dots circle").evaluate_all(circles) for one in (still, live)]
    for here, there in zip(*drawn, strict=True):
        assert here == pytest.approx(there, abs=0.01)


@pytest.mark.parametrize("width", WIDTHS)
def test_sliders_fit_and_can_be_seen(pages, opened, width, tmp_path):
    """W6: no scroll to the side, thumbs that a finger can meet, focus that can be seen."""
    page = opened(pages["explore"], width)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    heights = page.locator("input[type=range]").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert min(heights) >= 24
    page.locator("#size").focus()
    page.keyboard.press("ArrowRight")
    outline = page.locator("#size").evaluate("one => getComputedStyle(one).outlineWidth")
    assert outline == "3px"
    page.screenshot(path=tmp_path / f"explore-{width}.png", full_page=True)


def test_sliders_can_be_heard(pages, opened):
    """W9, W11: each has a name and a value with its unit, and the answer is a live region."""
    page = opened(pages["explore"])
    tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")
    nodes = [node for node in tree["nodes"] if not node["ignored"]]
    sliders = [node for node in nodes if node["role"]["value"] == "slider"]
    names = [node["name"]["value"] for node in sliders]
    assert names[0] == "Size of the target"
    for path, name in zip((PATIENCE, SUPPORT, EVERY), names[1:], strict=True):
        assert path in name.replace(". ", ".")
    texts = page.locator("input[type=range]").evaluate_all(
        "all => all.map(one => one.getAttribute('aria-valuetext'))"
    )
    assert texts == ["USD 100 million", "60 days", "1.00", "40.0 USD million"]
    heard = " ".join(node.get("name", {}).get("value", "") for node in nodes)
    assert page.locator("#answer").inner_text() in heard
    assert page.locator("#nearest").inner_text() in heard
    (image,) = [node for node in nodes if node["role"]["value"] == "image"]
    assert image["name"]["value"] == "With these settings"
    live = page.locator("[aria-live]")
    assert live.count() == 1
    assert live.get_attribute("id") == "answer"


def test_an_address_holds_the_setting(pages, opened):
    """What was set is there again under the address; what is no number of the page is ignored."""
    page = opened(pages["explore"])
    page.locator("#slider-0").press("Home")
    page.locator("#size").press("ArrowRight")
    told, address = page.locator("#answer").inner_text(), page.url
    other = opened(pages["explore"])
    other.goto(address)
    assert other.locator("#answer").inner_text() == told
    assert other.locator("#value-0").inner_text() == "30 days"
    plain, _, _ = address.partition("#")
    other.goto(f"{plain}#{PATIENCE}=<svg onload=alert(1)>&size=NaN&{SUPPORT}=1e99")
    other.reload()
    assert other.locator("#value-1").inner_text() == "1.50"
    assert "dialog" not in other.noted


def test_a_page_with_sliders_prints(pages, opened):
    """The numbers of the setting are on paper, without buttons."""
    page = opened(pages["explore"])
    page.emulate_media(media="print")
    assert page.locator("button:visible").count() == 0
    assert page.locator("svg.dots").is_visible()
    assert page.locator("#command").is_visible()


def test_the_copied_command_lands_within_the_error(opened, tmp_path):
    """W7, W12: the command of a moved page is a run whose chance is as near as the page says."""
    sim = _shell(tmp_path)
    shutil.copy(MINIMAL, tmp_path / "small.yaml")
    refused, adjusting = "settlement.channels.bank.refusal_share", "adjustment.short_run_share"
    explored = json.loads(
        sim(
            *("run", "small.yaml", "--reps", "12", "--engine", "reference", "--explore"),
            *("--set", "exports.AAA.affinity_volatility=0.5"),
            *("--slider", f"{refused}=0..0.5", "--slider", f"{adjusting}=0.2..1"),
        )
    )
    page = opened(tmp_path / explored["files"]["explore"])
    assert explored["run"] in page.locator("header").inner_text()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#slider-0").press("End")
    for _ in range(7):
        page.locator("#slider-0").press("PageDown")
    page.locator("#copy").click()
    page.wait_for_function("document.getElementById('copied').textContent !== ''")
    assert page.locator("#copied").inner_text() == "Copied."
    command = page.evaluate("navigator.clipboard.readText()")
    assert command == page.locator("#command").inner_text()
    exact = json.loads(sim(*shlex.split(command)[1:]))
    chance = exact["offices"][0]["chance"]["hits"] / exact["replications"]
    told = page.locator("#answer").inner_text()
    shown = int(re.search(r"(\d+) of 100 runs", told)[1]) / 100
    assert abs(chance - shown) <= explored["explore"]["largest_error"] + 0.005
    assert exact["replications"] == explored["explore"]["replications"]
