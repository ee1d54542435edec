"""The steps of the state machine job-run."""

from __future__ import annotations

from typing import Any, Final

from chalice.app import Blueprint

from chalicelib.actions import begin as begin_action
from chalicelib.actions import finish as finish_action
from chalicelib.edge import call_by, logged

job_runs = Blueprint(__name__)
SOURCE: Final = "step functions"


@job_runs.lambda_function(name="begin")
@logged
def begin(event: dict[str, Any], context: object) -> dict[str, Any]:
    """`{"run_id", "stage"?}`: what to build and run, or that there is nothing to run."""
    return begin_action.begin(call_by(SOURCE), event["run_id"], event.get("stage", "run"))


@job_runs.lambda_function(name="finish")
@logged
def finish(event: dict[str, Any], context: object) -> dict[str, Any]:
    """`{"run_id", "stage", "result"}`: whether that was the end."""
    return finish_action.finish(call_by(SOURCE), event["run_id"], event["stage"], event["result"])
