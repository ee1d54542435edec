"""Random crontab patterns, and when they are due according to cronsim and the calendar."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from cronsim import CronSim
from hypothesis import strategies as st

ZONES = [
    "UTC",
    "America/New_York",
    "Europe/London",
    "Europe/Dublin",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "America/St_Johns",
    "America/Sao_Paulo",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "America/Havana",
    "Antarctica/Troll",
    "Asia/Gaza",
]
CHANGING = [
    "America/New_York",
    "Europe/London",
    "Europe/Dublin",
    "Australia/Lord_Howe",
    "America/St_Johns",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Pacific/Chatham",
    "America/Havana",
    "Antarctica/Troll",
]
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
ALL_KINDS_OF_YEAR = [2000, 2001, 2002, 2003, 2004, 2005, 2006, 2008, 2009, 2010, 2012, 2016, 2020, 2024]
DAYS = [date(year, 1, 1) + timedelta(days=day) for year in ALL_KINDS_OF_YEAR for day in range(366)]
DAYS = [day for day in DAYS if day.year in ALL_KINDS_OF_YEAR]


def written(value, low, names):
    name = names[value - low : value - low + 1]
    return st.sampled_from([str(value), f"0{value}", *name, *(text.lower() for text in name)])


@st.composite
def items(draw, low, high, names):
    first = draw(st.integers(low, high))
    start = draw(written(first, low, names))
    if draw(st.integers(0, 2)):
        return start
    last = draw(st.integers(first, high))
    end = draw(written(last, low, names))
    step = draw(st.sampled_from(["", "", "/1", "/2", "/3", "/7", "/15", "/40"]))
    return f"{start}-{end}{step}"


def fields(low, high, names=(), usual=()):
    lists = st.lists(items(low, high, names), min_size=1, max_size=3).map(",".join)
    steps = st.integers(1, high + 3).map(lambda step: f"*/{step}")
    starred = st.tuples(steps, lists).map(",".join)
    plain = st.integers(low, high).map(str)
    return st.one_of(st.just("*"), plain, plain, lists, steps, starred, *([st.sampled_from(usual)] if usual else []))


YEARS = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))
MONTH_DAYS = [
    "*",
    "1",
    "1-7",
    "8-14",
    "1-14",
    "*/32,1-7",
    "25-31",
    "24-30",
    "22-28",
    "29-31",
    "28-31",
    "29",
    "30",
    "31",
]
PATTERNS = st.tuples(
    fields(0, 59, usual=["0", "30", "*/15", "0,30", "59"]),
    fields(0, 23, usual=["0", "1", "2", "3", "23", "*/6", "1-3"]),
    fields(1, 31, usual=MONTH_DAYS),
    st.one_of(st.just("*"), fields(1, 12, MONTHS, usual=["2", "4,6,9,11", "3", "11"])),
    st.one_of(st.just("*"), fields(0, 7, WEEKDAYS, usual=["1", "5", "*/7", "1-5", "SUN", "6-7", "*/2"])),
).map(" ".join)

NEAR_CHANGES = st.tuples(
    st.sampled_from(["0", "30", "15,45", "59", "0-59", "0-50/10", "*/30"]),
    st.sampled_from(["0", "1", "2", "3", "23", "1-3", "0-23", "0-4", "*"]),
    st.sampled_from(["* * *", "* * *", "* * SUN", "*/2 * 0", "* 3,4,10,11 *", "29-31 * *", "1-7 * */7", "8-14 * 0"]),
).map(" ".join)


def guarded(text):
    """cronsim reads `a-a/n` as `a-max/n`; it means a alone."""

    def alone(match):
        one, two = (number(text) for text in match.group(1, 2))
        return match[1] if one == two else match[0]

    assert len(text.split()) == 5
    return re.sub(r"(\w+)-(\w+)/\d+", alone, text.upper())


def number(text):
    for names, low in ((MONTHS, 1), (WEEKDAYS, 0)):
        if text in names:
            return names.index(text) + low
    return int(text)


def oracle(text, start=YEARS[0], reverse=False):
    return CronSim(guarded(text), start, reverse)


def oracle_days(text):
    """The days on which it runs, of years of every kind."""
    sim = oracle(text)
    weekdays = {weekday % 7 for weekday in sim.weekdays}

    def runs(day):
        fits = day.day in sim.days, day.isoweekday() % 7 in weekdays
        return day.month in sim.months and (all(fits) if sim.day_and else any(fits))

    return {day for day in DAYS if runs(day)}


def oracle_minutes(text, zone, start, end):
    """Due minutes from `start` to `end`: cronsim finds the wall times, PEP 495 says when they come.

    Fixed times come once: the first time round, or by the offset before the gap. Others follow the clock.
    """
    fixed = not any(field.startswith("*") for field in text.split()[:2])
    found = set()
    for wall in oracle(text, start - timedelta(days=2)):
        if wall > end + timedelta(days=2):
            break
        for fold in (0,) if fixed else (0, 1):
            moment = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
            if (
                fixed or moment.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
            ) and start <= moment < end:
                found.add(moment)
    return found


def clock_changes(zone, first=2026, last=2028):
    """The days, UTC, during which the zone's offset changes."""
    day, end = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    changes = []
    while day < end:
        following = day + timedelta(days=1)
        if day.astimezone(zone).utcoffset() != following.astimezone(zone).utcoffset():
            changes.append(day)
        day = following
    return changes


def windows(zone, times_a_day):
    """Spans to compare in: years where times are few, else the days around changes of the clocks."""
    if times_a_day <= 4:
        return [YEARS]
    around, count = (timedelta(days=4), 6) if times_a_day <= 48 else (timedelta(), 2)
    return [(day - around, day + around + timedelta(days=1)) for day in days_to_see(zone)[:count]]


def days_to_see(zone):
    return clock_changes(zone) or [datetime(2026, 2, 28, tzinfo=UTC), datetime(2028, 2, 28, tzinfo=UTC)]
