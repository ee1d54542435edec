"""A tick: a minute at which a schedule may be due. Delivered at least once and late, it runs exactly once."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import msgspec

from chalicelib import metrics
from chalicelib.actions import settle, start_run
from chalicelib.actions.cancel import cancel_run
from chalicelib.call import Call
from chalicelib.domain import actors, schedules
from chalicelib.domain.configured_blocks import ConfiguredBlock, RepeatSchedule
from chalicelib.domain.runs import Run, run_id
from chalicelib.store import configured_blocks, locks, projects, runs
from chalicelib.store.table import Raced, Write, commit
from chalicelib.store.update import until_written

log = logging.getLogger(__name__)

# Runs that a tick cancels before it gives up: more than one only where others start runs at the same moment.
MOST_REPLACED = 100


def tick(call: Call, schedule_id: str, time: datetime) -> Run | None:
    """The run row of this schedule and minute, made now or by an earlier delivery; None where it is not due."""
    environment_uid, uid, hostname = schedule_id.split(".", 2)
    configured = configured_blocks.get(environment_uid, hostname)
    if configured is None or configured.uid != uid or configured.schedule is None:
        log.warning("a rule fired for schedule %s, which does not exist", schedule_id)
        return None
    minute = _due_minute(call, configured, time.astimezone(UTC))
    schedule = schedules.deciding(configured, minute) if minute is not None else None
    if minute is None or schedule is None:
        return None
    return account(call, configured, schedule, of_minute(call, configured, minute))


def _due_minute(call: Call, configured: ConfiguredBlock, time: datetime) -> datetime | None:
    """Return the due minute that an event of this time stands for; None where there is none.

    It is the event's own minute if that is due. EventBridge promises no more than the minute, and its `time` may lie
    some seconds in the next one: else it is a minute that was due at most two minutes before and has no row yet, or
    the last of them, whose event is then delivered again.
    """
    minute = time.replace(second=0, microsecond=0)
    schedule = schedules.deciding(configured, minute)
    if schedule is not None and schedules.is_due(schedule, minute):
        return minute
    late = schedules.due_from(configured, time - schedules.EVENT_LATE, minute)
    ids = {due: of_minute(call, configured, due).id for due in late}
    stored = runs.get_many(ids.values())
    owed = [due for due in ids if ids[due] in stored or _is_owed(configured, due)]
    return next((due for due in owed if ids[due] not in stored), owed[-1] if owed else None)


def _is_owed(configured: ConfiguredBlock, minute: datetime) -> bool:
    """Whether a minute without a row should have one: the schedule was there, and nobody has accounted for it."""
    return configured.next_due is not None and minute >= configured.next_due


def of_minute(call: Call, configured: ConfiguredBlock, minute: datetime) -> Run:
    """The row of a schedule's minute, not yet stored: the same id whoever makes it."""
    run = start_run.new(call, configured, run_id(configured.uid, minute, "s"), "schedule")
    return msgspec.structs.replace(run, scheduled_at=minute)


def account(call: Call, configured: ConfiguredBlock, schedule: RepeatSchedule, run: Run) -> Run:
    """Write the one row of a due minute, and start its run or say why not."""
    why_not = resting(configured, run.scheduled_at or call.now, call.now)
    if why_not is not None:
        return skipped(call, configured, run, why_not)
    locked = schedule.overlap != "allow"
    for left in reversed(range(MOST_REPLACED)):
        holder = start_run.create(call, run, locked, _moved_on(configured, run))
        if holder is None:
            _tell(call, run)
            settle.start(call, run.id)
            return run
        if holder == run.id:
            return _delivered_again(call, run)
        if schedule.overlap != "replace" or not _replaceable(holder, run) or not left:
            return _overlapping(call, configured, schedule, run, holder)
        cancel_run(call, holder, by=actors.replacing(run.id))
    raise AssertionError("unreachable")


def resting(configured: ConfiguredBlock, minute: datetime, now: datetime) -> str | None:
    """Why nothing is started now for this minute of the schedule."""
    if pause := schedules.held_by(configured, minute, now):
        return f"paused by {pause.by}: {pause.reason}"
    environment = projects.environment_of(configured)
    return "shutdown" if environment is None or environment.shutdown else None


def _moved_on(configured: ConfiguredBlock, run: Run) -> list[Write]:
    """The write that moves `next_due` past this minute, if this minute is what it waits for.

    A later one leaves it: the earlier tick is still owed an account, which the watchdog gives.
    """
    if run.scheduled_at is None or configured.next_due != run.scheduled_at:
        return []
    return [configured_blocks.move_on(configured, schedules.following(configured, run.scheduled_at))]


def _delivered_again(call: Call, run: Run) -> Run:
    """Whoever wrote the row may have died before the execution was started: start it, by the same name."""
    present = runs.get(run.id) or run
    if present.status == "queued" and locks.waiting(run.uid) != run.id:
        settle.start(call, run.id)
    return present


def _replaceable(holder: str, run: Run) -> bool:
    """Whether the active run may be cancelled for this one: a tick that comes late replaces no later tick's run."""
    active = runs.get(holder)
    return active is None or active.scheduled_at is None or active.scheduled_at < (run.scheduled_at or run.created_at)


def _overlapping(call: Call, configured: ConfiguredBlock, schedule: RepeatSchedule, run: Run, holder: str) -> Run:
    if schedule.overlap == "queue" and _queued(call, configured, run, holder):
        return run
    return skipped(call, configured, run, f"overlap: run {holder} is active")


def _queued(call: Call, configured: ConfiguredBlock, run: Run, holder: str) -> bool:
    """Whether the run is now the one that waits; if the lock was freed meanwhile it is started."""

    def attempt() -> bool | None:
        before = locks.waiting(run.uid)
        if before == run.id or not _over(before):
            return before == run.id
        try:
            _write(call, configured, run, [locks.wait(run.uid, run.id, before)])
        except Raced:
            if runs.get(run.id) is not None:
                return True
            raise
        return None

    waits = until_written(attempt)
    if waits is None and _over(holder):
        settle.start(call, run.id)
    return waits is not False


def _over(run_id: str | None) -> bool:
    """Whether nobody is behind this id, or a run that has ended."""
    found = runs.get(run_id) if run_id is not None else None
    return found is None or found.is_final


def skipped(call: Call, configured: ConfiguredBlock, run: Run, reason: str) -> Run:
    """A tick that must not run is a row too: written final, so that nothing is started for it."""
    row = msgspec.structs.replace(run, status="skipped", reason=reason, finished_at=call.now)
    try:
        _write(call, configured, row, [])
    except Raced:
        return runs.get(run.id) or row
    return row


def _write(call: Call, configured: ConfiguredBlock, row: Run, others: list[Write]) -> None:
    """Store a row with `others`, and move `next_due` on unless another has; raises Raced if the rest can't be."""
    needed = [runs.create(row, call.settings.history_days), *others]
    moved = _moved_on(configured, row)
    try:
        commit(*needed, *moved)
    except Raced as raced:
        if not moved or set(raced.failed) != {len(needed)}:
            raise
        commit(*needed)
    _tell(call, row)


def _tell(call: Call, row: Run) -> None:
    """Count a row that this call has written."""
    metrics.tick_accounted(call.settings.stack, row, (call.now - (row.scheduled_at or call.now)).total_seconds())
    if row.is_final:
        metrics.run_ended(call.settings.stack, row)
