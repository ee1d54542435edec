"""Wherever a running stack keeps or tells something, as text to search; and secrets in what one looks like there."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
import threading
from pathlib import Path

from tests.deployments.conftest import aws

# Of what base64 makes of a text, the part that does not depend on its neighbours, by its place within three bytes.
ALIGNED = {0: 0, 1: 2, 2: 3}


def forms(secret):
    """A secret as it may be found: itself, and in base64 and hexadecimal, alone or within something."""
    raw = secret.encode()
    coded = [base64.b64encode(b"x" * skip + raw).rstrip(b"=")[at:-2] for skip, at in ALIGNED.items()]
    return [raw, *coded, raw.hex().encode(), raw.hex().upper().encode()]


class Search:
    """Finds secrets, by name."""

    def __init__(self, secrets):
        self._names = {form: name for name, secret in secrets.items() for form in forms(secret)}
        self._pattern = re.compile(b"|".join(re.escape(form) for form in self._names))

    def names(self, text):
        """The names of the secrets that are in a text (str, bytes, or anything that is JSON)."""
        if not isinstance(text, bytes):
            text = (text if isinstance(text, str) else json.dumps(text, default=str)).encode()
        return {self._names[found] for found in self._pattern.findall(text)}


class Recorded:
    """A stack of which every answer is kept, as (call, text)."""

    def __init__(self, stack):
        self._stack = stack
        self.answers = []

    def __getattr__(self, name):
        return getattr(self._stack, name)

    def request(self, method, path, body=None, headers=None):
        status, told, answer = self._stack.request(method, path, body, headers)
        self.answers.append((f"{method} {path.partition('?')[0]}", json.dumps([status, told.items(), answer])))
        return status, told, answer


class Processes(threading.Thread):
    """Looks at every process of the machine but this one, all the time: what its command line and environment hold."""

    def __init__(self, search):
        super().__init__(daemon=True)
        self._search = search
        self._over = threading.Event()
        self.found = {"cmdline": set(), "environ": set()}

    def run(self):
        while not self._over.wait(0.01):
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit() and int(entry.name) != os.getpid():
                    self._look(entry)

    def _look(self, entry):
        for name, found in self.found.items():
            with contextlib.suppress(OSError):
                found |= self._search.names((entry / name).read_bytes())

    def stop(self):
        self._over.set()
        self.join()


def of_aws(stack):
    """What the services hold, by what it is."""
    return {
        "table": _table(aws(stack, "dynamodb")),
        "executions": _executions(aws(stack, "stepfunctions")),
        "builds": _builds(aws(stack, "codebuild")),
        "log streams": _streams(aws(stack, "logs")),
        "targets": [_rules(aws(stack, "events")), _schedules(aws(stack, "scheduler"))],
        "queues": _queues(aws(stack, "sqs")),
    }


def _all(client, operation, key, **told):
    return [one for page in client.get_paginator(operation).paginate(**told) for one in page[key]]


def _table(dynamodb):
    return [_all(dynamodb, "scan", "Items", TableName=name) for name in dynamodb.list_tables()["TableNames"]]


def _executions(machines):
    found = []
    for machine in machines.list_state_machines()["stateMachines"]:
        for one in _all(machines, "list_executions", "executions", stateMachineArn=machine["stateMachineArn"]):
            arn = {"executionArn": one["executionArn"]}
            found += [machines.describe_execution(**arn), machines.get_execution_history(**arn)["events"]]
    return found


def _builds(builds):
    ids = _all(builds, "list_builds", "ids")
    return [builds.batch_get_builds(ids=[one])["builds"] for one in ids]


def _streams(logs):
    found = []
    for group in _all(logs, "describe_log_groups", "logGroups"):
        of_group = {"logGroupName": group["logGroupName"]}
        for stream in _all(logs, "describe_log_streams", "logStreams", **of_group):
            name = {**of_group, "logStreamName": stream["logStreamName"]}
            found += [stream, logs.get_log_events(**name, startFromHead=True)["events"]]
    return found


def _rules(events):
    rules = events.list_rules()["Rules"]
    return [(rule, events.list_targets_by_rule(Rule=rule["Name"])["Targets"]) for rule in rules]


def _schedules(scheduler):
    return [scheduler.get_schedule(Name=one["Name"]) for one in scheduler.list_schedules()["Schedules"]]


def _queues(sqs):
    urls = sqs.list_queues().get("QueueUrls", [])
    return [(url, sqs.receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages")) for url in urls]


def files(folder):
    """Every file below a folder, by its name."""
    return {path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
