from __future__ import annotations

import pytest

TARGET = {"Id": "t", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:Tick"}
TRANSFORMED = {
    **TARGET,
    "InputTransformer": {"InputPathsMap": {"time": "$.time"}, "InputTemplate": '{"time": <time>}'},
    "RetryPolicy": {"MaximumEventAgeInSeconds": 600, "MaximumRetryAttempts": 3},
    "DeadLetterConfig": {"Arn": "arn:aws:sqs:us-east-1:123456789012:dead"},
}


def everything(machine):
    events = machine.client("events")
    rules = {rule["Name"]: rule for rule in events.list_rules()["Rules"]}
    targets = {name: events.list_targets_by_rule(Rule=name)["Targets"] for name in rules}
    tags = {name: events.list_tags_for_resource(ResourceARN=rule["Arn"])["Tags"] for name, rule in rules.items()}
    return rules, targets, tags


@pytest.fixture
def events(machine):
    return machine.client("events")


def test_rules_come_back_with_targets_and_tags(machine, events):
    events.put_rule(
        Name="a", ScheduleExpression="cron(0 8 * * ? *)", Description="d", Tags=[{"Key": "k", "Value": "v"}]
    )
    events.put_targets(Rule="a", Targets=[TRANSFORMED])
    events.put_rule(Name="b", EventPattern='{"source": ["aws.states"]}', State="DISABLED")
    before = everything(machine)
    assert before[1]["a"] == [TRANSFORMED]
    for _ in range(2):
        machine.restart()
        assert everything(machine) == before


def test_changes_and_deletions_are_kept(machine, events):
    for name in "abc":
        events.put_rule(Name=name, ScheduleExpression="rate(1 minute)")
        events.put_targets(Rule=name, Targets=[TARGET])
    arn = events.describe_rule(Name="a")["Arn"]
    events.put_rule(Name="a", ScheduleExpression="rate(2 minutes)")
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "k", "Value": "v"}])
    events.disable_rule(Name="a")
    events.remove_targets(Rule="b", Ids=["t"])
    events.delete_rule(Name="b")
    events.disable_rule(Name="c")
    events.enable_rule(Name="c")
    before = everything(machine)
    assert set(before[0]) == {"a", "c"}
    machine.restart()
    assert everything(machine) == before


def test_a_pattern_still_matches_after_a_restart(machine, events):
    queue = machine.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    events.put_rule(Name="a", EventPattern='{"source": ["here"]}')
    events.put_targets(Rule="a", Targets=[{"Id": "q", "Arn": "arn:aws:sqs:us-east-1:123456789012:q"}])
    machine.restart()
    queue = machine.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    for source in ("here", "there"):
        entry = {"Source": source, "DetailType": "d", "Detail": "{}"}
        machine.client("events").put_events(Entries=[entry])
    assert len(machine.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)["Messages"]) == 1
