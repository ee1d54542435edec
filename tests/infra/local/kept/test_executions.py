from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest

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


def test_machines_may_be_made_before_the_journal_is_read(machine):
    execution = start(machine, made(machine), "one")
    ended(machine, execution)
    machine.restart(load=False)
    made(machine)
    machine.journal.load()
    assert describe(machine, execution)["status"] == "SUCCEEDED"
    machine.restart()
    made(machine)
    assert describe(machine, execution)["status"] == "SUCCEEDED"


def test_a_stopped_execution_keeps_its_error_and_cause(machine):
    execution = start(machine, made(machine, seconds=30), "stopped")
    machine.client("stepfunctions").stop_execution(executionArn=execution, error="E", cause="because")
    machine.restart()
    made(machine, seconds=30)
    said = describe(machine, execution)
    assert (said["status"], said["error"], said["cause"]) == ("ABORTED", "E", "because")


def test_executions_of_90_days_ago_are_forgotten_and_their_names_free(machine):
    arn = made(machine)
    execution = start(machine, arn, "old")
    ended(machine, execution)
    machine.ahead = timedelta(days=91)
    machine.restart()
    machine.restart()
    assert start(machine, made(machine), "old") == execution


def test_dates_are_those_of_the_given_clock(machine):
    machine.ahead = timedelta(days=400)
    execution = start(machine, made(machine), "future")
    said = ended(machine, execution)
    assert said["startDate"] > machine.aws.now() - timedelta(days=1)
    assert machine.told[-1]["stopDate"] > (machine.aws.now() - timedelta(days=1)).timestamp() * 1000
