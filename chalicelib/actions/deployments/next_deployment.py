"""The next deployment of an environment, not yet stored."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from chalicelib.call import Call
from chalicelib.domain.deployments import Deployment, deployment_id
from chalicelib.domain.projects import Environment

# Who started a deployment that nobody asked for.
AUTOMATIC_ROLLBACK = "automatic rollback"
CHECK_AFTER = timedelta(minutes=2)


def next_deployment(
    call: Call, environment: Environment, rollback_of: int | None, automatic: bool, request: str = ""
) -> tuple[Deployment, Environment]:
    """Return the deployment, and the environment with it as the active one; `request` identifies who asked for it."""
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
