from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
from moto.stepfunctions.parser.models import stepfunctions_parser_backends

from infra.local.persistence.executions import _IN_MEMORY

ROLE = "arn:aws:iam::123456789012:role/any"


def made(machine, name="m", seconds=None):
    state = {"Type": "Pass", "End": True} if seconds is None else {"Type": "Wait", "Seconds": seconds, "End": True}
    definition = json.dumps({"StartAt": "A", "States": {"A": state}})
    client = machine.client("stepfunctions")
    return client.create_state_machine(name=name, definition=definition, roleArn=ROLE)["stateMachineArn"]


def start(machine, arn, name, text="{}"):
    client = machine.client("stepfunctions")
    return client.start_execution(stateMachineArn=arn, name=name, input=text)["executionArn"]


def describe(machine, execution):
    return machine.client("stepfunctions").describe_execution(executionArn=execution)


def ended(machine, execution):
    deadline = time.monotonic() + 60
    while describe(machine, execution)["status"] == "RUNNING" and time.monotonic() < deadline:
        time.sleep(0.01)
    return describe(machine, execution)


def test_an_ended_execution_is_described_as_before_and_its_name_stays_taken(machine):
    arn = made(machine)
    execution = start(machine, arn, "one", '{"a": "b"}')
    before = ended(machine, execution)
    machine.restart()
    made(machine)
    after = describe(machine, execution)
    for name in ("status", "input", "output", "name", "stateMachineArn"):
        assert after[name] == before[name]
    assert abs(after["stopDate"] - before["stopDate"]) < timedelta(milliseconds=2)
    client = machine.client("stepfunctions")
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        start(machine, arn, "one", '{"a": "b"}')
    assert client.get_execution_history(executionArn=execution)["events"] == []


def test_an_execution_that_was_running_is_settled_as_aborted_once(machine):
    arn = made(machine, seconds=30)
    execution = start(machine, arn, "lost", '{"run_id": "r"}')
    machine.told.clear()
    machine.restart()
    made(machine, seconds=30)
    assert describe(machine, execution)["status"] == "RUNNING"
    machine.aws.settle_lost_executions()
    machine.aws.settle_lost_executions()
    [detail] = machine.told
    assert (detail["name"], detail["status"], detail["input"]) == ("lost", "ABORTED", '{"run_id": "r"}')
    assert detail["stopDate"] >= detail["startDate"]
    machine.restart()
    made(machine, seconds=30)
    machine.told.clear()
    machine.aws.settle_lost_executions()
    assert machine.told == []
    assert describe(machine, execution)["status"] == "ABORTED"


def test_a_stopped_execution_keeps_its_error_and_cause(machine):
    execution = start(machine, made(machine, seconds=30), "stopped")
    machine.client("stepfunctions").stop_execution(executionArn=execution, error="E", cause="because")
    machine.restart()
    made(machine, seconds=30)
    said = describe(machine, execution)
    assert (said["status"], said["error"], said["cause"]) == ("ABORTED", "E", "because")


def test_executions_that_ended_a_day_ago_are_deleted_and_their_names_free(machine):
    arn, waiting = made(machine), made(machine, "waits", seconds=300)
    execution = start(machine, arn, "old")
    ended(machine, execution)
    running = start(machine, waiting, "running")
    machine.ahead = timedelta(days=2)
    machine.aws.expire(timedelta(days=90))
    machine.restart()
    made(machine, "waits", seconds=300)
    assert describe(machine, running)["status"] == "RUNNING"
    assert start(machine, made(machine), "old") == execution


@pytest.mark.ci
def test_only_the_latest_ended_executions_stay_in_memory(machine):
    arn = made(machine)
    names = [str(number) for number in range(_IN_MEMORY + 5)]
    executions = [start(machine, arn, name) for name in names]
    assert {ended(machine, execution)["status"] for execution in executions} == {"SUCCEEDED"}
    deadline = time.monotonic() + 60
    while len(in_memory(arn)) > _IN_MEMORY and time.monotonic() < deadline:
        time.sleep(0.01)
    assert 0 < len(in_memory(arn)) <= _IN_MEMORY
    client = machine.client("stepfunctions")
    for execution, name in zip(executions, names, strict=True):
        assert describe(machine, execution)["output"] == "{}"
        with pytest.raises(client.exceptions.ExecutionAlreadyExists):
            start(machine, arn, name)


def in_memory(arn):
    backend = stepfunctions_parser_backends["123456789012"]["us-east-1"]
    return backend.describe_state_machine(arn).executions


def test_dates_are_those_of_the_given_clock(machine):
    machine.ahead = timedelta(days=400)
    execution = start(machine, made(machine), "future")
    said = ended(machine, execution)
    assert said["startDate"] > machine.aws.now() - timedelta(days=1)
    assert machine.told[-1]["stopDate"] > (machine.aws.now() - timedelta(days=1)).timestamp() * 1000
