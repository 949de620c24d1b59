"""Commands that ask many questions."""

import json
from pathlib import Path

import pytest


def test_scenarios_are_compared_on_the_same_draws(sim, file):
    """Two files, or a file and one of its overrides; figures lie beside the runs."""
    told = json.loads(file.read_text())
    told["overrides"] = {"higher": {"target.turnover_usd_million": 300}}
    file.write_text(json.dumps(told))
    result = sim("compare", file, f"{file}@higher", "--reps", 60, "--workers", 1)
    assert result.exit_code == 0
    assert "Different (1)" in result.stdout
    assert "target.turnover_usd_million: 100 → 300" in result.stdout
    assert "the same draws" in result.stdout
    assert len(list(Path("results/compare").iterdir())) == 1


def test_stored_runs_are_compared_by_their_names(sim, file):
    """A run is told by its folder or by its id."""
    first = sim("run", file, "--reps", 60, "-q").stdout.strip()
    other = sim("run", file, "--reps", 60, "--seed", 5, "-q").stdout.strip()
    result = sim("compare", first, f"results/tiny/{other}", "--json")
    data = json.loads(result.stdout)
    assert data["schema"] == "sim.compare/1"
    assert data["comparisons"][0]["is_same_seed"] is False


def test_what_cannot_be_compared_is_refused_before_anything_runs(sim, file, tmp_path):
    """H13: another year is named, with exit code 3."""
    other = tmp_path / "other.yaml"
    told = json.loads(file.read_text())
    told["target"]["year"] = 2024
    other.write_text(json.dumps(told))
    result = sim("compare", file, other)
    assert result.exit_code == 3
    assert "target year is 2023 in one and 2024 in the other" in result.stderr
    assert sim.calls == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["no-such-run", "other"], 6, "no-such-run"),
        (["nothing.yaml", "other.yaml"], 3, "nothing.yaml"),
        (["one"], 2, "two runs"),
    ],
)
def test_mistakes_end_in_a_message(sim, arguments, code, words):
    """What is not there is named."""
    result = sim("compare", *arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert "Traceback" not in result.output


def test_a_precision_that_is_not_reached_is_told(sim, file):
    """H11: exit code 7 where the change of the chance is not known as asked."""
    options = ("--reps", 60, "--precision", 0.001, "--workers", 1)
    same = sim("compare", file, file, *options)
    assert same.exit_code == 7
    assert "Not as precise as asked" in same.stderr
    assert sim("compare", file, file, "--reps", 60, "--precision", 0.4).exit_code == 0
