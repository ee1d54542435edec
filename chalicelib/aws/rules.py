"""EventBridge rules: one for each expression of a schedule, with the tick function as the target."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from chalicelib.aws.clients import client
from chalicelib.settings import Settings

MAXIMUM_AGE_SECONDS = 600
TARGET = "tick"
CARRIES = "schedule "
WHOLE_PAGES = {"PageSize": 100}


def put(settings: Settings, name: str, expression: str, schedule: str) -> None:
    """Create the rule and its target, or put them back as they should be."""
    events = client("events")
    events.put_rule(Name=name, ScheduleExpression=expression, State="ENABLED", Description=f"{CARRIES}{schedule}")
    answer = events.put_targets(Rule=name, Targets=[_target(settings, schedule)])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"EventBridge refused the target of {name}: {answer['FailedEntries'][0]['ErrorMessage']}")


def _target(settings: Settings, schedule: str) -> dict[str, Any]:
    # A constant input would lose the minute: only the event itself knows for when it was fired.
    template = f'{{"schedule": {json.dumps(schedule)}, "time": <time>}}'
    target: dict[str, Any] = {
        "Id": TARGET,
        "Arn": settings.tick_function,
        "InputTransformer": {"InputPathsMap": {"time": "$.time"}, "InputTemplate": template},
        "RetryPolicy": {"MaximumEventAgeInSeconds": MAXIMUM_AGE_SECONDS, "MaximumRetryAttempts": 185},
    }
    if settings.dead_letters is not None:
        target["DeadLetterConfig"] = {"Arn": settings.dead_letters}
    return target


def delete(settings: Settings, names: Sequence[str]) -> None:
    """Remove rules with their targets; one that is gone already is as good."""
    events = client("events")
    for name in names:
        try:
            events.remove_targets(Rule=name, Ids=[TARGET])
            _delete(events, name)
        except events.exceptions.ResourceNotFoundException:
            continue


def _delete(events: Any, name: str) -> None:
    try:
        events.delete_rule(Name=name)
    except events.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "ValidationException":
            raise
        # Somebody has given it targets of their own.
        targets = events.list_targets_by_rule(Rule=name)["Targets"]
        events.remove_targets(Rule=name, Ids=[target["Id"] for target in targets])
        events.delete_rule(Name=name)


def schedule_of(settings: Settings, name: str) -> str | None:
    """The id of the schedule that a rule says it carries; None where there is no such rule."""
    events = client("events")
    try:
        return str(events.describe_rule(Name=name).get("Description", "")).removeprefix(CARRIES)
    except events.exceptions.ResourceNotFoundException:
        return None


def listed(settings: Settings, prefix: str) -> Iterator[tuple[str, str | None, bool]]:
    """Rules whose names begin with `prefix`: name, expression, whether enabled."""
    pages = client("events").get_paginator("list_rules")
    for page in pages.paginate(NamePrefix=prefix, PaginationConfig=WHOLE_PAGES):
        for rule in page["Rules"]:
            yield rule["Name"], rule.get("ScheduleExpression", ""), rule["State"] == "ENABLED"


def targeted(settings: Settings) -> frozenset[str] | None:
    """The names of all rules whose target is the tick function."""
    pages = client("events").get_paginator("list_rule_names_by_target")
    found = pages.paginate(TargetArn=settings.tick_function, PaginationConfig=WHOLE_PAGES)
    return frozenset(name for page in found for name in page["RuleNames"])
