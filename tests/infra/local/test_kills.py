"""kill -9 at random instants while clients write: what was acknowledged is there, and nothing is there by half."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError

pytestmark = [pytest.mark.ci, pytest.mark.processes]

ONCE = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20)
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:machine"
LINES_A_PUT = 3


class Writer:
    """Writes the steps 1, 2, 3 ... in a row: `told` is the last acknowledged, `tried` the last sent."""

    service = ""

    def __init__(self):
        self.told = self.tried = self.refused = 0

    def work(self, client, stopping):
        while not stopping.is_set():
            self.tried = self.told + 1
            try:
                self.write(client, self.tried)
                self.told = self.tried
            except BotoCoreError:
                return
            except ClientError as error:
                self.is_refused(client, error.response["Error"])

    def is_refused(self, client, error):
        """Only the disk refuses anything, and what it refuses can't be read either."""
        if error["Code"] == "503":  # the kill cut the answer off after its headers
            return
        assert error["Code"] == "ServiceUnavailable", error
        assert "Nothing can be stored in the state directory" in error["Message"]
        self.tried = self.told
        self.refused += 1
        if self.refused % 20 == 1:
            with suppress(BotoCoreError):  # it is killed at this moment
                assert self.found(client) == self.told

    def check(self, client):
        found = self.found(client)
        assert self.told <= found <= self.tried, f"{type(self).__name__}: {found}, told {self.told}, tried {self.tried}"
        self.told = self.tried = found

    def write(self, client, step):
        raise NotImplementedError

    def found(self, client):
        raise NotImplementedError


class Puts(Writer):
    service = "dynamodb"

    def write(self, client, step):
        client.put_item(TableName="items", Item={"pk": {"S": f"put-{step}"}, "step": {"N": str(step)}})

    def found(self, client):
        steps = sorted(int(item["step"]["N"]) for item in everything(client) if item["pk"]["S"].startswith("put-"))
        assert steps == list(range(1, len(steps) + 1))
        return len(steps)


class Updates(Writer):
    service = "dynamodb"

    def write(self, client, step):
        client.update_item(
            TableName="items",
            Key={"pk": {"S": "counter"}},
            UpdateExpression="ADD n :one SET twice = :twice",
            ExpressionAttributeValues={":one": {"N": "1"}, ":twice": {"N": str(2 * step)}},
        )

    def found(self, client):
        item = client.get_item(TableName="items", Key={"pk": {"S": "counter"}}).get("Item")
        if item is None:
            return 0
        assert int(item["twice"]["N"]) == 2 * int(item["n"]["N"])
        return int(item["n"]["N"])


class Transactions(Writer):
    """Each moves a mark from one item to the next, and counts."""

    service = "dynamodb"

    def write(self, client, step):
        put = {"pk": {"S": f"mark-{step}"}}
        count = {"pk": {"S": "marks"}, "n": {"N": str(step)}}
        steps = [{"Put": {"TableName": "items", "Item": put}}, {"Put": {"TableName": "items", "Item": count}}]
        if step > 1:
            steps.append({"Delete": {"TableName": "items", "Key": {"pk": {"S": f"mark-{step - 1}"}}}})
        client.transact_write_items(TransactItems=steps)

    def found(self, client):
        items = {item["pk"]["S"]: item for item in everything(client)}
        marks = [int(name.removeprefix("mark-")) for name in items if name.startswith("mark-")]
        count = int(items["marks"]["n"]["N"]) if "marks" in items else 0
        assert marks == ([count] if count else [])
        return count


class Lines(Writer):
    service = "logs"

    def write(self, client, step):
        if step == 1:
            client.create_log_stream(logGroupName="lines", logStreamName="s")
            return
        texts = [f"{step}.{line}" for line in range(LINES_A_PUT)]
        events = [{"timestamp": round(time.time() * 1000), "message": text} for text in texts]
        client.put_log_events(logGroupName="lines", logStreamName="s", logEvents=events)

    def found(self, client):
        if not client.describe_log_streams(logGroupName="lines")["logStreams"]:
            return 0
        texts = [text for page in pages(client) for text in page]
        last = 1 + len(texts) // LINES_A_PUT
        assert texts == [f"{step}.{line}" for step in range(2, last + 1) for line in range(LINES_A_PUT)]
        return last


