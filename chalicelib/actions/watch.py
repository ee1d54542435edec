"""The watchdog: a path of its own to what should have begun or ended and did not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import msgspec

from chalicelib.actions import amend, complete, deploy, settle
from chalicelib.aws import executions
from chalicelib.call import Call
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.runs import Run
from chalicelib.store import deployments, unfinished
from chalicelib.store.table import Raced, commit

LATER = timedelta(minutes=15)
GONE = "its execution ended without a result"


def watch(call: Call, everything: bool = False) -> int:
    """Look at what is unfinished and overdue (or at all of it); answers how many were looked at.

    Work that never got its execution is started; work whose execution is over is settled; the rest is left.
    """
    looked_at = 0
    for one in _due(call, everything):
        looked_at += 1
        _deployment(call, one) if isinstance(one, Deployment) else _run(call, one)
    return looked_at


def _due(call: Call, everything: bool) -> Iterator[Run | Deployment]:
    return unfinished.due(None if everything else call.now)


def _run(call: Call, run: Run) -> None:
    parent = deployments.by_number(run.environment_uid, run.deployment) if run.deployment is not None else None
    if parent is not None and parent.status == "running":
        _later(call, run)
        return
    if parent is not None:
        settle.skip(call, [run.id], f"deployment {parent.number} ended {parent.status}")
        return
    status = executions.status(call.settings.job_run_machine, run.id)
    if status is None:
        settle.start(call, run.id)
    elif status != "RUNNING":
        settle.interrupt(call, run.id, GONE)
    _later(call, run)


def _later(call: Call, run: Run) -> None:
    amend.run(call, run.id, lambda present: msgspec.structs.replace(present, check_at=call.now + LATER))


def _deployment(call: Call, deployment: Deployment) -> None:
    status = executions.status(call.settings.deployment_machine, deployment.id)
    if status is None:
        deploy.start(call, deployment)
    elif status != "RUNNING" or deployment.cancelled_by is not None:
        complete.abandon(call, deployment.id, GONE)
        return
    try:
        commit(deployments.replace(msgspec.structs.replace(deployment, check_at=call.now + LATER)))
    except Raced:
        return
