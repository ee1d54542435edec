from __future__ import annotations

import json
import time

import boto3
import pytest

from chalicelib.aws import executions


@pytest.fixture(scope="module")
def machines(embed):
    """A machine that ends at once, and one that waits."""
    embed("Table")
    client = boto3.client("stepfunctions")

    def make(name, state):
        definition = json.dumps({"StartAt": "A", "States": {"A": state}})
        role = "arn:aws:iam::123456789012:role/machine"
        return client.create_state_machine(name=name, definition=definition, roleArn=role)["stateMachineArn"]

    return make("ends", {"Type": "Succeed"}), make("waits", {"Type": "Wait", "Seconds": 60, "End": True})


def test_starting_twice_is_starting_once(machines):
    ends, waits = machines
    for machine in machines:
        executions.start(machine, "one", {"run_id": "x"})
        executions.start(machine, "one", {"run_id": "x"})
    listed = boto3.client("stepfunctions").list_executions(stateMachineArn=waits)["executions"]
    assert [(one["name"], one["status"]) for one in listed] == [("one", "RUNNING")]
    deadline = time.monotonic() + 60
    while executions.status(ends, "one") != "SUCCEEDED":
        assert time.monotonic() < deadline
        time.sleep(0.01)
    executions.start(ends, "one", {"run_id": "x"})
    assert executions.status(ends, "one") == "SUCCEEDED"
    executions.stop(waits, "one", "enough")


def test_an_execution_that_runs_is_stopped(machines):
    _, waits = machines
    executions.start(waits, "two", {})
    assert executions.status(waits, "two") == "RUNNING"
    executions.stop(waits, "two", "cancelled by ada")
    assert executions.status(waits, "two") == "ABORTED"
    executions.stop(waits, "two", "again")


def test_what_never_ran_has_no_status_and_is_not_stopped(machines):
    _, waits = machines
    executions.stop(waits, "none", "x")
    assert executions.status(waits, "none") is None


def test_the_input_is_what_was_given(machines):
    _, waits = machines
    executions.start(waits, "three", {"run_id": "ä"})
    described = boto3.client("stepfunctions").describe_execution(executionArn=executions.arn(waits, "three"))
    assert json.loads(described["input"]) == {"run_id": "ä"}
    executions.stop(waits, "three", "enough")
