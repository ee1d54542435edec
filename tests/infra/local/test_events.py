from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime

import boto3
import pytest
from moto import mock_aws

from infra.local.events import EventBus

AT = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:"


class Functions:
    """Stands for the product's functions: remembers what it was given."""

    def __init__(self):
        self.got = []
        self.hold = threading.Event()
        self.hold.set()

    def deliver(self, name, payload):
        self.hold.wait(5)
        if name == "Fails":
            raise RuntimeError("fails")
        self.got.append((name, payload))


@pytest.fixture
def functions():
    return Functions()


@pytest.fixture
def aws(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        yield boto3.client("events")


@pytest.fixture
def bus(aws, functions):
    bus = EventBus(lambda: AT)
    bus.open(functions)
    yield bus
    functions.hold.set()
    bus.close()


def settled(bus):
    deadline = time.monotonic() + 60
    while not bus.idle():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def put_rule(aws, name, target, expression=None, pattern=None, **target_more):
    kind = {"ScheduleExpression": expression} if expression else {"EventPattern": json.dumps(pattern)}
    aws.put_rule(Name=name, **kind)
    aws.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": target, **target_more}])


def test_an_event_reaches_the_rules_whose_pattern_matches_and_no_scheduled_one(aws, bus, functions):
    put_rule(aws, "states", FUNCTION + "Settle", pattern={"source": ["aws.states"], "detail": {"status": ["ABORTED"]}})
    put_rule(aws, "builds", FUNCTION + "Build", pattern={"source": ["aws.codebuild"]})
    put_rule(aws, "every-minute", FUNCTION + "Tick", expression="rate(1 minute)")
    bus.emit("aws.states", "Step Functions Execution Status Change", {"status": "ABORTED", "name": "r1"})
    bus.emit("aws.states", "Step Functions Execution Status Change", {"status": "SUCCEEDED"})
    settled(bus)
    [(name, event)] = functions.got
    assert name == "Settle"
    assert event["source"] == "aws.states"
    assert event["detail-type"] == "Step Functions Execution Status Change"
    assert event["time"] == "2026-03-29T01:00:00Z"
    assert event["detail"] == {"status": "ABORTED", "name": "r1"}


def test_events_of_one_source_arrive_in_their_order(aws, bus, functions):
    put_rule(aws, "builds", FUNCTION + "Build", pattern={"source": ["aws.codebuild"]}, InputPath="$.detail.n")
    for n in range(100):
        bus.emit("aws.codebuild", "CodeBuild Build State Change", {"n": n})
    settled(bus)
    assert functions.got == [("Build", n) for n in range(100)]


def test_a_slow_delivery_of_one_source_does_not_hold_up_another(aws, bus, functions):
    put_rule(aws, "builds", FUNCTION + "Build", pattern={"source": ["aws.codebuild"]})
    queue = queue_of(aws)
    put_rule(aws, "states", queue, pattern={"source": ["aws.states"]})
    functions.hold.clear()
    bus.emit("aws.codebuild", "x", {})
    bus.emit("aws.states", "y", {})
    assert received(1)[0]["source"] == "aws.states"
    assert not bus.idle()


def test_a_scheduled_rule_gives_its_minute_through_the_transformer(aws, bus, functions):
    transformer = {"InputPathsMap": {"time": "$.time"}, "InputTemplate": '{"schedule": "s1", "time": <time>}'}
    put_rule(aws, "s1", FUNCTION + "Tick", expression="cron(0 1 * * ? *)", InputTransformer=transformer)
    [rule] = bus.scheduled()
    assert rule.expression == "cron(0 1 * * ? *)"
    bus.fire(AT, rule).result(5)
    assert functions.got == [("Tick", {"schedule": "s1", "time": "2026-03-29T01:00:00Z"})]


def test_a_scheduled_event_names_its_rule(aws, bus, functions):
    put_rule(aws, "s1", FUNCTION + "Tick", expression="rate(5 minutes)")
    bus.fire(AT, bus.scheduled()[0]).result(5)
    event = functions.got[0][1]
    assert event["source"] == "aws.events"
    assert event["detail-type"] == "Scheduled Event"
    assert event["resources"] == ["arn:aws:events:us-east-1:123456789012:rule/s1"]
    assert event["detail"] == {}


def test_a_disabled_rule_neither_matches_nor_fires(aws, bus, functions):
    put_rule(aws, "s1", FUNCTION + "Tick", expression="rate(5 minutes)")
    put_rule(aws, "states", FUNCTION + "Settle", pattern={"source": ["aws.states"]})
    aws.disable_rule(Name="s1")
    aws.disable_rule(Name="states")
    bus.emit("aws.states", "x", {})
    settled(bus)
    assert bus.scheduled() == []
    assert functions.got == []


def test_a_schedule_of_eventbridge_scheduler_is_one_of_the_scheduled(aws, bus, functions):
    scheduler = boto3.client("scheduler")
    scheduler.create_schedule(
        Name="s1",
        ScheduleExpression="cron(0 1 * * ? *)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": FUNCTION + "Tick", "RoleArn": "r", "Input": '{"time": "<aws.scheduler.scheduled-time>"}'},
    )
    bus.fire(AT, bus.scheduled()[0]).result(5)
    assert functions.got == [("Tick", {"time": "2026-03-29T01:00:00Z"})]


