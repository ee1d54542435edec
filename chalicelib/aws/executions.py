"""Step Functions: executions are named after their run or deployment, so that starting twice is starting once."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.aws.clients import client
from chalicelib.domain.problems import TEMPORARY_CODES


class StartRefused(Exception):
    """Step Functions refused an execution, and would refuse it again; the text is the reason for people."""


def start(machine: str, name: str, payload: dict[str, Any]) -> None:
    """Start the execution; one of that name that exists already counts as success.

    Raises StartRefused for missing rights, a missing state machine or invalid input; botocore's own error where the
    same request may succeed later.
    """
    states = client("stepfunctions")
    try:
        states.start_execution(stateMachineArn=machine, name=name, input=json.dumps(payload))
    except states.exceptions.ExecutionAlreadyExists:
        return
    except ClientError as error:
        answer = error.response.get("Error", {})
        if answer.get("Code") in TEMPORARY_CODES:
            raise
        raise StartRefused(
            f"Step Functions refused to start it: {answer.get('Code')}: {answer.get('Message')}"
        ) from error


def stop(machine: str, name: str, cause: str) -> None:
    """Stop the execution if it exists and runs."""
    states = client("stepfunctions")
    try:
        states.stop_execution(executionArn=arn(machine, name), cause=cause)
    except states.exceptions.ExecutionDoesNotExist:
        return


def status(machine: str, name: str) -> str | None:
    """`RUNNING`, `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`; None where there is no such execution."""
    states = client("stepfunctions")
    try:
        answer = states.describe_execution(executionArn=arn(machine, name))
    except states.exceptions.ExecutionDoesNotExist:
        return None
    return str(answer["status"])


def arn(machine: str, name: str) -> str:
    """The ARN of the execution of this name."""
    return f"{machine.replace(':stateMachine:', ':execution:')}:{name}"
