"""Calendars: years of either reckoning as Gregorian days, and the periods of a horizon."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

import jdatetime

WARM_UP_MONTH = 31
JALALI_EPOCH = 621
"""A Solar-Hijri year begins in the Gregorian year that is larger by this number."""


@cache
def year_bounds(calendar: str, year: int) -> tuple[date, date]:
    """First day of the year that begins in the Gregorian ``year``, and the first day after it."""
    if calendar == "gregorian":
        return date(year, 1, 1), date(year + 1, 1, 1)
    first, after = (jdatetime.date(year - JALALI_EPOCH + n, 1, 1).togregorian() for n in (0, 1))
    return first, after


def year_label(calendar: str, year: int) -> str:
    """The year in words: ``2023``, or ``2023-03-21 to 2024-03-19, Iranian year 1402``."""
    if calendar == "gregorian":
        return str(year)
    first, after = year_bounds(calendar, year)
    return f"{first} to {after - timedelta(days=1)}, Iranian year {year - JALALI_EPOCH}"


def iranian_day(text: str) -> date | None:
    """The Gregorian day of a Solar-Hijri date such as ``1404-02-31``; None if it is not one."""
    found = re.fullmatch(r"(1[345][0-9]{2})-([0-9]{2})-([0-9]{2})", text)
    if found is None:
        return None
    try:
        day: date = jdatetime.date(*map(int, found.groups())).togregorian()
    except ValueError:
        return None
    return day


def as_iranian(text: str) -> str:
    """A Gregorian day such as ``2023-03-21`` in the Solar-Hijri calendar; nothing if it is none."""
    try:
        return str(jdatetime.date.fromgregorian(date=date.fromisoformat(text)))
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Periods:
    """The monthly clock: edges in days from the start of the horizon.

    A period is a calendar month, cut where an Iranian year begins, whoever keeps statistics: the
    calendar of an office must not change the trade. The warm-up before day 0 is cut into months and
    in the base state throughout.
    """

    start: date
    edges: tuple[float, ...]
    warm_up: int
    """Number of periods before day 0."""

    @property
    def count(self) -> int:
        """Number of periods, the warm-up included."""
        return len(self.edges) - 1

    def day(self, when: date) -> float:
        """Days from the start of the horizon."""
        return float((when - self.start).days)

    def date(self, day: float) -> date:
        """The date on which ``day`` falls."""
        return self.start + timedelta(days=int(day // 1))

    def months(self) -> Iterator[tuple[float, float]]:
        """First day of every calendar month from day 0 on, and the first after it.

        Months that a new year cuts are put together again.
        """
        days = self.edges[self.warm_up :]
        starts = [day for day in days[:-1] if day == 0.0 or self.date(day).day == 1]
        yield from zip(starts, [*starts[1:], days[-1]], strict=True)


def periods(start: date, end: date, warm_up_days: int) -> Periods:
    """Periods from ``start`` to ``end`` inclusive."""
    after = end + timedelta(days=1)
    cuts = {start, after}
    for year in range(start.year - 1, after.year + 1):
        cuts.update(date(year, month, 1) for month in range(1, 13))
        cuts.add(year_bounds("jalali", year)[0])
    edges = [float((cut - start).days) for cut in sorted(cuts) if start <= cut <= after]
    warm_up = -(-warm_up_days // WARM_UP_MONTH)
    before = [-warm_up_days * (1.0 - n / warm_up) for n in range(warm_up)]
    return Periods(start, (*before, *edges), warm_up)
