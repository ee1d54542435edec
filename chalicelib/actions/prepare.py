"""Prepare: the first step of a deployment, which freezes the snapshot and lays out its runs in waves."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from chalicelib.actions import freeze, reconcile
from chalicelib.actions.complete import fail
from chalicelib.aws import images
from chalicelib.call import Call
from chalicelib.domain.blocks import DockerFile
from chalicelib.domain.deployments import PHASES, Deployment, SnapshotBlock, plan
from chalicelib.domain.runs import Run, Trigger, run_id
from chalicelib.store import configured_blocks, deployments, runs
from chalicelib.store.table import Raced, Write, commit

log = logging.getLogger(__name__)

MOST_WRITES = 20  # of 4 MB together at most; a block with all it may have is 170 kB
SUFFIXES: dict[Trigger, str] = {"pre_deployment": "a", "deployment": "b", "post_deployment": "c"}

Waves = dict[Trigger, list[list[SnapshotBlock]]]


def prepare(call: Call, deployment_id: str) -> dict[str, Any]:
    """`{"deployment_id", "images": [run ids], "pre_deployment": [waves], "deployment": ..., "post_deployment": ...}`.

    The first run of each missing image stands for it. All lists are empty where the deployment failed or has ended.
    """
    deployment = deployments.get(deployment_id)
    if deployment is None or deployment.status != "running" or deployment.cancelled_by is not None:
        return _answer(deployment_id, {}, [])
    if deployment.waves:
        return _answer(deployment_id, deployment.waves, _images(list(_snapshot_of(deployment)), deployment))
    _publish(call, deployment)
    snapshot, problems = _snapshot(call, deployment)
    if problems:
        fail(call, deployment, "; ".join(problems))
        return _answer(deployment_id, {}, [])
    return _laid_out(call, deployment, snapshot)


def _answer(deployment_id: str, waves: dict[Any, Any], missing: list[str]) -> dict[str, Any]:
    """Waves are numbers of runs for the state machine's Map: each iteration asks for its own wave."""
    return {"deployment_id": deployment_id, "images": missing} | {
        phase: list(range(len(waves.get(phase, ())))) for phase in PHASES
    }


def _publish(call: Call, deployment: Deployment) -> None:
    """A deployment sees to its environment's schedules too; what can't be published now is no reason to fail."""
    try:
        reconcile.of_environment(call, deployment.environment_uid)
    except Exception:
        log.exception("the schedules of deployment %s can't be looked at now", deployment.id)


def _snapshot(call: Call, deployment: Deployment) -> tuple[list[SnapshotBlock], list[str]]:
    if deployment.rollback_of is not None:
        former = deployments.snapshot(deployment.environment_uid, deployment.rollback_of)
        if problems := freeze.forbidden(former, deployment.project_uid):
            return [], problems
        return freeze.with_present_secrets(former, configured_blocks.all_of(deployment.environment_uid)), []
    configured = configured_blocks.all_of(deployment.environment_uid)
    problems = [f"required variables have no value: {told}" for told in freeze.unset(configured)]
    if problems:
        return [], problems
    return freeze.freeze(call, configured, private=True)


def _laid_out(call: Call, deployment: Deployment, snapshot: list[SnapshotBlock]) -> dict[str, Any]:
    waves = plan(snapshot, deployment.kind == "rollback")
    rows = {block.uid: _run(call, deployment, phase, block) for phase, block in _each(waves)}
    environment_uid, number = deployment.environment_uid, deployment.number
    _write_all(deployments.put_snapshot(environment_uid, number, block) for block in snapshot)
    ids = {phase: tuple(tuple(rows[b.uid].id for b in wave) for wave in waves[phase]) for phase in PHASES}
    # The waves and the rows they name are there at once: no end of the deployment can come between them.
    laid_out = msgspec.structs.replace(deployment, waves=ids)
    try:
        commit(deployments.replace(laid_out), *(runs.create(run, call.settings.history_days) for run in rows.values()))
    except Raced:
        return prepare(call, deployment.id)
    return _answer(deployment.id, ids, _images([block for _, block in _each(waves)], laid_out))


def _each(waves: Waves) -> Iterator[tuple[Trigger, SnapshotBlock]]:
    return ((phase, block) for phase in PHASES for wave in waves[phase] for block in wave)


def _run(call: Call, deployment: Deployment, phase: Trigger, block: SnapshotBlock) -> Run:
    return Run(
        id=run_id(block.uid, deployment.started_at, f"{SUFFIXES[phase]}{deployment.number}"),
        uid=block.uid,
        project=deployment.project,
        project_uid=deployment.project_uid,
        environment=deployment.environment,
        environment_uid=deployment.environment_uid,
        hostname=block.hostname,
        block=block.block.internal_name,
        trigger=phase,
        order=None if phase == "deployment" else block.order,
        by=deployment.by,
        deployment=deployment.number,
        created_at=call.now,
        commit=block.commit,
        image=block.image,
        timeout_seconds=block.configuration.timeout_seconds,
        check_at=deployment.check_at,
    )


def _write_all(writes: Iterable[Write]) -> None:
    left = list(writes)
    while left:
        commit(*left[:MOST_WRITES])
        left = left[MOST_WRITES:]


def _snapshot_of(deployment: Deployment) -> Iterator[SnapshotBlock]:
    return iter(deployments.snapshot(deployment.environment_uid, deployment.number))


def _images(blocks: Sequence[SnapshotBlock], deployment: Deployment) -> list[str]:
    """The run that stands for each image which is not there yet."""
    by_uid = {run_id.split("-", 1)[0]: run_id for run_id in deployment.run_ids}
    needed: dict[str, str] = {}
    for block in blocks:
        if isinstance(block.block.source, DockerFile) and block.image and block.uid in by_uid:
            needed.setdefault(block.image, by_uid[block.uid])
    return [run_id for image, run_id in needed.items() if not images.exists(*image.rsplit(":", 1))]
