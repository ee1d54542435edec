"""Paused, shut down, resumed: ticks go on and say why nothing ran."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.actions import pause as pausing
from chalicelib.actions import shut_down
from chalicelib.domain.problems import Conflict, Invalid, Stale
from tests.schedules.conftest import MINUTE, minute


def tick(site, job, *times):
    for at in times:
        site.at(at)
        site.tick(job, at)


def test_a_paused_schedule_writes_its_ticks_down_as_skipped_with_the_reason(site, pause):
    job = site.schedule()
    pause(job, "the bank is closed")
    tick(site, job, "12:01", "12:02")
    assert site.told(job) == [(at, "skipped", "paused by ada: the bank is closed") for at in ("12:01", "12:02")]
    assert site.executions(job) == []
    assert site.fresh(job).next_due == minute("12:03")


def test_resuming_lets_it_run_again_and_doing_so_twice_is_harmless(site, pause):
    job = site.schedule()
    pause(job, "holidays")
    tick(site, job, "12:01")
    for _ in range(2):
        pausing.resume(site.call(), site.fresh(job))
    tick(site, job, "12:02")
    assert [row[1] for row in site.told(job)] == ["skipped", "queued"]


def test_a_pause_ends_by_itself(site, pause):
    job = site.schedule(overlap="allow")
    pause(job, "holidays", until="12:03")
    tick(site, job, "12:01", "12:02", "12:03", "12:04")
    assert [row[1] for row in site.told(job)] == ["skipped", "skipped", "queued", "queued"]


def test_a_late_tick_is_held_by_a_pause_that_was_on_at_its_minute_and_by_no_other(site, pause):
    job = site.schedule(overlap="allow")
    site.at("12:03")
    pause(job, "holidays")
    site.at("12:06")
    pausing.resume(site.call(), site.fresh(job))
    for at in ("12:02", "12:04", "12:06"):
        site.tick(job, at)
    assert [row[1] for row in site.told(job)] == ["queued", "skipped", "queued"]


def test_a_pause_that_ends_within_a_minute_holds_that_minute(site, pause):
    job = site.schedule(overlap="allow")
    pause(job, "holidays", until="2026-03-28T12:02:30+00:00")
    tick(site, job, "12:01", "12:02", "12:03")
    assert [row[1] for row in site.told(job)] == ["skipped", "skipped", "queued"]


def test_a_pause_can_be_made_longer_or_for_another_reason(site, pause):
    job = site.schedule()
    pause(job, "holidays", until="12:01")
    pause(job, "longer holidays", until="13:00")
    tick(site, job, "12:05")
    assert site.told(job) == [("12:05", "skipped", "paused by ada: longer holidays")]


def test_the_end_of_a_pause_must_lie_ahead(site, pause):
    job = site.schedule()
    for until in (site.now, site.now - MINUTE):
        with pytest.raises(Invalid) as refused:
            pause(job, "holidays", until=until)
        assert [error.field for error in refused.value.errors] == ["until"]


def test_only_a_schedule_can_be_paused(site):
    job = site.schedule()
    once = site.once(job)
    for refused in (lambda: pausing.pause(site.call(), once, "x", None), lambda: pausing.resume(site.call(), once)):
        with pytest.raises(Conflict, match="no Repeat Schedule"):
            refused()


def test_who_pauses_what_was_changed_meanwhile_is_told(site):
    job = site.schedule()
    site.schedule("*/5 * * * *", hostname=job.hostname)
    with pytest.raises(Stale):
        pausing.pause(site.call(), job, "holidays", None)


def test_a_pause_survives_a_change_of_the_schedule_and_ends_with_it(site, pause):
    job = site.schedule()
    pause(job, "holidays")
    job = site.schedule("*/2 * * * *", hostname=job.hostname)
    tick(site, job, "12:02")
    assert [row[1] for row in site.told(job)] == ["skipped"]
    site.once(job)
    job = site.schedule(hostname=job.hostname)
    tick(site, job, "12:04")
    assert [row[1] for row in site.told(job)] == ["skipped", "queued"]


def test_pausing_changes_no_rule(site, pause):
    job = site.schedule()
    before = site.published(job)
    pause(job, "holidays")
    assert site.published(job) == before != {}


def test_a_tick_that_ran_stays_what_it_is_when_it_is_delivered_again_in_a_pause(site, pause):
    job = site.schedule()
    tick(site, job, "12:01")
    pause(job, "holidays")
    site.tick(job, "12:01")
    assert [row[1] for row in site.told(job)] == ["queued"]


def test_while_the_environment_is_shut_down_ticks_are_skipped(site):
    job = site.schedule()
    shut_down.shut_down(site.call(), site.environment)
    tick(site, job, "12:01")
    site.at(site.now + timedelta(hours=1))
    site.account()
    assert {row[1:] for row in site.told(job)} == {("skipped", "shutdown")}
    assert len(site.told(job)) > 30
