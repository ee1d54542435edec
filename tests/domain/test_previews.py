from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chalicelib.domain import crontab, timezones
from chalicelib.domain.previews import preview
from chalicelib.domain.quick_patterns import QUICK_PATTERNS

NOW = datetime(2026, 11, 22, 7, 59, 30, tzinfo=UTC)  # a Sunday


def test_a_preview_says_all_that_a_person_wants_to_know():
    told = preview("0 8 * * 1", "UTC", NOW, NOW)
    assert (told.cron, told.timezone, told.gated) == ("0 8 * * 1", "UTC", False)
    assert told.expressions == ("cron(0 8 ? * MON *)",)
    assert told.badge
    assert told.description
    assert [str(run.utc) for run in told.next_runs[:2]] == ["2026-11-23 08:00:00+00:00", "2026-11-30 08:00:00+00:00"]


def test_local_times_are_those_of_the_zone():
    (first,) = preview("0 8 * * *", "Europe/Berlin", NOW, NOW, count=1).next_runs
    assert (first.utc, first.local) == (datetime(2026, 11, 23, 7, 0, tzinfo=UTC), "2026-11-23T08:00:00+01:00")


@pytest.mark.parametrize("count", [1, 5, 100])
def test_there_are_as_many_as_were_asked_for_and_they_ascend(count):
    found = [run.utc for run in preview("*/7 3 * * *", "UTC", NOW, NOW, count).next_runs]
    assert len(found) == count
    assert found == sorted(set(found))
    assert found[0] > NOW


def test_the_first_is_strictly_after_the_moment_asked_for():
    minute = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    assert preview("* * * * *", "UTC", minute, NOW, 1).next_runs[0].utc == datetime(2026, 11, 22, 8, 1, tzinfo=UTC)
    assert preview("* * * * *", "UTC", NOW, NOW, 1).next_runs[0].utc == minute


def test_what_cannot_be_said_exactly_is_gated():
    assert preview("0 8 13 * 5", "Europe/Berlin", NOW, NOW).gated


def test_spaces_do_not_matter():
    assert preview("  0   8 * * 1 ", "UTC", NOW, NOW).cron == "0 8 * * 1"


@pytest.mark.parametrize("wrong", ["", "61 * * * *", "0 0 30 2 *"])
def test_a_pattern_that_is_refused_has_no_preview(wrong):
    with pytest.raises(crontab.CronError):
        preview(wrong, "UTC", NOW, NOW)


def test_a_zone_that_is_not_there_has_none_either():
    with pytest.raises(timezones.ZoneError):
        preview("* * * * *", "Mars/Olympus", NOW, NOW)


@pytest.mark.parametrize("quick", QUICK_PATTERNS, ids=lambda quick: quick.label)
def test_quick_patterns_are_said_exactly_by_one_expression(quick):
    told = preview(quick.cron, "UTC", NOW, NOW)
    assert (len(told.expressions), told.gated, told.cron) == (1, False, quick.cron)


def test_the_quick_patterns_are_the_five():
    assert [(quick.label, quick.cron) for quick in QUICK_PATTERNS] == [
        ("Every minute", "* * * * *"),
        ("Every 30 minutes", "*/30 * * * *"),
        ("Hourly", "0 * * * *"),
        ("Daily at 8:00 UTC", "0 8 * * *"),
        ("Mondays at 8:00 UTC", "0 8 * * 1"),
    ]
