"""Sets of calendar days as the bits of one integer, over a ring of 28 years.

28 years hold every kind of year (leap or not, begun by each weekday), so two rules of months, month days and weekdays
that choose the same days here choose the same days for ever. They repeat after 28 years, so a shift is a rotation.
"""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.domain.crontab import Cron

DaySet = int

LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
SIZE = 28 * 365 + 7
ALL = (1 << SIZE) - 1


def _months() -> Iterable[tuple[int, int, int]]:
    """Each month of the ring: its number, the place of its first day, its length; every fourth year is a leap year."""
    start = 0
    for year in range(28):
        for month, length in enumerate(LENGTHS, 1):
            days = length + (month == 2 and year % 4 == 0)
            yield month, start, days
            start += days


MONTH: dict[int, DaySet] = dict.fromkeys(range(1, 13), 0)
DAY: dict[int, DaySet] = dict.fromkeys(range(1, 32), 0)
LAST_DAY: DaySet = 0
for _month, _start, _days in _months():
    MONTH[_month] |= ((1 << _days) - 1) << _start
    LAST_DAY |= 1 << _start + _days - 1
    for _day in (1, 29, 30, 31):
        if _day <= _days:
            DAY[_day] |= 1 << _start + _day - 1
for _day in range(2, 29):
    DAY[_day] = DAY[1] << _day - 1
WEEKDAY: dict[int, DaySet] = {day: (ALL // 127) << day & ALL for day in range(7)}  # SIZE is whole weeks; 0 is Sunday


def shifted(days: DaySet, by: int) -> DaySet:
    """Each day moved by so many days, `by` from -1 to 1."""
    return (days << by | days >> SIZE - by) & ALL if by >= 0 else (days >> -by | days << SIZE + by) & ALL


def union(sets: dict[int, DaySet], keys: Iterable[int]) -> DaySet:
    """The days of any of these months, month days or weekdays."""
    chosen = 0
    for key in keys:
        chosen |= sets[key]
    return chosen


def keys(sets: dict[int, DaySet], days: DaySet) -> tuple[int, ...]:
    """The months, month days or weekdays on which at least one of these days lies."""
    return tuple(key for key, of_key in sets.items() if of_key & days)


LAST_WEEK: DaySet = union({back: LAST_DAY >> back for back in range(7)}, range(7))
WEEK: dict[int, DaySet] = {week: union(DAY, range(7 * week - 6, min(7 * week, 31) + 1)) for week in range(1, 6)}


def parts(cron: Cron) -> tuple[DaySet, ...]:
    """The pattern's days as one set, or as two that are both needed: its month days and its weekdays."""
    months = union(MONTH, cron.months)
    by_day = union(DAY, cron.days) & months
    by_weekday = union(WEEKDAY, cron.weekdays) & months
    if not cron.day_or:
        return (by_day & by_weekday,)
    if not by_day & ~by_weekday:
        return (by_weekday,)
    return (by_day, by_weekday) if by_weekday & ~by_day else (by_day,)
