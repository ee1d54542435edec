"""The laptop's AWS on a state directory, which can be restarted: what is in its memory is thrown away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import boto3
import pytest

from infra.local.aws import EmbeddedAws
from infra.local.persistence.database import Database


class Machine:
    def __init__(self, path):
        self.path = path
        self.ahead = timedelta()
        self.told = []
        self.aws = None

    def start(self):
        self.database = Database(self.path)
        self.aws = EmbeddedAws(self.database)
        self.aws.now = lambda: datetime.now(UTC) + self.ahead
        self.aws.on_execution_end = self.told.append
        self.aws.start()

    def stop(self):
        if self.aws is not None:
            self.aws.stop()
            self.database.close()

    def restart(self):
        self.stop()
        self.start()

    def client(self, service, **more):
        return boto3.client(service, **more)

    def table(self, name="t", range_key="sk"):
        keys = {"pk": "HASH", **({range_key: "RANGE"} if range_key else {})}
        self.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in keys.items()],
        )

    def items(self, name="t"):
        found = self.client("dynamodb").scan(TableName=name)["Items"]
        return sorted(found, key=lambda item: (item["pk"]["S"], item.get("sk", {}).get("S", "")))


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path / "state.db")
    machine.start()
    yield machine
    machine.stop()
