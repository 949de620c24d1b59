"""The public names, and what importing them costs."""

import subprocess
import sys
import tomllib
from pathlib import Path

import simulator

ROOT = Path(__file__).parents[1]


def test_all_public_names_can_be_fetched():
    """Every name that is promised exists, in alphabetical order."""
    assert simulator.__all__ == sorted(simulator.__all__)
    for name in simulator.__all__:
        assert getattr(simulator, name) is not None


def test_importing_the_package_loads_no_heavy_library():
    """Nobody pays for figures, tables or engines before asking for them."""
    code = "import simulator, sys; print(*sys.modules)"
    loaded = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"numpy", "scipy", "matplotlib", "pyarrow", "simpy", "pydantic"} & set(loaded)


def test_the_version_is_told_once():
    """Package, project file and changelog agree on the version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    headings = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if "## " in line]
    assert project["version"] == simulator.__version__
    assert headings[0].startswith(f"## {simulator.__version__} ")
