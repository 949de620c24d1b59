"""Study reporting: comparisons and sweeps as pages of the same kind."""

from dataclasses import replace

import numpy as np
from engines.worlds import MINIMAL
from pages_for_tests import Page
from runs_for_tests import synthetic

from simulator.comparison_plots import save_comparison
from simulator.scenario.reading import load
from simulator.study_reporting import comparison_report, sweep_report
from simulator.sweep_plots import save_sweep
from simulator.sweeps import sweep

HOSTILE = "</script><img src=x onerror=alert(1)>"


def test_a_comparison_has_a_report_of_the_same_kind(tmp_path):
    """Two runs with their change, where it comes from, and what differs between them."""
    one = synthetic(200)
    scenario = one.scenario.model_copy(update={"name": "more", "not_covered": (HOSTILE,)})
    other = replace(synthetic(200, scale=1.2), scenario=scenario)
    folder = save_comparison([one, other], tmp_path)
    path = comparison_report([one, other], folder, "sim compare a.yaml b.yaml")
    page = Page(path.read_text())
    assert "more beats tiny by about USD" in page.words
    assert not {"script", "img"} & set(page.tags)
    assert len(page.ids) == len(set(page.ids))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert {f"from-{origin}" for origin, _ in page.numbers} <= set(page.ids)
    assert page.tags.count("figure") == 3
    first = path.read_bytes()
    comparison_report([one, other], folder, "sim compare a.yaml b.yaml")
    assert path.read_bytes() == first


def test_a_sweep_has_a_report_of_every_setting(tmp_path):
    """Each setting stands with its numbers and its run; the best one is told first."""
    vary = {"exports.*.last_usd_million": "20..40:2", "settlement.patience_days": "30..60:2"}
    swept = sweep(load(MINIMAL), vary, replications=60)
    path = sweep_report(swept, save_sweep(swept, tmp_path), "sim sweep x.yaml")
    page = Page(path.read_text())
    assert page.words.partition("?")[2].lstrip().startswith("Best of 4 settings")
    for number, cell in enumerate(swept.cells, start=1):
        assert page.number(f"setting-{number}", "share") == cell.chance.share
        assert cell.run in page.words
    assert page.number("fresh", "mean") == swept.fresh.value
    assert np.isfinite(swept.fresh.value)
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)
    assert page.tags.count("figure") == 2
