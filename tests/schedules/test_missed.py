"""The watchdog: what nobody delivered is written down as missed, once, and caught up if that is wanted."""

from __future__ import annotations

import json

import pytest

from chalicelib.actions import begin, missed
from chalicelib.actions import pause as pausing
from chalicelib.store import locks
from tests.schedules.conftest import Killed, at_once, counted, minute, refusing

WHY = "nobody delivered this tick within 25 minutes"


def test_a_tick_is_missed_once_it_is_25_minutes_late_and_not_before(site):
    job = site.schedule("*/5 * * * *")
    site.at("12:30")
    assert site.account() == 0
    site.at("12:31")
    assert (site.account(), site.account()) == (1, 0)
    assert site.told(job) == [("12:05", "missed", WHY)]
    assert site.fresh(job).next_due == minute("12:10")
    (row,) = site.rows(job)
    assert (row.trigger, row.by, row.finished_at) == ("schedule", "watchdog", site.now)


def test_each_due_minute_without_a_row_gets_exactly_one(site):
    job = site.schedule(overlap="allow")
    for at in ("12:01", "12:03", "12:04", "12:09"):
        site.tick(job, at)
    site.at("12:40")
    site.watchdog()
    site.at("12:45")
    site.watchdog()
    rows = site.told(job)
    assert [row[0] for row in rows] == [f"12:{number:02}" for number in range(1, 20)]
    assert {row[0] for row in rows if row[1] != "missed"} == {"12:01", "12:03", "12:04", "12:09"}
    assert site.fresh(job).next_due == minute("12:20")


def test_what_was_delivered_out_of_order_is_no_longer_looked_at(site):
    job = site.schedule("*/10 * * * *", overlap="allow")
    for at in ("12:20", "12:10", "12:40", "12:30"):
        site.tick(job, at)
    site.at("13:00")
    assert site.account() == 0
    assert site.fresh(job).next_due == minute("12:50")


def test_a_tick_that_comes_after_it_was_called_missed_stays_missed(site):
    job = site.schedule("*/10 * * * *")
    site.at("12:40")
    site.watchdog()
    site.tick(job, "12:10")
    assert [(row[0], row[1]) for row in site.told(job)] == [("12:10", "missed")]
    assert site.executions(job) == []


def test_two_watchdogs_at_once_write_each_row_once(site):
    job = site.schedule(catch_up="last")
    site.at("12:50")
    assert at_once(site.account, site.account, site.account) == []
    rows = site.rows(job)
    assert len({run.id for run in rows}) == len(rows) == 25
    assert site.statuses(job) == {"missed": 24, "queued": 1}


def test_nothing_is_caught_up_unless_it_is_asked_for(site):
    job = site.schedule("*/10 * * * *")
    site.at("13:00")
    site.watchdog()
    assert (site.statuses(job), site.executions(job)) == ({"missed": 3}, [])


def test_what_was_missed_is_caught_up_by_one_run_for_the_last(site):
    job = site.schedule("*/10 * * * *", catch_up="last")
    site.at("13:00")
    site.watchdog()
    site.watchdog()
    (run,) = site.rows(job, status="queued")
    assert (run.scheduled_at, run.trigger, run.by) == (minute("12:30"), "catch_up", "watchdog")
    assert site.statuses(job) == {"missed": 3, "queued": 1}
    assert site.executions(job) == [run.id]
    site.at("13:05")
    site.watch()
    site.account()
    assert len(site.rows(job)) == 4


@pytest.mark.parametrize("operation", ["PutItem", "UpdateItem", "TransactWriteItems"])
@pytest.mark.parametrize("after", [0, 1, 2])
def test_it_is_caught_up_once_though_the_watchdog_dies_in_between(site, operation, after):
    job = site.schedule("*/10 * * * *", catch_up="last")
    site.at("13:00")
    passing = iter([False] * after)
    with refusing("dynamodb", operation, lambda text: Killed(text) if next(passing, True) else None):
        site.account()
    for at in ("13:00", "13:05"):
        site.at(at)
        site.account()
    assert site.statuses(job) == {"missed": 3, "queued": 1}


