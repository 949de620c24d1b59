"""Drawing: what all figures share."""

from datetime import date

from matplotlib.backends.backend_agg import FigureCanvasAgg

from simulator.drawing import drawn, end_labels, frame, month_end, panel, saved, whole


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
    figure, _ = frame("$1$", "USD $a_b$", "$")
    assert saved(figure, tmp_path / "x")[0].read_text().count("$")


def test_whole_numbers_have_their_thousands_apart():
    """As in the words of an answer, and without a sign before nothing."""
    values = (0.4, -0.4, 1234.6, 1e6)
    assert [whole(value) for value in values] == ["0", "0", "1 235", "1 000 000"]


def test_a_month_ends_with_the_next_one():
    """December too."""
    assert month_end("2023-02") == date(2023, 3, 1)
    assert month_end("2023-12") == date(2024, 1, 1)
