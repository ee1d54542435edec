"""CodeBuild's requests about builds, in moto, answered by the build worker."""

from __future__ import annotations

from typing import Any, Protocol

from moto.codebuild.exceptions import InvalidInputException, ResourceNotFoundException
from moto.codebuild.models import CodeBuildBackend
from moto.codebuild.responses import CodeBuildResponse
from moto.core.responses import ActionResult

from infra.local.build_record import Record

TAKEN = (
    "idempotencyToken", "environmentVariablesOverride", "timeoutInMinutesOverride", "buildspecOverride",
    "imageOverride", "computeTypeOverride", "privilegedModeOverride", "serviceRoleOverride",
)  # fmt: skip


class Worker(Protocol):
    """Whoever runs builds."""

    def start_build(self, project: Record, request: Record) -> Record: ...
    def batch_get_builds(self, ids: list[str]) -> list[Record]: ...
    def stop_build(self, build_id: str) -> Record: ...
    def ids(self, project: str | None = None) -> list[str]: ...


def install(worker: Worker) -> None:
    """Puts the worker behind the API; the last one installed answers."""

    def start_build(response: Any) -> ActionResult:
        name = response._get_param("projectName")
        project = response.codebuild_backend.codebuild_projects.get(name)
        if project is None:
            raise ResourceNotFoundException(f"Project cannot be found: {name}")
        request = {key: response._get_param(key) for key in TAKEN}
        _check(request)
        return ActionResult({"build": worker.start_build(project.project_metadata, request)})

    def batch_get_builds(response: Any) -> ActionResult:
        ids = response._get_param("ids")
        for build_id in ids:
            _check_id(build_id)
        builds = worker.batch_get_builds(ids)
        missing = sorted(set(ids) - {build["id"] for build in builds})
        return ActionResult({"builds": builds, "buildsNotFound": missing})

    def stop_build(response: Any) -> ActionResult:
        build_id = response._get_param("id")
        _check_id(build_id)
        return ActionResult({"build": worker.stop_build(build_id)})

    CodeBuildResponse.start_build = start_build
    CodeBuildResponse.batch_get_builds = batch_get_builds
    CodeBuildResponse.stop_build = stop_build
    CodeBuildBackend.batch_get_builds = lambda backend, ids: worker.batch_get_builds(ids)
    CodeBuildBackend.stop_build = lambda backend, build_id: worker.stop_build(build_id)
    CodeBuildBackend.list_builds = lambda backend: worker.ids()
    CodeBuildBackend.list_builds_for_project = lambda backend, name: worker.ids(name)


def _check_id(build_id: str) -> None:
    if ":" not in build_id:
        raise InvalidInputException("Invalid build ID provided")


def _check(request: Record) -> None:
    for variable in request["environmentVariablesOverride"] or ():
        if variable.get("type", "PLAINTEXT") != "PLAINTEXT":
            raise InvalidInputException(f"Only plain variables are imitated, not {variable['type']}")
    minutes = request["timeoutInMinutesOverride"]
    if minutes is not None and not 5 <= minutes <= 2160:
        raise InvalidInputException("Invalid timeout: must be between 5 and 2160 minutes")
