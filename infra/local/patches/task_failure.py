"""moto drops the cause that SendTaskFailure gives."""

from __future__ import annotations

from typing import Any

from moto.core.responses import EmptyResult
from moto.stepfunctions.responses import StepFunctionResponse


def apply() -> None:
    StepFunctionResponse.send_task_failure = _send_task_failure


def _send_task_failure(request: Any) -> EmptyResult:
    request.stepfunction_backend.send_task_failure(
        request._get_param("taskToken"), error=request._get_param("error"), cause=request._get_param("cause")
    )
    return EmptyResult()
