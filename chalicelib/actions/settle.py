"""Settling: the one way in which a run ends. Safe to repeat, whoever calls it and how often."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.actions import amend
from chalicelib.aws import builds, executions
from chalicelib.call import Call
from chalicelib.domain.runs import Run, Verdict, ended
from chalicelib.store import locks, runs


def settle(call: Call, run_id: str, verdict: Verdict) -> Run | None:
    """End the run as `verdict` says, unless it has ended; give its lock back; start the run that waits for it.

    Answers the run as it is then; None where there is no such run.
    """
    run = amend.run(call, run_id, lambda present: ended(present, verdict, call.now))
    if run is not None:
        release(call, run)
    return run


def release(call: Call, run: Run) -> None:
    """Give back the lock of a run that has ended and its place in the queue; start the one that waits."""
    locks.stop_waiting(run.uid, run.id)
    waiting = locks.release(run.uid, run.id)
    if waiting is not None and waiting != run.id:
        start(call, waiting)


def start(call: Call, run_id: str) -> None:
    """Start the execution of a run; a second time is harmless."""
    executions.start(call.settings.job_run_machine, run_id, {"run_id": run_id})


def stop_builds(run: Run) -> None:
    """Stop what a run's last attempt may still have running."""
    for build in run.attempts[-1].builds if run.attempts else ():
        builds.stop(build)


def interrupt(call: Call, run_id: str, reason: str) -> Run | None:
    """End a run whose execution is gone: cancelled if somebody asked for that, else interrupted."""
    run = runs.get(run_id)
    if run is None or run.is_final:
        return run
    stop_builds(run)
    if run.cancelled_by is not None:
        return settle(call, run_id, Verdict(status="cancelled", reason=f"cancelled by {run.cancelled_by}"))
    return settle(call, run_id, Verdict(status="interrupted", reason=reason))


def skip(call: Call, run_ids: Iterable[str], reason: str) -> None:
    """End runs that must not begin."""
    for run_id in run_ids:
        settle(call, run_id, Verdict(status="skipped", reason=reason))
