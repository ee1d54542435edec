"""CodeBuild: the facts of builds, and stopping them."""

from __future__ import annotations

from typing import Any

from chalicelib.aws.clients import client


def facts(build_id: str) -> dict[str, Any] | None:
    """What BatchGetBuilds says of a build; None where it knows none."""
    builds = client("codebuild").batch_get_builds(ids=[build_id])["builds"]
    return dict(builds[0]) if builds else None


def stop(build_id: str) -> None:
    """Stop a build; one that has ended or is not known is left as it is."""
    codebuild = client("codebuild")
    try:
        codebuild.stop_build(id=build_id)
    except (codebuild.exceptions.ResourceNotFoundException, codebuild.exceptions.InvalidInputException):
        return
