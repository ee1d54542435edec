"""Nested executions: moto looks each half second whether one has ended, and lets it outlive a stopped parent."""

from __future__ import annotations

from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.resource import ResourceCondition
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_sfn import (
    StateTaskServiceSfn,
)
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from infra.local.patches import executions

_stock = StateTaskServiceSfn._eval_integration_pattern


def apply() -> None:
    StateTaskServiceSfn._eval_integration_pattern = _integrate


def _integrate(task: Any, env: Any, *args: Any, **kwargs: Any) -> None:
    if task.resource.condition == ResourceCondition.WaitForTaskToken:
        _stock(task, env, *args, **kwargs)
        return
    child = _find(env.stack[-1]["ExecutionArn"])
    while env.is_running() and not child.ended.wait(0.1):
        pass
    if env.is_running():
        _stock(task, env, *args, **kwargs)
    else:
        executions.stop(child, cause="The parent was stopped.")


def _find(arn: str) -> Any:
    region, account = arn.split(":")[3:5]
    return stepfunctions_parser_backends[account][region].describe_execution(arn)
