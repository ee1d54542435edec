"""A deployment: one numbered attempt to make an environment what its configuration says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Literal

import msgspec

from chalicelib.domain.blocks import Block, DockerFile, Image, image_tag
from chalicelib.domain.configured_blocks import Configuration, ConfiguredBlock, RunOnce
from chalicelib.domain.projects import DeploymentStatus, PostDeploymentPolicy
from chalicelib.domain.runs import Run, Trigger
from chalicelib.domain.variables import Variable, merged

PHASES: tuple[Trigger, ...] = ("pre_deployment", "deployment", "post_deployment")
GOOD = ("deployed", "deployed_with_failures")


class SnapshotBlock(msgspec.Struct, frozen=True, kw_only=True):
    """A full copy of one configured block and its block, with what its ref and image meant at that moment."""

    uid: str
    hostname: str
    block: Block
    configuration: Configuration
    masked_values: dict[str, str]
    commit: str | None = None
    image: str | None = None

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The block's defaults with this environment's overrides."""
        return merged(self.block.variables, self.configuration.variables)

    @property
    def trigger(self) -> Trigger | None:
        """The phase in which a deployment runs it; None for a schedule."""
        if self.block.flavor == "service":
            return "deployment"
        run = self.configuration.run
        return run.phase if isinstance(run, RunOnce) else None

    @property
    def order(self) -> int:
        """Its wave in the phase."""
        run = self.configuration.run
        return run.order if isinstance(run, RunOnce) else 0


class Deployment(msgspec.Struct, frozen=True, kw_only=True):
    """One deployment; `waves` hold the ids of its runs, phase by phase, from the moment it is prepared."""

    id: str
    number: int
    project: str
    project_uid: str
    environment: str
    environment_uid: str
    kind: Literal["deploy", "rollback"] = "deploy"
    rollback_of: int | None = None
    automatic: bool = False
    request: str = ""
    status: DeploymentStatus = "running"
    reason: str | None = None
    policy: PostDeploymentPolicy = "keep"
    base: int | None = None
    cancelled_by: str | None = None
    waves: dict[Trigger, tuple[tuple[str, ...], ...]] = {}
    started_at: datetime
    finished_at: datetime | None = None
    check_at: datetime
    by: str
    version: int = 0

    @property
    def run_ids(self) -> list[str]:
        """All its runs, in order."""
        return [run_id for phase in PHASES for wave in self.waves.get(phase, ()) for run_id in wave]


def deployment_id(environment_uid: str, number: int) -> str:
    """The id, which is the execution's name too."""
    return f"{environment_uid}-{number:08d}"


def address(deployment_id: str) -> tuple[str, int]:
    """The environment's uid and the number in an id; raises ValueError for anything else."""
    environment_uid, number = deployment_id.rsplit("-", 1)
    return environment_uid, int(number)


def plan(snapshot: Iterable[SnapshotBlock], rollback: bool) -> dict[Trigger, list[list[SnapshotBlock]]]:
    """The waves of each phase: equal orders together, by hostname within a wave; schedules take no part."""
    taking_part = [block for block in snapshot if block.trigger and (not rollback or _runs_on_rollback(block))]
    taking_part.sort(key=lambda block: (block.order, block.hostname))
    waves: dict[Trigger, list[list[SnapshotBlock]]] = {}
    for phase in PHASES:
        of_phase = [block for block in taking_part if block.trigger == phase]
        waves[phase] = [list(wave) for _, wave in groupby(of_phase, key=lambda block: block.order)]
    return waves


def _runs_on_rollback(block: SnapshotBlock) -> bool:
    run = block.configuration.run
    return block.block.flavor == "service" or (isinstance(run, RunOnce) and run.run_on_rollback)


def frozen(
    configured: ConfiguredBlock, block: Block, commit: str | None, repository: str, published: str | None = None
) -> SnapshotBlock:
    """A configured block as it is now, at a commit, or with its published image pinned to a digest.

    `repository` is where images of Docker Files are kept.
    """
    image = published
    if isinstance(block.source, Image) and published is None:
        image = block.source.image
    if isinstance(block.source, DockerFile) and block.repository is not None and commit is not None:
        image = f"{repository}:{image_tag(block.repository, commit, block.source)}"
    return SnapshotBlock(
        uid=configured.uid,
        hostname=configured.hostname,
        block=block,
        configuration=configured.configuration,
        masked_values=block.masked_values | configured.masked_values,
        commit=commit,
        image=image,
    )


