"""Findings: the inputs of stored runs, and the rules in them."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from engines.worlds import MINIMAL, busy

from simulator import findings, runs
from simulator.conditions import conditions
from simulator.draws import Draws
from simulator.errors import EnvironmentFaultError, ScenarioError
from simulator.findings import find, inputs_of, stored
from simulator.scenario.overriding import override
from simulator.scenario.reading import load
from simulator.simulation import run
from simulator.specification import specification
from simulator.sweep_plots import save_sweep
from simulator.sweeps import sweep

LAWS = {
    "settlement.patience_days": {"uniform": {"low": 20, "high": 80}},
    "settlement.channels.*.refusal_share": {"uniform": {"low": 0, "high": 0.6}},
    "target.turnover_usd_million": 40,
}


@pytest.fixture(scope="module")
def drawn():
    """A run of the minimal scenario with two kinds of drawn inputs."""
    return run(override(load(MINIMAL), LAWS), replications=300, seed=4)


def test_inputs_are_those_that_the_model_has_used(drawn):
    """Recomputed from seed and number they have the same bits as in the run itself."""
    paths, values = inputs_of([drawn], 300)
    spec = specification(drawn.scenario)
    used = np.array([conditions(spec, Draws(4, number)).numbers for number in range(20)])
    assert set(paths) >= {"settlement.patience_days", "settlement.channels.bank.refusal_share"}
    for path, column in zip(paths, values.T, strict=True):
        assert np.array_equal(column[:20], used[:, spec.place(path)])


def test_an_input_that_decides_is_found(drawn):
    """Where trade is what one input lets pass, the rule is about that input, on both sides."""
    paths, values = inputs_of([drawn], 300)
    refused = values[:, paths.index("settlement.channels.bank.refusal_share")]
    table = drawn.tables["years"]
    by_row = refused[table["replication"].to_numpy()]
    place = table.column_names.index("reported_usd")
    usd = pa.array(np.where(by_row < 0.3, 1e9, 1e6))
    tables = {**drawn.tables, "years": table.set_column(place, "reported_usd", usd)}
    found = find(replace(drawn, tables=tables))
    met, missed = found.sides
    assert (met.is_met, missed.is_met) == (True, False)
    for side, is_upper in ((met, True), (missed, False)):
        (limit,) = side.rules[0].limits
        assert found.inputs[limit.column] == "settlement.channels.bank.refusal_share"
        assert limit.is_upper == is_upper
        assert limit.value == pytest.approx(0.3, abs=0.03)
        assert side.rules[0].unseen.share > 0.9
    assert set(found.table()["outcome"].to_pylist()) == {"met", "missed"}
    data = findings.as_data(found)
    assert data["sides"][0]["rules"][0]["limits"][0]["path"] == found.inputs[limit.column]


def test_what_is_met_by_chance_alone_has_no_rule(drawn):
    """Published figures that have nothing to do with any input."""
    table = drawn.tables["years"]
    random = np.random.default_rng(5).random(300)[table["replication"].to_numpy()]
    place = table.column_names.index("reported_usd")
    usd = pa.array(np.where(random < 0.5, 1e9, 1e6))
    tables = {**drawn.tables, "years": table.set_column(place, "reported_usd", usd)}
    found = find(replace(drawn, tables=tables))
    assert not found.has_rules
    assert found.table().num_rows == 0


def test_the_settings_of_a_stored_sweep_are_inputs(tmp_path):
    """Set alike they stand under one path; the rule names the setting that decides."""
    scenario = busy({"target.turnover_usd_million": 60})
    vary = {"exports.*.last_usd_million": [10, 60], "settlement.patience_days": [30, 60]}
    swept = sweep(scenario, vary, replications=110, seed=2, workers=2, results=tmp_path)
    folder = save_sweep(swept, tmp_path)
    for text in (str(folder), folder.name, folder.name.removeprefix("sweep-")):
        assert [one.id for one in stored(text, tmp_path)] == [cell.run for cell in swept.cells]
    found = find(stored(folder.name, tmp_path))
    assert found.rows == 440
    assert "exports.*.last_usd_million" in found.inputs
    first = found.sides[0].rules[0]
    assert "exports.*.last_usd_million" in {found.inputs[one.column] for one in first.limits}
    assert first.unseen.low > first.base.share


def test_a_run_is_found_by_its_name(tmp_path, drawn):
    """By its id below the results folder; what is not there is told."""
    from simulator.storage import keep

    keep(drawn, tmp_path)
    assert stored(drawn.id, tmp_path)[0].id == drawn.id
    with pytest.raises(EnvironmentFaultError, match="there is no run nothing"):
        stored("nothing", tmp_path)
    broken = tmp_path / "x" / "sweep-1"
    broken.mkdir(parents=True)
    (broken / "sweep.json").write_text("{}")
    with pytest.raises(EnvironmentFaultError, match="not a stored sweep"):
        stored("sweep-1", tmp_path)


def test_too_few_runs_are_told(drawn):
    """A rule from less than 100 replications would be luck; different seeds are different rows."""
    few = run(load(MINIMAL), replications=3)
    with pytest.raises(ScenarioError, match="3 replications are too few"):
        find(few)
    with pytest.raises(ScenarioError, match="different seeds"):
        find([drawn, replace(drawn, seed=5)])
    assert runs.headline(drawn)
