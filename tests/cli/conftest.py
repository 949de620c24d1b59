"""The command line as a stranger types it, with an engine that costs nothing."""

import json
import math
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from runs_for_tests import SCENARIO, synthetic
from typer.testing import CliRunner

from simulator import terminal
from simulator.cli import app as cli
from simulator.parts import only
from simulator.replication import Piece
from simulator.runs import Failure

ROOT = Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path):
    """A scenario file; JSON is YAML."""
    path = tmp_path / "tiny.yaml"
    path.write_text(json.dumps(SCENARIO))
    return path


@pytest.fixture
def sim(monkeypatch, tmp_path):
    """The command with an engine that costs nothing, and figures that are empty."""

    def engine(_, seed, replications, __):
        calls.append((seed, replications))
        if sum(len(there) for _, there in calls) >= call.limit:
            stop.code = 130
        bad = [n for n in replications if n in call.bad]
        whole = synthetic(replications.stop).tables
        ends = [replications.start - 1, *bad, replications.stop]
        pieces = [only(whole, one + 1, other) for one, other in pairwise(ends)]
        tables = {name: pa.concat_tables([piece[name] for piece in pieces]) for name in whole}
        failures = (Failure(n, "ZeroDivisionError: division by zero") for n in bad)
        return Piece(tables, tuple(failures))

    @contextmanager
    def stopping():
        stop.code = 0
        yield stop

    def call(*arguments):
        if arguments[0] in ("run", "compare", "sweep", "why") and "--workers" not in arguments:
            arguments = (arguments[0], "--workers", "1", *arguments[1:])
        return CliRunner().invoke(cli.app, [str(part) for part in arguments])

    def stop_after(count):
        call.limit = count

    def fail(*numbers):
        call.bad = numbers

    calls, stop = [], terminal.Stop()
    call.limit, call.bad, call.stop_after, call.fail = math.inf, (), stop_after, fail
    monkeypatch.setattr("simulator.terminal.stopping", stopping)
    monkeypatch.setattr("simulator.simulation.replicate", engine)
    monkeypatch.setattr("simulator.engines.choice.FEW", math.inf)
    monkeypatch.setattr("simulator.storage._plot", lambda *_: None)
    for report in ("comparison_report", "sweep_report"):
        monkeypatch.setattr(f"simulator.study_reporting.{report}", lambda *_: None)
    monkeypatch.setattr("simulator.reporting.report", lambda *_, **__: [])
    monkeypatch.chdir(tmp_path)
    call.calls = calls
    return call
