"""Compare Versions: what a deployment now would do to what is live."""

from __future__ import annotations

import msgspec

from chalicelib.actions import freeze
from chalicelib.call import Call
from chalicelib.domain.compare import Changes, changes
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.problems import Conflict
from chalicelib.domain.projects import Environment
from chalicelib.store import configured_blocks, deployments


def pending(call: Call, environment: Environment) -> Changes:
    """The difference from the current deployment to the configuration; refs are asked for their commits now."""
    live = deployments.snapshot(environment.uid, environment.current) if environment.current is not None else []
    wanted, warnings = freeze.freeze(call, configured_blocks.all_of(environment.uid), private=False)
    return changes(live, wanted, warnings)


def rollback(environment: Environment, target: Deployment) -> Changes:
    """The difference from the current deployment to an earlier one; raises Conflict where that has no snapshot.

    Masked values are the present ones, whatever is deployed: they make no difference.
    """
    if not target.waves:
        raise Conflict(f"Deployment {target.number} did not come so far as to have something to roll back to")
    live = deployments.snapshot(environment.uid, environment.current) if environment.current is not None else []
    stamps = {block.uid: block.masked_values for block in live}
    wanted = deployments.snapshot(environment.uid, target.number)
    return changes(live, (msgspec.structs.replace(b, masked_values=stamps.get(b.uid, b.masked_values)) for b in wanted))


def of(deployment: Deployment) -> Changes:
    """The difference that a deployment made to what was live when it began."""
    before = deployments.snapshot(deployment.environment_uid, deployment.base) if deployment.base is not None else []
    return changes(before, deployments.snapshot(deployment.environment_uid, deployment.number))
