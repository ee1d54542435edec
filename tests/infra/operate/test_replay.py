"""Dead letters are given to their functions again, and go only where that succeeded."""

from __future__ import annotations

import io
import itertools
import json
import logging
import re
from datetime import UTC, datetime

import boto3
import pytest

from chalicelib.domain.configured_blocks import RepeatSchedule, schedule_id
from chalicelib.store import configured_blocks, projects, runs
from chalicelib.store.table import commit
from tests.domain.examples import NOW, configuration, configured, environment
from tests.infra.operate.conftest import TEMPLATE

NUMBERS = itertools.count(1)
MINUTE = "2026-11-22T08:00:00Z"
FUNCTIONS = ("Tick", "Watchdog", "ExecutionEnded", "BuildBegan")
OUTPUTS = "\n".join(f"  {name}: {{Value: {name}}}" for name in FUNCTIONS)
WITH_LETTERS = TEMPLATE.replace("-letters'", "-dead-letters'").replace("!Ref HistoryDays", "1209600") + OUTPUTS


class Queue:
    """The dead letters of one operator's stack."""

    def __init__(self, operator):
        operator.pack(WITH_LETTERS)
        assert operator.run("deploy")[0] == 0
        self.client = boto3.client("sqs")
        self.url = self.client.get_queue_url(QueueName=f"{operator.stack}-dead-letters")["QueueUrl"]

    def put(self, body, **attributes):
        """A letter as EventBridge (or Lambda) leaves it; its id."""
        told = {name: {"DataType": "String", "StringValue": text} for name, text in attributes.items()}
        text = body if isinstance(body, str) else json.dumps(body)
        return self.client.send_message(QueueUrl=self.url, MessageBody=text, MessageAttributes=told)["MessageId"]

    def ids(self):
        """Those that somebody could receive now."""
        found = set()
        while messages := self.client.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            found |= {one["MessageId"] for one in messages}
            for one in messages:
                self.handles[one["MessageId"]] = one["ReceiptHandle"]
        for handle in self.handles.values():
            self.client.change_message_visibility(QueueUrl=self.url, ReceiptHandle=handle, VisibilityTimeout=0)
        self.handles.clear()
        return found

    def is_empty(self):
        """Also of what somebody holds."""
        told = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return [told[f"ApproximateNumberOfMessages{which}"] for which in ("", "NotVisible")] == ["0", "0"]

    handles: dict[str, str] = {}  # noqa: RUF012 - emptied after each use


@pytest.fixture
def queue(operator):
    return Queue(operator)


@pytest.fixture
def daily(aws):
    """A schedule that is due at the minute, in an environment that is shut down: nothing starts."""
    number = next(NUMBERS)
    where = environment(uid=f"{number:026d}", project_uid=f"q{number:025d}", shutdown=True)
    one = configured(
        uid=f"r{number:025d}",
        environment_uid=where.uid,
        project_uid=where.project_uid,
        configuration=configuration(run=RepeatSchedule(cron="0 8 * * *")),
        next_due=datetime(2026, 11, 22, 8, tzinfo=UTC),
    )
    commit(projects.create_environment(where), configured_blocks.create(one))
    return one


def rows(daily):
    return [run.status for run in runs.history(daily.uid, NOW, 10, None, None, None)[0]]


def the_tick(daily):
    return {"schedule": schedule_id(daily), "time": MINUTE}


def test_looking_changes_nothing(operator, queue, daily):
    ids = {queue.put(the_tick(daily), ErrorCode="200", ErrorMessage="it\nfailed"), queue.put("no event")}
    code, output, _ = operator.run("replay", "--list")
    assert code == 0
    assert re.search(r"  tick  +\ds old  200 it failed\n", output)
    assert "  unknown " in output
    assert rows(daily) == []
    assert queue.ids() == ids


def test_a_tick_that_was_given_up_gets_its_row_and_goes(operator, queue, daily):
    queue.put(the_tick(daily))
    queue.put(the_tick(daily))
    code, output, errors = operator.run("replay", "--yes")
    assert (code, errors) == (0, "")
    assert output.endswith("2 replayed, 0 left in the queue.\n")
    assert rows(daily) == ["skipped"]
    assert queue.is_empty()
    assert "There are no dead letters" in operator.run("replay", "--yes")[1]


