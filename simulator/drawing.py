"""Drawing: the frame, the axes, the colours and the files that all figures share."""

import csv
import io
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import Bbox

from simulator import runs, wording
from simulator.cells import harmless
from simulator.errors import visible
from simulator.runs import Run

WIDTH, HEIGHT = 10.0, 6.2
"""Inches."""
LEFT, RIGHT, BOTTOM = 0.75, 0.45, 0.85
"""Margins of the axes in inches; the footer stands in the lower one."""

MOST_LINES = 5
"""Lines of a title, and of the words below it."""

ON_SCREEN, IN_PRINT = 150, 200
"""Dots of a bitmap for each inch of the drawing; bitmaps take most of the time of a figure."""

DENSITY = 3
"""How hard a bitmap is compressed, 0 to 9: at 6 it takes half as long again for 2 % of its size."""

MILLIMETRES_PER_INCH = 25.4

BLUE, VERMILLION, GREEN, SKY = "#0072B2", "#D55E00", "#009E73", "#56B4E9"
"""From the palette of Okabe and Ito; every colour has a second cue beside it."""
INK, GREY, PALE = "#222222", "#5f5f5f", "#d9d9d9"

UNDER = 0.4
"""Inches below a drawing that only hold the line at its foot."""

_SIZE = re.compile(r'width="[^"]*" height="[^"]*"')
_USE = re.compile(r"url\(#([^)]+)\)")

Columns = dict[str, list[Any]]
"""Plotted numbers by the names of their columns, all of one length; None where there is none."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a figure is drawn on, in inches; in print its smallest words have about 6 points."""

    name: str
    width: float
    height: float
    millimetres: int
    """Width in print: a column of a journal, or both."""
    title_signs: int
    """Signs in a line of the title."""
    subtitle_signs: int

    @property
    def is_narrow(self) -> bool:
        """Whether words must stand below each other."""
        return self.width < WIDTH

    @property
    def dots_per_inch(self) -> float:
        """Of a bitmap for print, in print."""
        return IN_PRINT * self.width * MILLIMETRES_PER_INCH / self.millimetres


DOUBLE = Sheet("double", WIDTH, HEIGHT, 170, 76, 132)
SINGLE = Sheet("single", 5.0, 6.6, 85, 36, 66)
SHEETS = (SINGLE, DOUBLE)


class Picture(Figure):
    """A figure with its words and the numbers that it shows."""

    sheet: Sheet = DOUBLE
    title: str = ""
    subtitle: str = ""
    top: float = 0.0
    """Inches that the words take above the drawing."""
    numbers: Columns


def drawn(figures: Mapping[str, Callable[[], Figure | None]], folder: Path) -> list[Path]:
    """Figures into a folder, each under its name; those that have nothing to show are left out."""
    paths: list[Path] = []
    with styled():
        for name, draw in figures.items():
            figure = draw()
            if figure is not None:
                paths += saved(figure, folder / name)
    return paths


