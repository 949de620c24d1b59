"""Tables: the months of a replication as the lists that an engine reads."""

import numpy as np
import pytest
from engines.worlds import MINIMAL, busy

from simulator.conditions import conditions
from simulator.draws import Draws
from simulator.engines.stations import FOREVER
from simulator.engines.tables import NO_LIMIT, Tables, first_wait, is_first_exporter
from simulator.scenario.reading import load
from simulator.specification import specification


def first(tables):
    """The first month."""
    return next(tables.months.listed())


def tables_of(scenario, replication=0):
    """The specification, the conditions and the tables of one replication."""
    spec = specification(scenario)
    world = conditions(spec, Draws(1, replication))
    return spec, world, Tables.of(spec, world)


def test_months_are_the_periods():
    """There is one month a period, with the levels of that period."""
    spec, world, tables = tables_of(busy())
    months = list(tables.months.listed())
    assert len(months) == spec.periods.count
    column = spec.places("channel.refusal_share")
    assert [month.refusal_share for month in tables.months.listed()] == world.levels[
        :, column
    ].tolist()
    patience = world.levels[:, spec.place("settlement.patience_days")]
    assert [month.patience_days for month in tables.months.listed()] == patience.tolist()


def test_index_is_the_desired_flow_over_its_norm():
    """The index of a month is its desired flow over the one the stock belongs to: 1 at first."""
    _, world, tables = tables_of(busy())
    index = np.array([month.flow_index for month in tables.months.listed()])
    assert index * world.norm == pytest.approx(world.desired)
    assert first(tables).flow_index == [1.0, 1.0]


def test_flow_of_nothing_has_an_index_of_zero():
    """Where nothing was ever traded the index is zero, not undefined."""
    nothing = {f"exports.AAA.{name}_usd_million": 0 for name in ("last", "average")}
    _, _, tables = tables_of(load(MINIMAL, nothing))
    assert {month.flow_index[0] for month in tables.months.listed()} == {0.0}


def test_slots_are_whole_and_absent_limits_infinite():
    """Slots are whole numbers; a channel or corridor that states none has no limit."""
    _, _, tables = tables_of(
        load(MINIMAL, {"settlement.channels.bank.slots": {"uniform": {"low": 2.9, "high": 2.9}}})
    )
    assert first(tables).slots == [2.0]
    assert first(tables).corridor_slots == [FOREVER]
    assert first(tables).credit_limit == [NO_LIMIT]
    _, _, tables = tables_of(busy())
    assert first(tables).corridor_slots == [4.0, FOREVER]
    assert first(tables).credit_limit == [NO_LIMIT, 200_000_000]
    assert first(tables).netting_share == [0.0, 0.2]


def test_lanes_split_chance():
    """Below the green share a chance is green, above one less the red share red, else yellow."""
    _, _, tables = tables_of(busy())
    month = first(tables)
    assert [month.lane(0, chance) for chance in (0.0, 0.499, 0.5, 0.799, 0.8, 0.999)] == [
        (1.0, False),
        (1.0, False),
        (3.0, False),
        (3.0, False),
        (9.0, True),
        (9.0, True),
    ]


def test_green_comes_before_red():
    """If green and red shares exceed one, green has its share and red the rest."""
    customs = "economies.AAB.customs"
    changes = {f"{customs}.green_share": 0.7, f"{customs}.red_share": 0.3, f"{customs}.red_days": 9}
    effect = {"path": f"{customs}.red_share", "add": 0.5}
    embargo = {
        "title": "More checks",
        "sender": "a third country",
        "target": "AAB",
        "imposed": "2023-01-02",
        "buildup_years": 0,
        "fade_years": 0,
        "effects": {"red": effect},
    }
    _, _, tables = tables_of(load(MINIMAL, {**changes, "sanctions.embargo": embargo}))
    month = first(tables)
    assert month.lane(0, 0.69) == (0.0, False)
    assert month.lane(0, 0.71) == (9.0, True)


def test_customs_are_those_of_the_importer():
    """Lanes of a flow are those at the border of its importer."""
    _, _, tables = tables_of(load(MINIMAL, {"economies.AAB.customs.green_days": 4}))
    assert first(tables).lane(0, 0.5) == (4.0, False)
    assert first(tables).lane(1, 0.5) == (0.0, False)


def test_norms_are_those_of_the_stock():
    """Stock and mass of the norm are the base flow by the size and value of relationships."""
    _, world, tables = tables_of(busy())
    sizes = np.array([life.mean_size for life in world.lives])
    assert np.array(tables.norm_stock) * 4e6 * sizes == pytest.approx(world.norm)
    assert np.array(tables.norm_mass) == pytest.approx(np.array(tables.norm_stock) * 4e6)
    assert is_first_exporter(specification(busy())) == [True, False]


@pytest.mark.parametrize(
    ("law", "wait"), [("uniform", 0.3), ("exponential", 1.0), ("constant", 1.0)]
)
def test_first_order_comes_at_any_part_of_an_interval(law, wait):
    """With spread intervals the first wait is any part of one, so that trade starts level."""
    assert first_wait(law, 0.3) == wait
