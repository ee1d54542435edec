"""What a run executes: the code of the environment's current deployment, or of its own deployment's snapshot."""

from __future__ import annotations

import msgspec

from chalicelib.actions import credentials
from chalicelib.call import Call
from chalicelib.domain.configured_blocks import ConfiguredBlock, Ref
from chalicelib.domain.deployments import SnapshotBlock, frozen
from chalicelib.domain.projects import Environment
from chalicelib.domain.runs import Run
from chalicelib.sources import git, network
from chalicelib.store import blocks, configured_blocks, deployments, projects


class NoCode(Exception):
    """There is nothing this run could execute; the text says why, for people."""


def of_run(call: Call, run: Run) -> SnapshotBlock:
    """What this run executes; raises NoCode.

    A deployment's run uses its snapshot. Others use today's schedule, limits and variables with the code of the
    environment's current deployment, or of the head of the ref where that deployment doesn't hold the hostname.
    """
    if run.deployment is not None:
        found = deployments.snapshot_block(run.environment_uid, run.deployment, run.hostname)
        if found is None:
            raise NoCode(f"deployment {run.deployment} holds nothing under {run.hostname}")
        return found
    configured = configured_blocks.get(run.environment_uid, run.hostname)
    environment = projects.environment_of(run)
    if configured is None or configured.uid != run.uid or environment is None:
        raise NoCode(f"{run.hostname} is not configured in {run.project}/{run.environment} any more")
    return _live(call, environment, configured, run.commit)


def _live(call: Call, environment: Environment, configured: ConfiguredBlock, commit: str | None) -> SnapshotBlock:
    if environment.current is not None:
        deployed = deployments.snapshot_block(environment.uid, environment.current, configured.hostname)
        if deployed is not None and deployed.uid == configured.uid:
            return _with_live_limits(deployed, configured)
    block = blocks.get(configured.configuration.block)
    if block is None:
        raise NoCode(f"there is no block {configured.configuration.block} any more")
    if block.repository is not None and commit is None:
        try:
            ref = configured.configuration.ref or Ref(block.repository.branch)
            allowed = network.parse(call.settings.private_hosts, call.settings.local_repositories)
            commit = git.resolve(block.repository.url, ref, allowed, credentials.token(call, block))
        except git.Unresolved as error:
            raise NoCode(str(error)) from None
    return frozen(configured, block, commit, call.settings.image_repository)


def _with_live_limits(deployed: SnapshotBlock, configured: ConfiguredBlock) -> SnapshotBlock:
    live = msgspec.structs.replace(configured.configuration, ref=deployed.configuration.ref)
    return msgspec.structs.replace(deployed, configuration=live)
