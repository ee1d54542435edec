"""moto's interpreter hands a state's parameters to boto, and boto's answer to the state, without changing the case."""

from __future__ import annotations

import functools
from datetime import datetime
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.model import OperationModel
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service import StateTaskService
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)


def apply() -> None:
    StateTaskService._normalise_parameters = _normalise_parameters
    StateTaskService._normalise_response = _normalise_response


# The names of the arguments are moto's own: its subclasses call with them.
def _normalise_parameters(
    task: Any, parameters: Any, boto_service_name: str | None = None, service_action_name: str | None = None
) -> None:
    shape = _operation(task, boto_service_name, service_action_name).input_shape
    if shape is not None and isinstance(parameters, dict):
        task._to_boto_request(parameters, shape)


def _normalise_response(
    task: Any, response: Any, boto_service_name: str | None = None, service_action_name: str | None = None
) -> None:
    shape = _operation(task, boto_service_name, service_action_name).output_shape
    if shape is not None and isinstance(response, dict):
        task._from_boto_response(response, shape)
    _replace_dates(response, iso=isinstance(task, StateTaskServiceAwsSdk))


def _operation(task: Any, service: str | None, action: str | None) -> OperationModel:
    return _operations(task._get_boto_service_name(service))[task._get_boto_service_action(action)]


@functools.cache
def _operations(service: str) -> dict[str, OperationModel]:
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(name): model.operation_model(name) for name in model.operation_names}


def _replace_dates(value: Any, iso: bool) -> None:
    """A state's output is JSON: AWS SDK integrations write dates out, the others give milliseconds."""
    places = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for place, inner in list(places):
        if isinstance(inner, datetime):
            value[place] = inner.isoformat() if iso else round(inner.timestamp() * 1000)
        else:
            _replace_dates(inner, iso)
