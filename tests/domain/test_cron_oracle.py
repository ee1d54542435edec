"""Random patterns against cronsim: sets, due minutes in many zones, EventBridge expressions and their gate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from aws_croniter import AwsCroniter
from cronsim import CronSimError
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chalicelib.domain.cron.occurrences import CronError, due, due_minutes, next_due, parse, previous_due, zone
from chalicelib.domain.eventbridge import translate
from infra.local import expressions
from tests.domain.cron_patterns import (
    CHANGING,
    DAYS,
    NEAR_CHANGES,
    PATTERNS,
    ZONES,
    days_to_see,
    oracle,
    oracle_days,
    oracle_minutes,
    windows,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)
UTC_ZONE = zone("UTC")
quick = settings(max_examples=100, deadline=None, derandomize=True, database=None)
thorough = settings(
    max_examples=20_000, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=True
)


def readable(text):
    """The pattern, or None where both sides say that it never runs."""
    try:
        oracle(text)
    except CronSimError:
        with pytest.raises(CronError, match="never runs"):
            parse(text)
        return None
    return parse(text)


def check_sets(text):
    cron = readable(text)
    if cron:
        sim = oracle(text)
        assert (cron.minutes, cron.hours, cron.days, cron.months) == (sim.minutes, sim.hours, sim.days, sim.months)
        assert cron.weekdays == {weekday % 7 for weekday in sim.weekdays}
        assert cron.day_or is not sim.day_and


def check_utc_expressions(text):
    """Days of all fourteen kinds of year, times of day as sets: equal here is equal for ever."""
    cron = readable(text)
    if not cron:
        return
    translation = translate(cron, UTC_ZONE, NOW)
    days, fired = oracle_days(text), []
    for expression in map(expressions.parse, translation.expressions):
        assert (expression.minutes, expression.hours) == (cron.minutes, cron.hours)
        fired.append({day for day in DAYS if expression.has_day(day)})
    gated = {day for day in set().union(*fired) if cron.has_day(day.month, day.day, day.isoweekday() % 7)}
    assert gated == days
    assert translation.gated == (set().union(*fired) != days)
    assert translation.dedupe == (len(fired) == 2 and bool(fired[0] & fired[1]))
    assert len(fired) <= (1 if translation.gated else 2)


def check_zone(text, name):
    """Every minute of the windows: what is due, and what the expressions fire before and after the gate."""
    cron, clock = readable(text), zone(name)
    if not cron:
        return
    translation = translate(cron, clock, NOW)
    for start, end in windows(clock, len(cron.minutes) * len(cron.hours)):
        expected = oracle_minutes(text, clock, start, end)
        fired = [fires(expressions.parse(expression), start, end) for expression in translation.expressions]
        assert {minute for minute in set().union(*fired) if due(cron, clock, minute)} == expected
        assert translation.gated or set().union(*fired) == expected
        assert translation.dedupe or len(fired) == 1 or not fired[0] & fired[1]


def check_walk(text, name):
    """Next and previous due minutes are those of the oracle, one by one."""
    cron, clock = readable(text), zone(name)
    if not cron:
        return
    times_a_day = len(cron.minutes) * len(cron.hours)
    around = timedelta(days=times_a_day <= 48)
    for day in days_to_see(clock)[:2]:
        start, end = (day - around, day + around + timedelta(days=1)) if times_a_day > 4 else month_around(day)
        expected = sorted(oracle_minutes(text, clock, start, end))
        assert list(due_minutes(cron, clock, start, end)) == expected
        for before, after in list(pairwise(expected))[:: len(expected) // 8 + 1]:
            almost, just = after - timedelta(seconds=1), before + timedelta(seconds=1)
            assert next_due(cron, clock, before) == next_due(cron, clock, almost) == after
            assert previous_due(cron, clock, after) == previous_due(cron, clock, just) == before


def check_far_walk(text):
    """However rare: the next three and the previous three minutes in UTC are those of cronsim."""
    cron, forward, backward = readable(text), NOW, NOW
    for _ in range(3 if cron else 0):
        forward, theirs = next_due(cron, UTC_ZONE, forward), next(oracle(text, forward))
        assert forward == theirs
        backward, theirs = previous_due(cron, UTC_ZONE, backward), next(oracle(text, backward, reverse=True))
        assert backward == theirs


def month_around(day):
    return day - timedelta(days=15), day + timedelta(days=16)


def check_aws_oracle(text, name):
    cron = readable(text)
    for expression in translate(cron, zone(name), NOW).expressions if cron else ():
        assert len(expression) <= 256
        theirs, moment = AwsCroniter(expression[5:-1]).get_next(NOW, n=12), NOW
        for found in filter(None, theirs):  # it gives up after ten empty steps
            moment = expressions.parse(expression).next_after(moment)
            assert moment == found


def fires(expression, start, end):
    days = (start.date() + timedelta(days=count) for count in range((end - start).days + 1))
    times = [timedelta(hours=hour, minutes=minute) for hour in expression.hours for minute in expression.minutes]
    midnights = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days if expression.has_day(day)]
    return {midnight + time for midnight in midnights for time in times if start <= midnight + time < end}


@quick
@given(PATTERNS)
def test_a_pattern_is_read_as_cronsim_reads_it(text):
    check_sets(text)


@quick
@given(PATTERNS)
@example("0 0 29 2 */7")
def test_the_next_and_the_previous_minutes_are_found_however_rare(text):
    check_far_walk(text)


@quick
@given(PATTERNS)
def test_expressions_and_gate_choose_the_very_days_and_minutes_in_every_kind_of_year(text):
    check_utc_expressions(text)


@quick
@given(PATTERNS, st.sampled_from(ZONES))
def test_expressions_and_gate_fire_at_the_due_minutes_of_a_zone_and_no_others(text, name):
    check_zone(text, name)


@quick
@given(PATTERNS, st.sampled_from(ZONES))
def test_due_minutes_follow_one_another_forwards_and_backwards(text, name):
    check_walk(text, name)


@quick
@given(PATTERNS, st.sampled_from(ZONES))
def test_another_reader_of_aws_expressions_agrees_about_them(text, name):
    check_aws_oracle(text, name)


@settings(quick, max_examples=40)
@given(NEAR_CHANGES, st.sampled_from(CHANGING))
@example("0 0-23 * * *", "America/New_York")
@example("15 2 * * *", "Australia/Lord_Howe")
def test_times_that_the_clocks_skip_or_repeat_come_once(text, name):
    check_zone(text, name)
    check_walk(text, name)


@pytest.mark.exhaustive
@thorough
@given(PATTERNS | NEAR_CHANGES, st.sampled_from(ZONES))
def test_twenty_thousand_patterns_hold_all_of_this(text, name):
    check_sets(text)
    check_utc_expressions(text)
    check_zone(text, name)
    check_walk(text, name)
    check_far_walk(text)
    check_aws_oracle(text, name)
