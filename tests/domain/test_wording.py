"""Words for patterns: the usual ones, and that any words, read back, say what cronsim says."""

from __future__ import annotations

import calendar
import re

import pytest
from cronsim import CronSimError
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from chalicelib.domain.cron.occurrences import parse
from chalicelib.domain.quick_patterns import QUICK_PATTERNS
from chalicelib.domain.wording import badge, describe
from tests.domain.cron_patterns import DAYS, PATTERNS, oracle, oracle_days

MONTHS = list(calendar.month_name)[1:]
WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("* * * * *", "every minute"),
        ("*/30 * * * *", "every 30 minutes, at minutes 0 and 30 of every hour (UTC)"),
        ("*/7 * * * *", "at minutes 0, 7, 14, ... 56 of every hour (UTC)"),
        ("0 * * * *", "every hour, at minute 0 (UTC)"),
        ("*/90 * * * *", "every hour, at minute 0 (UTC)"),
        ("0 8 * * *", "at 08:00 every day (UTC)"),
        ("0 8,20 * * *", "at 08:00 and 20:00 every day (UTC)"),
        ("0 */5 * * *", "at 00:00, 05:00, 10:00, 15:00 and 20:00 every day (UTC)"),
        ("0 8 * * 1", "at 08:00 on every Monday (UTC)"),
        ("0 8 * * 1-5", "at 08:00 on every day from Monday to Friday (UTC)"),
        ("0 0 13 * 5", "at 00:00 on day 13 of the month, and on every Friday (UTC)"),
        ("0 0 1-7 * */7", "at 00:00 on days 1 to 7 of the month, but only on a Sunday (UTC)"),
        ("0 0 */2 * *", "at 00:00 on days 1, 3, 5, ... 31 of the month (UTC)"),
        ("0 0 1-31 * 1", "at 00:00 every day (UTC)"),
        ("0 0 31 2,3,4 *", "at 00:00 on day 31 of March (UTC)"),
        ("0 0 31 2 1", "at 00:00 on every Monday in February (UTC)"),
        ("0 0 1-29 2 *", "at 00:00 every day in February (UTC)"),
        ("*/20 9-17 * * 6,0", "at minutes 0, 20 and 40 of the hours 9 to 17 on every Saturday and Sunday (UTC)"),
        ("* 9-17 * * *", "every minute from 09:00 to 17:59 every day (UTC)"),
        ("@yearly", "at 00:00 on day 1 of January (UTC)"),
    ],
)
def test_a_pattern_is_described_as_a_person_would(text, words):
    assert describe(parse(text), "UTC") == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("* * * * *", "every minute"),
        ("0-59 0-23 * * *", "every minute from 00:00 to 23:59 every day (Europe/London time)"),
        ("0 0-23 * * *", "at minute 0 of the hours 0 to 23 every day (Europe/London time)"),
        ("0,30 0-23 * * 1", "at minutes 0 and 30 of the hours 0 to 23 on every Monday (Europe/London time)"),
        ("*/30 0-23 * * *", "every 30 minutes, at minutes 0 and 30 of every hour (Europe/London time)"),
    ],
)
def test_hours_that_are_listed_are_not_every_hour_where_clocks_change(text, words):
    assert describe(parse(text), "Europe/London") == words


def test_a_description_names_the_zone_whose_clocks_count():
    assert describe(parse("0 8 * * *"), "Europe/London") == "at 08:00 every day (Europe/London time)"


