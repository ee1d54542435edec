"""Ticks: due or not, exactly one row a due minute, one run at a time as the overlap policy says."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from chalicelib.actions import start_run
from chalicelib.domain.problems import Conflict
from chalicelib.handlers import schedules as handlers
from chalicelib.store import locks
from chalicelib.store.table import commit
from tests.schedules.conftest import MINUTE, Killed, at_once, both_backends, minute, minutes, refusing


@both_backends
def test_a_tick_of_a_due_minute_starts_one_run(site):
    job = site.schedule("*/10 * * * *")
    site.at("12:10")
    site.tick(job, "12:10")
    (run,) = site.rows(job)
    assert (run.status, run.trigger, run.by, run.scheduled_at) == ("queued", "schedule", "schedule", minute("12:10"))
    assert site.executions(job) == [run.id]
    assert site.fresh(job).next_due == minute("12:20")


@both_backends
def test_the_seconds_of_an_event_do_not_count(site):
    job = site.schedule("*/10 * * * *")
    (payload,) = site.payloads(job, "12:10")
    for time in ("2026-03-28T12:10:07Z", "2026-03-28T12:10:59Z", "2026-03-28T13:10:00+01:00"):
        handlers.tick(payload | {"time": time}, None)
    assert [row[0] for row in site.told(job)] == ["12:10"]


@both_backends
def test_a_minute_that_is_not_due_leaves_nothing(site):
    # Days of the month AND of the week: more is fired than is due.
    job = site.schedule("0 0 */2 * 1")
    for day in range(1, 32):
        site.tick(job, f"2026-05-{day:02}T00:00")
    site.tick(job, "2026-05-11T00:01")
    assert [f"{run.scheduled_at:%d %H:%M}" for run in site.rows(job)] == ["11 00:00", "25 00:00"]


def test_an_event_for_a_schedule_that_is_not_there_does_nothing(site):
    job = site.schedule()
    (payload,) = site.payloads(job, "12:01")
    for schedule in (f"{job.environment_uid}.{'x' * 26}.{job.hostname}", f"{job.environment_uid}.{job.uid}.other"):
        handlers.tick(payload | {"schedule": schedule}, None)
    assert site.rows(job) == []


@both_backends
def test_deliveries_twice_late_and_out_of_order_give_one_row_a_minute(site):
    job = site.schedule("* * * * *", overlap="allow")
    deliveries = minutes("12:01", 20) * 2
    random.Random(5).shuffle(deliveries)
    site.at("12:31")
    for at in deliveries:
        site.tick(job, at)
    assert [run.scheduled_at for run in site.rows(job)] == minutes("12:01", 20)
    assert site.executions(job) == [run.id for run in site.rows(job)]


def test_one_tick_delivered_many_times_at_once_is_one_run(site):
    job = site.schedule()
    site.at("12:01")
    assert at_once(*[lambda: site.tick(job, "12:01")] * 12) == []
    assert site.statuses(job) == {"queued": 1}
    assert len(site.executions(job)) == 1


def fifty(site, job):
    """Fifty minutes' ticks, delivered at once, some of them twice."""
    due = minutes("12:01", 50)
    site.at("12:51")
    assert at_once(*(lambda at=at: site.tick(job, at) for at in [*due, *due[::10]])) == []
    rows = site.rows(job)
    assert [run.scheduled_at for run in rows] == due
    return rows


def test_of_fifty_ticks_at_once_one_runs_and_the_others_are_skipped(site):
    job = site.schedule(overlap="skip")
    rows = fifty(site, job)
    assert Counter(run.status for run in rows) == {"queued": 1, "skipped": 49}
    (active,) = (run.id for run in rows if run.status == "queued")
    assert {run.reason for run in rows if run.status == "skipped"} == {f"overlap: run {active} is active"}
    assert site.executions(job) == [active]


@pytest.mark.ci
def test_of_fifty_ticks_at_once_one_runs_and_one_waits_where_they_queue(site):
    job = site.schedule(overlap="queue")
    rows = fifty(site, job)
    assert Counter(run.status for run in rows) == {"queued": 2, "skipped": 48}
    active, waiting = locks.holder(job.uid), locks.waiting(job.uid)
    assert {run.id for run in rows if run.status == "queued"} == {active, waiting}
    assert site.executions(job) == [active]
    site.end(active)
    assert site.executions(job) == sorted([active, waiting])


