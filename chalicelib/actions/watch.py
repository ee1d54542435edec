"""The watchdog: a path of its own to what should have begun or ended and did not."""

from __future__ import annotations

import logging
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


def watch(call: Call, everything: bool = False) -> int:
    """Look at what is unfinished and overdue (or at all of it); answers how many were looked at.

    Work that never got its execution is started; work whose execution is over is settled; the rest is left.
    """
    found = list(unfinished.due(None if everything else call.now))
    # Deployments come first: what becomes of a run hangs on its deployment.
    for one in sorted(found, key=lambda one: isinstance(one, Run)):
        with logs.about(**_named(one)):
            try:
                _look_after(call, one)
            except Exception:
                log.exception("%s can't be looked after now", *_named(one).values())
    return len(found)


def _named(one: unfinished.Unfinished) -> dict[str, str]:
    match one:
        case Deployment():
            return {"deployment_id": one.id}
        case ConfiguredBlock():
            return {"schedule": schedule_id(one)}
        case Run():
            return {"run_id": one.id}


def _look_after(call: Call, one: unfinished.Unfinished) -> None:
    match one:
        case Deployment():
            _deployment(call, one)
        case ConfiguredBlock():
            publish.publish(call, one)
        case Run():
            _run(call, one)


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