@pytest.mark.parametrize(
    ("text", "zone", "words"),
    [
        ("* * * * *", "UTC", "REPEATS EVERY MINUTE"),
        ("*/30 * * * *", "UTC", "REPEATS EVERY 30 MINUTES"),
        ("*/7 * * * *", "UTC", "REPEATS */7 * * * *"),
        ("0 * * * *", "UTC", "REPEATS HOURLY"),
        ("17 * * * *", "UTC", "REPEATS HOURLY AT :17"),
        ("17 * * * *", "Asia/Kathmandu", "REPEATS HOURLY AT :17 (KATHMANDU)"),
        ("0 * * * *", "America/New_York", "REPEATS HOURLY"),
        ("0 0-23 * * *", "UTC", "REPEATS HOURLY"),
        ("0 0-23 * * *", "America/New_York", "REPEATS 0 0-23 * * * (NEW YORK)"),  # not in the hour's second pass
        ("0 */6 * * *", "UTC", "REPEATS EVERY 6 HOURS"),
        ("0 */12 * * *", "Europe/London", "REPEATS DAILY AT 0:00, 12:00 (LONDON)"),  # a day may have 23 hours
        ("0 */5 * * *", "UTC", "REPEATS 0 */5 * * *"),
        ("0 8 * * *", "UTC", "REPEATS DAILY AT 8:00"),
        ("0 8 * * *", "America/New_York", "REPEATS DAILY AT 8:00 (NEW YORK)"),
        ("0 8 * * 1", "UTC", "REPEATS MONDAYS AT 8:00"),
        ("30 9 * * 1-5", "UTC", "REPEATS WEEKDAYS AT 9:30"),
        ("30 9 * * 0,6", "UTC", "REPEATS WEEKENDS AT 9:30"),
        ("30 9 * * 1,3", "UTC", "REPEATS MON, WED AT 9:30"),
        ("@monthly", "UTC", "REPEATS MONTHLY ON DAY 1 AT 0:00"),
        ("@yearly", "UTC", "REPEATS EVERY 1 JANUARY AT 0:00"),
        ("0 0 13 * fri", "UTC", "REPEATS 0 0 13 * FRI"),
        ("0 0 1-7 * */7", "UTC", "REPEATS 0 0 1-7 * */7"),
    ],
)
def test_a_badge_is_short_and_else_the_pattern_itself(text, zone, words):
    assert badge(parse(text), zone) == words


def test_the_quick_patterns_have_the_badges_of_their_labels():
    labels = [
        (badge(parse(quick.cron), "UTC").removeprefix("REPEATS "), quick.label.upper()) for quick in QUICK_PATTERNS
    ]
    assert all(words == label.removesuffix(" UTC") for words, label in labels)
    assert len(labels) == 5


def numbers(words):
    """What a person makes of `9 to 17`, `0, 7, 14, ... 56`, `3, 17 and 42`."""
    if "..." in words:
        first, second, _, last = map(int, re.findall(r"\d+", words))
        return set(range(first, last + 1, second - first))
    return {value for part in re.split(", | and ", words) for value in one_or_run(part)}


def one_or_run(words):
    first, _, last = words.partition(" to ")
    return range(int(first), int(last or first) + 1)


def names(words, known):
    """The places of named months or weekdays; a run may go over the end."""
    first, to, last = words.partition(" to ")
    if to:
        start, end = known.index(first), known.index(last)
        return {place % len(known) for place in range(start, (end if end >= start else end + len(known)) + 1)}
    return {known.index(word) for word in re.split(", | and | or ", words)}


def months(words):
    return set(range(1, 13)) if words in (None, "the month") else {place + 1 for place in names(words, MONTHS)}


TIMES = [
    (r"every minute from (\d\d):00 to (\d\d):59", lambda a, b: (range(60), range(int(a), int(b) + 1))),
    (r"every minute of the hours? ([\d, ato.nd]*\d)", lambda hours: (range(60), numbers(hours))),
    (r"every minute", lambda: (range(60), range(24))),
    (r"at minutes? ([\d, ato.nd]*\d) of the hours? ([\d, ato.nd]*\d)", lambda a, b: (numbers(a), numbers(b))),
    (r"every hour, at minute (\d+)", lambda minute: ([int(minute)], range(24))),
    (r"(?:every \d+ minutes, )?at minutes ([\d, ato.nd]*\d) of every hour", lambda a: (numbers(a), range(24))),
]
DAY_WORDS = (
    r"every day(?: in (?P<m1>.*))?|on every (?P<w2>\S+?(?:(?:, | and )\S+?)*|day from \S+ to \S+?)(?: in (?P<m2>.*))?|"
    r"on days? (?P<days>[\d, ato.nd]*\d) of (?P<m3>(?:(?!, and on|, but only).)*)"
    r"(?:, and on every (?P<w4>(?:(?! in ).)*)(?: in (?P<m4>.*))?|, but only on a (?P<w5>.*))?"
)


