"""moto ignores the order, page size and token of GetExecutionHistory."""

from __future__ import annotations

from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.responses import StepFunctionResponse

_PAGE = 100


def apply() -> None:
    StepFunctionResponse.get_execution_history = _get_execution_history


def _get_execution_history(request: Any) -> ActionResult:
    execution = request.stepfunction_backend.describe_execution(request._get_param("executionArn"))
    events = list(execution.to_history_output()["events"])
    if request._get_param("reverseOrder"):
        events.reverse()
    start = int(request._get_param("nextToken") or 0)
    end = start + (request._get_param("maxResults") or _PAGE)
    more = {"nextToken": str(end)} if end < len(events) else {}
    return ActionResult({"events": events[start:end], **more})
