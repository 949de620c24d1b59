"""The words of a sweep."""

import pytest
from engines.worlds import MINIMAL

from simulator.scenario.reading import load
from simulator.sweep_words import plan, words
from simulator.sweeps import sweep

GROWTH = "exports.*.last_usd_million"
PATIENCE = "settlement.patience_days"


@pytest.fixture(scope="module", params=["grid", "sobol", "one"])
def told(request):
    """Sweeps of several forms, in words."""
    vary = {GROWTH: "20..40:3", PATIENCE: "30..60:2"}
    if request.param == "one":
        found = sweep(load(MINIMAL), {GROWTH: "20..40:3"}, replications=160)
    else:
        found = sweep(load(MINIMAL), vary, design=request.param, points=6, replications=20)
    return words(found, repeat="sim sweep FILE")


def test_the_best_comes_first(told):
    """The first words name the best setting and whether it is surely the best."""
    assert told.startswith(f"Best of {'3' if '3 settings' in told else '6'} settings: {GROWTH}=")
    assert ("It is clearly better than every other" in told) != ("It is not clearly better" in told)
    assert "run again with fresh draws" in told


def test_the_lines_fit_a_terminal(told):
    """90 columns, commands excepted."""
    lines = [line for line in told.splitlines() if not line.startswith("  Repeat")]
    assert max(map(len, lines)) <= 90


def test_a_plan_tells_what_it_will_take():
    """Runs, time and disk come first; settings of the beginning and the last one follow."""
    settings = [{"a": n} for n in range(20)]
    text = plan(settings, 100, 600, 5e6)
    assert text.splitlines()[0].endswith("2100 runs, about 10 min, 5.0 MB.")
    assert [line.strip() for line in text.splitlines()[1:]] == [
        "a=0", "a=1", "a=2", "and 16 more", "a=19",
    ]  # fmt: skip
