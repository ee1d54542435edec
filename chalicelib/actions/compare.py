"""Compare Versions: what a deployment now would do to what is live."""

from __future__ import annotations

from chalicelib.actions import freeze
from chalicelib.call import Call
from chalicelib.domain.compare import Changes, changes
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.projects import Environment
from chalicelib.store import configured_blocks, deployments


def pending(call: Call, environment: Environment) -> Changes:
    """The difference from the current deployment to the configuration; refs are asked for their commits now."""
    live = deployments.snapshot(environment.uid, environment.current) if environment.current is not None else []
    wanted, warnings = freeze.freeze(call, configured_blocks.all_of(environment.uid), private=False)
    return changes(live, wanted, warnings)


def of(deployment: Deployment) -> Changes:
    """The difference that a deployment made to what was live when it began."""
    before = deployments.snapshot(deployment.environment_uid, deployment.base) if deployment.base is not None else []
    return changes(before, deployments.snapshot(deployment.environment_uid, deployment.number))