@pytest.mark.ci
def test_of_fifty_ticks_at_once_the_last_runs_where_they_replace(site):
    job = site.schedule(overlap="replace")
    rows = fifty(site, job)
    assert {run.status for run in rows[:-1]} <= {"cancelled", "skipped"}
    assert (rows[-1].status, locks.holder(job.uid)) == ("queued", rows[-1].id)
    for run in rows[:-1]:
        assert (run.status, (run.reason or "").split(" ")[0]) in {("cancelled", "cancelled"), ("skipped", "overlap:")}


def test_fifty_ticks_at_once_all_run_where_that_is_allowed(site):
    job = site.schedule(overlap="allow")
    rows = fifty(site, job)
    assert Counter(run.status for run in rows) == {"queued": 50}
    assert site.executions(job) == [run.id for run in rows]


def test_a_late_tick_does_not_replace_the_run_of_a_later_one(site):
    job = site.schedule(overlap="replace")
    site.at("12:06")
    site.tick(job, "12:05")
    site.tick(job, "12:02")
    early, late = site.rows(job)
    assert (early.status, late.status) == ("skipped", "queued")
    assert early.reason == f"overlap: run {late.id} is active"


def test_whoever_waits_is_started_by_the_next_look_if_the_settler_died(site):
    job = site.schedule(overlap="queue")
    site.at("12:02")
    site.tick(job, "12:01")
    site.tick(job, "12:02")
    active, waiting = (run.id for run in site.rows(job))
    with refusing("stepfunctions", "StartExecution"), pytest.raises(Killed):
        site.end(active)
    assert site.executions(job) == [active]
    site.at("12:05")
    site.watchdog()
    assert site.executions(job) == [active, waiting]


def test_a_place_in_the_queue_is_free_again_when_who_waited_was_cancelled(site):
    job = site.schedule(overlap="queue")
    site.at("12:03")
    for at in ("12:01", "12:02"):
        site.tick(job, at)
    waiting = locks.waiting(job.uid)
    site.end(waiting, "cancelled")
    site.tick(job, "12:03")
    assert [run.status for run in site.rows(job)] == ["queued", "cancelled", "queued"]


def test_a_lock_whose_run_has_ended_without_giving_it_back_is_taken_over(site):
    job = site.schedule()
    site.at("12:02")
    site.tick(job, "12:01")
    (first,) = site.rows(job)
    with refusing("dynamodb", "UpdateItem"), pytest.raises(Killed):  # by which the lock is given back
        site.end(first.id, "failed")
    assert locks.holder(job.uid) == first.id
    site.tick(job, "12:02")
    second = site.rows(job)[-1]
    assert (second.status, locks.holder(job.uid)) == ("queued", second.id)


def test_a_lock_whose_run_is_not_there_is_taken_over(site):
    job = site.schedule()
    commit(locks.take(job.uid, f"{job.uid}-20200101T000000000000-s", site.now, site.now + timedelta(days=9)))
    site.at("12:01")
    site.tick(job, "12:01")
    assert [row[1] for row in site.told(job)] == ["queued"]


def test_a_run_whose_execution_died_is_settled_by_the_watchdog_and_its_lock_is_free(site):
    job = site.schedule()
    site.at("12:01")
    site.tick(job, "12:01")
    site.at("12:02")
    site.tick(job, "12:02")
    site.at("12:05")
    site.watchdog()  # that execution does nothing and is over
    site.tick(job, "12:05")
    assert [(row[0], row[1]) for row in site.told(job)] == [
        ("12:01", "interrupted"), ("12:02", "skipped"), ("12:05", "queued"),
    ]  # fmt: skip


def run_now(site, job, force=False):
    return start_run.run_now(
        site.call(), site.environment, site.fresh(job), command=None, values=(), reason=None, force=force
    )


def test_a_manual_run_obeys_the_lock_unless_it_is_forced(site):
    job = site.schedule()
    site.at("12:01")
    site.tick(job, "12:01")
    (active,) = site.rows(job)
    with pytest.raises(Conflict, match=active.id):
        run_now(site, job)
    forced = run_now(site, job, force=True)
    assert (forced.trigger, forced.force) == ("manual", True)
    site.end(active.id)
    assert run_now(site, job).status == "queued"
    site.at("12:02")
    site.tick(job, "12:02")
    assert site.rows(job, status="skipped")[0].reason.startswith("overlap: run ")


def test_a_forced_run_that_ends_first_leaves_the_tick_that_waits_waiting(site):
    job = site.schedule(overlap="queue")
    site.at("12:03")
    for at in ("12:01", "12:02"):
        site.tick(job, at)
    active, waiting = (run.id for run in site.rows(job))
    site.end(run_now(site, job, force=True).id)
    assert waiting not in site.executions(job)
    site.end(active)
    site.tick(job, "12:03")  # comes before the one that waited has begun
    assert waiting in site.executions(job)
    assert [run.status for run in site.rows(job) if run.trigger == "schedule"] == ["succeeded", "queued", "queued"]
    assert (locks.holder(job.uid), locks.waiting(job.uid)) == (waiting, site.rows(job)[-1].id)


