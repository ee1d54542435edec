"""Starting a deployment: the environment's one lock is taken by a conditional write, then its execution is started."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from chalicelib.actions import audit, freeze, results
from chalicelib.aws import executions
from chalicelib.call import Call
from chalicelib.domain.audit import Action
from chalicelib.domain.deployments import Deployment, deployment_id
from chalicelib.domain.problems import Conflict, NotFound
from chalicelib.domain.projects import Environment
from chalicelib.store import configured_blocks, deployments, projects
from chalicelib.store.table import Raced, commit

# Who started a deployment that nobody asked for.
AUTOMATIC_ROLLBACK = "automatic rollback"
CHECK_AFTER = timedelta(minutes=2)
_ACTIONS: Mapping[str, Action] = {"deploy": "deployment.start", "rollback": "deployment.rollback"}


def deploy(call: Call, environment: Environment) -> Deployment:
    """Start a deployment of what is configured; raises Conflict naming the one that runs, or what is missing."""
    configured = configured_blocks.all_of(environment.uid)
    if not configured and environment.current is None:
        raise Conflict(f"Nothing is configured in {_place(environment)}; add a KintoBlock first")
    if told := freeze.unset(configured):
        raise Conflict(f"Required variables have no value: {'; '.join(told)}")
    return _begin(call, environment, rollback_of=None)


def roll_back(call: Call, environment: Environment, target: Deployment) -> Deployment:
    """Start a deployment of an earlier one's snapshot; raises Conflict."""
    if target.status == "running" or not target.waves:
        raise Conflict(f"Deployment {target.number} is {target.status} and has nothing to roll back to")
    return _begin(call, environment, rollback_of=target.number)


def _begin(call: Call, environment: Environment, rollback_of: int | None) -> Deployment:
    request = call.new_id()
    while True:
        present = projects.environment_by_uid(environment.project_uid, environment.internal_name)
        if present is None or present.uid != environment.uid or present.deleting:
            raise NotFound(f"There is no environment {_place(environment)} any more")
        if (begun := _begun(call, present, request)) is not None:
            return begun
        if present.active is not None:
            raise Conflict(f"Deployment {present.active} of {_place(present)} is running; wait for it or cancel it")
        deployment, locked = opened(call, present, rollback_of, automatic=False, request=request)
        try:
            noted = audit.writes(call, _ACTIONS[deployment.kind], None, deployment)
            listed = results.shown(present) if present.shutdown else []
            commit(projects.replace_environment(locked), deployments.create(deployment), *noted, *listed)
        except Raced:
            continue
        start(call, deployment)
        return msgspec.structs.replace(deployment, version=1)


def _begun(call: Call, environment: Environment, request: str) -> Deployment | None:
    """What this very request has begun already, if it is the latest and its sender did not hear of it."""
    latest = deployments.by_number(environment.uid, environment.latest) if call.repeated else None
    if latest is None or latest.request != request:
        return None
    start(call, latest)
    return latest


def opened(
    call: Call, environment: Environment, rollback_of: int | None, automatic: bool, request: str = ""
) -> tuple[Deployment, Environment]:
    """The next deployment of an environment, and the environment with it as the active one."""
    number = environment.latest + 1
    deployment = Deployment(
        id=deployment_id(environment.uid, number),
        number=number,
        project=environment.project,
        project_uid=environment.project_uid,
        environment=environment.internal_name,
        environment_uid=environment.uid,
        kind="deploy" if rollback_of is None else "rollback",
        rollback_of=rollback_of,
        automatic=automatic,
        request=request,
        policy=environment.on_post_deployment_failure,
        base=environment.current,
        started_at=call.now,
        check_at=call.now + CHECK_AFTER,
        by=AUTOMATIC_ROLLBACK if automatic else call.by,
    )
    locked = msgspec.structs.replace(
        environment, active=number, latest=number, latest_status="running", latest_at=call.now, shutdown=False
    )
    return deployment, locked


def start(call: Call, deployment: Deployment) -> None:
    """Start the deployment's execution; a second time is harmless."""
    executions.start(call.settings.deployment_machine, deployment.id, {"deployment_id": deployment.id})


def _place(environment: Environment) -> str:
    return f"{environment.project}/{environment.internal_name}"
