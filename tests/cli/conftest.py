"""The command line as a stranger types it, with an engine that costs nothing."""

import json
from pathlib import Path

import pytest
from runs_for_tests import SCENARIO, synthetic
from typer.testing import CliRunner

from simulator.cli import app as cli
from simulator.parts import only
from simulator.replication import Piece

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

    def engine(_, seed, replications):
        calls.append((seed, replications))
        return Piece(only(synthetic(replications.stop).tables, replications.start, 10**6))

    def call(*arguments):
        if arguments[0] == "run":
            arguments = ("run", "--workers", "1", *arguments[1:])
        return CliRunner().invoke(cli.app, [str(part) for part in arguments])

    calls = []
    monkeypatch.setattr("simulator.simulation.replicate", engine)
    monkeypatch.setattr("simulator.storage._plot", lambda *_: None)
    monkeypatch.chdir(tmp_path)
    call.calls = calls
    return call