def read_times(words):
    for form, meaning in TIMES:
        match = re.match(form, words)
        if match:
            minutes, hours = meaning(*match.groups())
            return {(hour, minute) for hour in hours for minute in minutes}, words[match.end() :].lstrip(", ")
    match = re.match(r"at (\d\d:\d\d(?:(?:, | and )\d\d:\d\d)*)", words)
    return {tuple(map(int, time.split(":"))) for time in re.split(", | and ", match[1])}, words[match.end() :].lstrip()


def read_days(words):
    match = re.fullmatch(DAY_WORDS, words or "every day")
    said = match.groupdict()
    weekly = said["w2"] or said["w4"] or said["w5"]
    weekdays = names(weekly.removeprefix("day from "), WEEKDAYS) if weekly else None

    def runs(day):
        by_weekday = weekdays is not None and day.isoweekday() % 7 in weekdays
        if said["days"] is None:
            return day.month in months(said["m1"] or said["m2"]) and (weekdays is None or by_weekday)
        by_day = day.day in numbers(said["days"]) and day.month in months(said["m3"])
        if said["w4"]:
            return by_day or (by_weekday and day.month in months(said["m4"]))
        return by_day and (weekdays is None or by_weekday)

    return {day for day in DAYS if runs(day)}


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(PATTERNS)
@example("0 9 * 11,12,1,2 5-7")
@example("0,1,2,3,20 1,2,3,7 29,30 2,3 */3")
def test_a_description_read_back_says_when_cronsim_fires(text):
    try:
        sim = oracle(text)
    except CronSimError:
        assume(False)
    words = describe(parse(text), "UTC").removesuffix(" (UTC)")
    times, rest = read_times(words)
    assert times == {(hour, minute) for hour in sim.hours for minute in sim.minutes}
    assert read_days(rest) == oracle_days(text)
    every = re.match(r"every (\d+) minutes", words)
    if every:
        minutes = sorted(sim.minutes)
        assert {(after - before) % 60 for before, after in zip(minutes, [*minutes[1:], minutes[0]], strict=True)} == {
            int(every[1])
        }


BRIEF = st.tuples(
    st.sampled_from(["*", "0", "17", "*/20", "0,30", "5,35", "*/7", "1-59/2"]),
    st.sampled_from(["*", "8", "8,20", "*/6", "*/5", "*/8", "0-23"]),
    st.sampled_from(["*", "*", "1", "31", "1-31", "1,15"]),
    st.sampled_from(["*", "*", "2", "1", "1-12"]),
    st.sampled_from(["*", "*", "1", "1-5", "6,7", "1,3", "0-6", "*/2"]),
).map(" ".join)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(BRIEF)
def test_a_badge_read_back_says_when_cronsim_fires(text):
    try:
        sim = oracle(text)
    except CronSimError:
        assume(False)
    words = badge(parse(text), "UTC").removeprefix("REPEATS ")
    if words != text:
        said, days = read_badge(words, min(sim.minutes))  # an interval says no more than that
        assert said == {hour * 60 + minute for hour in sim.hours for minute in sim.minutes}
        assert {day for day in DAYS if days(day)} == oracle_days(text)


def read_badge(words, first):
    step = re.fullmatch(r"EVERY (\d+) (MINUTE|HOUR)S", words)
    if words == "EVERY MINUTE" or step:
        distance = int(step[1]) * (60 if step[2] == "HOUR" else 1) if step else 1
        return set(range(first % distance, 24 * 60, distance)), lambda day: True
    if words.startswith("HOURLY"):
        return set(range(int(words[-2:]) if ":" in words else 0, 24 * 60, 60)), lambda day: True
    when, _, times = words.partition(" AT ")
    return {int(h) * 60 + int(m) for h, m in (time.split(":") for time in times.split(", "))}, badge_days(when)


def badge_days(words):
    weekdays = {"DAILY": "0123456", "WEEKDAYS": "12345", "WEEKENDS": "06"}.get(words)
    yearly = re.fullmatch(r"EVERY (\d+) (\w+)", words)
    if yearly:
        return lambda day: (day.day, MONTHS[day.month - 1].upper()) == (int(yearly[1]), yearly[2])
    if words.startswith("MONTHLY ON DAY "):
        return lambda day: day.day == int(words[15:])
    listed = [name[:3].upper() for name in WEEKDAYS]
    places = map(int, weekdays) if weekdays else (listed.index(name[:3]) for name in words.split(", "))
    chosen = set(places)
    return lambda day: day.isoweekday() % 7 in chosen
