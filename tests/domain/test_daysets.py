"""Sets of days, against the calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.domain import daysets
from chalicelib.domain.crontab import parse

FIRST = date(2012, 1, 1)  # a leap year that begins with a Sunday, as the ring does
RING = [FIRST + timedelta(days=count) for count in range(daysets.SIZE)]


def days(chosen):
    return {day for place, day in enumerate(RING) if chosen >> place & 1}


def test_months_days_and_weekdays_are_those_of_the_calendar():
    assert RING[-1] == date(2039, 12, 31)
    for month, chosen in daysets.MONTH.items():
        assert days(chosen) == {day for day in RING if day.month == month}
    for number, chosen in daysets.DAY.items():
        assert days(chosen) == {day for day in RING if day.day == number}
    for weekday, chosen in daysets.WEEKDAY.items():
        assert days(chosen) == {day for day in RING if day.isoweekday() % 7 == weekday}


def test_the_last_days_of_months_are_those_of_the_calendar():
    assert days(daysets.LAST_DAY) == {day for day in RING if (day + timedelta(days=1)).day == 1}
    assert days(daysets.LAST_WEEK) == {day for day in RING if (day + timedelta(days=7)).month != day.month}
    assert days(daysets.WEEK[5]) == {day for day in RING if day.day > 28}


@pytest.mark.parametrize("by", [-1, 0, 1])
def test_a_shift_moves_each_day_and_goes_round_at_the_end(by):
    chosen = daysets.DAY[1] | daysets.DAY[31]
    moved = {RING[(RING.index(day) + by) % len(RING)] for day in days(chosen)}
    assert days(daysets.shifted(chosen, by)) == moved


def test_a_pattern_has_two_parts_only_where_either_may_hold():
    assert [len(daysets.parts(parse(text))) for text in ("0 0 13 * 5", "0 0 */2 * 5", "0 0 31 2 1")] == [2, 1, 1]