def test_the_function_counts_that_it_was_a_replay(operator, queue, daily, caplog):
    caplog.set_level(logging.INFO, "chalicelib")
    queue.put(the_tick(daily))
    assert operator.run("replay", "--yes")[0] == 0
    assert [record for record in caplog.records if getattr(record, "told", {}).get("DeadLettersReplayed") == 1]


def test_what_can_never_work_stays_and_holds_nothing_up(operator, queue, daily):
    poison = queue.put({"schedule": "no-schedule", "time": MINUTE})
    queue.put(the_tick(daily))
    code, output, _ = operator.run("replay", "--yes")
    assert code == 1
    assert f"{poison}  failed again: not enough values to unpack" in output
    assert output.endswith("1 replayed, 1 left in the queue.\n")
    assert rows(daily) == ["skipped"]
    assert queue.ids() == {poison}


def test_what_can_never_work_is_dropped_by_its_id(operator, queue):
    poison, other = queue.put("{"), queue.put("[]")
    assert operator.run("replay", "--yes")[1].count("unknown") == 2
    assert operator.run("replay", "--yes", "--drop", "nobody")[0] == 1
    assert operator.run("replay", "--yes", "--drop", poison)[0] == 0
    assert queue.ids() == {other}


def test_eventbridges_own_letter_of_a_schedule_is_its_tick(operator, queue, daily):
    """It holds the event before the rule's transformer."""
    name = f"{operator.stack}-s-rule"
    rule = boto3.client("events").put_rule(
        Name=name, ScheduleExpression="cron(0 8 * * ? *)", Description=f"schedule {schedule_id(daily)}"
    )["RuleArn"]
    event = {"detail-type": "Scheduled Event", "time": MINUTE, "detail": {}}
    queue.put({**event, "resources": [rule]}, RULE_ARN=rule, ERROR_CODE="NO_PERMISSIONS")
    gone = queue.put({**event, "resources": [rule + "-gone"]})
    code, output, _ = operator.run("replay", "--yes")
    assert code == 0
    assert "NO_PERMISSIONS" in output
    assert "tick, its schedule gone" in output
    assert rows(daily) == ["skipped"]
    assert queue.ids() == {gone}


def test_every_event_of_the_stacks_rules_finds_its_function(operator, queue):
    for rule in ("WatchdogRule-1AB", "ReconcileRule-1AB"):
        arn = f"arn:aws:events:us-east-1:123456789012:rule/{operator.stack}-{rule}"
        queue.put({"detail-type": "Scheduled Event", "time": MINUTE, "resources": [arn], "detail": {}})
    queue.put({})
    ended = {"name": "nobody-1", "status": "ABORTED", "stateMachineArn": "x"}
    queue.put({"detail-type": "Step Functions Execution Status Change", "detail": ended})
    began = {"build-id": "arn:x:build/p:1", "project-name": "p"}
    queue.put({"detail-type": "CodeBuild Build State Change", "detail": began})
    code, output, _ = operator.run("replay", "--yes")
    assert code == 0
    for kind in ("watchdog", "reconcile", "execution ended", "build began"):
        assert f"  {kind}  " in output
    assert queue.is_empty()


def test_nothing_is_done_unless_somebody_says_so(operator, queue, daily, monkeypatch):
    kept = queue.put(the_tick(daily))
    for answer in ("n\n", ""):
        monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        code, _, errors = operator.run("replay")
        assert (code, bool(errors)) == (1, True)
    assert (rows(daily), queue.ids()) == ([], {kept})
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert operator.run("replay")[0] == 0
    assert (rows(daily), queue.ids()) == (["skipped"], set())


def test_without_a_queue_it_says_so(operator):
    assert operator.run("deploy")[0] == 0
    code, _, errors = operator.run("replay")
    assert (code, "There is no queue" in errors) == (1, True)