def test_one_bad_target_does_not_stop_the_others_and_its_event_is_buried(aws, bus, functions):
    queue = queue_of(aws)
    targets = [
        {"Id": "1", "Arn": "arn:aws:sns:us-east-1:123456789012:topic"},
        {"Id": "2", "Arn": FUNCTION + "Fails", "DeadLetterConfig": {"Arn": queue}},
        {"Id": "3", "Arn": FUNCTION + "Fails", "DeadLetterConfig": {"Arn": queue + "-not-there"}},
        {"Id": "4", "Arn": FUNCTION + "Tick", "Input": "4"},
    ]
    aws.put_rule(Name="s1", ScheduleExpression="rate(1 minute)")
    aws.put_targets(Rule="s1", Targets=targets)
    bus.fire(AT, bus.scheduled()[0]).result(5)
    assert functions.got == [("Tick", 4)]
    assert received(1)[0]["time"] == "2026-03-29T01:00:00Z"


def test_a_state_machine_is_started_with_the_event(aws, bus):
    states = boto3.client("stepfunctions")
    definition = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
    created = states.create_state_machine(
        name="m", definition=definition, roleArn="arn:aws:iam::123456789012:role/r"
    )
    machine = created["stateMachineArn"]
    put_rule(aws, "s1", machine, expression="rate(1 minute)", Input='{"a": 1}')
    bus.fire(AT, bus.scheduled()[0]).result(5)
    [execution] = states.list_executions(stateMachineArn=machine)["executions"]
    assert json.loads(states.describe_execution(executionArn=execution["executionArn"])["input"]) == {"a": 1}


def test_nothing_is_delivered_before_the_bus_is_open(aws, functions):
    put_rule(aws, "states", FUNCTION + "Settle", pattern={"source": ["aws.states"]}, InputPath="$.detail")
    bus = EventBus(lambda: AT)
    bus.emit("aws.states", "x", {"n": 1})
    assert not bus.idle()
    assert functions.got == []
    bus.open(functions)
    settled(bus)
    bus.close()
    assert functions.got == [("Settle", {"n": 1})]


def queue_of(aws):
    queues = boto3.client("sqs")
    url = queues.create_queue(QueueName="dead")["QueueUrl"]
    return queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def received(count):
    queues = boto3.client("sqs")
    bodies = []
    deadline = time.monotonic() + 60
    while len(bodies) < count:
        assert time.monotonic() < deadline
        messages = queues.receive_message(QueueUrl=queues.get_queue_url(QueueName="dead")["QueueUrl"])
        bodies += [json.loads(message["Body"]) for message in messages.get("Messages", [])]
    return bodies