def test_the_run_that_catches_up_is_started_though_the_watchdog_dies_before(site):
    job = site.schedule("*/10 * * * *", catch_up="last")
    site.at("13:00")
    with refusing("stepfunctions", "StartExecution"):
        site.watchdog()
    assert (site.statuses(job), site.executions(job)) == ({"missed": 3, "queued": 1}, [])
    site.at("13:05")
    site.watchdog()
    assert len(site.executions(job)) == 1
    assert len(site.rows(job)) == 4


def test_nothing_is_caught_up_while_the_schedule_rests(site, pause):
    job = site.schedule("*/10 * * * *", catch_up="last")
    site.at("12:55")
    pause(job, "holidays")
    site.at("13:00")
    site.watchdog()
    assert [row[1] for row in site.told(job)] == ["missed"] * 3


def test_what_was_due_in_a_pause_is_skipped_and_what_came_before_it_missed(site, pause):
    job = site.schedule("*/10 * * * *")
    site.at("12:15")
    pause(job, "holidays", until="12:35")
    site.at("13:10")
    site.watchdog()
    assert [(row[0], row[1]) for row in site.told(job)] == [
        ("12:10", "missed"), ("12:20", "skipped"), ("12:30", "skipped"), ("12:40", "missed"),
    ]  # fmt: skip
    assert site.told(job)[1][2] == "paused by ada: holidays"


def test_what_was_due_in_a_pause_that_somebody_ended_is_skipped_and_not_caught_up(site, pause):
    job = site.schedule("*/10 * * * *", catch_up="last")
    site.at("12:15")
    pause(job, "holidays")
    site.at("12:33")
    pausing.resume(site.call(), site.fresh(job))
    site.at("12:56")
    site.watchdog()
    assert [(row[0], row[1]) for row in site.told(job)] == [
        ("12:10", "missed"), ("12:10", "queued"), ("12:20", "skipped"), ("12:30", "skipped"),
    ]  # fmt: skip
    assert site.told(job)[-1][2] == "paused by ada: holidays"


def test_a_long_gap_is_written_down_piece_by_piece_and_caught_up_once(site, monkeypatch):
    monkeypatch.setattr(missed, "MOST_AT_ONCE", 30)
    job = site.schedule(catch_up="last")
    site.at("13:59")
    assert [site.account() for _ in range(5)] == [30, 30, 30, 3, 0]
    assert [f"{run.scheduled_at:%H:%M}" for run in site.rows(job, status="queued")] == ["13:33"]


def test_what_cannot_be_accounted_for_now_keeps_nobody_else_from_it(site):
    first, second = site.schedule("*/10 * * * *"), site.schedule("*/10 * * * *")
    site.at("12:36")
    with refusing("dynamodb", "TransactWriteItems", times=1):
        site.watchdog()
    assert sorted([len(site.rows(first)), len(site.rows(second))]) == [0, 1]
    site.watchdog()
    assert [len(site.rows(first)), len(site.rows(second))] == [1, 1]


def calls_of_watchdog(site):
    with counted() as made:
        site.watchdog()
    return sum(made.values())


def test_the_watchdog_costs_what_is_overdue_and_not_what_is_there(site):
    site.at("12:01")
    few = calls_of_watchdog(site)
    quiet = [site.schedule("0 0 1 1 *") for _ in range(20)]
    site.at("12:10")
    # Eight shards each: of overdue ticks, of runs and deployments, of schedules that are not published.
    assert calls_of_watchdog(site) == few == 3 * 8
    late = [site.schedule("10 12 * * *") for _ in range(2)]
    site.at("2026-03-29T12:05")
    site.account()
    site.at("2026-03-29T12:40")
    two = calls_of_watchdog(site)
    assert {json.dumps(site.told(job)) for job in quiet} == {"[]"}
    assert [len(site.rows(job)) for job in late] == [1, 1]
    assert two - few == 2 * 5  # the rows there are, the environment, the last result, the row with it, the next tick
    assert calls_of_watchdog(site) == few


def caught_up(site, job):
    """Minute, status and reason of the runs that catch up."""
    rows = site.rows(job, trigger="catch_up")
    return [(f"{run.scheduled_at:%H:%M}", run.status, run.reason) for run in rows]


