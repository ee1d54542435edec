"""The laptop's AWS, and stock moto beside it: what a patch changes fails there, or the patch is no longer needed."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path

import boto3
import pytest

from infra.local.aws import EmbeddedAws
from infra.local.persistence.database import Database

ROLE = "arn:aws:iam::123456789012:role/any"


class Cloud:
    def __init__(self, url):
        self.url = url
        self.client = functools.cache(self.client)

    def client(self, service):
        session = boto3.Session("a" * 20, "b", region_name="us-east-1")
        return session.client(service, endpoint_url=self.url)

    def table(self, **schema):
        name = f"t{uuid.uuid4().hex}"
        keys = schema or {"pk": "HASH", "sk": "RANGE"}
        self.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        )
        return name

    def machine(self, *states, **named):
        """A machine of the given states in a row, or of the named ones, of which the first is the start."""
        all_states = named or {f"S{number}": {**state, "Next": f"S{number + 1}"} for number, state in enumerate(states)}
        if states:
            last = all_states[f"S{len(states) - 1}"]
            last.pop("Next")
            if last["Type"] not in ("Succeed", "Fail"):
                last["End"] = True
        definition = json.dumps({"StartAt": next(iter(all_states)), "States": all_states})
        made = self.client("stepfunctions").create_state_machine(
            name=f"m{uuid.uuid4().hex}", definition=definition, roleArn=ROLE
        )
        return made["stateMachineArn"]

    def start(self, *states, **named):
        return self.begin(self.machine(*states, **named))

    def begin(self, machine, **asked):
        return self.client("stepfunctions").start_execution(stateMachineArn=machine, **asked)["executionArn"]

    def describe(self, execution):
        return self.client("stepfunctions").describe_execution(executionArn=execution)

    def ended(self, execution, seconds=60):
        """How the execution is when it has ended, or after so many seconds."""
        deadline = time.monotonic() + seconds
        while self.describe(execution)["status"] == "RUNNING" and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.describe(execution)

    def output(self, *states, **named):
        """What the execution gives, or None if it does not succeed."""
        said = self.ended(self.start(*states, **named)).get("output")
        return None if said is None else json.loads(said)


@pytest.fixture(scope="module")
def aws():
    embedded = EmbeddedAws(Database(None))
    embedded.start()
    cloud = Cloud(embedded.url)
    cloud.embedded = embedded
    yield cloud
    embedded.stop()


@pytest.fixture(scope="session")
def stock():
    command = [sys.executable, str(Path(__file__).with_name("stock_server.py"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        yield Cloud(f"http://127.0.0.1:{int(server.stdout.readline())}")
        server.kill()


@pytest.fixture(scope="session")
def stock_says():
    """What a snippet prints in a Python with stock moto."""

    def run(code):
        # Another test's AWS in this process is none of the snippet's business.
        alone = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
        command = [sys.executable, "-c", code]
        return subprocess.run(command, env=alone, check=True, capture_output=True, text=True).stdout.strip()

    return run
