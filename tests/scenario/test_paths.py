"""Dotted paths and their patterns."""

from simulator.scenario.paths import default_at, every_path, kind_at, matching, nearest_path, unit
from simulator.scenario.quantities import Quantity
from simulator.scenario.types import Corridor, Scenario

PATHS = ["a.b.c", "a.x.c", "a.b", "a.b.cd", "z"]


def test_a_pattern_names_paths():
    """A star stands for one whole name or a part of one, never for a dot."""
    assert matching("a.b.c", PATHS) == ["a.b.c"]
    assert matching("a.*.c", PATHS) == ["a.b.c", "a.x.c"]
    assert matching("*", PATHS) == ["z"]
    assert matching("a.b.c*", PATHS) == ["a.b.c", "a.b.cd"]
    assert matching("a.+.c", PATHS) == []


def test_the_nearest_path_mends_the_wrong_name():
    """One wrong name in a path is mended where it stands, also beside a star."""
    paths = ["road.delay_days", "road.title", "rail.delay_days"]
    assert nearest_path("road.dela_days", paths) == "road.delay_days"
    assert nearest_path("raod.delay_days", paths) == "road.delay_days"
    assert nearest_path("*.delay_day", paths) == "*.delay_days"
    assert nearest_path("nothing.like.it", paths) == ""


def test_a_path_has_a_type():
    """The type of a path is known, whether something stands there or not."""
    assert kind_at(("corridors", "road"), Scenario) is Corridor
    assert kind_at(("corridors", "road", "slots"), Scenario) is Quantity
    assert kind_at(("corridors", "road", "nothing", "more"), Scenario) is None
    assert kind_at(("target", "statistics", "0"), Scenario) is str


def test_no_path_leads_into_a_number():
    """A number is one thing; known fields that are absent can still be reached."""
    plain = {"minimum_days": {"value": 3.0, "source": "a map"}}
    paths = list(every_path(plain, Corridor))
    assert ("minimum_days",) in paths
    assert ("minimum_days", "value") not in paths
    assert ("slots",) in paths


def test_units_are_what_names_say():
    """The end of a name is its unit; a pure number has none."""
    names = ("credit_limit_usd_million", "order_cost_usd", "minimum_days", "rate", "slots")
    assert [unit(name) for name in names] == ["USD million", "USD", "days", "a year", ""]


def test_what_stands_where_nothing_is_stated():
    """A default is what the type says; a field that must be stated has none."""
    assert default_at(("measures", "m", "ramp_years"), Scenario) == Quantity(value=0.0)
    assert default_at(("history",), Scenario) == {}
    assert default_at(("agreements", "a", "signed"), Scenario) is None
    assert default_at(("agreements", "a"), Scenario) is None
