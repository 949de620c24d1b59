"""Commands about what binds."""

import json
from pathlib import Path

import pytest


def test_why_tells_what_binds_and_keeps_every_run(sim, file):
    """The plan comes first on standard error, the answer on standard output, runs in the store."""
    result = sim("why", file, "--reps", 6)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("Trade between Iran and Belarus in 2023 comes to USD ")
    assert "3 frictions (every combination) and 1 limit: 9 settings, 6 runs" in result.stderr
    (folder,) = Path("results/tiny").glob("why-*")
    assert (folder / "plots" / "ledger.svg").exists()
    assert len(list(Path("results/tiny").glob("*-6"))) == 9
    made = len(sim.calls)
    again = sim("why", file, "--reps", 6)
    assert "Everything is in the store already." in again.stderr
    assert again.stdout == result.stdout
    assert len(sim.calls) == made


def test_a_stored_run_is_asked_by_its_id(sim, file):
    """Its scenario, seed and replications are those of the run, which is not computed again."""
    run = sim("run", file, "--reps", 7, "--seed", 5, "-q").stdout.strip()
    sim.calls.clear()
    result = sim("why", run, "--json")
    data = json.loads(result.stdout)
    assert data["schema"] == "sim.why/1"
    assert (data["run"], data["seed"], data["replications"]) == (run, 5, 7)
    assert Path(data["files"]["folder"], "why.json").exists()
    total = sum(one["cents"] for one in data["frictions"]) + data["rest"]["cents"]
    assert total == data["loss_cents"] == data["potential"]["cents"] - data["realised"]["cents"]
    assert sum(len(there) for _, there in sim.calls) == 8 * 7


def test_orders_can_be_sampled(sim, file):
    """Fewer settings than combinations, and the answer says so."""
    result = sim("why", file, "--reps", 4, "--sampled", 1)
    assert result.exit_code == 0, result.stderr
    assert "(1 order of removal)" in result.stderr
    assert "estimated from 1 of 6 orders" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["no-such-run"], 6, "no-such-run"),
        (["nothing.yaml"], 3, "nothing.yaml"),
        (["no-such-run", "--set", "target.year=2024"], 2, "changes need a file"),
        (
            ["tiny.yaml", "--set", "horizon.end=2023-12-30", "--set", "horizon.warm_up_days=90"],
            3,
            "S201",
        ),
        (["tiny.yaml", "--reps", 1000, "--max-replications", 5000], 4, "9 settings of 1,000"),
        (["tiny.yaml", "--sampled", 0], 2, "--sampled"),
    ],
)
@pytest.mark.usefixtures("file")
def test_mistakes_end_in_a_message(sim, arguments, code, words):
    """Each with its exit code and nothing computed."""
    result = sim("why", *arguments)
    assert result.exit_code == code
    assert words in result.stderr
    assert "Traceback" not in result.output
    assert sim.calls == []


def test_a_run_of_another_model_is_refused(sim, file):
    """H13: what another version has made is not explained by this one."""
    run = sim("run", file, "--reps", 20, "-q").stdout.strip()
    manifest = Path("results/tiny") / run / "manifest.json"
    told = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(told | {"model_version": "0.0.1"}))
    result = sim("why", run)
    assert result.exit_code == 3
    assert "model version is" in result.stderr


def test_failures_end_the_question(sim, file):
    """Settings that lack replications cannot be paired."""
    sim.fail(3)
    result = sim("why", file, "--reps", 6)
    assert result.exit_code == 5
    assert "replications of tiny failed" in result.stderr


def test_a_question_that_is_stopped_goes_on(sim, file):
    """Ctrl-C keeps what there is, and says how to go on."""
    sim.stop_after(15)
    result = sim("why", file, "--reps", 6)
    assert result.exit_code == 130
    assert "Nothing is lost" in result.stdout
    assert "sim why" in result.stdout
