"""Starting a deployment: the environment's one lock is taken by a conditional write, then its execution is started."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from chalicelib.actions import audit, complete, freeze, results
from chalicelib.actions.deployments.next_deployment import next_deployment
from chalicelib.call import Call
from chalicelib.domain.audit import Action
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.problems import Conflict, NotFound
from chalicelib.domain.projects import Environment
from chalicelib.store import configured_blocks, deployments, projects
from chalicelib.store.table import commit
from chalicelib.store.update import until_written

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
    snapshot = deployments.snapshot(environment.uid, target.number)
    if problems := freeze.forbidden(snapshot, environment.project_uid):
        raise Conflict(f"Deployment {target.number} can't be rolled back to: {'; '.join(problems)}")
    return _begin(call, environment, rollback_of=target.number)


def _begin(call: Call, environment: Environment, rollback_of: int | None) -> Deployment:
    request = call.new_id()

    def attempt() -> Deployment:
        present = projects.same_environment(environment)
        if present is None or present.deleting:
            raise NotFound(f"There is no environment {_place(environment)} any more")
        if (begun := _begun(call, present, request)) is not None:
            return begun
        if present.active is not None:
            raise Conflict(f"Deployment {present.active} of {_place(present)} is running; wait for it or cancel it")
        deployment, locked = next_deployment(call, present, rollback_of, automatic=False, request=request)
        listed = results.shown(present) if present.shutdown else []
        noted = audit.writes(call, _ACTIONS[deployment.kind], None, deployment)
        commit(projects.replace_environment(locked), deployments.create(deployment), *noted, *listed)
        return msgspec.structs.replace(deployment, version=1)

    return complete.start(call, until_written(attempt))


def _begun(call: Call, environment: Environment, request: str) -> Deployment | None:
    """What this very request has begun already, if it is the latest and its sender did not hear of it."""
    latest = deployments.by_number(environment.uid, environment.latest) if call.repeated else None
    return latest if latest is not None and latest.request == request else None


def _place(environment: Environment) -> str:
    return f"{environment.project}/{environment.internal_name}"
