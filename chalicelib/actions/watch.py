"""The watchdog: a path of its own to what should have begun or ended and did not."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta

import msgspec

from chalicelib import logs
from chalicelib.actions import amend, cancel, complete, publish, settle
from chalicelib.aws import executions
from chalicelib.call import Call
from chalicelib.domain.configured_blocks import ConfiguredBlock, schedule_id
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.runs import Run
from chalicelib.store import deployments, locks, runs, unfinished
from chalicelib.store.table import Raced, commit

log = logging.getLogger(__name__)

LATER = timedelta(minutes=15)
GONE = "its execution ended without a result"


HasTime = Callable[[], bool]


def watch(call: Call, everything: bool = False, has_time: HasTime = lambda: True) -> int:
    """Look at the runs and deployments that are overdue (or at all); answers how many were looked at.

    Work that never got its execution is started; work whose execution is over is settled; the rest is left.
    """
    overdue = list(unfinished.due(None if everything else call.now))
    # Deployments come first: what becomes of a run hangs on its deployment.
    return _each(call, sorted(overdue, key=lambda one: isinstance(one, Run)), has_time)


def publish_pending(call: Call, everything: bool = False, has_time: HasTime = lambda: True) -> int:
    """Publish the schedules that could not be published before; answers how many were tried.

    It ends at the first that a quota refuses: the others would be refused too.
    """
    return _each(call, unfinished.pending(None if everything else call.now), has_time)


def _each(call: Call, work: Iterable[unfinished.Unfinished | ConfiguredBlock], has_time: HasTime) -> int:
    count = 0
    for one in work:
        if not has_time():
            log.warning("no time is left; the next watchdog continues with %s", *_named(one).values())
            break
        count += 1
        with logs.about(**_named(one)):
            try:
                if not _look_after(call, one):
                    break
            except Exception:
                log.exception("%s can't be looked after now", *_named(one).values())
    return count


def _named(one: unfinished.Unfinished | ConfiguredBlock) -> dict[str, str]:
    match one:
        case Deployment():
            return {"deployment_id": one.id}
        case ConfiguredBlock():
            return {"schedule": schedule_id(one)}
        case Run():
            return {"run_id": one.id}


def _look_after(call: Call, one: unfinished.Unfinished | ConfiguredBlock) -> bool:
    """Look after one piece of work; whether there is sense in going on with the next."""
    match one:
        case Deployment():
            _deployment(call, one)
        case ConfiguredBlock():
            unpublished = publish.publish(call, one).unpublished
            return unpublished is None or not unpublished.is_quota
        case Run():
            _run(call, one)
    return True


def _run(call: Call, run: Run) -> None:
    parent = deployments.by_number(run.environment_uid, run.deployment) if run.deployment is not None else None
    if parent is not None and parent.status == "running":
        _later(call, run)
        return
    if parent is not None:
        settle.skip(call, [run.id], f"deployment {parent.number} ended {parent.status}")
        return
    if run.cancelled_by is not None:
        cancel.cancel_run(call, run.id, run.cancelled_by)
        return
    status = executions.status(call.settings.job_run_machine, run.id)
    if status is None:
        if not _waits(run):
            settle.start(call, run.id)
    elif status != "RUNNING":
        settle.interrupt(call, run.id, GONE)
    _later(call, run)


def _waits(run: Run) -> bool:
    """Whether it is queued behind a run that has not ended, whose settling will start it."""
    holder = locks.holder(run.uid) if locks.waiting(run.uid) == run.id else None
    active = runs.get(holder) if holder is not None else None
    return active is not None and not active.is_final


def _later(call: Call, run: Run) -> None:
    amend.run(call, run.id, lambda present: msgspec.structs.replace(present, check_at=call.now + LATER))


def _deployment(call: Call, deployment: Deployment) -> None:
    status = executions.status(call.settings.deployment_machine, deployment.id)
    if status is None:
        complete.start(call, deployment)
    elif status != "RUNNING" or deployment.cancelled_by is not None:
        complete.abandon(call, deployment.id, GONE)
        return
    try:
        commit(deployments.replace(msgspec.structs.replace(deployment, check_at=call.now + LATER)))
    except Raced:
        return
