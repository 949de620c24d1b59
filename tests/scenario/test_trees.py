"""Plain values with their places in a text."""

from simulator.scenario.trees import Mark, Source, Tree, above, moved, without

SOURCE = Source("a.yaml", ("corridors:", "  road:", "    minimum_days: 3"))
DAYS = ("corridors", "road", "minimum_days")
ROAD = Mark(SOURCE, 2, 3, 4)
TREE = Tree(
    {"corridors": {"road": {"minimum_days": 3}}, "pair": ("x", "y")},
    {DAYS: Mark(SOURCE, 3, 19), DAYS[:2]: ROAD},
)


def test_values_are_found_by_path():
    """A path leads through mappings by name and through lists by place, or to nothing."""
    assert TREE.at(DAYS) == 3
    assert TREE.at(("pair", "1")) == "y"
    assert TREE.at(("pair", "2")) is None
    assert TREE.at((*DAYS, "further")) is None


def test_what_has_no_place_is_told_at_the_nearest_thing_around_it():
    """A missing field is shown at the line of what it should stand in."""
    problem = TREE.problem((*DAYS[:2], "excess_days"), "S105", "missing")
    assert (problem.line, problem.column, problem.field) == (2, 3, "corridors.road.excess_days")
    assert problem.excerpt == ((2, "  road:"),)


def test_a_tree_without_a_text_has_problems_without_a_place():
    """Values that come from Python are named by their path alone."""
    problem = Tree(TREE.plain).problem(DAYS, "S121", "too long")
    assert problem.field == "corridors.road.minimum_days"
    assert not problem.line


def test_above_goes_from_the_inside_out():
    """Everything around a value, the nearest first, the root last."""
    assert above(DAYS[:2]) == [("corridors", "road"), ("corridors",), ()]


def test_marks_move_with_what_they_mark():
    """Marks below a path can be taken away or put elsewhere; the others stay."""
    assert without(TREE.values, DAYS) == {DAYS[:2]: ROAD}
    assert without(TREE.values, DAYS[:1]) == {}
    assert moved({("new",): ROAD}, ("new",), DAYS[:2]) == {DAYS[:2]: ROAD}
