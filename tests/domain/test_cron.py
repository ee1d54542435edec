"""Patterns that people write, and when they are due."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest

from chalicelib.domain.cron.occurrences import CronError, due, due_minutes, next_due, parse, previous_due, zone

VECTORS = json.loads(Path(__file__).with_name("cron-vectors.json").read_text(encoding="utf-8"))["vectors"]
REFUSED = [vector for vector in VECTORS if vector["error"]]


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def refusal(text):
    with pytest.raises(CronError) as caught:
        parse(text)
    return caught.value


def due_times(text, name, start, count):
    return [
        f"{minute:%m-%d %H:%M}"
        for minute in islice(due_minutes(parse(text), zone(name), utc(start), utc("2099-01-01")), count)
    ]


@pytest.mark.parametrize("vector", REFUSED, ids=[vector["unix"] for vector in REFUSED])
def test_a_refused_vector_is_refused_for_its_reason_and_says_what_to_write(vector):
    error = refusal(vector["unix"])
    assert error.kind == vector["error"]
    if error.kind not in ("refused_alias", "never_fires", "field_count"):
        assert error.field is not None
        assert str(error).startswith(f"{error.field}: `")
    assert "write" in str(error) or "take" in str(error)


@pytest.mark.parametrize(
    ("text", "kind", "field", "said"),
    [
        ("5/15 * * * *", "ambiguous_step", "minute", "`5-59/15`"),
        ("0 0 * * MON/2", "ambiguous_step", "day-of-week", "`MON-SAT/2`"),
        ("0 0 * * 7/2", "ambiguous_step", "day-of-week", "`0-6/2`"),
        ("0 0 * * FRI-MON", "backwards_range", "day-of-week", "`FRI,SAT,SUN,MON`"),
        ("0 22-2 * * *", "backwards_range", "hour", "`22-23,0-2`"),
        ("0 22-2/2 * * *", "backwards_range", "hour", "`22,0,2`"),
        ("0 0 * NOV-feb *", "backwards_range", "month", "`NOV,DEC,JAN,FEB`"),
        ("0 0 * * 5-0", "backwards_range", "day-of-week", "`5,6,0`"),
        ("60 * * * *", "out_of_range", "minute", "0 to 59"),
        ("0 24 * * *", "out_of_range", "hour", "midnight is 0"),
        ("0 0 1-32 * *", "out_of_range", "day-of-month", "`32` in `1-32`"),
        ("*/0 * * * *", "bad_step", "minute", "`*/2`"),
        ("*/x * * * *", "bad_step", "minute", "`*/x`"),
        ("1,,2 * * * *", "empty_item", "minute", "comma"),
        ("1, * * * *", "empty_item", "minute", "`1,`"),
        ("0 0 * * sunday", "unreadable", "day-of-week", "`sunday`"),
        ("0 0 * July *", "unreadable", "month", "`JUL`"),
        ("JAN * * * *", "unreadable", "minute", "0 to 59"),
        ("*5 * * * *", "unreadable", "minute", "`*/5`"),
        ("0 0 ? * 1", "unreadable", "day-of-month", "write `*`"),
        ("0 0 L * *", "unreadable", "day-of-month", "28"),
        ("0 0 15W * *", "unreadable", "day-of-month", "such as `15`"),
        ("0 0 * * 5L", "unreadable", "day-of-week", "FRI"),
        ("0 0 * * 6#3", "unreadable", "day-of-week", "FRI"),
        ("H * * * *", "unreadable", "minute", "Jenkins"),
        ("0~30 * * * *", "unreadable", "minute", "random"),
        ("+5 * * * *", "unreadable", "minute", "`+5`"),
        ("1.5 * * * *", "unreadable", "minute", "`1.5`"),
        ("-5 * * * *", "unreadable", "minute", "`-5`"),
        ("5- * * * *", "unreadable", "minute", "both ends"),
        ("1-5-7 * * * *", "unreadable", "minute", "`1-5-7`"),
        ("٣ * * * *", "unreadable", "minute", "plain digits"),
        ("0 9 ? * 2-6 *", "field_count", None, "`0 9 * * MON-FRI`"),
        ("cron(0 9 ? * MON *)", "field_count", None, "`0 9 * * MON`"),
        ("cron(0/5 8/4 * * ? *)", "field_count", None, "`*/5 8-23/4 * * *`"),
        ("0 9 * * ? 2026", "field_count", None, "`0 9 * * *` (years have no field here"),
        ("0 0 12 * * ?", "field_count", None, "Quartz writes it, with seconds and Sunday as 1; write `0 12 * * *`"),
        ("0 0/15 9 ? * 2-6", "field_count", None, "`*/15 9 * * MON-FRI`"),
        ("30 0 12 * * ?", "field_count", None, "`0 12 * * *` (seconds have no field here"),
        ("²/5 0 ? * MON *", "field_count", None, "`²/5` cannot be read"),
        ("rate(5 minutes)", "field_count", None, "`*/5 * * * *`"),
        ("0 0 0 1 1 *", "field_count", None, "with the seconds first; write `0 0 1 1 *`"),
        ("CRON_TZ=Asia/Tokyo 0 8 * * *", "field_count", None, "`0 8 * * *`"),
        ("* * * *", "field_count", None, "4 fields"),
        ("", "field_count", None, "0 fields"),
        ("@reboot", "refused_alias", None, "`@reboot`"),
        ("@REBOOT", "refused_alias", None, "rebooted"),
        ("@daily 5", "refused_alias", None, "`@daily` is a whole pattern"),
        ("@every 5m", "refused_alias", None, "`*/5 * * * *`"),
        ("@DAILY", "refused_alias", None, "`@daily`"),
        ("@often", "refused_alias", None, "@hourly"),
        ("0 0 30 2 *", "never_fires", None, "no day 30 in FEB"),
        ("0 0 31 4,6 *", "never_fires", None, "no day 31 in APR, JUN"),
        ("1," * 2000 + "1 * * * *", "unreadable", None, "at most 1000"),
    ],
)
def test_a_refusal_names_the_field_quotes_the_item_and_says_what_to_write(text, kind, field, said):
    error = refusal(text)
    assert (error.kind, error.field) == (kind, field)
    assert said in str(error)
    assert len(str(error)) < 300


def test_all_fields_that_are_wrong_are_told_at_once():
    error = refusal("60 5/2 * 13 *")
    assert (error.kind, error.field) == ("out_of_range", "minute")
    told = str(error).split(". ")
    assert [one.partition(":")[0] for one in told] == ["minute", "hour", "month"]
    assert ["`60`" in told[0], "`5-23/2`" in told[1], "`13`" in told[2]] == [True] * 3


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("@yearly", "0 0 1 1 *"),
        ("@annually", "0 0 1 1 *"),
        ("@monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * 0"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
        ("  0\t0 *  * mon-FRI\n", "0 0 * * 1-5"),
        ("0 0 * *\n*", "0 0 * * *"),
        ("0\u00a09\u2003* *\r\n1", "0 9 * * 1"),
        ("0 0 * * 7", "0 0 * * SUN"),
        ("00 007 * * *", "0 7 * * *"),
        ("41-41/9 * * * *", "41 * * * *"),
        ("0 0 * * */7", "0 0 * * */99"),
    ],
)
def test_one_meaning_may_be_written_in_two_ways(text, same):
    fields = ("minutes", "hours", "days", "months", "weekdays", "day_or", "follows_clock")
    assert [getattr(parse(text), field) for field in fields] == [getattr(parse(same), field) for field in fields]


def test_the_text_is_kept_in_one_spelling():
    assert parse(" 0  9 * * mon ").text == "0 9 * * MON"
    assert parse("@daily").text == "@daily"
    assert parse(parse("0 9 * jan mon").text) == parse("0 9 * jan mon")


def test_a_day_field_that_begins_with_a_star_narrows_and_any_other_widens():
    assert due_times("0 0 13 * 5", "UTC", "2026-11-01", 4) == [
        "11-06 00:00",
        "11-13 00:00",
        "11-20 00:00",
        "11-27 00:00",
    ]
    assert due_times("0 0 1-7 * */7", "UTC", "2026-11-01", 3) == ["11-01 00:00", "12-06 00:00", "01-03 00:00"]
    assert due_times("0 0 1,* * 1", "UTC", "2026-11-01", 2) == ["11-01 00:00", "11-02 00:00"]
    assert due_times("0 0 31 2 1", "UTC", "2026-11-01", 2) == ["02-01 00:00", "02-08 00:00"]


def test_a_skipped_time_runs_by_the_offset_before_the_gap():
    assert due_times("30 2 * * *", "America/New_York", "2027-03-13", 3) == ["03-13 07:30", "03-14 07:30", "03-15 06:30"]
    assert due_times("15 2 * * *", "Australia/Lord_Howe", "2026-10-03", 2) == ["10-03 15:45", "10-04 15:15"]


def test_a_skipped_time_and_the_time_it_moves_to_run_once():
    assert due_times("30 2,3 * * *", "America/New_York", "2027-03-14", 3) == [
        "03-14 07:30",
        "03-15 06:30",
        "03-15 07:30",
    ]


def test_a_repeated_time_runs_in_the_first_pass():
    assert due_times("30 1 * * *", "America/New_York", "2027-11-06", 3) == ["11-06 05:30", "11-07 05:30", "11-08 06:30"]
    assert due_times("30 1 * * *", "Europe/Dublin", "2026-10-25", 2) == ["10-25 00:30", "10-26 01:30"]


def test_a_wildcard_follows_the_clock_through_both_passes_and_over_the_gap():
    fall = due_times("*/30 1 * * *", "America/New_York", "2027-11-07", 4)
    assert fall == ["11-07 05:00", "11-07 05:30", "11-07 06:00", "11-07 06:30"]
    assert due_times("*/30 2 * * *", "America/New_York", "2027-03-14", 1) == ["03-15 06:00"]
    assert due_times("0 * * * *", "America/New_York", "2027-03-14T06:00", 3) == [
        "03-14 06:00",
        "03-14 07:00",
        "03-14 08:00",
    ]


def test_a_day_that_a_zone_left_out_runs_by_the_offset_before():
    apia = zone("Pacific/Apia")  # went from 29 to 31 December 2011
    assert due(parse("0 8 30 12 *"), apia, utc("2011-12-30T18:00"))
    assert not due(parse("*/5 8 30 12 *"), apia, utc("2011-12-30T18:00"))


def test_next_and_previous_are_strict_and_whole_minutes():
    daily, london = parse("0 8 * * *"), zone("Europe/London")
    assert next_due(daily, london, utc("2026-07-01T07:00")) == utc("2026-07-02T07:00")
    assert next_due(daily, london, utc("2026-07-01T06:59:59.999999")) == utc("2026-07-01T07:00")
    assert previous_due(daily, london, utc("2026-07-01T07:00")) == utc("2026-06-30T07:00")
    assert previous_due(daily, london, utc("2026-07-01T07:00:00.000001")) == utc("2026-07-01T07:00")
    local = datetime(2026, 7, 1, 9, tzinfo=london)
    assert next_due(daily, london, local).tzinfo is UTC


def test_the_rarest_patterns_have_a_next_and_a_previous_minute():
    sunday_29_february, new_york = parse("0 0 29 2 */7"), zone("America/New_York")
    assert next_due(sunday_29_february, new_york, utc("2032-03-01")) == utc("2060-02-29T05:00")
    assert next_due(sunday_29_february, new_york, utc("2088-03-01")) == utc("2128-02-29T05:00")  # 2100 is no leap year
    assert previous_due(sunday_29_february, new_york, utc("2032-02-29")) == utc("2004-02-29T05:00")


def test_due_minutes_begin_with_the_start_and_end_before_the_end():
    every, start = parse("* * * * *"), utc("2026-07-01T07:00")
    assert list(due_minutes(every, zone("UTC"), start, start + timedelta(minutes=2))) == [
        start,
        start + timedelta(minutes=1),
    ]
    assert list(due_minutes(every, zone("UTC"), start, start)) == []
    half = start + timedelta(seconds=30)
    assert list(due_minutes(every, zone("UTC"), half, half + timedelta(minutes=1))) == [start + timedelta(minutes=1)]


def test_croniter_and_advice_are_imported_only_where_they_are_needed():
    script = (
        "import sys; from chalicelib.domain import eventbridge, wording; from datetime import *;"
        "from chalicelib.domain.cron import occurrences as cron;"
        "now = datetime.now(UTC); c = cron.parse('0 8 * * *'); z = cron.zone('Europe/London');"
        "cron.due(c, z, now); eventbridge.translate(c, z, now); wording.badge(c, 'UTC');"
        "assert 'croniter' not in sys.modules; assert 'tzlocal' not in sys.modules;"
        "assert 'chalicelib.domain.cron.advice' not in sys.modules;"
        "cron.next_due(c, z, now); assert 'croniter' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
