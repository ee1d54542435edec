"""Complete: how a deployment ends, and what follows from it. Safe to repeat, whoever calls it and how often."""

from __future__ import annotations

import msgspec

from chalicelib import metrics
from chalicelib.actions.deployments import retention
from chalicelib.actions.deployments.next_deployment import next_deployment
from chalicelib.actions.settle import interrupt, skip
from chalicelib.aws import executions
from chalicelib.call import Call
from chalicelib.domain.deployments import GOOD, Deployment, Verdict, abandoned, verdict
from chalicelib.domain.projects import Environment
from chalicelib.store import deployments, projects, runs
from chalicelib.store.table import commit
from chalicelib.store.update import until_written


def start(call: Call, deployment: Deployment) -> Deployment:
    """Start the execution of a stored deployment, a second time without effect; return the deployment as it is then.

    If Step Functions refuses to start it, the deployment ends `failed` with that reason.
    """
    try:
        executions.start(call.settings.deployment_machine, deployment.id, {"deployment_id": deployment.id})
    except executions.StartRefused as refused:
        return fail(call, deployment, str(refused)) or deployment
    return deployment


def complete(call: Call, deployment_id: str) -> Deployment | None:
    """End a deployment whose phases are through, by what its runs did."""
    deployment = deployments.get(deployment_id)
    if deployment is None or deployment.status != "running":
        return _history_expires(call, deployment)
    known = runs.get_many(deployment.run_ids)
    for run in known.values():
        interrupt(call, run.id, "its execution ended without a result")
    if any(not run.is_final for run in known.values()):
        known = runs.get_many(deployment.run_ids)
    return settle(call, deployment_id, verdict(deployment, known))


def fail(call: Call, deployment: Deployment, reason: str) -> Deployment | None:
    """End a deployment that cannot go on; runs that were to come are skipped."""
    skip(call, deployment.run_ids, reason)
    return settle(call, deployment.id, Verdict("failed", reason))


def abandon(call: Call, deployment_id: str, reason: str) -> Deployment | None:
    """End a deployment whose execution is gone: cancelled if somebody asked for that, else by what its runs did."""
    deployment = deployments.get(deployment_id)
    if deployment is None or deployment.status != "running":
        return _history_expires(call, deployment)
    cancelled_by = deployment.cancelled_by
    told = f"cancelled by {cancelled_by}" if cancelled_by else reason
    open_runs = [run for run in runs.get_many(deployment.run_ids).values() if not run.is_final]
    for run in open_runs:
        if run.attempts:
            interrupt(call, run.id, told)
    why = f"the deployment was {told}" if cancelled_by else f"the deployment was interrupted: {told}"
    skip(call, [run.id for run in open_runs], why)
    return settle(call, deployment_id, abandoned(deployment, runs.get_many(deployment.run_ids), told))


def settle(call: Call, deployment_id: str, end: Verdict) -> Deployment | None:
    """Write the end of a deployment and free its environment in one transaction; begin the rollback it asks for."""

    def attempt() -> Deployment | None:
        deployment = deployments.get(deployment_id)
        if deployment is None or deployment.status != "running":
            return deployment
        environment = projects.environment_of(deployment)
        final, freed, rollback = _ended(call, deployment, environment, end)
        writes = [deployments.replace(final)]
        writes += [projects.replace_environment(freed)] if freed else []
        writes += [deployments.create(rollback)] if rollback else []
        commit(*writes)
        metrics.deployment_ended(call.settings.stack, final, (call.now - final.started_at).total_seconds())
        if rollback is not None:
            start(call, rollback)
        return msgspec.structs.replace(final, version=final.version + 1)

    return _history_expires(call, until_written(attempt))


def _history_expires(call: Call, deployment: Deployment | None) -> Deployment | None:
    """Return the ended deployment once the history that its end released expires; who ended it may have come no
    further."""
    environment = projects.environment_of(deployment) if deployment is not None else None
    if environment is not None and environment.released:
        retention.expire_released(call, environment)
    elif environment is None and deployment is not None:
        retention.expire(call, deployment.environment_uid, [deployment.number])
    return deployment


def _ended(
    call: Call, deployment: Deployment, environment: Environment | None, end: Verdict
) -> tuple[Deployment, Environment | None, Deployment | None]:
    """The deployment as it ends, its environment freed, and the rollback that follows under the same lock."""
    reason, rollback = end.reason, None
    freed = _freed(call, environment, deployment, end) if environment is not None else None
    if end.roll_back and freed is not None:
        if freed.last_good is None:
            reason = f"{reason}; nothing to roll back to"
        else:
            rollback, freed = next_deployment(call, freed, freed.last_good, automatic=True)
            reason = f"{reason}; rolling back to deployment {rollback.rollback_of} by deployment {rollback.number}"
    final = msgspec.structs.replace(deployment, status=end.status, reason=reason, finished_at=call.now)
    return final, freed, rollback


def _freed(call: Call, environment: Environment, deployment: Deployment, end: Verdict) -> Environment | None:
    if environment.active != deployment.number:
        return None
    good = end.status in GOOD
    freed = msgspec.structs.replace(
        environment,
        active=None,
        latest_status=end.status,
        latest_at=call.now,
        current=deployment.number if end.live else environment.current,
        last_good=deployment.number if good else environment.last_good,
    )
    released = (environment.kept | {deployment.number}) - freed.kept
    return msgspec.structs.replace(freed, released=(*environment.released, *sorted(released)))
