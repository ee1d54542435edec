"""How each kind of resource is made through AWS's API from CloudFormation's properties, if it is not there yet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from botocore.exceptions import ClientError
from botocore.model import ListShape, Shape, StructureShape

Properties = dict[str, Any]


def table(name: str, properties: Properties) -> None:
    asked = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "LocalSecondaryIndexes")
    client = boto3.client("dynamodb")
    with _unless("ResourceInUseException"):
        client.create_table(TableName=name, **{key: properties[key] for key in asked if key in properties})
        if "TimeToLiveSpecification" in properties:
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])


def log_group(name: str, properties: Properties) -> None:
    client = boto3.client("logs")
    with _unless("ResourceAlreadyExistsException"):
        client.create_log_group(logGroupName=name)
    if "RetentionInDays" in properties:
        client.put_retention_policy(logGroupName=name, retentionInDays=properties["RetentionInDays"])


def key(key_id: str, properties: Properties) -> None:
    client = boto3.client("kms")
    try:
        client.describe_key(KeyId=key_id)
    except client.exceptions.NotFoundException:
        asked = {name: properties[name] for name in ("Description", "KeySpec", "KeyUsage") if name in properties}
        client.create_key(**asked, Policy=json.dumps(properties.get("KeyPolicy", {})))


def alias(name: str, properties: Properties) -> None:
    client = boto3.client("kms")
    try:
        client.create_alias(AliasName=name, TargetKeyId=properties["TargetKeyId"])
    except client.exceptions.AlreadyExistsException:
        client.update_alias(AliasName=name, TargetKeyId=properties["TargetKeyId"])


def repository(name: str, properties: Properties) -> None:
    client = boto3.client("ecr")
    with _unless("RepositoryAlreadyExistsException"):
        client.create_repository(repositoryName=name)
    client.put_image_tag_mutability(
        repositoryName=name, imageTagMutability=properties.get("ImageTagMutability", "MUTABLE")
    )


def project(name: str, properties: Properties) -> None:
    client = boto3.client("codebuild")
    shape = client.meta.service_model.operation_model("CreateProject").input_shape
    asked = _as_asked({**properties, "Name": name}, shape)
    asked["source"].setdefault("location", "none")  # moto asks for one also where there is no source
    with _unless("ResourceAlreadyExistsException"):
        client.create_project(**asked)


def state_machine(name: str, properties: Properties) -> None:
    client = boto3.client("stepfunctions")
    definition = properties["DefinitionString"]
    for placeholder, value in properties.get("DefinitionSubstitutions", {}).items():
        definition = definition.replace("${" + placeholder + "}", str(value))
    made = client.create_state_machine(name=name, definition=definition, roleArn=properties["RoleArn"])
    client.update_state_machine(stateMachineArn=made["stateMachineArn"], definition=definition)


def rule(name: str, properties: Properties) -> None:
    client = boto3.client("events")
    asked: Properties = {
        key: properties[key] for key in ("ScheduleExpression", "State", "Description") if key in properties
    }
    if "EventPattern" in properties:
        asked["EventPattern"] = json.dumps(properties["EventPattern"])
    client.put_rule(Name=name, **asked)
    client.put_targets(Rule=name, Targets=properties.get("Targets", []))


def queue(name: str, properties: Properties) -> None:
    given = {key: value for key, value in properties.items() if key not in ("QueueName", "Tags")}
    attributes = {key: json.dumps(value) if isinstance(value, dict) else str(value) for key, value in given.items()}
    with _unless("QueueAlreadyExists", "QueueNameExists"):
        boto3.client("sqs").create_queue(QueueName=name, Attributes=attributes)


def schedule_group(name: str, properties: Properties) -> None:
    client = boto3.client("scheduler")
    try:
        client.get_schedule_group(Name=name)
    except client.exceptions.ResourceNotFoundException:
        client.create_schedule_group(Name=name)


@contextmanager
def _unless(*codes: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in codes:
            raise


def _as_asked(value: Any, shape: Shape) -> Any:
    """CloudFormation's names are the API's but for the case of their letters."""
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_as_asked(item, shape.member) for item in value]
    if not isinstance(shape, StructureShape) or not isinstance(value, dict):
        return value
    members = {name.lower(): name for name in shape.members}
    return {members[key.lower()]: _as_asked(item, shape.members[members[key.lower()]]) for key, item in value.items()}