def failure(deployment: Deployment, runs: Mapping[str, Run], before: tuple[Trigger, int]) -> str | None:
    """Why the wave `before` (phase, index) must not run: what did not succeed in an earlier wave; None: it may.

    Of that wave and later ones it counts what cannot start: images are built before anything runs.
    """
    over = True
    bad: list[tuple[Trigger, list[Run]]] = []
    for phase in PHASES:
        for index, wave in enumerate(deployment.waves.get(phase, ())):
            over = over and (phase, index) != before
            of_wave = [runs[run_id] for run_id in wave]
            bad.append((phase, _bad(of_wave) if over else [r for r in of_wave if r.status == "start_failed"]))
    return _cause(bad)


def _bad(runs: Iterable[Run]) -> list[Run]:
    """Those that failed by themselves; or else those that were skipped for what others did."""
    bad = [run for run in runs if run.status != "succeeded"]
    return [run for run in bad if run.status != "skipped"] or bad


def _cause(bad: Sequence[tuple[Trigger, Sequence[Run]]]) -> str | None:
    """The first that failed by themselves: where an image is missing, those before it were skipped for it."""
    told = [(phase, runs) for phase, runs in bad if runs]
    cause = next((pair for pair in told if pair[1][0].status != "skipped"), told[0] if told else None)
    return phase_failure(*cause) if cause else None


LABELS: dict[Trigger, str] = {
    "pre_deployment": "Pre-deployment job",
    "deployment": "Service",
    "post_deployment": "Post-deployment job",
}


def phase_failure(phase: Trigger, bad: Sequence[Run]) -> str:
    """One sentence about the runs of a phase that did not succeed."""
    told = ", ".join(f"{run.hostname} ({run.outcome})" for run in bad)
    return f"{LABELS[phase]}{'s' if len(bad) > 1 else ''} did not succeed: {told}"


class Verdict(msgspec.Struct, frozen=True):
    """How a deployment ends: its status, the reason, whether its services all deployed, whether to roll back."""

    status: DeploymentStatus
    reason: str | None = None
    live: bool = False
    roll_back: bool = False


def verdict(deployment: Deployment, runs: Mapping[str, Run]) -> Verdict:
    """The end of a deployment whose runs have ended, by the failure rules of the README."""
    bad = {phase: _bad(_of_phase(deployment, runs, phase)) for phase in PHASES}
    cause = _cause(list(bad.items()))
    if bad["pre_deployment"]:
        return Verdict("failed", cause)
    if bad["deployment"]:
        changed = [r.hostname for r in _of_phase(deployment, runs, "deployment") if r.status == "succeeded"]
        told = f"changed: {', '.join(changed)}" if changed else "no service was changed"
        return Verdict("failed", f"{cause}; {told}")
    if not bad["post_deployment"]:
        return Verdict("deployed", live=True)
    if deployment.policy == "keep":
        return Verdict("deployed_with_failures", cause, live=True)
    return Verdict("failed", cause, live=True, roll_back=deployment.policy == "rollback" and not deployment.automatic)


def abandoned(deployment: Deployment, runs: Mapping[str, Run], told: str) -> Verdict:
    """The end of a deployment whose execution is gone, which `told` says; its runs have ended.

    The failure rules hold all the same: what did not run did not succeed.
    """
    end = verdict(deployment, runs) if deployment.waves else Verdict("failed")
    if deployment.cancelled_by is not None:
        changed = sorted(r.hostname for r in _of_phase(deployment, runs, "deployment") if r.status == "succeeded")
        by_then = f"; changed by then: {', '.join(changed)}" if changed else ""
        return Verdict("cancelled", told + by_then, live=end.live)
    if end.status == "deployed":
        return end
    return msgspec.structs.replace(end, reason="; ".join(filter(None, (told, end.reason))))


def _of_phase(deployment: Deployment, runs: Mapping[str, Run], phase: Trigger) -> list[Run]:
    return [runs[run_id] for wave in deployment.waves.get(phase, ()) for run_id in wave if run_id in runs]