def frozen_for_14_minutes(site, job):
    """Nothing is delivered from 12:01 to 12:14; later ticks come, and at 12:40 the watchdog and a tick meet."""
    for number in range(15, 40):
        site.at(f"12:{number}")
        site.tick(job, f"12:{number}")
        site.end(site.rows(job)[-1].id, "failed")
    site.at("12:40")
    site.tick(job, "12:40")


@pytest.mark.ci
@pytest.mark.parametrize("overlap", ["skip", "queue", "replace"])
def test_four_catch_up_runs_wait_for_the_ticks_of_their_minute(site, overlap):
    jobs = [site.schedule(catch_up="last", overlap=overlap) for _ in range(4)]
    for job in jobs:
        frozen_for_14_minutes(site, job)
    site.watchdog()
    for job in jobs:
        assert caught_up(site, job) == [("12:14", "queued", None)]
        (run,) = site.rows(job, trigger="catch_up")
        active = site.rows(job)[-1]
        assert (f"{active.scheduled_at:%H:%M}", active.status) == ("12:40", "queued")
        assert run.id not in site.executions(job)
        site.end(active.id, "failed")
        assert run.id in site.executions(job)


def test_a_catch_up_run_that_waits_takes_the_lock_it_is_handed(site):
    job = site.schedule(catch_up="last")
    frozen_for_14_minutes(site, job)
    site.watchdog()
    (run,) = site.rows(job, trigger="catch_up")
    site.end(site.rows(job)[-1].id, "failed")
    assert (locks.holder(job.uid), locks.waiting(job.uid)) == (run.id, None)


def test_a_newer_run_that_succeeds_makes_the_waiting_one_unnecessary(site):
    job = site.schedule(catch_up="last")
    frozen_for_14_minutes(site, job)
    site.watchdog()
    newer, (run,) = site.rows(job)[-1], site.rows(job, trigger="catch_up")
    site.end(newer.id, "succeeded")
    assert begin.begin(site.call(), run.id)["next"] == "end"
    assert caught_up(site, job) == [("12:14", "skipped", f"unnecessary: run {newer.id} is newer and succeeded")]
    assert locks.holder(job.uid) is None


def test_nothing_is_caught_up_after_a_newer_run_has_succeeded(site):
    job = site.schedule("*/10 * * * *", catch_up="last")
    site.at("12:30")
    site.tick(job, "12:30")
    newer = site.rows(job)[-1]
    site.end(newer.id, "succeeded")
    site.at("12:50")
    site.watchdog()
    assert caught_up(site, job) == [("12:20", "skipped", f"unnecessary: run {newer.id} is newer and succeeded")]
    assert site.executions(job) == [newer.id]
    site.at("12:55")
    site.watchdog()
    assert len(caught_up(site, job)) == 1


def test_a_run_that_waits_already_makes_catching_up_unnecessary(site):
    job = site.schedule(catch_up="last", overlap="queue")
    frozen_for_14_minutes(site, job)
    site.at("12:41")
    site.tick(job, "12:41")
    waiting = site.rows(job)[-1]
    site.watchdog()
    assert caught_up(site, job) == [("12:14", "skipped", f"unnecessary: run {waiting.id} is newer and waits already")]
    assert locks.waiting(job.uid) == waiting.id


def test_what_may_overlap_is_caught_up_at_once(site):
    job = site.schedule(catch_up="last", overlap="allow")
    frozen_for_14_minutes(site, job)
    site.watchdog()
    (run,) = site.rows(job, trigger="catch_up")
    assert (run.status, run.id in site.executions(job)) == ("queued", True)


@pytest.mark.parametrize("after", [0, 13, 14])
def test_a_catch_up_run_waits_once_though_the_watchdog_dies_in_between(site, after):
    job = site.schedule(catch_up="last")
    frozen_for_14_minutes(site, job)
    passing = iter([False] * after)
    with refusing("dynamodb", "TransactWriteItems", lambda text: Killed(text) if next(passing, True) else None):
        site.account()
    site.at("12:41")
    site.account()
    site.watch()
    assert [row[1] for row in caught_up(site, job)] == ["queued"]
    (run,) = site.rows(job, trigger="catch_up")
    site.end(site.rows(job)[-1].id, "failed")
    assert site.executions(job).count(run.id) == 1
