"""Pages: templates filled in as single files of HTML, in which all text is inert."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from simulator import runs
from simulator.drawing import DOUBLE, SINGLE, Columns, Picture, Sheet, inlined, styled
from simulator.errors import visible

MOST_ROWS = 220
"""Rows of plotted numbers below a figure; longer ones stand in its CSV file alone."""

Draw = Callable[[Sheet], Picture | None]

_ADDRESS = re.compile(r"(https?://[^\s<>\"'`]+[^\s<>\"'`.,;:!?)\]])")


@dataclass(frozen=True, slots=True)
class Shown:
    """A figure on a page: its finding in words, the drawing in two widths, and its numbers."""

    name: str
    title: str
    subtitle: str
    broad: Markup
    narrow: Markup
    numbers: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    foot: str


def shown(figures: Mapping[str, Draw], foot: str) -> dict[str, Shown]:
    """Figures for a page, by name; those that have nothing to show are left out."""
    found: dict[str, Shown] = {}
    with styled():
        for name, draw in figures.items():
            broad, narrow = draw(DOUBLE), draw(SINGLE)
            if broad is not None and narrow is not None:
                numbers = broad.numbers
                rows = _rows(numbers)
                heads = tuple(numbers) if rows else ()
                words = broad.title, broad.subtitle
                drawings = _safe(broad, name), _safe(narrow, name)
                told_by = foot.format(name=name)
                found[name] = Shown(name, *words, *drawings, heads, rows, told_by)
    return found


def _safe(picture: Picture, name: str) -> Markup:
    """A drawing as part of a page; what was drawn here holds text as text alone."""
    return Markup(inlined(picture, f"{name}-{picture.sheet.name}"))  # noqa: S704


def _rows(numbers: Columns) -> tuple[tuple[Any, ...], ...]:
    """The plotted numbers by row; none where they are too many to read."""
    rows = tuple(zip(*numbers.values(), strict=True))
    return rows if len(rows) <= MOST_ROWS else ()


def page(template: str, **told: Any) -> str:
    """A page from its template."""
    return _environment().get_template(template).render(model=runs.MODEL_VERSION, **told)


def scripted(name: str) -> tuple[Markup, str]:
    """A script of the house as part of a page, and its hash for the policy that lets it run."""
    text = (files("simulator") / "templates" / name).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return Markup(text), digest  # noqa: S704 -- it is a file of this package


def as_script_data(value: object) -> Markup:
    """Plain data inside an element of script, from which no text can break out."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)  # noqa: S704 -- ASCII in which no sign of a markup is left


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("simulator"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "told": told,
        "dotted": dotted,
        "linked": linked,
        "exact": exact,
        "brief": brief,
        "sentence": sentence,
    }
    return made


def told(text: object) -> Markup:
    """Any text as part of a page: inert, and apart from the direction of what surrounds it."""
    return Markup("<bdi>{}</bdi>").format(visible(str(text)))


def dotted(path: object) -> Markup:
    """A path that a narrow column may break behind its dots."""
    parts = visible(str(path)).split(".")
    return Markup("<bdi>{}</bdi>").format(Markup(".<wbr>").join(map(escape, parts)))


def linked(text: object) -> Markup:
    """Text in which addresses of the web can be followed, and nothing else."""
    parts = _ADDRESS.split(visible(str(text)))
    link = Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>')
    pieces = [link.format(part) if n % 2 else escape(part) for n, part in enumerate(parts)]
    return Markup("<bdi>{}</bdi>").format(Markup().join(pieces))


def exact(value: float) -> str:
    """A number with all its digits."""
    return repr(int(value)) if isinstance(value, int) else repr(float(value))


def brief(value: object) -> Markup:
    """A plotted number, short; nothing where there is none."""
    if value is None:
        return Markup()
    if isinstance(value, float):
        return Markup('<data value="{}">{:.4g}</data>').format(exact(value), value)
    return told({True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value)


def sentence(text: str) -> str:
    """Words as a sentence."""
    return f"{text[:1].upper()}{text[1:]}."
