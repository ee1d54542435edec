"""Changes to a stack: what CloudFormation would do, doing it, and its events as they come."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from infra.operate.refusals import Refused
from infra.operate.stage import Stage

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
PAUSE_SECONDS = 3
NOTHING = ("didn't contain changes", "No updates are to be performed")
GOOD = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "DELETE_COMPLETE")
# In these a stack can be given another template.
READY = (*GOOD[:3], "UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS")


def obstacle(stage: Stage, stack: Mapping[str, Any] | None) -> str | None:
    """Why the stack can't be deployed as it stands, and what to do; None: it can."""
    status = "REVIEW_IN_PROGRESS" if stack is None else stack["StackStatus"]
    if status in READY:
        return None
    if status.endswith("IN_PROGRESS"):
        return f"The stack {stage.stack} is {status}: something is changing it right now. Wait until that is over."
    if status == "UPDATE_ROLLBACK_FAILED":
        return (
            f"The stack {stage.stack} is {status}: AWS could not go back after a failed update. "
            "In the CloudFormation console, choose Continue update rollback, then deploy again."
        )
    return (
        f"The stack {stage.stack} is {status} and can't be updated any more. "
        f"Remove what is left of it (make destroy STAGE={stage.name}; the table stays), then deploy again."
    )


def apply(stage: Stage, kind: str, request: Mapping[str, Any]) -> bool:
    """Makes a change set of this kind, shows it, executes it, follows it; False where there is nothing to change.

    Raises Refused with CloudFormation's own reasons.
    """
    client = stage.client("cloudformation")
    name = f"{kind.lower()}-{time.strftime('%Y%m%d-%H%M%S')}"
    made = client.create_change_set(
        StackName=stage.stack, ChangeSetName=name, ChangeSetType=kind, Capabilities=CAPABILITIES, **request
    )
    described = _decided(client, made["Id"])
    if described["Status"] == "FAILED":
        client.delete_change_set(ChangeSetName=made["Id"])
        if any(text in described.get("StatusReason", "") for text in NOTHING):
            return False
        raise Refused(f"CloudFormation refuses the template: {described.get('StatusReason')}")
    _show(client, made["Id"])
    seen = {event["EventId"] for event in _events(client, made["StackId"])}
    client.execute_change_set(ChangeSetName=made["Id"])
    follow(stage, made["StackId"], seen)
    return True


def _decided(client: Any, change_set: str) -> Mapping[str, Any]:
    while True:
        described: dict[str, Any] = client.describe_change_set(ChangeSetName=change_set)
        if described["Status"] not in ("CREATE_PENDING", "CREATE_IN_PROGRESS"):
            return described
        time.sleep(PAUSE_SECONDS)


def _show(client: Any, change_set: str) -> None:
    changes = [
        change["ResourceChange"]
        for page in client.get_paginator("describe_change_set").paginate(ChangeSetName=change_set)
        for change in page["Changes"]
    ]
    print(f"{len(changes)} resources to change:", flush=True)
    for change in changes:
        replaced = "  (is replaced)" if change.get("Replacement") == "True" else ""
        print(f"  {change['Action']:<8} {change['LogicalResourceId']}  {change['ResourceType']}{replaced}", flush=True)


def _events(client: Any, stack_id: str, seen: Sequence[str] | set[str] = ()) -> Iterator[dict[str, Any]]:
    """Newest first, those before the first that was seen."""
    for page in client.get_paginator("describe_stack_events").paginate(StackName=stack_id):
        for event in page["StackEvents"]:
            if event["EventId"] in seen:
                return
            yield event


def follow(stage: Stage, stack_id: str, seen: set[str]) -> None:
    """Prints events until the stack rests; raises Refused with what failed."""
    client, failed = stage.client("cloudformation"), []
    while True:
        stack = stage.described(stack_id)
        for event in reversed(list(_events(client, stack_id, seen))):
            seen.add(event["EventId"])
            _say(event)
            if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in event.get("ResourceStatusReason", ""):
                failed.append(f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}")
        if stack is None or stack["StackStatus"] in GOOD:
            return
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            raise Refused("\n".join([f"The stack {stage.stack} is {stack['StackStatus']}, because:", *failed]))
        time.sleep(PAUSE_SECONDS)


def _say(event: Mapping[str, Any]) -> None:
    reason = f"  {event['ResourceStatusReason']}" if event.get("ResourceStatusReason") else ""
    at = event["Timestamp"].astimezone().strftime("%H:%M:%S")
    print(f"  {at}  {event['ResourceStatus']:<28} {event['LogicalResourceId']}{reason}", flush=True)


def events_so_far(stage: Stage, stack_id: str) -> set[str]:
    """The ids of the events that are no news."""
    return {event["EventId"] for event in _events(stage.client("cloudformation"), stack_id)}
