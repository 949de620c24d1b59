"""Calendars: published new years, and periods that cut a horizon without gap or overlap."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.calendars import as_iranian, iranian_day, periods, year_bounds, year_label

BOTH = ("gregorian", "jalali")
DAYS = st.dates(date(2015, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    "first", ["2020-03-20", "2023-03-21", "2024-03-20", "2025-03-21", "2028-03-20", "2029-03-20"]
)
def test_nowruz_is_the_published_day(first):
    """Iranian years begin on the published day of Nowruz."""
    day = date.fromisoformat(first)
    assert year_bounds("jalali", day.year)[0] == day


@pytest.mark.parametrize("calendar", BOTH)
def test_years_follow_each_other(calendar):
    """A year has 365 or 366 days and ends where the next one begins."""
    for year in range(1990, 2060):
        first, after = year_bounds(calendar, year)
        assert after == year_bounds(calendar, year + 1)[0]
        assert (after - first).days in {365, 366}
        assert first.year == year


def test_labels_name_the_days_of_an_iranian_year():
    """A Gregorian year is its number, an Iranian one its first and last day and its number."""
    assert year_label("gregorian", 2023) == "2023"
    assert year_label("jalali", 2023) == "2023-03-21 to 2024-03-19, Iranian year 1402"


@settings(derandomize=True, deadline=None, max_examples=50)
@given(DAYS, st.integers(0, 2500), st.integers(0, 400))
def test_periods_partition_the_horizon(start, length, warm_up):
    """Periods run from the start to the last day, each within one month and one year.

    The warm-up before it is cut into periods of equal length, none above a month.
    """
    found = periods(start, start + timedelta(days=length), warm_up)
    before, horizon = found.edges[: found.warm_up], found.edges[found.warm_up :]
    assert found.edges[0] == -warm_up
    for first, after in pairwise([*before, 0.0]):
        assert after - first == pytest.approx(warm_up / len(before))
    assert warm_up <= 31 * len(before) < warm_up + 31
    assert (horizon[0], horizon[-1]) == (0.0, length + 1.0)
    assert found.count == len(found.edges) - 1
    for first, after in pairwise(horizon):
        assert first < after
        days = [found.date(first), found.date(after - 1.0)]
        assert days[0].replace(day=1) == days[1].replace(day=1)
        for calendar in BOTH:
            new_year = year_bounds(calendar, days[1].year)[0]
            assert not days[0] < new_year <= days[1]


def test_periods_are_months_cut_at_the_iranian_new_year():
    """2023 has thirteen periods: its months, with March cut in two by Nowruz."""
    found = periods(date(2023, 1, 1), date(2023, 12, 31), 0)
    firsts = [found.date(day) for day in found.edges[:-1]]
    assert firsts == sorted([*(date(2023, month, 1) for month in range(1, 13)), date(2023, 3, 21)])


@settings(derandomize=True, deadline=None)
@given(DAYS, st.integers(0, 5000), st.floats(0, 0.999))
def test_days_and_dates_are_inverse(start, number, part_of_day):
    """The date of a day, at any hour, has that day's number."""
    found = periods(start, start + timedelta(days=1), 0)
    assert found.day(found.date(number + part_of_day)) == number


@settings(derandomize=True, deadline=None)
@given(DAYS)
def test_iranian_days_are_written_as_they_are_read(day):
    """A day turned into the Iranian calendar is read as the same day."""
    assert iranian_day(as_iranian(str(day))) == day


def test_what_is_no_day_has_no_iranian_form():
    """Only days of the Gregorian calendar can be turned."""
    assert as_iranian("2023-02-30") == ""
