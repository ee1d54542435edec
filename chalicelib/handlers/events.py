"""What EventBridge tells of builds and executions."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.actions import observe
from chalicelib.edge import call_by, logged

events = Blueprint(__name__)


@events.lambda_function(name="execution_ended")
@logged
def execution_ended(event: dict[str, Any], context: object) -> None:
    """A "Step Functions Execution Status Change" to ABORTED, TIMED_OUT or FAILED."""
    observe.execution_ended(call_by("step functions"), event["detail"])


@events.lambda_function(name="build_began")
@logged
def build_began(event: dict[str, Any], context: object) -> None:
    """A "CodeBuild Build State Change" to IN_PROGRESS."""
    observe.build_began(call_by("codebuild"), event["detail"])
