"""What people should read before they save a schedule."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice

import pytest

from chalicelib.domain.cron.occurrences import due_minutes, parse, zone
from chalicelib.domain.wording import warnings


def cautions(text, name="UTC", start="2026-11-22", count=5):
    begin = datetime.fromisoformat(start).replace(tzinfo=UTC)
    cron = parse(text)
    upcoming = list(islice(due_minutes(cron, zone(name), begin, begin.replace(year=2099)), count))
    return warnings(cron, name, begin, upcoming)


@pytest.mark.parametrize(
    "text",
    [
        "* * * * *",
        "*/15 * * * *",
        "0 8 * * 1-5",
        "0 0 1-31 * 1",
        "0 0 1-29 2 *",
        "0 0 25-31 * *",
        "*/7 8 * * *",
        "0 */5 1 * *",
        "0 0 1 */3 *",
        "1-59/2 * * * *",
        "@yearly",
    ],
)
def test_a_plain_pattern_needs_no_warning(text):
    assert cautions(text) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0 0 13 * 5", "fit either of them, not only on those that fit both"),
        ("0 0 1-7 * */7", "only on days that fit both"),
        ("0 0 31 * *", "no day 31 in February, April, June, September and November"),
        ("0 0 15,31 * *", "no day 31 in February, April"),
        ("0 0 30 * *", "no day 30 in February:"),
        ("0 0 29 * *", "only in leap years"),
        ("0 0 29 2 1", "only in leap years"),
        ("0 0 31 2 1", "no day 31 in February"),
        ("*/7 * * * *", "minute 56 is followed by minute 0, a distance of 4 and not 7"),
        ("*/90 * * * *", "leaves only minute 0"),
        ("0 */5 * * *", "hour 20 is followed by hour 0, a distance of 4 and not 5"),
        ("0 0 */2 * *", "day 31 is followed by day 1, a distance of 1 and not 2"),
        ("0 0 1 */5 *", "November is followed by January, a distance of 2 and not 5"),
        ("0 0 * * */2", "Saturday is followed by Sunday, a distance of 1 and not 2"),
    ],
)
def test_a_surprise_is_told_in_one_sentence(text, said):
    found = [sentence for sentence in cautions(text) if said in sentence]
    assert len(found) == 1


def test_a_step_is_told_of_that_does_not_fill_the_hour_and_the_day():
    assert len(cautions("*/7 */5 * * *")) == 1  # no two of the hours follow one another
    assert len(cautions("*/7 */1,5 * * *")) == 1
    assert len(cautions("@hourly")) == 0


@pytest.mark.parametrize(
    ("text", "start", "said"),
    [
        (
            "30 2 * * *",
            "2027-03-12",
            "14 March 2027, UTC-05:00 to UTC-04:00: a run in the time that is skipped comes later",
        ),
        (
            "30 1 * * *",
            "2027-11-05",
            "7 November 2027, UTC-04:00 to UTC-05:00: in the time that comes twice it runs in the first",
        ),
        (
            "*/30 * * * *",
            "2027-03-14T06:00",
            "14 March 2027, UTC-05:00 to UTC-04:00: nothing runs in the time that is skipped",
        ),
        (
            "30 2 * * *",
            "2027-03-14",
            "14 March 2027, UTC-05:00 to UTC-04:00: a run in the time that is skipped comes later",
        ),
        ("30 2 * * *", "2027-03-14T07:10", "14 March 2027, UTC-05:00 to UTC-04:00: a run in the time that is skipped"),
        ("30 2 14 3 *", "2026-01-01", "14 March 2027, UTC-05:00 to UTC-04:00: a run in the time that is skipped"),
        ("*/30 * * * *", "2027-03-14T06:45", "14 March 2027, UTC-05:00 to UTC-04:00: nothing runs"),
        ("*/30 * * * *", "2027-11-07T05:00", "7 November 2027, UTC-04:00 to UTC-05:00: it runs in both passes"),
        ("0 8 1 * *", "2027-02-20", "14 March 2027"),
    ],
)
def test_a_change_of_the_clocks_among_the_next_runs_is_told(text, start, said):
    assert sum(said in sentence for sentence in cautions(text, "America/New_York", start)) == 1


def test_no_change_is_told_of_where_none_is_near():
    assert cautions("30 2 * * *", "America/New_York", "2027-05-01") == []
    assert cautions("30 2 * * *", "Asia/Tokyo", "2027-03-12") == []
    assert cautions("@yearly", "America/New_York", "2027-06-01") == []
    assert cautions("30 2 * * *", "America/New_York", "2027-03-12", 0) == []
