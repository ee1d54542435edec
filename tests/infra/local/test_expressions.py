"""AWS expressions against AWS's documentation and an oracle of other people."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from aws_croniter import AwsCroniter

from infra.local.expressions import parse

START = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def fires(expression, count, start=START):
    found = []
    for _ in range(count):
        start = parse(expression).next_after(start)
        found.append(start)
    return found


@pytest.mark.parametrize(
    "expression",
    [
        "cron(* * * * ? *)",
        "cron(0/5 * * * ? *)",
        "cron(5-45/10 8-18 * * ? *)",
        "cron(0 12 ? * SUN,FRI,SAT *)",
        "cron(0 12 ? JAN,MAR-JUN MON-FRI *)",
        "cron(0 0 L * ? *)",
        "cron(0 0 L FEB ? *)",
        "cron(0 0 3W * ? *)",
        "cron(0 0 1W * ? *)",
        "cron(0 0 15W * ? 2027-2030)",
        "cron(0 0 ? * 6L *)",
        "cron(0 0 ? * SUN#1 *)",
        "cron(0 0 ? * 3#4 *)",
        "cron(0 0 29 FEB ? *)",
        "cron(0 0 1/2 * ? *)",
        "cron(59 23 31 DEC ? *)",
    ],
)
def test_times_are_those_that_another_reader_of_aws_expressions_finds(expression):
    assert fires(expression, 15) == AwsCroniter(expression[5:-1]).get_next(START, n=15)


def test_the_nearest_weekday_never_leaves_its_month():
    assert fires("cron(0 0 1W AUG ? *)", 1) == [datetime(2027, 8, 2, tzinfo=UTC)]  # the 1st is a Sunday
    assert fires("cron(0 0 1W MAY ? *)", 1) == [datetime(2027, 5, 3, tzinfo=UTC)]  # the 1st is a Saturday
    assert fires("cron(0 0 31W JAN ? *)", 1) == [datetime(2027, 1, 29, tzinfo=UTC)]  # the 31st is a Sunday
    assert fires("cron(0 0 31W FEB,MAR ? *)", 1) == [datetime(2027, 3, 31, tzinfo=UTC)]


def test_sunday_is_one_and_saturday_is_seven_and_alone_the_last():
    assert fires("cron(0 0 ? * 1 *)", 1) == fires("cron(0 0 ? * SUN *)", 1) == [datetime(2026, 11, 29, tzinfo=UTC)]
    assert fires("cron(0 0 ? * L *)", 2) == fires("cron(0 0 ? * 7 *)", 2) == fires("cron(0 0 ? * SAT *)", 2)


def test_a_fifth_weekday_comes_only_in_months_that_have_five():
    assert fires("cron(0 0 ? FEB SUN#5 *)", 2) == [datetime(2032, 2, 29, tzinfo=UTC), datetime(2060, 2, 29, tzinfo=UTC)]


def test_a_year_ends_a_schedule():
    assert parse("cron(0 0 1 1 ? 2028)").next_after(datetime(2028, 1, 1, tzinfo=UTC)) is None


def test_every_minute_that_matches_is_the_next_after_the_one_before():
    expression = parse("cron(0/20 8,9 ? * MON-FRI *)")
    minutes = [START + timedelta(minutes=count) for count in range(7 * 24 * 60)]
    matching = [minute for minute in minutes if expression.matches(minute)]
    assert len(matching) == 5 * 6
    assert all(expression.next_after(before) == after for before, after in itertools.pairwise(matching))


def test_a_rate_counts_from_the_minute_of_its_creation():
    rate = parse("rate(5 minutes)", created=datetime(2026, 11, 22, 12, 3, 40, tzinfo=UTC))
    assert [minute for minute in range(20) if rate.matches(START + timedelta(minutes=minute))] == [8, 13, 18]
    assert rate.next_after(START + timedelta(minutes=8)) == START + timedelta(minutes=13)
    assert rate.next_after(START) == START + timedelta(minutes=8)
    assert parse("rate(1 day)").next_after(START) == datetime(2026, 11, 23, tzinfo=UTC)
    assert parse("rate(1 minute)").matches(START)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "0 8 * * ? *",
        "cron(0 8 * * ?)",
        "cron(0 8 * * ? * *)",
        "cron(0 8 * * * *)",
        "cron(0 8 ? * ? *)",
        "cron(0 8 1 * MON *)",
        "cron(60 8 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 8 0 * ? *)",
        "cron(0 8 32 * ? *)",
        "cron(0 8 * 13 ? *)",
        "cron(0 8 ? * 0 *)",
        "cron(0 8 ? * 8 *)",
        "cron(0 8 ? * MON/2 *)",
        "cron(0 8 ? * FRI-MON *)",
        "cron(0 8 ? * MON#1,FRI#1 *)",
        "cron(0 8 ? * MON#6 *)",
        "cron(0 8 ? * mon *)",
        "cron(0 8 L-3 * ? *)",
        "cron(0 8 LW * ? *)",
        "cron(0 8 1,15W * ? *)",
        "cron(*/60 * * * ? *)",
        "cron(*/0 * * * ? *)",
        "cron(1,* * * * ? *)",
        "cron(1,,2 * * * ? *)",
        "cron(22-2 * * * ? *)",
        "cron(0 8 * * ? 1969)",
        "cron( 0 8 * * ? *)",
        "cron(+1 8 * * ? *)",
        "cron(٣ 8 * * ? *)",
        "rate(0 minutes)",
        "rate(1 minutes)",
        "rate(2 minute)",
        "rate(5 seconds)",
        "rate( 5 minutes)",
        "RATE(5 minutes)",
        "rate(-5 minutes)",
        "cron(" + ",".join(["10"] * 100) + " * * * ? *)",
    ],
)
def test_what_aws_does_not_document_is_refused(expression):
    with pytest.raises(ValueError, match="ScheduleExpression is not valid"):
        parse(expression)
