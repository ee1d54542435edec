"""EventBridge rules: one for each expression of a schedule, with the tick function as the target."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from chalicelib.aws.clients import client

MAXIMUM_AGE_SECONDS = 600


def name(prefix: str, schedule_id: str, expression: str, function: str) -> str:
    """The rule's name: a digest of all that it says, so that listing is comparing (64 characters at most)."""
    uid = schedule_id.split(".")[1]
    digest = hashlib.sha256("\n".join((schedule_id, expression, function)).encode()).hexdigest()[:12]
    return f"{prefix}{uid}-{digest}"


def put(rule: str, expression: str, schedule_id: str, function: str) -> None:
    """Create the rule and its target, or put them back as they should be."""
    events = client("events")
    events.put_rule(Name=rule, ScheduleExpression=expression, State="ENABLED", Description=f"schedule {schedule_id}")
    # A constant input would lose the minute: only the event itself knows for when it was fired.
    template = f'{{"schedule": {json.dumps(schedule_id)}, "time": <time>}}'
    target = {
        "Id": "tick",
        "Arn": function,
        "InputTransformer": {"InputPathsMap": {"time": "$.time"}, "InputTemplate": template},
        "RetryPolicy": {"MaximumEventAgeInSeconds": MAXIMUM_AGE_SECONDS, "MaximumRetryAttempts": 185},
    }
    answer = events.put_targets(Rule=rule, Targets=[target])
    if answer["FailedEntryCount"]:
        raise RuntimeError(f"EventBridge refused the target of {rule}: {answer['FailedEntries'][0]['ErrorMessage']}")


def delete(rules: Sequence[str]) -> None:
    """Remove rules with their targets; one that is gone already is as good."""
    events = client("events")
    for rule in rules:
        try:
            events.remove_targets(Rule=rule, Ids=["tick"])
            events.delete_rule(Name=rule)
        except events.exceptions.ResourceNotFoundException:
            continue
