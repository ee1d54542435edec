"""The laptop's AWS in a process of its own, to be killed: `python killable.py STATE_FOLDER` prints its address."""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from infra.local import stack
from infra.local.aws import EmbeddedAws
from infra.local.persistence.database import Database

KEYS = [{"AttributeName": "pk", "KeyType": "HASH"}]
ATTRIBUTES = [{"AttributeName": "pk", "AttributeType": "S"}]
TABLE = {
    "TableName": "items",
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": KEYS,
    "AttributeDefinitions": ATTRIBUTES,
}
DEFINITION = {"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 1, "End": True}}}
MACHINE = {
    "StateMachineName": "machine",
    "DefinitionString": json.dumps(DEFINITION),
    "RoleArn": "arn:aws:iam::123456789012:role/any",
}
TEMPLATE = {
    "Resources": {
        "Table": {"Type": "AWS::DynamoDB::Table", "Properties": TABLE},
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "lines"}},
        "Key": {"Type": "AWS::KMS::Key"},
        "Alias": {
            "Type": "AWS::KMS::Alias",
            "Properties": {"AliasName": "alias/key", "TargetKeyId": {"Ref": "Key"}},
        },
        "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": MACHINE},
    }
}


def main():
    aws = EmbeddedAws(Database(Path(sys.argv[1]) / "state.db"))
    aws.start()
    stack.create(TEMPLATE, "us-east-1", "123456789012")
    aws.settle_lost_executions()
    print(aws.url, flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
