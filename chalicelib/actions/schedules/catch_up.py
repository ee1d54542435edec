"""Catch up on missed ticks: one run for the last of them, in the same write as the ledger that it closes."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from chalicelib import metrics
from chalicelib.actions import results, settle, start_run
from chalicelib.actions.begin import LEASE
from chalicelib.call import Call
from chalicelib.domain.configured_blocks import ConfiguredBlock
from chalicelib.domain.runs import Run, run_id
from chalicelib.store import locks, runs
from chalicelib.store.table import Raced, Write, commit

TRIES = 5


def catch_up(call: Call, configured: ConfiguredBlock, minute: datetime, moved: Write) -> None:
    """Write `moved` with the run that makes up for `minute`, and start that run or leave it waiting for the lock.

    Where a newer run has made it unnecessary, its row says so. Raise Raced where somebody else has moved the ledger on.
    """
    run = start_run.new(call, configured, run_id(configured.uid, minute, "x"), "catch_up")
    run = msgspec.structs.replace(run, scheduled_at=minute)
    for attempt in range(1, TRIES + 1):
        row, lock, starts = _placed(call, configured, run)
        try:
            commit(moved, runs.create(row, call.settings.history_days), *lock, *_noted(row))
        except Raced as raced:
            if 0 in raced.failed or attempt == TRIES:
                raise
            if 1 in raced.failed:  # the run is there: only the ledger is behind
                commit(moved)
                return
            continue
        if row.is_final:
            metrics.run_ended(call.settings.stack, row)
        elif starts or _is_free(locks.holder(run.uid)):
            settle.start(call, run.id)
        return


def _placed(call: Call, configured: ConfiguredBlock, run: Run) -> tuple[Run, list[Write], bool]:
    """Return the run's row, the write that gives it the lock or the place behind it, and whether it starts now."""
    newer = runs.newer_success(run, call.now)
    if newer is not None:
        return _unnecessary(call, run, f"run {newer.id} is newer and succeeded"), [], False
    if configured.schedule is not None and configured.schedule.overlap == "allow":
        return run, [], True
    holder = locks.holder(run.uid)
    if _is_free(holder):
        until = call.now + timedelta(seconds=run.timeout_seconds) + LEASE
        return run, [locks.take(run.uid, run.id, call.now, until, holder)], True
    waiting = locks.waiting(run.uid)
    if waiting not in (None, run.id) and not _is_free(waiting):
        return _unnecessary(call, run, f"run {waiting} is newer and waits already"), [], False
    return run, [locks.wait(run.uid, run.id, waiting)], False


def _noted(row: Run) -> list[Write]:
    return results.noted(row) if row.is_final else []


def _unnecessary(call: Call, run: Run, reason: str) -> Run:
    return msgspec.structs.replace(run, status="skipped", reason=f"unnecessary: {reason}", finished_at=call.now)


def _is_free(run_id: str | None) -> bool:
    """Whether nobody is behind this id, or a run that has ended."""
    active = runs.get(run_id) if run_id is not None else None
    return active is None or active.is_final
