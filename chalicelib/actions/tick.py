"""A tick: a minute at which a schedule may be due. Delivered at least once and late, it runs exactly once."""

from __future__ import annotations

import logging
from datetime import datetime

import msgspec

from chalicelib.actions import settle, start_run
from chalicelib.actions.cancel import cancel_run
from chalicelib.call import Call
from chalicelib.domain import cron, crontab, timezones
from chalicelib.domain.configured_blocks import ConfiguredBlock, RepeatSchedule
from chalicelib.domain.runs import Run, run_id
from chalicelib.store import configured_blocks, locks, projects, runs
from chalicelib.store.table import Raced, commit

log = logging.getLogger(__name__)


def tick(call: Call, schedule_id: str, time: datetime) -> Run | None:
    """The run row of this schedule and minute, made now or by an earlier delivery; None where it is not due."""
    environment_uid, uid, hostname = schedule_id.split(".", 2)
    minute = time.replace(second=0, microsecond=0)
    configured = configured_blocks.get(environment_uid, hostname)
    if configured is None or configured.uid != uid or configured.schedule is None:
        log.warning("a rule fired for schedule %s, which does not exist", schedule_id)
        return None
    schedule = configured.schedule
    if not cron.due(crontab.parse(schedule.cron), timezones.zone(schedule.timezone), minute):
        return None
    run = start_run.new(call, configured, run_id(uid, minute, "s"), "schedule")
    return _account(call, configured, schedule, msgspec.structs.replace(run, scheduled_at=minute))


def _account(call: Call, configured: ConfiguredBlock, schedule: RepeatSchedule, run: Run) -> Run:
    environment = projects.environment_by_uid(configured.project_uid, configured.environment)
    if environment is None or environment.shutdown:
        return _skipped(call, run, "shutdown")
    holder = start_run.create(call, run, locked=schedule.overlap != "allow")
    if holder is None:
        settle.start(call, run.id)
        return run
    if holder == run.id:
        return _delivered_again(call, run)
    return _overlapping(call, schedule, run, holder)


def _delivered_again(call: Call, run: Run) -> Run:
    """Whoever wrote the row may have died before the execution was started: start it, by the same name."""
    present = runs.get(run.id) or run
    if present.status == "queued" and locks.waiting(run.uid) != run.id:
        settle.start(call, run.id)
    return present


def _overlapping(call: Call, schedule: RepeatSchedule, run: Run, holder: str) -> Run:
    if schedule.overlap == "replace":
        cancel_run(call, holder, by=f"run {run.id}, which replaces it")
        if start_run.create(call, run, locked=True) is None:
            settle.start(call, run.id)
            return run
    if schedule.overlap == "queue" and _queued(call, run, holder):
        return run
    return _skipped(call, run, f"overlap: run {holder} is active")


def _queued(call: Call, run: Run, holder: str) -> bool:
    """Whether the run is now the one that waits; if the lock was freed meanwhile it is started."""
    before = locks.waiting(run.uid)
    ended = before is not None and ((found := runs.get(before)) is None or found.is_final)
    try:
        commit(runs.create(run, call.settings.history_days), locks.wait(run.uid, run.id, before if ended else None))
    except Raced:
        return False
    active = runs.get(holder)
    if active is None or active.is_final:
        settle.start(call, run.id)
    return True


def _skipped(call: Call, run: Run, reason: str) -> Run:
    """A tick that must not run is a row too: written final, so that nothing is started for it."""
    row = msgspec.structs.replace(run, status="skipped", reason=reason, finished_at=call.now)
    try:
        commit(runs.create(row, call.settings.history_days))
    except Raced:
        return runs.get(run.id) or row
    return row

