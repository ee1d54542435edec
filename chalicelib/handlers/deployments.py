"""The steps of the state machine deployment."""

from __future__ import annotations

from typing import Any, Final

from chalice.app import Blueprint

from chalicelib.actions import complete as complete_action
from chalicelib.actions import prepare as prepare_action
from chalicelib.actions import waves
from chalicelib.edge import call_by, logged

deployments = Blueprint(__name__)
SOURCE: Final = "step functions"


@deployments.lambda_function(name="prepare")
@logged
def prepare(event: dict[str, Any], context: object) -> dict[str, Any]:
    """`{"deployment_id"}`: the missing images and the waves of each phase."""
    return prepare_action.prepare(call_by(SOURCE), event["deployment_id"])


@deployments.lambda_function(name="open_wave")
@logged
def open_wave(event: dict[str, Any], context: object) -> dict[str, Any]:
    """`{"deployment_id", "phase", "wave"}`: the runs to start."""
    return waves.open_wave(call_by(SOURCE), event["deployment_id"], event["phase"], event["wave"])


@deployments.lambda_function(name="complete")
@logged
def complete(event: dict[str, Any], context: object) -> dict[str, Any]:
    """`{"deployment_id"}`: how it ended."""
    deployment = complete_action.complete(call_by(SOURCE), event["deployment_id"])
    return {"deployment_id": event["deployment_id"], "status": deployment.status if deployment else None}
