"""Ticks that nobody delivered: found by what is overdue, whatever the number of schedules, and written down."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

import msgspec

from chalicelib.actions import settle, start_run, tick
from chalicelib.call import Call
from chalicelib.domain import schedules
from chalicelib.domain.configured_blocks import ConfiguredBlock, RepeatSchedule
from chalicelib.domain.runs import Run, RunStatus, run_id
from chalicelib.store import configured_blocks, runs
from chalicelib.store.table import Raced, commit

log = logging.getLogger(__name__)

BATCH = 100
MOST_AT_ONCE = 1000
WHY = "nobody delivered this tick within 25 minutes"


def account_for_missed(call: Call) -> int:
    """Give every overdue tick its row; answers how many were written.

    At most 1,000 of a schedule at a time: the rest is overdue still, and the next watchdog goes on there.
    """
    written = 0
    for configured in list(configured_blocks.schedules(before=call.now - schedules.LATE)):
        try:
            written += _account(call, configured)
        except Exception:
            log.exception("the ticks of %s can't be accounted for now", configured.uid)
    return written


def _account(call: Call, configured: ConfiguredBlock) -> int:
    schedule, first = configured.schedule, configured.next_due
    if schedule is None or first is None:
        return 0
    written, last, reached = 0, None, None
    for minute, row in _without_row(call, configured, schedule, first):
        if minute >= call.now - schedules.LATE or written >= MOST_AT_ONCE:
            reached = minute
            break
        status = _write(call, configured, row)
        written += 1
        last = minute if status == "missed" else last
    if last is not None and schedule.catch_up == "last" and written < MOST_AT_ONCE:
        _catch_up(call, configured, schedule, last)
    _move_on(configured, reached or schedules.following(schedule, call.now))
    return written


def _without_row(
    call: Call, configured: ConfiguredBlock, schedule: RepeatSchedule, first: datetime
) -> Iterator[tuple[datetime, Run]]:
    """The due minutes up to now that have no row, each with the row it could get."""
    due = schedules.due_from(schedule, first, call.now + timedelta(minutes=1))
    while batch := list(islice(due, BATCH)):
        rows = {minute: tick.of_minute(call, configured, minute) for minute in batch}
        known = runs.get_many(row.id for row in rows.values())
        yield from ((minute, row) for minute, row in rows.items() if row.id not in known)


def _write(call: Call, configured: ConfiguredBlock, row: Run) -> RunStatus:
    resting = tick.resting(configured, row.scheduled_at or call.now)
    status: RunStatus = "skipped" if resting else "missed"
    final = msgspec.structs.replace(row, status=status, reason=resting or WHY, finished_at=call.now)
    try:
        commit(runs.create(final, call.settings.history_days))
    except Raced:
        log.info("the tick %s came at the last moment", row.id)
        return "skipped"
    return status


def _catch_up(call: Call, configured: ConfiguredBlock, schedule: RepeatSchedule, last: datetime) -> None:
    """One run for all that was missed, with the time of the last; the same one if this is done twice."""
    row = start_run.new(call, configured, run_id(configured.uid, last, "x"), "schedule")
    row = msgspec.structs.replace(row, scheduled_at=last, because="catches up on missed ticks")
    holder = start_run.create(call, row, locked=schedule.overlap != "allow")
    if holder is None or holder == row.id:
        settle.start(call, row.id)
        return
    tick.skipped(call, configured, row, f"overlap: run {holder} is active")


def _move_on(configured: ConfiguredBlock, following: datetime) -> None:
    if following == configured.next_due:
        return
    try:
        commit(configured_blocks.move_on(configured, following))
    except Raced:
        return