class Rules(Writer):
    """Each step makes a rule, or gives it its target, or changes it, or takes the target, or the rule, away."""

    service = "events"
    TARGET = "arn:aws:lambda:us-east-1:123456789012:function:F"

    def write(self, client, step):
        name, stage = f"rule-{(step - 1) // 5}", (step - 1) % 5
        if stage == 0:
            client.put_rule(Name=name, ScheduleExpression="rate(1 minute)")
        elif stage == 1:
            client.put_targets(Rule=name, Targets=[{"Id": "f", "Arn": self.TARGET}])
        elif stage == 2:
            client.disable_rule(Name=name)
        elif stage == 3:
            client.remove_targets(Rule=name, Ids=["f"])
        else:
            client.delete_rule(Name=name)

    def found(self, client):
        rules = client.list_rules()["Rules"]
        if not rules:
            return self.told if self.told % 5 == 0 else self.tried
        [rule] = rules
        targets = client.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        stage = {("ENABLED", 0): 1, ("ENABLED", 1): 2, ("DISABLED", 1): 3, ("DISABLED", 0): 4}
        return 5 * int(rule["Name"].removeprefix("rule-")) + stage[rule["State"], len(targets)]


class Starts(Writer):
    service = "stepfunctions"

    def write(self, client, step):
        client.start_execution(stateMachineArn=MACHINE, name=f"run-{step}", input="{}")

    def found(self, client):
        first = max(1, self.told - 30)
        steps = [step for step in range(first, self.tried + 2) if self.status(client, step) is not None]
        assert steps == list(range(first, first + len(steps)))
        return first + len(steps) - 1

    def check(self, client):
        super().check(client)
        steps = range(max(1, self.told - 30), self.told + 1)
        assert {self.status(client, step) for step in steps} <= {"SUCCEEDED", "ABORTED"}

    def status(self, client, step):
        arn = MACHINE.replace(":stateMachine:", ":execution:")
        try:
            return client.describe_execution(executionArn=f"{arn}:run-{step}")["status"]
        except client.exceptions.ExecutionDoesNotExist:
            return None


class Secrets(Writer):
    service = "kms"

    def __init__(self):
        super().__init__()
        self.blobs = []

    def write(self, client, step):
        answer = client.encrypt(KeyId="alias/key", Plaintext=str(step).encode())
        if "CiphertextBlob" not in answer:  # boto takes an answer that was cut off in its headers for an empty one
            raise ConnectionClosedError(endpoint_url="")
        self.blobs.append(answer["CiphertextBlob"])
        time.sleep(0.05)

    def found(self, client):
        texts = [client.decrypt(CiphertextBlob=blob)["Plaintext"] for blob in self.blobs[-5:]]
        assert texts == [str(step).encode() for step in range(len(self.blobs) - len(texts) + 1, len(self.blobs) + 1)]
        return len(self.blobs)


def everything(client):
    pages = client.get_paginator("scan").paginate(TableName="items")
    return [item for page in pages for item in page["Items"]]


def pages(client):
    asked, token = {"logGroupName": "lines", "logStreamName": "s", "startFromHead": True}, {}
    while True:
        page = client.get_log_events(**asked, **token)
        if page["nextForwardToken"] == token.get("nextToken"):
            return
        yield [event["message"] for event in page["events"]]
        token = {"nextToken": page["nextForwardToken"]}


class Server:
    def __init__(self, state):
        self.state, self.process = state, None

    def begin(self):
        command = [sys.executable, str(Path(__file__).with_name("killable.py")), str(self.state)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)

    def address(self):
        return self.process.stdout.readline().decode().strip()

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def client(service, url):
    session = boto3.Session("a" * 20, "b", region_name="us-east-1")
    return session.client(service, endpoint_url=url, config=ONCE)


def write_and_kill(server, url, writers, chance):
    stopping = threading.Event()
    threads = [threading.Thread(target=w.work, args=(client(w.service, url), stopping)) for w in writers]
    for thread in threads:
        thread.start()
    time.sleep(chance.uniform(0.05, 0.8))
    server.kill()
    stopping.set()
    for thread in threads:
        thread.join()


def survive(state, kills):
    seed = int(os.environ.get("KINTO_SEED") or random.randrange(10**9))
    print(f"KINTO_SEED={seed}")
    chance = random.Random(seed)
    writers = [kind() for kind in Writer.__subclasses__()]
    server = Server(state)
    try:
        for _ in range(kills):
            while chance.random() < 0.25:  # killed while it starts: it checks its database then
                server.begin()
                time.sleep(chance.uniform(0.5, 2.5))
                server.kill()
            server.begin()
            url = server.address()
            for writer in writers:
                writer.check(client(writer.service, url))
            write_and_kill(server, url, writers, chance)
        server.begin()
        url = server.address()
        for writer in writers:
            writer.check(client(writer.service, url))
    finally:
        server.kill()
    assert all(writer.told for writer in writers)


def test_a_kill_loses_nothing(tmp_path):
    survive(tmp_path, kills=1)


def test_fifty_kills_lose_nothing(tmp_path):
    survive(tmp_path, kills=50)
