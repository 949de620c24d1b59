"""Panels: what is recorded is kept, what is wrong is named with its row."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import ScenarioError
from simulator.evidence.panels import SANCTIONED, Panel, records, turnovers

HEAD = "year,exporter,importer,usd_million"
ECONOMIES = ("AAA", "BBB", "CCC", "DDD")


def folder_of(tmp_path, *rows, name="trade.csv", head=HEAD):
    """A folder with one file of trade."""
    (tmp_path / name).write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return tmp_path


FLOWS = st.dictionaries(
    st.tuples(
        st.integers(2000, 2004), st.sampled_from(ECONOMIES), st.sampled_from(ECONOMIES)
    ).filter(lambda key: key[1] != key[2]),
    st.integers(0, 1000).map(float),
    min_size=1,
)


@settings(derandomize=True, deadline=None)
@given(FLOWS)
def test_turnover_is_what_is_recorded_of_both_directions(flows):
    """A pair's turnover is the sum of its records; where there is none it is unknown, not zero."""
    year, exporter, importer = zip(*flows, strict=True)
    panel = Panel(
        ECONOMIES,
        np.array(year),
        np.array([ECONOMIES.index(code) for code in exporter]),
        np.array([ECONOMIES.index(code) for code in importer]),
        np.array(list(flows.values())),
    )
    found = turnovers(panel, [("CCC", "AAA")])
    assert set(found.pairs) == {tuple(sorted(key[1:])) for key in flows}
    assert found.years == (min(year), max(year))
    for pair, row, is_sanctioned in zip(
        found.pairs, found.usd_million, found.is_sanctioned, strict=True
    ):
        assert is_sanctioned == (pair == ("AAA", "CCC"))
        for place, value in enumerate(row):
            there = [
                flows[key]
                for key in (
                    (found.first_year + place, *pair),
                    (found.first_year + place, *pair[::-1]),
                )
                if key in flows
            ]
            assert value == sum(there) if there else math.isnan(value)


def test_years_to_come_are_not_known():
    """What is known at the end of a year ends with it."""
    years = np.arange(2000, 2010)
    ends = np.zeros(10, dtype=np.int64)
    panel = Panel(("AAA", "BBB"), years, ends, ends + 1, years * 1.0)
    known = turnovers(panel).until(2003)
    assert known.years == (2000, 2003)
    assert known.usd_million.tolist() == [[2000.0, 2001.0, 2002.0, 2003.0]]
    assert turnovers(panel).until(1990).usd_million.size == 0


def test_rows_may_stand_in_any_order(tmp_path):
    """The same rows in another order, or in several files, are the same turnovers."""
    rows = ["2001,AAA,BBB,5", "2000,BBB,AAA,7.5", "2001,CCC,AAA,1e3", "2001,BBB,AAA,0"]
    one = records(folder_of(tmp_path, *rows)).turnovers
    other = tmp_path / "other"
    other.mkdir()
    folder_of(other, *rows[2:][::-1], name="trade_itpde_2.csv")
    folder_of(other, *rows[:2][::-1], name="trade_itpde_1.csv")
    (other / "trade_baci_3.csv").write_text("another source\n", encoding="utf-8")
    two = records(other).turnovers
    assert (one.pairs, one.years) == (two.pairs, two.years)
    assert np.array_equal(one.usd_million, two.usd_million, equal_nan=True)
    assert one.usd_million[one.pairs.index(("AAA", "BBB"))].tolist() == [7.5, 5.0]


def test_pairs_of_two_sanctioned_economies_are_named_in_a_file(tmp_path):
    """Of the groups only those of two sanctioned economies count, whichever stands first."""
    folder_of(tmp_path, "2001,AAA,BBB,5", "2001,CCC,AAA,1")
    rows = "b_iso3,a_iso3,group\nAAA,CCC,sanctioned_pair\nBBB,AAA,matched_control\n"
    (tmp_path / "pair_groups.csv").write_text(rows, encoding="utf-8")
    found = records(tmp_path)
    assert found.groups[SANCTIONED] == (("CCC", "AAA"),)
    named = zip(found.turnovers.pairs, found.turnovers.is_sanctioned, strict=True)
    assert [pair for pair, is_sanctioned in named if is_sanctioned] == [("AAA", "CCC")]


@pytest.mark.parametrize(
    ("rows", "line", "words"),
    [
        (["2001,AAA,BBB,5", "20x1,AAA,BBB,5"], 3, "year: expected a year"),
        (["2001,AA,BBB,5"], 2, "exporter: expected three capital letters"),
        (["2001,AAA,bbb,5"], 2, "importer: expected three capital letters"),
        (["2001,AAA,BBB,-5"], 2, "usd_million: expected a number of 0 or more, found '-5'"),
        (["2001,AAA,BBB,nan"], 2, "found 'nan'"),
        (["2001,AAA,BBB,inf"], 2, "found 'inf'"),
        (["2001,AAA,BBB,"], 2, "found ''"),
    ],
)
def test_a_wrong_cell_is_named_with_its_row(tmp_path, rows, line, words):
    """H: a bad year, code or amount ends in its row, its column and what is expected."""
    with pytest.raises(ScenarioError, match=words) as caught:
        records(folder_of(tmp_path, *rows))
    assert caught.value.problems[0].line == line
    assert caught.value.problems[0].code == "S173"


