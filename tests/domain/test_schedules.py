"""What a schedule owes, over its changes and pauses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain import schedules
from chalicelib.domain.configured_blocks import Former, Pause, RepeatSchedule, RunOnce
from tests.domain.examples import NOW, configuration, configured

MINUTE = timedelta(minutes=1)


def at(text):
    return datetime.fromisoformat(f"2026-11-22T{text}").replace(tzinfo=UTC)


def repeating(cron="* * * * *", former=(), timezone="UTC", **told):
    run = RepeatSchedule(cron, timezone)
    formers = tuple(Former(RepeatSchedule(text), at(until)) for text, until in former)
    return configured(configuration=configuration(run=run), former=formers, **told)


def due(job, first, end):
    return [f"{minute:%H:%M}" for minute in schedules.due_from(job, at(first), at(end))]


def test_due_minutes_are_those_of_the_pattern_in_its_zone():
    job = repeating("30 9 * * *", timezone="Asia/Kathmandu")
    assert due(job, "00:00", "23:00") == ["03:45"]
    assert schedules.following(job, at("03:45")) == at("03:45") + timedelta(days=1)


def test_the_first_is_included_and_the_end_is_not():
    job = repeating("*/10 * * * *")
    assert due(job, "08:00", "08:20") == ["08:00", "08:10"]
    assert schedules.following(job, at("08:00")) == at("08:10")
    assert schedules.following(job, at("08:09:59")) == at("08:10")


def test_each_schedule_decides_of_its_own_time():
    job = repeating("*/20 * * * *", former=[("*/5 * * * *", "08:12:30"), ("*/3 * * * *", "08:17")])
    assert due(job, "08:00", "09:00") == ["08:00", "08:05", "08:10", "08:15", "08:20", "08:40"]
    assert due(job, "08:11", "08:16") == ["08:15"]
    assert schedules.following(job, at("08:10")) == at("08:15")
    assert [schedules.deciding(job, at(text)).cron for text in ("08:12", "08:13", "08:17")] == [
        "*/5 * * * *", "*/3 * * * *", "*/20 * * * *",
    ]  # fmt: skip


def test_a_former_schedule_that_was_never_due_leaves_the_time_to_the_next():
    job = repeating("0 * * * *", former=[("0 0 1 1 *", "08:30")])
    assert due(job, "08:00", "11:00") == ["09:00", "10:00"]


def renewed(present, now, cron, **told):
    new = repeating(cron, former=(), **told) if present is None else present
    run = RepeatSchedule(cron) if cron else RunOnce()
    new = configured(configuration=configuration(run=run), former=new.former, next_due=new.next_due, pause=new.pause)
    return schedules.renewed(new, present, at(now))


def test_a_new_schedule_owes_what_comes_after_now():
    assert renewed(None, "08:00", "*/10 * * * *").next_due == at("08:10")


def test_what_an_old_pattern_owes_stays_owed_when_the_pattern_changes():
    job = renewed(repeating("*/10 * * * *", next_due=at("08:10")), "08:25:30", "0 * * * *")
    assert (job.next_due, due(job, "08:10", "10:30")) == (at("08:10"), ["08:10", "08:20", "09:00", "10:00"])


def test_nothing_is_owed_by_an_old_pattern_that_is_not_due_yet():
    job = renewed(repeating("*/10 * * * *", next_due=at("08:10")), "08:05", "0 * * * *")
    assert job.next_due == at("09:00")


def test_a_minute_that_begins_with_the_change_is_the_new_patterns():
    job = renewed(repeating("*/10 * * * *", next_due=at("08:10")), "08:10", "5,10 * * * *")
    assert job.next_due == at("08:10")
    assert schedules.deciding(job, at("08:10")).cron == "5,10 * * * *"
    assert renewed(repeating("*/10 * * * *", next_due=at("08:10")), "08:10", "5 * * * *").next_due == at("09:05")


def test_former_schedules_are_forgotten_once_their_ticks_are_accounted_for():
    job = repeating("0 * * * *", former=[("*/5 * * * *", "08:12"), ("*/3 * * * *", "08:30")], next_due=at("08:15"))
    job = renewed(job, "08:40", "30 * * * *")
    assert [former.schedule.cron for former in job.former] == ["*/3 * * * *", "0 * * * *"]


def test_the_same_pattern_again_changes_nothing():
    job = repeating("0 * * * *", next_due=at("07:00"))
    assert (renewed(job, "08:40", "0 * * * *").next_due, renewed(job, "08:40", "0 * * * *").former) == (at("07:00"), ())


def test_who_has_no_schedule_any_more_owes_nothing_and_is_not_paused():
    job = repeating("0 * * * *", next_due=at("07:00"), pause=Pause(reason="x", by="ada", at=NOW))
    gone = renewed(job, "08:40", None)
    assert (gone.next_due, gone.former, gone.pause) == (None, (), None)
    assert renewed(gone, "08:50", "0 * * * *").next_due == at("09:00")


@pytest.mark.parametrize(
    ("until", "first"), [("08:10", "08:10"), ("08:10:01", "08:11"), ("08:09:59", "08:10"), (None, None)]
)
def test_its_ticks_run_again_from_the_first_minute_after_the_pause(until, first):
    pause = Pause(reason="x", until=at(until) if until else None, by="ada", at=NOW)
    after = schedules.awake_after(repeating(pause=pause), NOW)
    assert (after and schedules.following(repeating(), after)) == (at(first) if first else None)


def test_a_pause_that_is_over_is_none():
    pause = Pause(reason="x", until=NOW, by="ada", at=NOW - MINUTE)
    assert schedules.awake_after(repeating(pause=pause), NOW) == NOW