@contextmanager
def styled() -> Iterator[None]:
    """The settings under which all figures are drawn and saved, whatever the user has set."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update({"svg.hashsalt": "simulator", "font.size": 10, "text.color": INK})
        mpl.rcParams["text.parse_math"] = False  # nothing of a text is mathematics
        yield


def frame(footer: str, title: str, subtitle: str, sheet: Sheet = DOUBLE) -> tuple[Picture, float]:
    """An empty figure with its words, and how many inches of it they take at the top."""
    heading = _lines(title, sheet.title_signs)
    below = _lines(subtitle, sheet.subtitle_signs)
    foot = _lines(footer, sheet.subtitle_signs + 20)
    figure = Picture(figsize=(sheet.width, sheet.height), facecolor="white")
    figure.sheet, figure.title, figure.subtitle, figure.numbers = sheet, title, subtitle, {}
    _words(figure, 0.3, sheet.height - 0.25, "\n".join(heading), size=14.5, weight="bold")
    top = 0.25 + 0.27 * len(heading) + 0.05
    _words(figure, 0.3, sheet.height - top, "\n".join(below), size=9.5, color=GREY)
    _words(figure, 0.3, 0.28 + 0.16 * (len(foot) - 1), "\n".join(foot), size=8, color=GREY)
    figure.set_label(f"{title} {subtitle}")
    figure.top = top + 0.18 * len(below)
    return figure, figure.top + 0.25


def footer(run: Run) -> str:
    """What a figure of a run rests on."""
    name = textwrap.shorten(visible(run.scenario.name), 70, placeholder=" …")
    return (
        f"{name}  ·  {wording.count(run.replications)} runs  ·  seed {run.seed}  ·  run {run.id}  ·"
        f"  model {runs.MODEL_VERSION}"
    )


def _lines(text: str, signs: int) -> list[str]:
    """Text in lines; names may be long, and the drawing needs its room."""
    return textwrap.wrap(
        text, signs, break_on_hyphens=False, max_lines=MOST_LINES, placeholder=" \u2026"
    )


def _words(figure: Picture, x: float, y: float, text: str, **style: Any) -> None:
    """Text at a place in inches from the lower left."""
    figure.text(
        x / figure.sheet.width,
        y / figure.sheet.height,
        text,
        va="top",
        ha="left",
        linespacing=1.25,
        **style,
    )


def panel(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at a place in inches, with no more ink than needed."""
    across, up = figure.get_size_inches()
    axes = figure.add_axes((left / across, bottom / up, width / across, height / up))
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=GREY, labelsize=9)
    axes.grid(axis="y", color="#ececec", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.yaxis.set_major_formatter(ticks())
    return axes


def ticks() -> FuncFormatter:
    """Numbers of an axis as the words write them."""
    return FuncFormatter(lambda x, _: whole(x) if x == round(x) else f"{x:g}")


def end_labels(axes: Axes, x: Any, labels: list[tuple[float, str, str]]) -> None:
    """Words at the right end of lines in place of a legend, pushed apart where they would meet."""
    line = 0.048 * axes.get_ylim()[1]
    floor = -np.inf
    for y, text, colour in sorted(labels):
        half = line * (1 + text.count("\n")) / 2
        place = max(y, floor + half)
        floor = place + half
        axes.annotate(
            text, (x, place), (8, 0), textcoords="offset points", va="center", color=colour,
            annotation_clip=False, weight="bold", size=9,
        )  # fmt: skip


def month_end(month: str) -> date:
    """The day after a month, given as year and number."""
    year, number = int(month[:4]), int(month[5:])
    return date(year + number // 12, number % 12 + 1, 1)


def whole(value: float) -> str:
    """A number without digits behind the point, as the words of the answer write it."""
    return wording.count(round(value))


def saved(figure: Figure, stem: Path) -> list[Path]:
    """The same picture twice, with nothing in the files that changes from day to day.

    The numbers that it shows go beside it, as CSV.
    """
    svg, png = stem.with_suffix(".svg"), stem.with_suffix(".png")
    figure.savefig(svg, metadata={"Date": None, "Description": figure.get_label()})
    figure.savefig(
        png, dpi=ON_SCREEN, metadata={"Software": None}, pil_kwargs={"compress_level": DENSITY}
    )
    return [svg, png, *_beside(figure, stem)]


def printed(picture: Picture, stem: Path) -> list[Path]:
    """A figure for print: SVG and bitmap of its width on paper, PDF, and its numbers."""
    svg, png, pdf = (stem.with_suffix(suffix) for suffix in (".svg", ".png", ".pdf"))
    picture.savefig(svg, metadata={"Date": None, "Description": picture.get_label()})
    height = picture.sheet.height / picture.sheet.width * picture.sheet.millimetres
    text = svg.read_text(encoding="utf-8")
    size = f'width="{picture.sheet.millimetres}mm" height="{height:.2f}mm"'
    svg.write_text(_SIZE.sub(size, text, count=1), encoding="utf-8")
    dots = (picture.sheet.dots_per_inch,) * 2
    picture.savefig(png, dpi=IN_PRINT, metadata={"Software": None}, pil_kwargs={"dpi": dots})
    picture.savefig(pdf, metadata={"CreationDate": None, "Title": picture.title})
    return [svg, png, pdf, *_beside(picture, stem)]


def inlined(picture: Picture, name: str) -> str:
    """The drawing without its words, as an element of a page that holds several of them.

    Text stays text, in the fonts of the page; ids carry ``name``, so that none stands twice.
    """
    for words in list(picture.texts):
        words.remove()
    sheet, into = picture.sheet, io.StringIO()
    rest = Bbox.from_extents(0, UNDER, sheet.width, sheet.height - picture.top)
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    with mpl.rc_context({"svg.fonttype": "none"}):
        picture.savefig(into, format="svg", bbox_inches=rest, metadata=nothing)
    root = ET.fromstring(into.getvalue())  # noqa: S314 -- what was just drawn
    return _embedded(root, name)


def _embedded(root: ET.Element, name: str) -> str:
    """A drawing as part of a page: no style or title of its own, ids only where they are used."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.rpartition("}")[2] in ("style", "metadata"):
                parent.remove(child)
    used = {found for one in root.iter() for pair in one.attrib.items() for found in _used(*pair)}
    for one in root.iter():
        one.tag = one.tag.rpartition("}")[2]
        given = dict(one.attrib)
        one.attrib.clear()
        for key, value in given.items():
            local = key.rpartition("}")[2]
            if local == "href" and value.startswith("#"):
                one.set(local, f"#{name}-{value[1:]}")
            elif local != "id":
                one.set(local, _USE.sub(rf"url(#{name}-\1)", value))
            elif value in used:
                one.set(local, f"{name}-{value}")
    for key in ("width", "height", "version"):
        root.attrib.pop(key, None)
    root.set("aria-hidden", "true")
    root.set("focusable", "false")
    return ET.tostring(root, encoding="unicode")


def _used(key: str, value: str) -> list[str]:
    """The ids to which an attribute refers."""
    return [value[1:]] if key.endswith("href") else _USE.findall(value)


def _beside(figure: Figure, stem: Path) -> list[Path]:
    """The file of the numbers of a figure that has some."""
    if not (isinstance(figure, Picture) and figure.numbers):
        return []
    path = stem.with_suffix(".csv")
    path.write_text(separated(figure.numbers), encoding="utf-8")
    return [path]


def separated(columns: Columns) -> str:
    """Columns as the text of a CSV file; a text that looks like a formula is made harmless."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(columns)
    for row in zip(*columns.values(), strict=True):
        rows.writerow([harmless(cell) for cell in row])
    return text.getvalue()