@pytest.mark.parametrize(
    ("name", "head", "row", "words"),
    [
        (
            "macro_gdp_cpi_fx.csv",
            "year,iso3,variable,value",
            "2001,AAA,gdp,many",
            "value: expected",
        ),
        ("macro_gdp_cpi_fx.csv", "year,iso3,variable,value", "2001,AAA,,1", "variable: expected"),
        ("sanctions_target_year.csv", "year,target_iso3,max_strength_0_3", "2001,AAA,", "strength"),
        ("pairs_geo.csv", "exporter,importer,dist_popweighted_km", "AAA,BBB,far", "found 'far'"),
        ("pair_groups.csv", "a_iso3,b_iso3,group", "AAA,bbb,sanctioned_pair", "b_iso3: expected"),
    ],
)
def test_what_stands_beside_trade_is_checked_as_well(tmp_path, name, head, row, words):
    """A wrong cell of figures, sanctions, distances or groups is named with its file and row."""
    folder_of(tmp_path, "2001,AAA,BBB,5")
    folder_of(tmp_path, row, name=name, head=head)
    with pytest.raises(ScenarioError, match=words) as caught:
        records(tmp_path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == (str(tmp_path / name), 2)


def test_trade_with_oneself_is_named(tmp_path):
    """An economy that exports to itself is an error: domestic trade stands elsewhere."""
    with pytest.raises(ScenarioError, match="AAA to itself in 2001"):
        records(folder_of(tmp_path, "2001,AAA,BBB,1", "2001,AAA,AAA,1"))


@settings(derandomize=True, deadline=None)
@given(FLOWS, st.integers(1, 3), st.floats(1.0, 900.0))
def test_growth_is_of_comparable_pairs(flows, years, around):
    """Each growth is that of a pair whose first turnover is within a factor of 2.5; no other is."""
    year, exporter, importer = zip(*flows, strict=True)
    codes = [np.array([ECONOMIES.index(code) for code in side]) for side in (exporter, importer)]
    found = turnovers(Panel(ECONOMIES, np.array(year), *codes, np.array(list(flows.values()))))
    among = np.array([pair[0] == "AAA" for pair in found.pairs])
    pair, growth = found.growth(years, around, among)
    expected = [
        (place, math.log(row[n + years] / row[n]))
        for place, row in enumerate(found.usd_million)
        for n in range(len(row) - years)
        if row[n] > 0 and row[n + years] > 0 and among[place]
        if around / 2.5 <= row[n] <= around * 2.5
    ]
    assert pair.tolist() == [place for place, _ in expected]
    assert growth.tolist() == pytest.approx([change for _, change in expected])


def test_a_flow_that_stands_twice_is_named(tmp_path):
    """The same year and direction must not stand twice, in one file or in two."""
    with pytest.raises(ScenarioError, match="AAA to BBB in 2001 stands 2 times"):
        records(folder_of(tmp_path, "2001,AAA,BBB,5", "2001,AAA,BBB,5"))
    (tmp_path / "trade.csv").unlink()
    folder_of(tmp_path, "2001,AAA,BBB,5", name="trade_itpde_1.csv")
    folder_of(tmp_path, "2001,AAA,BBB,5", name="trade_itpde_2.csv")
    with pytest.raises(ScenarioError, match=r"itpde_1.csv, .*itpde_2.csv"):
        records(tmp_path)


@pytest.mark.parametrize(
    ("head", "code"), [("year,exporter,importer", "S172"), ("", "S173"), ("a;b", "S172")]
)
def test_a_file_of_another_kind_is_refused(tmp_path, head, code):
    """Without the columns there is one error, with those that are expected."""
    (tmp_path / "trade.csv").write_text(f"{head}\n", encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        records(tmp_path)
    (problem,) = caught.value.problems
    assert (problem.code, problem.example) == (code, HEAD)


def test_a_row_of_another_length_is_refused(tmp_path):
    """A row with too few cells is told as it stands."""
    with pytest.raises(ScenarioError, match="2001,AAA,BBB"):
        records(folder_of(tmp_path, "2001,AAA,BBB"))


def test_a_folder_without_trade_is_an_error(tmp_path):
    """The names of the files that are looked for are told."""
    with pytest.raises(ScenarioError, match=r"trade\.csv"):
        records(tmp_path)
