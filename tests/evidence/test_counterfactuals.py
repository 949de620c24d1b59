"""Counterfactuals: the square of a panel, the wedges of a scenario, and what they do together."""

import math

import numpy as np
import pytest
from engines.worlds import FLAGSHIP
from evidence.worlds_on_paper import CODES, YEARS, exports, flow, write_panel

from simulator.errors import ScenarioError
from simulator.evidence.counterfactuals import cancelled, impact, square_of, wedges
from simulator.evidence.panels import records
from simulator.scenario.reading import load


def preference(cut):
    """A tariff cut of Iran on what Belarus sells, from the spring of the target year on."""
    return {
        "measures.preference": {
            "title": "A preference",
            "at": "2023-03-14",
            "effects": {
                "tariff": {"path": "exports.BLR.goods.*.tariff_share", "multiply": 1.0 - cut}
            },
        }
    }


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    """A panel of eight economies that follows a gravity equation."""
    return records(write_panel(tmp_path_factory.mktemp("panel")))


def test_the_square_has_the_flows_and_the_output_of_its_years(panel):
    """Off the diagonal are means of three years; with it each economy sells its product."""
    square, left_out, span = square_of(panel, 2020)
    assert (span, left_out, square.economies) == ((2018, 2020), (), CODES)
    mean = np.mean([flow("BLR", "IRN", year) for year in range(2018, 2021)])
    place = CODES.index("BLR"), CODES.index("IRN")
    assert square.usd_million[place] == pytest.approx(mean)
    output = 1000.0 * np.mean(
        [5.0 + 3.0 * place[0] + 0.2 * (year - 2010) for year in (2018, 2019, 2020)]
    )
    assert square.outputs[place[0]] == pytest.approx(output)


def test_the_square_knows_nothing_later(panel):
    """A year beyond the panel's last one takes the last ones that there are."""
    assert square_of(panel, 2040)[2] == (max(YEARS) - 2, max(YEARS))
    assert square_of(panel, 2015)[2] == (2013, 2015)


def test_a_hub_sells_something_at_home(tmp_path):
    """Who exports more than the product keeps a tenth of it at home."""
    write_panel(tmp_path)
    file = tmp_path / "macro_gdp_cpi_fx.csv"
    kept = [line for line in file.read_text().splitlines() if ",ARM," not in line]
    kept += [f"{year},ARM,gdp_usd_bn_weo,0.01" for year in YEARS]
    file.write_text("\n".join(kept) + "\n")
    square, _, _ = square_of(records(tmp_path), 2020)
    assert exports("ARM", 2020) > 9.0
    assert square.usd_million[0, 0] == pytest.approx(1.0)


def test_wedges_are_those_of_the_measures():
    """A tariff that falls on one direction raises its potential by the elasticity, and no other."""
    without, free = wedges(load(FLAGSHIP)), wedges(load(FLAGSHIP, preference(0.999)))
    assert free.log_effect["IRN"] == pytest.approx(without.log_effect["IRN"], abs=1e-9)
    assert free.log_effect["BLR"] > without.log_effect["BLR"] + 0.1


def test_prices_and_incomes_take_away_some_of_the_effect(panel):
    """Supply, resistance and incomes each dampen it; the world closes, and competitors lose."""
    found = impact(load(FLAGSHIP, preference(0.9)), panel)
    partial = found.partial["BLR"]
    assert partial == pytest.approx(math.exp(found.wedges.log_effect["BLR"]))
    for other in (found.industry, found.conditional, found.general):
        assert 1.1 < other["BLR"] < partial - 0.01
    assert abs(found.closure) < 1e-12
    changes = [one.change_usd_million for one in found.bystanders]
    assert changes == sorted(changes)
    assert changes[0] < 0.0
    assert {one.economy for one in found.bystanders} == {*CODES} - {"BLR", "IRN"}


def test_a_small_pair_moves_nobody_else(tmp_path):
    """Where two hardly trade beside what others trade the general effect is the partial one."""
    world = records(write_panel(tmp_path, pair=1e-3))
    found = impact(load(FLAGSHIP, preference(0.9)), world)
    for side in ("BLR", "IRN"):
        assert found.general[side] == pytest.approx(found.partial[side], rel=5e-4)


def test_a_pair_that_a_panel_does_not_know_is_named(tmp_path):
    """Without the output of a side there is no square to stand in."""
    write_panel(tmp_path)
    file = tmp_path / "macro_gdp_cpi_fx.csv"
    kept = [line for line in file.read_text().splitlines() if ",IRN," not in line]
    file.write_text("\n".join(kept) + "\n")
    with pytest.raises(ScenarioError, match="no output and trade of IRN in 2022"):
        impact(load(FLAGSHIP), records(tmp_path))


def debts(*owed):
    """Flows of four economies in which the first number of each owes the second so much."""
    flows = np.zeros((4, 4))
    for debtor, creditor, much in owed:
        flows[creditor, debtor] = much
    return flows


@pytest.mark.parametrize(
    ("owed", "share"),
    [
        ([(0, 1, 8)], 0.0),
        ([(0, 1, 8), (1, 2, 20), (0, 2, 20)], 0.0),
        ([(0, 1, 8), (1, 2, 20), (2, 0, 2)], 0.25),
        ([(0, 1, 8), (1, 2, 20), (2, 3, 6), (3, 0, 9)], 0.75),
        ([(0, 1, 8), (1, 2, 4), (2, 0, 4), (1, 3, 7), (3, 0, 7)], 1.0),
        ([(1, 0, 8), (0, 2, 20), (2, 1, 2)], 0.25),
        ([(2, 3, 5)], 0.0),
    ],
)
def test_a_debt_cancels_as_far_as_it_can_go_round(owed, share):
    """Only a closed circle of debts nets a balance out, up to its smallest link."""
    assert cancelled(debts(*owed)) == pytest.approx(share)


def test_a_balance_larger_than_a_counter_goes_round_as_well():
    """Hundreds of billions are netted in coarser units, to the same share."""
    assert cancelled(debts((0, 1, 8e5), (1, 2, 9e5), (2, 0, 2e5))) == pytest.approx(0.25, rel=1e-6)


def test_members_are_told_in_their_order_after_those_before_them(panel):
    """Each further member pools its trade; more of them never bring trade back to the two."""
    from simulator.scenario.reading import load as read

    file = FLAGSHIP.parent / "joint-collective.yaml"
    scenario = read(file, overrides=["members_7"])
    found = impact(scenario, panel).members
    assert [one.economy for one in found] == ["RUS"]  # the others are not in this panel
    assert found[0].pooled_usd_million > 0.0
    assert 0.0 < found[0].diverted_share < 0.1
