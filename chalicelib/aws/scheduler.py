"""EventBridge Scheduler: the same expressions in a group of their own, for stacks that outgrow 300 rules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from chalicelib.aws.clients import client
from chalicelib.aws.rules import CARRIES, MAXIMUM_AGE_SECONDS, WHOLE_PAGES
from chalicelib.settings import Settings

UNCHANGED = timedelta(seconds=2)


def put(settings: Settings, name: str, expression: str, schedule: str) -> None:
    """Create the entry, or put it back as it should be."""
    scheduler = client("scheduler")
    entry = _entry(settings, name, expression, schedule)
    try:
        scheduler.create_schedule(**entry)
    except scheduler.exceptions.ConflictException:
        scheduler.update_schedule(**entry)


def _entry(settings: Settings, name: str, expression: str, schedule: str) -> dict[str, Any]:
    target: dict[str, Any] = {
        "Arn": settings.tick_function,
        "RoleArn": settings.scheduler_role,
        "Input": json.dumps({"schedule": schedule, "time": "<aws.scheduler.scheduled-time>"}),
        "RetryPolicy": {"MaximumEventAgeInSeconds": MAXIMUM_AGE_SECONDS, "MaximumRetryAttempts": 185},
    }
    if settings.dead_letters is not None:
        target["DeadLetterConfig"] = {"Arn": settings.dead_letters}
    return {
        "Name": name,
        "GroupName": settings.scheduler_group,
        "ScheduleExpression": expression,
        "ScheduleExpressionTimezone": "UTC",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": "ENABLED",
        "Description": f"{CARRIES}{schedule}",
        "Target": target,
    }


def delete(settings: Settings, names: Sequence[str]) -> None:
    """Remove entries; one that is gone already is as good."""
    scheduler = client("scheduler")
    for name in names:
        try:
            scheduler.delete_schedule(Name=name, GroupName=settings.scheduler_group)
        except scheduler.exceptions.ResourceNotFoundException:
            continue


def schedule_of(settings: Settings, name: str) -> str | None:
    """The id of the schedule that an entry says it carries; None where there is no such entry."""
    scheduler = client("scheduler")
    try:
        entry = scheduler.get_schedule(Name=name, GroupName=settings.scheduler_group)
    except scheduler.exceptions.ResourceNotFoundException:
        return None
    return str(entry.get("Description", "")).removeprefix(CARRIES)


def listed(settings: Settings, prefix: str) -> Iterator[tuple[str, str | None, bool]]:
    """Entries whose names begin with `prefix`: name, expression of those that were ever changed, whether sound."""
    for entry in _entries(settings, prefix):
        sound = entry["State"] == "ENABLED" and entry["Target"]["Arn"] == settings.tick_function
        yield entry["Name"], *_looked_at(settings, entry, sound)


def _entries(settings: Settings, prefix: str) -> Iterator[dict[str, Any]]:
    scheduler = client("scheduler")
    pages = scheduler.get_paginator("list_schedules")
    try:
        for page in pages.paginate(GroupName=settings.scheduler_group, NamePrefix=prefix, PaginationConfig=WHOLE_PAGES):
            yield from page["Schedules"]
    except scheduler.exceptions.ResourceNotFoundException:
        return  # A stack that uses rules has no group.


def _looked_at(settings: Settings, entry: dict[str, Any], sound: bool) -> tuple[str | None, bool]:
    """The listing tells no expression and little of the target; we never change entries but to repair them."""
    if not sound or entry["LastModificationDate"] <= entry["CreationDate"] + UNCHANGED:
        return None, sound
    scheduler = client("scheduler")
    try:
        found = scheduler.get_schedule(Name=entry["Name"], GroupName=settings.scheduler_group)
    except scheduler.exceptions.ResourceNotFoundException:
        return None, False
    schedule = found.get("Description", "").removeprefix(CARRIES)
    wanted = _entry(settings, entry["Name"], found["ScheduleExpression"], schedule)
    return found["ScheduleExpression"], all(found.get(field) == value for field, value in wanted.items())


def targeted(settings: Settings) -> frozenset[str] | None:
    """Nothing to add: `listed` has looked at the targets."""
    return None
