"""Writing: a scenario as the text of a file that says the same."""

import io
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import SafeRepresenter

from simulator.scenario.memory import as_plain
from simulator.scenario.scalars import ScalarError, resolved
from simulator.scenario.types import Scenario

_STYLE = {
    "default_flow_style": False,
    "width": 100,
    "allow_unicode": True,
    "sort_base_mapping_type_on_output": False,
}
"""One value a line, in the order of the scenario, in the letters in which it was written."""


class _Representer(SafeRepresenter):
    """Words in quotes where the reader would take them for something else."""


def _text(representer: _Representer, text: str) -> ScalarNode:
    style = None if _is_text(text) else '"'
    node: ScalarNode = representer.represent_scalar("tag:yaml.org,2002:str", text, style=style)
    return node


def _is_text(text: str) -> bool:
    try:
        return resolved(text) == text
    except ScalarError:
        return False


_Representer.add_representer(str, _text)


def written(scenario: Scenario) -> str:
    """The scenario as YAML, every value stated, nothing extended.

    What it was before changes stands under ``former:``, so that reading it gives the same scenario.
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    for name, value in _STYLE.items():
        setattr(yaml, name, value)
    stream = io.StringIO()
    yaml.dump(_short(as_plain(scenario)), stream)
    return stream.getvalue()


def _short(value: Any) -> Any:
    """Plain values with bare numbers and lists, as people write them."""
    if isinstance(value, dict):
        if set(value) == {"value"}:
            return _short(value["value"])
        return {name: _short(inner) for name, inner in value.items()}
    if isinstance(value, tuple):
        return [_short(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value
