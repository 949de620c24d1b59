"""One wrong field in a valid scenario never ends in anything but an answer or a named line.

The whole command line is driven, with the flagship and with a difference from it.
"""

import re
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from simulator.cli import app as cli

pytestmark = pytest.mark.usefixtures("undisturbed")

SCENARIOS = Path(__file__).parents[1] / "scenarios"
FLAGSHIP = (SCENARIOS / "iran-belarus-2023.yaml").read_text(encoding="utf-8").split("\n")
VARIANTS = (SCENARIOS / "snapback-and-relief.yaml").read_text(encoding="utf-8").split("\n")
TIMES = 8.0
"""How many times the work of the sound scenario it may take to answer a wounded one."""

WORDS = st.one_of(
    st.sampled_from(
        [
            "", "~", "NO", "true", "-1", "0", "1e9", "1e999", ".nan", "5%", "1,5", "[", "{", "*",
            "[]", "{}", "{value: 1}", "{uniform: {low: 2, high: 1}}", "{lognormal: {median: 0}}",
            "2023-02-30", "1402-12-30", "1404-02-31", "IR", "Belorussia", "toman", "|", "&a x",
            "!tag x", "<<", "\u202e", "\u0000", "'", '"', "settlement.channels.*.slots",
            "exports.Iran.*", "{_replace_: true}", "../../secret.yaml", "x" * 11_000,
        ]
    ),
    st.text(max_size=20),
    st.floats().map(str),
    st.integers(-(10**12), 10**12).map(str),
)  # fmt: skip


def wounds(lines):
    """One line of a text replaced, after its key, wholly, or under another key."""
    return st.tuples(
        st.integers(0, len(lines) - 2),
        WORDS,
        st.sampled_from(["value", "line", "key", "gone", "twice"]),
    )


def wounded(lines, wound):
    """The text after one wound."""
    place, word, kind = wound
    key, colon, rest = lines[place].partition(":")
    changed = {
        "value": [f"{key}{colon} {word}"],
        "line": [word],
        "key": [f"{re.match(' *', key)[0]}{word}:{rest}"],
        "gone": [],
        "twice": [lines[place], lines[place]],
    }[kind]
    return "\n".join([*lines[:place], *changed, *lines[place + 1 :]])


def checked(file, *options):
    """What the check of a file says, and the seconds of work of this thread."""
    start = time.thread_time()
    result = CliRunner().invoke(cli.app, ["check", str(file), *options, "--plain"])
    return result, time.thread_time() - start


@pytest.fixture(scope="module")
def usual(family):
    """Seconds of work for the sound scenario, on this machine and once everything is loaded."""
    seconds = []
    for number in range(4):  # texts that differ: one that was read is remembered
        file = family / "sound.yaml"
        file.write_text("\n".join([*FLAGSHIP, f"# {number}"]), encoding="utf-8")
        seconds.append(checked(file)[1])
    return max(seconds[1:])


def assert_answered(file, length, usual):
    """The command ends with 0, 3 or 4, in time, and what it says has a line that exists."""
    result, seconds = checked(file)
    assert seconds < TIMES * usual
    assert result.exit_code in (0, 3, 4), result.output
    assert "Traceback" not in result.output
    told = [line for line in result.stdout.splitlines() if " error " in line]
    assert bool(told) == (result.exit_code != 0)
    for line in told:
        found = re.match(r"(.+?):(\d+):(\d+): error S\d{3}: .", line)
        assert found, line
        if found[1] == str(file):
            assert 1 <= int(found[2]) <= length + 1


def assert_shown(file):
    """What is valid can be shown, whole and value by value; anything else is answered as before."""
    for form in (("--plain",), ("--json",), ()):
        result = CliRunner().invoke(cli.app, ["show", str(file), *form])
        assert result.exit_code in (0, 3, 4), result.output
        assert "Traceback" not in result.output


@given(wound=wounds(FLAGSHIP))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
def test_one_wound_of_a_whole_scenario_is_answered(tmp_path_factory, usual, wound):
    """Whatever stands in one line of the flagship, the check ends in a verdict with lines."""
    folder = tmp_path_factory.mktemp("wounded")
    (folder / "iran-belarus-observed.csv").write_bytes(
        (SCENARIOS / "iran-belarus-observed.csv").read_bytes()
    )
    text = wounded(FLAGSHIP, wound)
    file = folder / "wounded.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert_answered(file, text.count("\n") + 1, usual)


@pytest.fixture(scope="module")
def family(tmp_path_factory):
    """A folder with the flagship, to be extended."""
    folder = tmp_path_factory.mktemp("family")
    for name in ("iran-belarus-2023.yaml", "iran-belarus-observed.csv"):
        (folder / name).write_bytes((SCENARIOS / name).read_bytes())
    return folder


@given(wound=wounds(VARIANTS))
@settings(
    max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
def test_one_wound_of_a_difference_is_answered(family, usual, wound):
    """Whatever stands in one line of a difference with overrides, the same holds."""
    text = wounded(VARIANTS, wound)
    file = family / "wounded.yaml"
    file.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert_answered(file, text.count("\n") + 1, usual)
    assert_shown(file)


SETTINGS = st.tuples(
    st.sampled_from(
        [
            "settlement.payment_days", "corridors.*.closed", "exports.IR.goods.*.share", "question",
            "agreements.*.signed", "economies.IRN.customs", "target.statistics.0", "no.such", "",
            "sanctions.new", "seed", "replications", "horizon.end", "history", "former", "*", "..",
            "contracts.potash.instalments", "exports.*.goods.*.corridors", "hs_edition",
        ]
    ),
    WORDS,
)  # fmt: skip


@given(setting=SETTINGS)
@settings(
    max_examples=120, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
def test_one_wrong_setting_is_answered(usual, setting):
    """Whatever is set on the command line, the same holds."""
    path, word = setting
    file = SCENARIOS / "iran-belarus-2023.yaml"
    text = f"{path}={word}".encode("utf-8", "replace").decode()
    result, seconds = checked(file, "--set", text)
    assert seconds < TIMES * usual
    assert result.exit_code in (0, 3, 4), result.output
    assert "Traceback" not in result.output
    assert (result.exit_code == 0) or " error S" in result.stdout
