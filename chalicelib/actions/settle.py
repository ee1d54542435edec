"""Settling: the one way in which a run ends. Safe to repeat, whoever calls it and how often."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.actions import amend
from chalicelib.aws import builds, executions
from chalicelib.call import Call
from chalicelib.domain.runs import Run, Verdict, ended
from chalicelib.store import deployments, locks, runs


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
    waiting = locks.release(run.uid, run.id)
    if waiting is not None and waiting != run.id:
        start(call, waiting)


def start(call: Call, run_id: str) -> None:
    """Start the execution of a run, a second time without effect; end the run if Step Functions refuses that."""
    try:
        executions.start(call.settings.job_run_machine, run_id, {"run_id": run_id})
    except executions.StartRefused as refused:
        settle(call, run_id, Verdict(status="start_failed", reason=str(refused)))


def stop(call: Call, run: Run, verdict: Verdict) -> Run | None:
    """End a run that no execution carries: what it runs is stopped first, then what began while it was stopped."""
    _stop_builds(run)
    after = settle(call, run.id, verdict)
    if after is not None and _last_builds(after) != _last_builds(run):
        _stop_builds(after)
    return after


def _stop_builds(run: Run) -> None:
    for build in _last_builds(run):
        builds.stop(build)


def _last_builds(run: Run) -> tuple[str, ...]:
    return run.attempts[-1].builds if run.attempts else ()


def interrupt(call: Call, run_id: str, reason: str) -> Run | None:
    """End a run whose execution is gone: cancelled if somebody asked for that, else interrupted."""
    run = runs.get(run_id)
    if run is None or run.is_final:
        return run
    by = run.cancelled_by or _deployment_cancelled_by(run)
    if by is not None:
        return stop(call, run, Verdict(status="cancelled", reason=f"cancelled by {by}"))
    return stop(call, run, Verdict(status="interrupted", reason=reason))


def _deployment_cancelled_by(run: Run) -> str | None:
    """Stopping a deployment's execution ends those of its runs too, before anybody can have told each of them why."""
    if run.deployment is None:
        return None
    deployment = deployments.by_number(run.environment_uid, run.deployment)
    return deployment.cancelled_by if deployment else None


def skip(call: Call, run_ids: Iterable[str], reason: str) -> None:
    """End runs that must not begin."""
    for run_id in run_ids:
        settle(call, run_id, Verdict(status="skipped", reason=reason))
