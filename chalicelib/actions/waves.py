"""Opening a wave: which of its runs may begin, seen from what the waves before it did."""

from __future__ import annotations

from typing import Any

from chalicelib.actions.settle import interrupt, skip
from chalicelib.call import Call
from chalicelib.domain.deployments import Deployment, failure
from chalicelib.domain.runs import Trigger
from chalicelib.store import deployments, runs


def open_wave(call: Call, deployment_id: str, phase: Trigger, wave: int) -> dict[str, Any]:
    """`{"run_ids": [...]}`: those to start now; empty where something before did not succeed, and they are skipped."""
    deployment = deployments.get(deployment_id)
    if deployment is None or deployment.status != "running":
        return {"run_ids": []}
    of_wave = deployment.waves[phase][wave]
    settle_all_before(call, deployment, phase, wave)
    known = runs.get_many(deployment.run_ids)
    why_not = failure(deployment, known, (phase, wave))
    if why_not is None and deployment.cancelled_by is not None:
        why_not = f"the deployment was cancelled by {deployment.cancelled_by}"
    # A run of this wave that ended already (its image could not be built) stops its wave too.
    ended = [known[run_id] for run_id in of_wave if known[run_id].is_final]
    if why_not is None and ended:
        why_not = f"{ended[0].hostname} ended {ended[0].status}"
    if why_not is not None:
        skip(call, of_wave, why_not)
        return {"run_ids": []}
    return {"run_ids": list(of_wave)}


def settle_all_before(call: Call, deployment: Deployment, phase: Trigger, wave: int) -> None:
    """End runs of earlier waves whose executions are over without having settled them."""
    earlier = [
        run_id
        for name, waves in deployment.waves.items()
        for index, ids in enumerate(waves)
        if (list(deployment.waves).index(name), index) < (list(deployment.waves).index(phase), wave)
        for run_id in ids
    ]
    settle_open(call, earlier)


def settle_open(call: Call, run_ids: list[str]) -> None:
    """End those of these runs that have not ended although nothing carries them any more."""
    for run in runs.get_many(run_ids).values():
        if not run.is_final:
            interrupt(call, run.id, "its execution ended without a result")
