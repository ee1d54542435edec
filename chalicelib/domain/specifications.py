"""What a build is told: the StartBuild request of an image build or of a run, in PascalCase for Step Functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from chalicelib.domain.blocks import Command, DockerFile, Image, Repository, Source
from chalicelib.domain.deployments import SnapshotBlock
from chalicelib.domain.runs import Run
from chalicelib.domain.variables import Variable, plain

MINUTES_FOR_THE_REST = 60
IMAGE_MINUTES = 60
# CodeBuild refuses a longer value ("EnvironmentVariable should be at most 4096 characters").
MOST_VALUE = 4096
# A state machine passes on 256 KiB.
MOST_TOGETHER = 250_000
_SIZES = ((3072, "SMALL"), (7168, "MEDIUM"), (15360, "LARGE"), (73728, "XLARGE"), (147456, "2XLARGE"))


def is_too_large(answer: Any) -> bool:
    """Whether requests can't be passed on."""
    return len(msgspec.json.encode(answer)) > MOST_TOGETHER


def compute_type(memory_mb: int) -> str:
    """The smallest CodeBuild compute type with room for the job beside the build's own processes."""
    name = next((name for most, name in _SIZES if memory_mb <= most), _SIZES[-1][1])
    return f"BUILD_GENERAL1_{name}"


def image_request(project: str, run: Run, what: SnapshotBlock, secrets: Sequence[str]) -> dict[str, Any]:
    """The request that builds and pushes the image of a Docker File."""
    spec = _specification("image", run, what, ())
    return _request(project, run.id, spec, secrets, IMAGE_MINUTES, "BUILD_GENERAL1_SMALL")


class Role(msgspec.Struct, frozen=True):
    """Whom a job runs as; only where its environment names the role does the job get its credentials."""

    arn: str
    of_environment: bool = False


def run_request(
    project: str, role: Role, run: Run, what: SnapshotBlock, variables: Sequence[Variable], secrets: Sequence[str]
) -> dict[str, Any]:
    """The request that runs the job, as `role`."""
    spec = _specification("run", run, what, variables) | {"has_role": role.of_environment}
    minutes = min(2160, -(-what.configuration.timeout_seconds // 60) + MINUTES_FOR_THE_REST)
    request = _request(project, run.id, spec, secrets, minutes, compute_type(what.configuration.memory_mb))
    return request | {"ServiceRoleOverride": role.arn}


def _request(
    project: str, run_id: str, spec: dict[str, Any], secrets: Sequence[str], minutes: int, size: str
) -> dict[str, Any]:
    variables = {
        "KINTO_RUN_ID": run_id,
        **_in_pieces("KINTO_SPEC", msgspec.json.encode(spec).decode()),
        **_in_pieces("KINTO_SECRETS", ",".join(secrets)),
    }
    return {
        "ProjectName": project,
        "EnvironmentVariablesOverride": [{"Name": n, "Value": v, "Type": "PLAINTEXT"} for n, v in variables.items()],
        "TimeoutInMinutesOverride": minutes,
        "ComputeTypeOverride": size,
    }


def _in_pieces(name: str, text: str) -> dict[str, str]:
    """As many variables as a text needs: NAME, NAME_2, NAME_3; the runner puts them together."""
    size = MOST_VALUE if text.isascii() else MOST_VALUE // 4  # be it characters or bytes that are counted
    pieces = [text[at : at + size] for at in range(0, len(text), size)] or [""]
    return {name if number == 1 else f"{name}_{number}": piece for number, piece in enumerate(pieces, 1)}


def _specification(stage: str, run: Run, what: SnapshotBlock, variables: Sequence[Variable]) -> dict[str, Any]:
    return {
        "stage": stage,
        "run_id": run.id,
        "repository": _repository(what.block.repository, what.commit),
        "source": _source(what.block.source, what.image, run.command),
        "memory_mb": what.configuration.memory_mb,
        "timeout_seconds": what.configuration.timeout_seconds,
        "variables": plain(variables) | told(run) if stage == "run" else {},
    }


def _repository(repository: Repository | None, commit: str | None) -> dict[str, Any] | None:
    if repository is None:
        return None
    return {"url": repository.url, "commit": commit, "folder": repository.source_folder}


def _source(source: Source, image: str | None, command: str | None) -> dict[str, Any]:
    match source:
        case DockerFile():
            fields: dict[str, Any] = {"type": "dockerfile", "dockerfile": source.dockerfile, "image": image}
        case Image():
            fields = {"type": "image", "image": image or source.image}
        case Command():
            fields = {"type": "command", "build": source.build}
    return fields | {"command": command or source.command}


def told(run: Run) -> dict[str, str]:
    """The variables by which a job knows what it is (DESIGN section 6)."""
    scheduled = f"{run.scheduled_at:%Y-%m-%dT%H:%M:%SZ}" if run.scheduled_at else None
    variables = {
        "KINTO_PROJECT": run.project,
        "KINTO_ENVIRONMENT": run.environment,
        "KINTO_BLOCK": run.block,
        "KINTO_RUN_ID": run.id,
        "KINTO_TRIGGER": run.trigger,
        "KINTO_SCHEDULED_AT": scheduled,
        "KINTO_DEPLOYMENT": str(run.deployment) if run.deployment else None,
        "KINTO_COMMIT": run.commit,
        "KINTO_ATTEMPT": str(len(run.attempts)),
    }
    return {name: value for name, value in variables.items() if value}
