"""Outcomes: what settings come to is kept, and never computed twice."""

import numpy as np
import pytest
from test_conditioning import PATIENCE, REFUSED, SEED, drawn

from simulator import runs, trials
from simulator.conditioning import Setting, at
from simulator.errors import ScenarioError, StoppedError
from simulator.executors import IN_PLACE
from simulator.scenario.overriding import override
from simulator.simulation import run
from simulator.trials import KEPT, asking

SETTINGS = [Setting(known={PATIENCE: share}) for share in (0.2, 0.8)] + [
    Setting(moved={REFUSED: 0.9})
]


def forbidden(*_, **__):
    """Computing where nothing is to be computed."""
    raise AssertionError


def test_a_setting_is_the_run_of_its_scenario():
    """The turnover of each setting is that of an ordinary run."""
    found = asking(drawn(), IN_PLACE)(SETTINGS, 3, SEED)
    for setting, turnover in zip(SETTINGS, found, strict=True):
        alone = run(at(drawn(), setting), seed=SEED, replications=3)
        assert np.array_equal(turnover, runs.turnover(alone, runs.headline(alone), 2023))


def test_nothing_is_computed_twice(tmp_path, monkeypatch):
    """Asked again, everything comes from the results folder with the same bits."""
    monkeypatch.setattr(trials, "AT_A_TIME", 3)
    first = asking(drawn(), IN_PLACE, results=tmp_path)(SETTINGS, 3, SEED)
    folder = tmp_path / drawn().name / KEPT
    assert len(list(folder.iterdir())) == 3
    monkeypatch.setattr(trials, "produced", forbidden)
    again = asking(drawn(), IN_PLACE, results=tmp_path)(SETTINGS, 3, SEED)
    assert np.array_equal(first, again)
    for other in ((SETTINGS[:1], 2, SEED), (SETTINGS[:1], 3, SEED + 1), (SETTINGS[1:2], 2, SEED)):
        with pytest.raises(AssertionError):
            asking(drawn(), IN_PLACE, results=tmp_path)(*other)
    changed = override(drawn(), {"settlement.attempts": 1})
    with pytest.raises(AssertionError):
        asking(changed, IN_PLACE, results=tmp_path)(SETTINGS[:1], 3, SEED)


def test_what_is_damaged_is_computed_anew(tmp_path):
    """A file that is not what was written is not believed."""
    ask = asking(drawn(), IN_PLACE, results=tmp_path)
    first = ask(SETTINGS[:1], 2, SEED)
    (file,) = (tmp_path / drawn().name / KEPT).iterdir()
    content = file.read_bytes()
    for broken in (b"", content[:-1], content[:40] + b"\x00" + content[41:]):
        file.write_bytes(broken)
        assert np.array_equal(ask(SETTINGS[:1], 2, SEED), first)
        assert file.read_bytes() == content


def test_the_scenario_as_it_is_becomes_a_run(tmp_path):
    """It lies among the other runs, and a longer one begins with it."""
    asking(drawn(), IN_PLACE, results=tmp_path)([Setting()], 4, SEED)
    names = [path.name for path in (tmp_path / drawn().name).iterdir() if path.name != KEPT]
    assert names == [runs.run_id(runs.series_id(drawn(), SEED), 4)]


def test_whoever_stops_loses_little(tmp_path, monkeypatch):
    """After a stop, what was kept is there, and the same question goes on behind it."""
    monkeypatch.setattr(trials, "AT_A_TIME", 3)
    told = []

    def progress(done, _):
        told.append(done)

    ask = asking(drawn(), IN_PLACE, results=tmp_path, progress=progress, stop=lambda: 3 in told)
    with pytest.raises(StoppedError) as error:
        ask(SETTINGS, 3, SEED)
    assert error.value.made == 3
    assert len(list((tmp_path / drawn().name / KEPT).iterdir())) == 1
    told.clear()
    asking(drawn(), IN_PLACE, results=tmp_path, progress=progress)(SETTINGS, 3, SEED)
    assert told[-1] == 9


def test_a_target_year_that_is_cut_off_is_told():
    """S201: without an annual number there is nothing to move."""
    short = override(drawn(), {"horizon.end": "2023-10-31"})
    with pytest.raises(ScenarioError) as error:
        asking(short, IN_PLACE)([Setting()], 1, SEED)
    assert error.value.problems[0].code == "S201"
