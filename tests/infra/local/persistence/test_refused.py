"""What the disk refuses is answered as AWS answers when it is unavailable, and nothing of it can be read."""

from __future__ import annotations

import json

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.infra.local.persistence.test_images import MANIFEST
from tests.infra.local.persistence.test_schedules import ASKED

ROLE = "arn:aws:iam::123456789012:role/any"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:m"
ITEM = {"pk": {"S": "a"}, "sk": {"S": "b"}}
DEFINITION = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
CALLS = [
    ("dynamodb", "put_item", {"TableName": "t", "Item": {**ITEM, "n": {"N": "2"}}}),
    ("dynamodb", "delete_item", {"TableName": "t", "Key": ITEM}),
    ("dynamodb", "transact_write_items", {"TransactItems": [{"Delete": {"TableName": "t", "Key": ITEM}}]}),
    ("dynamodb", "batch_write_item", {"RequestItems": {"t": [{"DeleteRequest": {"Key": ITEM}}]}}),
    ("events", "put_rule", {"Name": "other", "ScheduleExpression": "rate(1 day)"}),
    ("events", "disable_rule", {"Name": "r"}),
    ("events", "put_targets", {"Rule": "r", "Targets": [{"Id": "2", "Arn": MACHINE}]}),
    ("events", "remove_targets", {"Rule": "r", "Ids": ["1"]}),
    ("scheduler", "create_schedule", {"Name": "other", **ASKED}),
    ("scheduler", "update_schedule", {"Name": "s", **ASKED, "ScheduleExpression": "rate(1 day)"}),
    ("scheduler", "delete_schedule", {"Name": "s"}),
    ("ecr", "put_image", {"repositoryName": "repo", "imageManifest": json.dumps({**MANIFEST, "x": 1})}),
    ("ecr", "batch_delete_image", {"repositoryName": "repo", "imageIds": [{"imageTag": "one"}]}),
    ("kms", "create_key", {}),
    ("kms", "delete_alias", {"AliasName": "alias/a"}),
    ("logs", "create_log_stream", {"logGroupName": "g", "logStreamName": "other"}),
    (
        "logs",
        "put_log_events",
        {"logGroupName": "g", "logStreamName": "s", "logEvents": [{"timestamp": 4 * 10**12, "message": "2"}]},
    ),
    ("stepfunctions", "start_execution", {"stateMachineArn": MACHINE, "name": "other", "input": "{}"}),
]


@pytest.fixture
def filled(machine):
    """An AWS that holds something of everything that is stored."""
    create(machine)
    table, events, kms, logs = (machine.client(name) for name in ("dynamodb", "events", "kms", "logs"))
    table.put_item(TableName="t", Item={**ITEM, "n": {"N": "1"}})
    events.put_rule(Name="r", ScheduleExpression="rate(1 minute)")
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": MACHINE}])
    machine.client("scheduler").create_schedule(Name="s", **ASKED)
    machine.client("ecr").put_image(repositoryName="repo", imageManifest=json.dumps(MANIFEST), imageTag="one")
    kms.create_alias(AliasName="alias/a", TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=[{"timestamp": 4 * 10**12, "message": "1"}])
    return machine


def create(machine):
    """What a stack makes again at each start."""
    machine.table()
    machine.client("logs").create_log_group(logGroupName="g")
    if not machine.client("ecr").describe_repositories()["repositories"]:
        machine.client("ecr").create_repository(repositoryName="repo")
    machine.client("stepfunctions").create_state_machine(name="m", definition=json.dumps(DEFINITION), roleArn=ROLE)


def everything(machine):
    events, scheduler, ecr, kms, logs, states = (
        machine.client(name) for name in ("events", "scheduler", "ecr", "kms", "logs", "stepfunctions")
    )
    return (
        machine.items(),
        events.list_rules()["Rules"],
        events.list_targets_by_rule(Rule="r")["Targets"],
        [
            scheduler.get_schedule(Name=one["Name"])["ScheduleExpression"]
            for one in scheduler.list_schedules()["Schedules"]
        ],
        ecr.describe_images(repositoryName="repo")["imageDetails"],
        [kms.list_keys()["Keys"], kms.list_aliases()["Aliases"]],
        [stream["logStreamName"] for stream in logs.describe_log_streams(logGroupName="g")["logStreams"]],
        [line["message"] for line in logs.get_log_events(logGroupName="g", logStreamName="s")["events"]],
        states.list_executions(stateMachineArn=MACHINE)["executions"],
    )


@pytest.mark.parametrize(("service", "call", "arguments"), CALLS, ids=[f"{s}-{c}" for s, c, _ in CALLS])
def test_a_refused_write_can_not_be_read(filled, service, call, arguments):
    before = everything(filled)
    list(filled.database.select("PRAGMA query_only = TRUE"))
    refusing = filled.client(service, config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(ClientError) as refused:
        getattr(refusing, call)(**arguments)
    error, status = refused.value.response["Error"], refused.value.response["ResponseMetadata"]["HTTPStatusCode"]
    assert (error["Code"], status) == ("ServiceUnavailable", 503)
    assert f"state directory {filled.path.parent}" in error["Message"]
    assert everything(filled) == before
    list(filled.database.select("PRAGMA query_only = FALSE"))
    filled.restart()
    create(filled)
    assert everything(filled) == before
    getattr(filled.client(service), call)(**arguments)
