"""Drawing: what all figures share."""

import re
from datetime import date
from xml.etree import ElementTree as ET

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from PIL import Image

from simulator.drawing import (
    SHEETS,
    drawn,
    end_labels,
    frame,
    inlined,
    month_end,
    panel,
    printed,
    saved,
    separated,
    styled,
    whole,
)


def _figure():
    figure, top = frame("run 1", "A finding " * 12, "What is shown " * 12)
    assert top > 1
    return figure


def test_files_do_not_change_from_day_to_day(tmp_path):
    """The same figure gives the same bytes, as SVG and PNG; the words are its description."""
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        drawn({"x": _figure, "nothing": lambda: None}, tmp_path / name)
    for kind in ("svg", "png"):
        one, two = ((tmp_path / name / f"x.{kind}").read_bytes() for name in ("one", "two"))
        assert one == two
    assert len(list((tmp_path / "one").iterdir())) == 2
    assert "A finding" in (tmp_path / "one" / "x.svg").read_text()


def test_the_numbers_of_a_figure_lie_beside_it(tmp_path):
    """Columns become CSV; a text that a spreadsheet would compute is marked, a number is not."""
    figure = _figure()
    figure.numbers = {"name": ["=1+1", 'a, "b"'], "value": [-5.5, None]}
    assert [path.suffix for path in saved(figure, tmp_path / "x")] == [".svg", ".png", ".csv"]
    assert (tmp_path / "x.csv").read_text() == separated(figure.numbers)
    assert separated(figure.numbers) == 'name,value\n\'=1+1,-5.5\n"a, ""b""",\n'


def test_figures_for_print_have_the_width_of_a_column(tmp_path):
    """A column of 85 mm and both of 170: in SVG by its size, in PNG by its dots, and as PDF."""
    for sheet in SHEETS:
        with styled():
            figure, _ = frame("run 1", "A finding", "What is shown", sheet)
            svg, png, pdf = printed(figure, tmp_path / sheet.name)
        assert f'width="{sheet.millimetres}mm"' in svg.read_text()
        with Image.open(png) as image:
            width = image.size[0] / image.info["dpi"][0] * 25.4
        assert abs(width - sheet.millimetres) < 0.5
        assert pdf.read_bytes().startswith(b"%PDF")
        assert b"CreationDate" not in pdf.read_bytes()


def test_a_drawing_in_a_page_is_inert_and_its_names_its_own():
    """No style, script or words of its own; text is text; what refers to a part finds it."""
    with styled():
        figure = _figure()
        axes = panel(figure, 1, 1, 7, 3)
        axes.plot([0, 1], [0, 1], marker="o", clip_on=True)
        axes.imshow([[0, 1], [1, 0]])
        axes.text(0.5, 0.5, "</text><script>alert(1)</script>")
        found = inlined(figure, "mine")
    assert "&lt;script&gt;" in found
    root = ET.fromstring(found)  # noqa: S314 -- what was just drawn
    assert {one.tag for one in root.iter()}.isdisjoint({"script", "style", "metadata"})
    ids = {one.get("id") for one in root.iter()} - {None}
    assert ids
    assert all(name.startswith("mine-") for name in ids)
    for one in root.iter():
        for key, value in one.attrib.items():
            used = re.findall(r"url\(#([^)]+)\)", value)
            if key == "href":
                assert value.startswith(("#", "data:image/png;base64,"))
                used += [value[1:]] if value.startswith("#") else []
            assert set(used) <= ids
    assert "A finding" not in found


def test_names_at_the_ends_of_lines_do_not_meet():
    """Labels of equal height are pushed apart, in the order of their lines."""
    figure = _figure()
    axes = panel(figure, 1, 1, 7, 3)
    axes.set_ylim(0, 100)
    end_labels(axes, 1, [(50.0, "upper\nline", "red"), (49.0, "lower", "blue"), (50.5, "x", "k")])
    renderer = FigureCanvasAgg(figure).get_renderer()
    boxes = {text.get_text(): text.get_window_extent(renderer) for text in axes.texts}
    assert boxes["lower"].y1 <= boxes["upper\nline"].y0 + 1
    assert boxes["upper\nline"].y1 <= boxes["x"].y0 + 1


def test_text_is_never_taken_for_mathematics(tmp_path):
    """Dollar signs of a title are shown as they are."""
    with styled():
        figure, _ = frame("$1$", "USD $a_b$", "$")
        axes = panel(figure, 1, 1, 7, 3)
        axes.set_xticks([0, 1], ["$1$", "$2$"])
        saved(figure, tmp_path / "x")
    texts = figure.findobj(Text)
    assert texts
    assert not any(text.get_parse_math() for text in texts)


def test_whole_numbers_have_their_thousands_apart():
    """As in the words of an answer, and without a sign before nothing."""
    values = (0.4, -0.4, 1234.6, 1e6)
    assert [whole(value) for value in values] == ["0", "0", "1 235", "1 000 000"]


def test_a_month_ends_with_the_next_one():
    """December too."""
    assert month_end("2023-02") == date(2023, 3, 1)
    assert month_end("2023-12") == date(2024, 1, 1)
