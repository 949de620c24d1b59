"""Specification: every number of a scenario has one place, and effects find theirs."""

import numpy as np
import pytest
from engines.worlds import FLAGSHIP, MINIMAL, busy

from simulator.scenario.overriding import override
from simulator.scenario.reading import load
from simulator.scenario.types import quantities
from simulator.specification import ABSENT, Flow, specification


@pytest.mark.parametrize("file", [MINIMAL, FLAGSHIP], ids=["minimal", "flagship"])
def test_every_number_has_one_place(file):
    """The numbers of a scenario stand in the order of their paths, infinity behind the last."""
    scenario = load(file)
    spec = specification(scenario)
    named = dict(quantities(scenario))
    assert list(spec.by_path) == list(named) == list(spec.inputs.paths)
    assert [spec.inputs.fixed[place] for place in spec.by_path.values()] == [
        number.central for number in named.values()
    ]
    assert spec.inputs.fixed[ABSENT] == np.inf
    assert len(spec.low) == len(spec.high) == len(spec.inputs.fixed)


def test_names_are_sorted():
    """Economies, flows, channels, corridors and contracts stand in the order of their names."""
    spec = specification(busy())
    assert spec.economies == ("AAA", "AAB")
    assert spec.flows == (Flow("AAA", "AAB", "widgets"), Flow("AAB", "AAA", "grain"))
    assert [flow.name for flow in spec.flows] == ["AAA.widgets", "AAB.grain"]
    assert spec.flow("AAB", "grain") == 1
    assert spec.channels == ("bank", "clearing")
    assert spec.corridors == ("rail", "road")
    assert [name for name, _ in spec.contracts] == ["plant", "shipments"]


def test_columns_run_over_their_collection():
    """A column holds one place for each name, and of what a name leaves out the number infinity."""
    spec = specification(busy())
    numbers = spec.inputs.fixed
    assert numbers[spec.places("corridor.freight_usd_per_tonne")].tolist() == [60.0, 90.0]
    assert numbers[spec.places("good.price_usd_per_tonne")].tolist() == [1000.0, 250.0]
    assert numbers[spec.places("corridor.slots")].tolist() == [4.0, np.inf]
    clearing = numbers[spec.places("channel.clearing.credit_limit_usd_million")]
    assert clearing.tolist() == [np.inf, 2.0]
    flows = [(flow.exporter, flow.importer) for flow in spec.flows]
    for side, names in (("exporter", [a for a, _ in flows]), ("importer", [b for _, b in flows])):
        column = spec.places(f"{side}.customs.red_days").tolist()
        assert column == [spec.place(f"economies.{name}.customs.red_days") for name in names]


def test_repair_days_are_months_of_a_year():
    """Months count as twelfths of 365.25 days; what never fails has no repair."""
    spec = specification(busy())
    numbers = spec.inputs.fixed
    assert spec.repair_days(numbers, "channel", 0) == pytest.approx((182.625, 30.4375))
    assert spec.repair_days(numbers, "channel", 1) == (np.inf, 0.0)
    assert spec.repair_days(numbers, "corridor", 0) == (np.inf, 0.0)
    calm = specification(load(MINIMAL))
    assert calm.repair_days(calm.inputs.fixed, "channel", 0) == (np.inf, 0.0)


def test_effects_reach_every_matching_number_and_no_other():
    """A star in an effect's path stands for every name, an exact path for one number."""
    spec = specification(busy())
    paths = {place: path for path, place in spec.by_path.items()}
    reached = {measure: set() for measure in spec.measures}
    for change in spec.changes:
        reached[spec.measures[change.measure]].add((paths[change.place], change.multiplies))
    assert reached["agreements.roadmap"] == {
        ("exports.AAA.goods.widgets.tariff_share", True),
        ("exports.AAB.goods.grain.tariff_share", True),
        ("settlement.channels.bank.slots", False),
    }
    assert reached["economies.AAA.sanctions_process"] == {
        ("settlement.channels.bank.refusal_share", False),
        ("settlement.channels.clearing.refusal_share", False),
        ("settlement.channels.bank.processing_days", True),
        ("settlement.channels.clearing.processing_days", True),
    }
    assert {paths[c.amount].rpartition(".")[2] for c in spec.changes if c.multiplies} == {
        "multiply"
    }


def test_bounds_are_those_of_the_types():
    """Shares stay between 0 and 1, times and slots at 0 or more, also where they may be absent."""
    spec = specification(busy())

    def bounds(path):
        place = spec.place(path)
        return spec.low[place], spec.high[place]

    assert bounds("settlement.channels.bank.refusal_share") == (0.0, 1.0)
    assert bounds("settlement.channels.bank.slots") == (0.0, np.inf)
    assert bounds("corridors.road.minimum_days") == (0.0, np.inf)
    assert bounds("exports.AAA.goods.widgets.affinity") == (-np.inf, np.inf)


def test_order_of_names_in_a_file_means_nothing():
    """The same scenario with its goods in another order is the same specification."""
    goods = "exports.AAA.goods"
    more = load(MINIMAL).exports["AAA"].goods["widgets"].model_dump(exclude_none=True)
    both = [{"gears": more, "widgets": more}, {"widgets": more, "gears": more}]
    first, second = (
        specification(
            override(load(MINIMAL), {goods: {k: {**v, "share": 0.5} for k, v in b.items()}})
        )
        for b in both
    )
    assert first.flows == second.flows
    assert first.by_path == second.by_path


@pytest.mark.parametrize(("day", "known"), [("2022-12-31", 0.0), ("2023-03-13", 71.0)])
def test_what_is_known_ends_at_the_information_date(day, known):
    """Until the information date, and at least until the start, nothing happens by chance."""
    assert specification(load(MINIMAL, {"information_date": day})).known_until == known
