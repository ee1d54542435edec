"""Changing and removing schedules: no tick is lost, none comes twice, each by the pattern of its time."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from chalicelib.actions import configure
from chalicelib.handlers import schedules as handlers
from chalicelib.store import configured_blocks
from tests.schedules.conftest import at_once, both_backends, minute, throttling


def test_a_tick_on_its_way_while_the_pattern_changes_still_counts(site):
    job = site.schedule("*/5 * * * *")
    (payload,) = site.payloads(job, "12:05")
    site.at("2026-03-28T12:05:20")
    job = site.schedule("7 * * * *", hostname=job.hostname)
    site.at("2026-03-28T12:05:30")
    handlers.tick(payload, None)
    handlers.tick(payload, None)
    handlers.tick(payload | {"time": "2026-03-28T12:10:00Z"}, None)
    site.at("12:08")
    handlers.tick(payload | {"time": "2026-03-28T12:07:00Z"}, None)
    assert [row[0] for row in site.told(job)] == ["12:05", "12:07"]


def test_what_the_old_pattern_owed_is_missed_and_then_the_new_one_counts(site):
    job = site.schedule("*/5 * * * *")
    site.at("12:12")
    job = site.schedule("*/15 * * * *", hostname=job.hostname)
    site.at("12:13")
    job = site.schedule("14 * * * *", hostname=job.hostname)
    site.at("12:16")
    job = site.schedule("*/20 * * * *", hostname=job.hostname)
    assert job.next_due == minute("12:05")
    site.at("13:30")
    site.watchdog()
    assert [row[0] for row in site.told(job)] == ["12:05", "12:10", "12:14", "12:20", "12:40", "13:00"]
    assert {row[1] for row in site.told(job)} == {"missed"}
    job = site.schedule("0 0 * * *", hostname=job.hostname)
    assert [former.schedule.cron for former in job.former] == ["*/20 * * * *"]


def test_a_change_of_the_zone_is_a_change_of_the_times(site):
    job = site.schedule("0 13 * * *", timezone="Europe/Berlin")
    assert job.next_due == minute("2026-03-29T11:00")
    job = site.schedule("0 13 * * *", hostname=job.hostname)
    assert job.next_due == minute("13:00")


def test_a_change_of_everything_else_keeps_what_is_owed(site):
    job = site.schedule("*/5 * * * *")
    site.at("12:12")
    job = site.schedule("*/5 * * * *", hostname=job.hostname, overlap="queue", catch_up="last")
    assert (job.next_due, job.former) == (minute("12:05"), ())


def test_a_new_schedule_owes_nothing_from_before_it_was_there(site):
    site.at("2026-03-28T12:05:00")
    job = site.schedule("*/5 * * * *")
    assert job.next_due == minute("12:10")


def test_a_schedule_that_is_taken_away_owes_nothing(site):
    job = site.schedule("*/5 * * * *")
    site.at("12:50")
    site.once(job)
    site.watchdog()
    assert site.rows(job) == []
    assert site.fresh(job).next_due is None


@both_backends
def test_a_changed_pattern_replaces_its_entries_and_a_run_once_job_has_none(site):
    job = site.schedule("*/5 * * * *")
    assert list(site.published(job).values()) == ["cron(0/5 * * * ? *)"]
    job = site.schedule("0 0 1 * 1", hostname=job.hostname)
    assert sorted(site.published(job).values()) == ["cron(0 0 1 * ? *)", "cron(0 0 ? * MON *)"]
    job = site.schedule("30 4 * * *", hostname=job.hostname)
    assert list(site.published(job).values()) == ["cron(30 4 * * ? *)"]
    job = site.once(job)
    assert (site.published(job), job.schedule_status, job.rules) == ({}, None, ())


@both_backends
def test_rules_go_before_the_configured_block_does(site):
    job = site.schedule()
    with throttling("DeleteRule"), throttling("DeleteSchedule"), pytest.raises(ClientError):
        configure.remove(site.call(), site.environment, job)
    assert site.fresh(job) is not None
    configure.remove(site.call(), site.environment, job)
    assert (site.fresh(job), site.published(job)) == (None, {})


def test_two_who_change_a_schedule_at_once_leave_the_entries_of_who_won(site):
    job = site.schedule()
    patterns = ["*/5 * * * *", "*/7 * * * *", "0 0 * * *", "* * * * *"] * 2
    for _ in range(3):
        at_once(*(lambda text=text: site.schedule(text, hostname=job.hostname) for text in patterns))
        present = configured_blocks.get(job.environment_uid, job.hostname)
        assert present.schedule_status == "published"
        assert set(present.rules) == set(site.published(job))
