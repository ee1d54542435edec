"""Expressions for patterns and zones: the known cases, and the limits that AWS sets."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import eventbridge
from chalicelib.domain.cron.occurrences import parse, zone
from infra.local import expressions
from tests.domain.cron_patterns import DAYS, PATTERNS, ZONES

VECTORS = json.loads(Path(__file__).with_name("cron-vectors.json").read_text(encoding="utf-8"))["vectors"]
ACCEPTED = [vector for vector in VECTORS if not vector["error"]]
NOW = datetime(2026, 1, 1, tzinfo=UTC)

NUMBER = r"\d{1,2}(-\d{1,2})?"
FIELD = rf"(\*|{NUMBER}(,{NUMBER})*|\d{{1,2}}(-\d{{1,2}})?/\d{{1,2}})"
NAMES = "([A-Z]{3}(-[A-Z]{3})?)(,[A-Z]{3}(-[A-Z]{3})?)*"
FORM = rf"cron\({FIELD} {FIELD} (({FIELD}|L) (\*|{NAMES}) \?|\? (\*|{NAMES}) ({NAMES}|[A-Z]{{3}}#[1-5]|[1-7]L)) \*\)"


def translate(text, name="UTC", now=NOW):
    return eventbridge.translate(parse(text), zone(name), now)


def times(texts):
    """(days of every kind of year, minutes, hours) of each."""
    parsed = [expressions.parse(text) for text in texts]
    return {(frozenset(day for day in DAYS if one.has_day(day)), one.minutes, one.hours) for one in parsed}


@pytest.mark.parametrize("vector", ACCEPTED, ids=[vector["unix"] for vector in ACCEPTED])
def test_a_vector_is_translated_to_the_times_that_it_gives(vector):
    translation = translate(vector["unix"])
    assert (translation.gated, translation.dedupe) == (vector["gate"], vector["dedupe"])
    assert len(translation.expressions) == len(vector["expressions"])
    assert times(translation.expressions) == times(vector["expressions"])


@pytest.mark.parametrize(
    ("text", "name", "written"),
    [
        ("*/30 * * * *", "UTC", ["cron(0,30 * * * ? *)"]),
        ("0 8 * * 1", "UTC", ["cron(0 8 ? * MON *)"]),
        ("0 0 * * 5-7", "UTC", ["cron(0 0 ? * SUN,FRI,SAT *)"]),
        ("0 8 * * *", "Asia/Kathmandu", ["cron(15 2 * * ? *)"]),
        ("0 3 * * 1", "Asia/Tokyo", ["cron(0 18 ? * SUN *)"]),
        ("0 3 1 * *", "Asia/Tokyo", ["cron(0 18 L * ? *)"]),
        ("0 3,12 * * 1", "Asia/Tokyo", ["cron(0 3 ? * MON *)", "cron(0 18 ? * SUN *)"]),
        ("0 3 1,15 * *", "Asia/Tokyo", ["cron(0 18 L * ? *)", "cron(0 18 14 * ? *)"]),
        ("0 22 31 * *", "America/Bogota", ["cron(0 3 1 JAN,FEB,APR,JUN,AUG,SEP,NOV ? *)"]),
        ("0 3 * 1 *", "Asia/Tokyo", ["cron(0 18 31 DEC ? *)", "cron(0 18 1-30 JAN ? *)"]),
        ("9 * 24-30 * 1-7", "Europe/Dublin", ["cron(9 * * * ? *)"]),
        ("20 * 1-31 * MON", "Asia/Kathmandu", ["cron(35 * * * ? *)"]),
        ("15,45 8 * * *", "Asia/Kathmandu", ["cron(0 3 * * ? *)", "cron(30 2 * * ? *)"]),
        ("0 0 13 * 5", "Asia/Tokyo", ["cron(0 15 12 * ? *)", "cron(0 15 ? * THU *)"]),
        ("*/15 * * * *", "Australia/Lord_Howe", ["cron(0/15 * * * ? *)"]),
        ("0 * * * *", "America/New_York", ["cron(0 * * * ? *)"]),
    ],
)
def test_what_one_or_two_expressions_can_say_is_said_exactly(text, name, written):
    translation = translate(text, name)
    assert list(translation.expressions) == written
    assert not translation.gated


def test_an_offset_that_the_zone_has_given_up_for_good_leaves_the_expressions_a_week_later():
    changed = datetime(2024, 2, 29, 18, tzinfo=UTC)  # from then on Asia/Almaty is at +05:00 instead of +06:00
    before, week, after = (translate("0 8 * * *", "Asia/Almaty", changed + timedelta(days=days)) for days in (-1, 7, 9))
    assert before == week == eventbridge.Translation(("cron(0 2,3 * * ? *)",), gated=True, dedupe=False)
    assert after == eventbridge.Translation(("cron(0 3 * * ? *)",), gated=False, dedupe=False)


@pytest.mark.parametrize(
    ("text", "name", "written"),
    [
        ("0 8 * * *", "America/New_York", "cron(0 12,13 * * ? *)"),
        ("0 22 * * 5", "America/New_York", "cron(0 2,3 ? * SAT *)"),
        ("0 22 31 * *", "America/New_York", "cron(0 2,3 1 JAN,FEB,APR,JUN,AUG,SEP,NOV ? *)"),
        ("0 0-23 * * *", "America/New_York", "cron(0 * * * ? *)"),  # the repeated hour runs once
        ("0 0 1-7 * */7", "America/New_York", "cron(0 4,5 ? * SUN#1 *)"),
        ("0 8 * * *", "Australia/Lord_Howe", "cron(0,30 21 * * ? *)"),
        ("0 * * * *", "Australia/Lord_Howe", "cron(0,30 * * * ? *)"),
        ("* * * * 1", "Asia/Kathmandu", "cron(* * ? * SUN,MON *)"),
        ("0 0 1-21 * */7", "UTC", "cron(0 0 ? * SUN *)"),
        ("0 0 */2 * 1", "UTC", "cron(0 0 ? * MON *)"),
        ("0 0 1,15 * */2", "UTC", "cron(0 0 1,15 * ? *)"),
    ],
)
def test_what_two_cannot_say_is_one_tight_superset_with_a_gate(text, name, written):
    translation = translate(text, name)
    assert translation.expressions == (written,)
    assert translation.gated
    assert not translation.dedupe


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(PATTERNS.filter(lambda text: not text.split()[2].startswith(("29", "30", "31"))), st.sampled_from(ZONES))
def test_only_short_expressions_of_documented_forms_are_written(text, name):
    for expression in translate(text, name).expressions:
        assert re.fullmatch(FORM, expression)
        assert len(expression) <= 256


def test_the_longest_expression_that_can_be_written_is_within_the_limit():
    minutes = ",".join(str(minute) for minute in range(60) if minute % 3 != 2 or minute < 2)
    hours = ",".join(str(hour) for hour in range(24) if hour % 3 != 2)
    days = ",".join(str(day) for day in range(1, 32) if day % 3)
    months, weekdays = "1,2,4,5,7,8,10,11", "*"
    lengths = [len(text) for text in translate(f"{minutes} {hours} {days} {months} {weekdays}").expressions]
    assert 230 < max(lengths) <= 256
