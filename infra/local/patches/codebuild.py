"""The integration of CodeBuild, `startBuild` and `startBuild.sync`, which moto's interpreter lacks."""

from __future__ import annotations

import sys
import threading
from typing import Any

from botocore.exceptions import ClientError
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_factory
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_callback import (
    StateTaskServiceCallback,
)
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str

from infra.local.patches.clients import boto_client_for

# A worker that says when a build has ended spares the builds' waiters their next look.
ended = threading.Condition()
_FIRST_LOOK, _LAST_LOOK = 0.05, 0.4

_stock = state_task_service_factory.state_task_service_for


def apply() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("moto.stepfunctions") and hasattr(module, "state_task_service_for"):
            module.state_task_service_for = _service_for  # type: ignore[attr-defined]  # a module is read as untyped


def wake() -> None:
    with ended:
        ended.notify_all()


def _service_for(service_name: str) -> Any:
    return CodeBuildTask() if service_name == "codebuild" else _stock(service_name)


class CodeBuildTask(StateTaskServiceCallback):  # type: ignore[misc]  # moto is read as untyped
    def __init__(self) -> None:
        super().__init__(supported_integration_patterns={ResourceCondition.Sync})

    def _get_supported_parameters(self) -> None:
        return None

    def _validate_service_integration_is_supported(self) -> None:
        return None

    def _eval_service_task(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: dict[str, Any], state_credentials: Any
    ) -> None:
        client = boto_client_for(resource_runtime_part.region, "codebuild")
        answer = getattr(client, self._get_boto_service_action())(**normalised_parameters)
        answer.pop("ResponseMetadata", None)
        env.stack.append(answer)

    def _eval_integration_pattern(
        self, env: Any, resource_runtime_part: Any, normalised_parameters: dict[str, Any], state_credentials: Any
    ) -> None:
        client = boto_client_for(resource_runtime_part.region, "codebuild")
        answer = {"build": _wait(env, client, env.stack.pop()["Build"]["Id"])}
        self._normalise_response(answer)
        if env.is_running() and answer["Build"]["BuildStatus"] != "SUCCEEDED":
            raise FailureEventException(self._failure(env, "States.TaskFailed", to_json_str(answer)))
        env.stack.append(answer)

    def _from_error(self, env: Any, ex: Exception) -> FailureEvent:
        if isinstance(ex, ClientError):
            code = ex.response["Error"]["Code"].removesuffix("Exception")
            return self._failure(env, f"CodeBuild.{code}Exception", ex.response["Error"]["Message"])
        return super()._from_error(env=env, ex=ex)

    def _failure(self, env: Any, error: str, cause: str) -> FailureEvent:
        details = TaskFailedEventDetails(
            resource=self._get_sfn_resource(), resourceType=self._get_sfn_resource_type(), error=error, cause=cause
        )
        return FailureEvent(
            env=env,
            error_name=ErrorName(error),
            event_type=HistoryEventType.TaskFailed,
            event_details=EventDetails(taskFailedEventDetails=details),
        )


def _wait(env: Any, client: Any, build_id: str) -> dict[str, Any]:
    """The build when it has ended, or as it is when the state is over: then it is stopped."""
    pause = _FIRST_LOOK
    while True:
        build: dict[str, Any] = client.batch_get_builds(ids=[build_id])["builds"][0]
        if build["buildStatus"] != "IN_PROGRESS":
            return build
        if not env.is_running():
            client.stop_build(id=build_id)
            return build
        with ended:
            ended.wait(pause)
        pause = min(_LAST_LOOK, pause * 1.5)