def test_a_tick_whose_handler_died_before_it_started_anything_is_started_by_the_redelivery(site):
    job = site.schedule()
    site.at("12:01")
    with refusing("stepfunctions", "StartExecution"), pytest.raises(Killed):
        site.tick(job, "12:01")
    (run,) = site.rows(job)
    assert (run.status, site.executions(job)) == ("queued", [])
    site.tick(job, "12:01")
    assert (site.statuses(job), site.executions(job)) == ({"queued": 1}, [run.id])


def test_a_tick_whose_handler_died_before_it_started_anything_is_started_by_the_watchdog(site):
    job = site.schedule()
    site.at("12:01")
    with refusing("stepfunctions", "StartExecution"), pytest.raises(Killed):
        site.tick(job, "12:01")
    site.at("12:02")
    site.watchdog()
    assert site.executions(job) == []
    site.at("12:05")
    site.watchdog()
    assert (site.statuses(job), len(site.executions(job))) == ({"queued": 1}, 1)


def test_a_tick_whose_handler_died_before_its_row_is_made_by_the_redelivery(site):
    job = site.schedule()
    site.at("12:01")
    with refusing("dynamodb", "TransactWriteItems"), pytest.raises(Killed):
        site.tick(job, "12:01")
    assert (site.rows(job), site.fresh(job).next_due) == ([], minute("12:01"))
    site.tick(job, "12:01")
    assert (site.statuses(job), site.fresh(job).next_due) == ({"queued": 1}, minute("12:02"))


def test_ticks_that_come_out_of_order_leave_the_earlier_owed(site):
    job = site.schedule()
    site.at("12:03")
    site.tick(job, "12:03")
    assert site.fresh(job).next_due == minute("12:01")
    site.tick(job, "12:01")
    assert site.fresh(job).next_due == minute("12:01") + MINUTE


@pytest.mark.parametrize("time", ["12:11:00", "12:11:07", "12:11:59", "12:12:00"])
def test_event_of_the_next_two_minutes_is_the_tick_of_the_due_minute(site, time):
    job = site.schedule("*/10 * * * *")
    (payload,) = site.payloads(job, "12:10")
    site.at("12:12")
    for _ in range(2):
        handlers.tick(payload | {"time": f"2026-03-28T{time}Z"}, None)
    (run,) = site.rows(job)
    assert (run.scheduled_at, run.status) == (minute("12:10"), "queued")
    assert site.executions(job) == [run.id]
    assert site.fresh(job).next_due == minute("12:20")


@pytest.mark.parametrize("time", ["12:09:59", "12:12:01", "12:13:00", "12:15:00"])
def test_event_that_is_early_or_later_still_is_no_tick(site, time):
    job = site.schedule("*/10 * * * *")
    (payload,) = site.payloads(job, "12:10")
    site.at("12:15")
    handlers.tick(payload | {"time": f"2026-03-28T{time}Z"}, None)
    assert site.rows(job) == []


def test_late_event_of_a_minute_before_the_schedule_was_there_is_no_tick(site):
    site.at("12:10:30")
    job = site.schedule("10 12 * * *")
    (payload,) = site.payloads(job, "12:10")
    handlers.tick(payload | {"time": "2026-03-28T12:11:00Z"}, None)
    assert site.rows(job) == []


def test_late_event_delivered_again_starts_a_run_that_was_not_started(site):
    job = site.schedule("*/10 * * * *")
    (payload,) = site.payloads(job, "12:10")
    site.at("12:11")
    late = payload | {"time": "2026-03-28T12:11:03Z"}
    with refusing("stepfunctions", "StartExecution"), pytest.raises(Killed):
        handlers.tick(late, None)
    assert site.executions(job) == []
    handlers.tick(late, None)
    (run,) = site.rows(job)
    assert site.executions(job) == [run.id]


def test_event_in_the_next_minute_of_a_dense_schedule_is_its_own_minute(site):
    job = site.schedule("* * * * *", overlap="allow")
    (payload,) = site.payloads(job, "12:01")
    site.at("12:03")
    for time in ("12:03:01", "12:02:30", "12:01:59"):
        handlers.tick(payload | {"time": f"2026-03-28T{time}Z"}, None)
    assert [row[0] for row in site.told(job)] == ["12:01", "12:02", "12:03"]
