"""The command line: what a stranger sees first, and what reaches any terminal."""

import os
import platform
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli import app as cli

ROOT = Path(__file__).parents[2]


def _python(*arguments, **options):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(  # noqa: S603 -- our own interpreter
        [sys.executable, *arguments], env=environment | options.pop("env", {}), check=False,
        cwd=ROOT, text=True, capture_output=True, **options,
    )  # fmt: skip


def test_no_arguments_show_three_examples():
    """Whoever types only the name sees what to type next."""
    result = CliRunner().invoke(cli.app, [])
    assert result.exit_code == 0
    assert result.stdout.count("\n  sim ") == 3


def test_help_names_every_exit_code():
    """Scripts can rely on documented exit codes."""
    told = CliRunner().invoke(cli.app, ["--help"]).stdout.split()
    assert all(str(code) in told for code in (0, 1, 2, 3, 4, 5, 6, 7, 130, 143))


def test_version_is_that_of_the_project():
    """The version is stated in two places, and they agree."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert CliRunner().invoke(cli.app, ["--version"]).stdout == f"sim {project['version']}\n"


def test_help_loads_nothing_heavy():
    """Help needs neither arrays nor figures nor the model."""
    code = (
        "import sys, simulator.cli.app\n"
        "heavy = {'numpy', 'matplotlib', 'pyarrow', 'scipy', 'pydantic', 'simpy', 'rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert _python("-c", code).stdout == "[]\n"


def test_terminal_without_unicode_gets_plain_signs():
    """Where only ASCII can be shown, columns stay in line."""
    result = _python(
        "-c",
        "from simulator.terminal import put; put('a \\u2013 b \\u2192 c \\u00b1 d')",
        env={"PYTHONIOENCODING": "ascii"},
    )
    assert result.stdout == "a - b > c + d"


AGAIN = """
import resource, sys
import numpy as np
from simulator.cli import app

if sys.argv[1] == "kept":
    app.keep_memory()
before = None
for _ in range(10):
    held = [np.ones(300_000) for _ in range(20)]
    held.clear()
    before = before or resource.getrusage(resource.RUSAGE_SELF).ru_minflt
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
"""Make and drop arrays of many pages again and again; print how many the system had to give."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other libraries of C have no such")
def test_memory_that_is_free_is_used_again():
    """The command line asks the system for it once, where others ask every time."""
    told = "from simulator.cli import app; app.keep_memory(); import pyarrow; print(pyarrow."
    assert _python("-c", told + "default_memory_pool().backend_name)").stdout == "system\n"
    kept, given_back = (int(_python("-c", AGAIN, how).stdout) for how in ("kept", "given back"))
    assert kept < given_back / 10
