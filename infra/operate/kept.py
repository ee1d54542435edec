"""What outlives a stack: its table and the key of the masked values in it; a stack made again takes them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from infra.operate.stage import Stage

# A tag of the table names the key, which has no name of its own once the stack is gone.
TAG = "kintoblocks:key"
DAYS_TO_REGRET = 7


def table_arn(stage: Stage) -> str | None:
    """The table's ARN; None where there is no table."""
    try:
        return str(stage.client("dynamodb").describe_table(TableName=stage.table)["Table"]["TableArn"])
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise


def key_id(stage: Stage) -> str | None:
    """The key's id, as the stack tells it, or else the table."""
    try:
        found = stage.client("cloudformation").describe_stack_resource(StackName=stage.stack, LogicalResourceId="Key")
        return str(found["StackResourceDetail"]["PhysicalResourceId"])
    except (ClientError, KeyError):
        arn = table_arn(stage)
    if arn is None:
        return None
    tags = stage.client("dynamodb").list_tags_of_resource(ResourceArn=arn)["Tags"]
    return next((tag["Value"] for tag in tags if tag["Key"] == TAG), None)


def remember(stage: Stage) -> None:
    """Notes the key on the table."""
    arn, key = table_arn(stage), key_id(stage)
    if arn is not None and key is not None:
        stage.client("dynamodb").tag_resource(ResourceArn=arn, Tags=[{"Key": TAG, "Value": key}])


def delete(stage: Stage, key: str | None) -> None:
    """The table now, the key after the days in which one may think better of it."""
    if table_arn(stage) is not None:
        client = stage.client("dynamodb")
        client.delete_table(TableName=stage.table)
        client.get_waiter("table_not_exists").wait(TableName=stage.table)
        print(f"The table {stage.table} is deleted; AWS keeps a backup of it for 35 days.", flush=True)
    if key is not None:
        stage.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=DAYS_TO_REGRET)
        print(f"The key {key} goes in {DAYS_TO_REGRET} days; until then it can be called back in KMS.", flush=True)


def importing(stage: Stage, template: Mapping[str, Any]) -> dict[str, Any] | None:
    """What an IMPORT change set needs to take the table and its key into a new stack; None: there is no table.

    `Template` holds the two alone: CloudFormation imports nothing and creates nothing in one go.
    """
    if table_arn(stage) is None:
        return None
    found = {"Table": {"TableName": stage.table}}
    key = key_id(stage)
    if key is None:
        print("The table's key is not known: masked values in it can't be read any more and have to be set again.")
    else:
        found["Key"] = {"KeyId": key}
    # They hold data before this stack is made: an import that fails must leave them.
    resources = {name: {**template["Resources"][name], "DeletionPolicy": "Retain"} for name in found}
    return {
        "Template": {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources},
        "ResourcesToImport": [
            {"ResourceType": resources[name]["Type"], "LogicalResourceId": name, "ResourceIdentifier": identifier}
            for name, identifier in found.items()
        ],
    }
