"""Reports in a real browser: whole, offline, inert, readable on a telephone and by a machine."""

import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from engines.worlds import MINIMAL
from runs_for_tests import synthetic, uncertain

from simulator.comparison_plots import save_comparison
from simulator.reporting import report
from simulator.scenario.reading import load
from simulator.study_reporting import comparison_report, sweep_report
from simulator.sweep_plots import save_sweep
from simulator.sweeps import sweep
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
    }


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


def test_the_command_of_a_page_gives_its_run(opened, tmp_path):
    """W7, W12: what a report says to type finds the run that it speaks of, and its sentence."""

    def sim(*words):
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "simulator", *words, "--workers", "1", "--json"],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            check=True,
            env={"PYTHONPATH": str(Path(__file__).parents[1]), "PATH": "/usr/bin"},
        )
        return done.stdout

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
