"""Ticks that nobody delivered: found by what is overdue, whatever the number of schedules, and written down."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import islice

import msgspec

from chalicelib import metrics
from chalicelib.actions import results, tick
from chalicelib.actions.schedules import catch_up
from chalicelib.call import Call
from chalicelib.domain import schedules
from chalicelib.domain.configured_blocks import ConfiguredBlock
from chalicelib.domain.runs import Run, RunStatus
from chalicelib.store import configured_blocks, runs
from chalicelib.store.table import Raced, commit
from chalicelib.store.update import until_written

log = logging.getLogger(__name__)

BATCH = 100
MOST_AT_ONCE = 1000
MINUTE = timedelta(minutes=1)
WHY = "nobody delivered this tick within 25 minutes"


def account_for_missed(call: Call, has_time: Callable[[], bool] = lambda: True) -> int:
    """Give every overdue tick its row; answers how many were written.

    At most 1,000 of a schedule at a time, and none once `has_time` is false: the rest is overdue still, and the next
    watchdog continues there.
    """
    written = 0
    for configured in _overdue(call):
        if not has_time():
            log.warning("no time is left; the next watchdog continues with the ticks of %s", configured.uid)
            break
        try:
            written += _account(call, configured)
        except Exception:
            log.exception("the ticks of %s can't be accounted for now", configured.uid)
    return written


def _overdue(call: Call) -> Iterator[ConfiguredBlock]:
    """The schedules with overdue ticks; a shard that can't be read now keeps nobody from the others."""
    for number in range(configured_blocks.SHARDS):
        try:
            # All before the first is moved on: the index must not be paged through while it changes.
            yield from list(configured_blocks.overdue(number, call.now - schedules.LATE))
        except Exception:
            log.exception("the index of schedules can't be read now in shard %d", number)


def _account(call: Call, configured: ConfiguredBlock) -> int:
    if configured.schedule is None or configured.next_due is None:
        return 0
    written, last, going_on, more = 0, None, None, False
    for minute, row, known in _due(call, configured, configured.next_due):
        if known is None:
            more = written >= MOST_AT_ONCE
            if more or minute >= call.now - schedules.LATE:
                going_on = minute
                break
            known = _write(call, configured, row)
            written += 1
        last = minute if known == "missed" else last
    caught_up = last is not None and not more and configured.schedule.catch_up == "last"
    _move_on(call, configured, going_on or schedules.following(configured, call.now), last if caught_up else None)
    return written


def _due(call: Call, configured: ConfiguredBlock, first: datetime) -> Iterator[tuple[datetime, Run, RunStatus | None]]:
    """The due minutes up to now, each with the row it could get and the status of the row it has."""
    due = schedules.due_from(configured, first, call.now + MINUTE)
    while batch := list(islice(due, BATCH)):
        rows = {minute: tick.of_minute(call, configured, minute) for minute in batch}
        known = runs.get_many(row.id for row in rows.values())
        yield from ((minute, row, known[row.id].status if row.id in known else None) for minute, row in rows.items())


def _write(call: Call, configured: ConfiguredBlock, row: Run) -> RunStatus | None:
    """The status of the row as it is then: where the tick came at the last moment, that of its run."""
    rested = _rested(configured, row.scheduled_at or call.now, call.now)
    status: RunStatus = "skipped" if rested else "missed"
    final = msgspec.structs.replace(row, status=status, reason=rested or WHY, finished_at=call.now)

    def attempt() -> RunStatus | None:
        try:
            commit(runs.create(final, call.settings.history_days), *results.noted(final))
        except Raced as raced:
            if 0 not in raced.failed:
                raise
            present = runs.get(row.id)
            return present.status if present is not None else None
        metrics.run_ended(call.settings.stack, final)
        return status

    return until_written(attempt)


def _rested(configured: ConfiguredBlock, minute: datetime, now: datetime) -> str | None:
    """Why the schedule rested at this minute; a pause that began later is no reason."""
    if configured.pause is not None and minute + MINUTE <= configured.pause.at:
        configured = msgspec.structs.replace(configured, pause=None)
    return tick.resting(configured, minute, now)


def _move_on(call: Call, configured: ConfiguredBlock, following: datetime, last: datetime | None) -> None:
    """Go on at `following`; where `last` is a missed tick that is caught up, with one run, in the same write."""
    moved = configured_blocks.move_on(configured, following)
    try:
        if last is None or tick.resting(configured, call.now, call.now):
            commit(moved)
        else:
            catch_up.catch_up(call, configured, last, moved)
    except Raced:
        log.info("the ticks of %s were accounted for by somebody else meanwhile", configured.uid)
