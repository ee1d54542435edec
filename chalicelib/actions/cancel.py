"""Cancelling a run or a deployment: the intent is written first, then what runs is stopped, then the end is written."""

from __future__ import annotations

import dataclasses

import msgspec

from chalicelib.actions import amend, audit, complete, settle
from chalicelib.aws import executions
from chalicelib.call import Call
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.problems import Conflict
from chalicelib.domain.runs import Run, Verdict
from chalicelib.store import deployments, runs
from chalicelib.store.update import update


def cancel_run(call: Call, run_id: str, by: str) -> Run | None:
    """Stop the run and what it has running; a run that has ended stays as it is, but for what ends with it."""
    asked = amend.run(
        call,
        run_id,
        lambda run: msgspec.structs.replace(run, cancelled_by=run.cancelled_by or by),
        lambda old, new: audit.writes(call, "run.cancel", old, new),
    )
    if asked is None:
        return None
    if asked.is_final:
        settle.release(call, asked)  # who settled it may have come no further
        return asked
    executions.stop(call.settings.job_run_machine, run_id, f"cancelled by {by}")
    present = runs.get(run_id) or asked
    return settle.stop(call, present, Verdict(status="cancelled", reason=f"cancelled by {by}"))


def cancel_deployment(call: Call, deployment: Deployment) -> Deployment:
    """Stop the deployment and what it has running; raises Conflict where it has ended."""
    asked = _asked(call, deployment)
    executions.stop(call.settings.deployment_machine, asked.id, f"cancelled by {call.by}")
    of_it = dataclasses.replace(call, origin=None)  # the audit has one entry, for the deployment
    for run in runs.get_many(asked.run_ids).values():
        if not run.is_final and (run.attempts or run.status == "running"):
            cancel_run(of_it, run.id, call.by)
    return complete.abandon(call, asked.id, f"cancelled by {call.by}") or asked


def _asked(call: Call, deployment: Deployment) -> Deployment:
    def asked(present: Deployment) -> Deployment | None:
        if call.repeated and present.status == "cancelled":
            return None
        if present.status != "running":
            raise Conflict(f"Deployment {present.number} is {present.status} already; there is nothing to cancel")
        return msgspec.structs.replace(present, cancelled_by=present.cancelled_by or call.by)

    after = update(
        lambda: deployments.by_number(deployment.environment_uid, deployment.number),
        asked,
        deployments.replace,
        lambda old, new: audit.writes(call, "deployment.cancel", old, new),
    )
    if after is None:
        raise Conflict(f"Deployment {deployment.number} is gone already; there is nothing to cancel")
    return after
