"""What a stack's product has made at run time, and CloudFormation therefore does not know: rules, executions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from infra.operate.stage import Stage


def rules(stage: Stage) -> list[str]:
    """The rules of schedules; those of a stack whose name begins alike are others."""
    own = re.compile(re.escape(stage.stack) + "-s-[0-9a-z]{16}-[0-9a-f]{12}")
    pages = stage.client("events").get_paginator("list_rules").paginate(NamePrefix=f"{stage.stack}-s-")
    return [rule["Name"] for page in pages for rule in page["Rules"] if own.fullmatch(rule["Name"])]


def remove_rules(stage: Stage) -> None:
    """Rules with their targets, so that nothing new begins."""
    client = stage.client("events")
    for name in rules(stage):
        targets = [target["Id"] for target in client.list_targets_by_rule(Rule=name)["Targets"]]
        if targets:
            client.remove_targets(Rule=name, Ids=targets)
        client.delete_rule(Name=name)
        print(f"  removed the rule {name}", flush=True)


def running(stage: Stage) -> list[str]:
    """The executions that run: deployments first, since each has runs of its own."""
    return [arn for machine in ("deployment", "job-run") for arn in _executions(stage, machine)]


def _executions(stage: Stage, machine: str) -> Iterator[str]:
    arn = f"arn:{stage.partition}:states:{stage.region}:{stage.account}:stateMachine:{stage.stack}-{machine}"
    pages = stage.client("stepfunctions").get_paginator("list_executions")
    try:
        for page in pages.paginate(stateMachineArn=arn, statusFilter="RUNNING"):
            yield from (one["executionArn"] for one in page["executions"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "StateMachineDoesNotExist":
            raise


def stop(stage: Stage) -> None:
    """Stops what runs; Step Functions stops the builds."""
    client = stage.client("stepfunctions")
    for arn in running(stage):
        client.stop_execution(executionArn=arn, error="Destroyed", cause="The stack is being removed")
        print(f"  stopped {arn.rpartition(':')[2]}", flush=True)


def schedules(stage: Stage) -> int:
    """How many Scheduler entries there are; they go with their group, which is the stack's."""
    return _count(stage, "scheduler", "list_schedules", "Schedules", {"GroupName": stage.stack})


def images(stage: Stage) -> int:
    """How many images there are; they go with their repository, which is the stack's."""
    return _count(stage, "ecr", "list_images", "imageIds", {"repositoryName": stage.stack})


def _count(stage: Stage, service: str, call: str, field: str, request: dict[str, Any]) -> int:
    try:
        return sum(len(page[field]) for page in stage.client(service).get_paginator(call).paginate(**request))
    except ClientError as error:
        if error.response["Error"]["Code"] in ("ResourceNotFoundException", "RepositoryNotFoundException"):
            return 0
        raise
