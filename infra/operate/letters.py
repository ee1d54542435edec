"""What lies in a stack's dead-letter queue: which function it was for, since when, and why it was given up."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from infra.operate.refusals import Refused
from infra.operate.stage import Stage

HELD_SECONDS = 900
# Waiting asks all of SQS's servers; without it some letters may not be seen.
WAIT_SECONDS = 1
MOST = 500
KINDS = {
    "Step Functions Execution Status Change": ("execution ended", "ExecutionEnded"),
    "CodeBuild Build State Change": ("build began", "BuildBegan"),
}


class Letter(NamedTuple):
    """A message of the queue; `function` is the stack's output that names who handles `payload`, None: nobody."""

    id: str
    receipt: str
    kind: str
    function: str | None
    payload: Any
    age: float
    reason: str

    def __str__(self) -> str:
        return f"{self.id}  {self.kind:<15}  {_words(self.age):>4} old  {self.reason}"


def queue_url(stage: Stage) -> str:
    """The queue's address; raises Refused where there is none."""
    client = stage.client("sqs")
    try:
        return str(client.get_queue_url(QueueName=f"{stage.stack}-dead-letters")["QueueUrl"])
    except client.exceptions.QueueDoesNotExist:
        raise Refused(f"There is no queue {stage.stack}-dead-letters in {stage.words}. Is it deployed?") from None


def held(stage: Stage, queue: str) -> list[Letter]:
    """The letters, at most 500, oldest first; nobody else gets them until they are released, or for 15 minutes."""
    found: dict[str, Letter] = {}
    while len(found) < MOST and (messages := _received(stage, queue)):
        found |= {one["MessageId"]: _letter(stage, one) for one in messages}
    return sorted(found.values(), key=lambda letter: -letter.age)


def release(stage: Stage, queue: str, letter: Letter) -> None:
    """Leave it in the queue."""
    stage.client("sqs").change_message_visibility(
        QueueUrl=queue, ReceiptHandle=letter.receipt, VisibilityTimeout=0
    )


def delete(stage: Stage, queue: str, letter: Letter) -> None:
    """Take it out of the queue."""
    stage.client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=letter.receipt)


def _received(stage: Stage, queue: str) -> list[dict[str, Any]]:
    answer = stage.client("sqs").receive_message(
        QueueUrl=queue,
        MaxNumberOfMessages=10,
        WaitTimeSeconds=WAIT_SECONDS,
        VisibilityTimeout=HELD_SECONDS,
        AttributeNames=["SentTimestamp"],
        MessageAttributeNames=["All"],
    )
    messages: list[dict[str, Any]] = answer.get("Messages", [])
    return messages


def _letter(stage: Stage, message: Mapping[str, Any]) -> Letter:
    attributes = {name: one.get("StringValue", "") for name, one in message.get("MessageAttributes", {}).items()}
    try:
        body = json.loads(message["Body"])
    except ValueError:
        body = None
    kind, function, payload = _addressed(stage, body, attributes)
    age = time.time() - int(message["Attributes"]["SentTimestamp"]) / 1000
    reason = " ".join(_reasons(attributes)) or "no reason given"
    return Letter(message["MessageId"], message["ReceiptHandle"], kind, function, payload, age, reason)


def _reasons(attributes: Mapping[str, str]) -> Iterator[str]:
    """EventBridge and Lambda write them differently."""
    for name in ("ERROR_CODE", "ERROR_MESSAGE", "ErrorCode", "ErrorMessage"):
        if attributes.get(name):
            yield " ".join(attributes[name].split())[:200]


def _addressed(stage: Stage, body: Any, attributes: Mapping[str, str]) -> tuple[str, str | None, Any]:
    """The kind, who handles it, and what that function is given: EventBridge's letters hold the event as it was."""
    if not isinstance(body, dict):
        return "unknown", None, body
    if body.keys() == {"schedule", "time"}:
        return ("tick", "Tick", body) if _is_time(body["time"]) else ("unknown", None, body)
    if body.get("detail-type") in KINDS:
        return *KINDS[body["detail-type"]], body
    if body.get("detail-type") == "Scheduled Event":
        arn = attributes.get("RULE_ARN") or next(iter(body.get("resources", ())), "")
        return _scheduled(stage, arn.rpartition("/")[2], body)
    # Lambda's own letters hold what the function was given; deploying calls reconcile with nothing.
    return ("reconcile", "Reconcile", body) if body == {} else ("unknown", None, body)


def _scheduled(stage: Stage, rule: str, event: Mapping[str, Any]) -> tuple[str, str | None, Any]:
    for function in ("Watchdog", "Reconcile"):
        if rule.startswith(f"{stage.stack}-{function}Rule"):
            return function.lower(), function, event
    if not rule.startswith(f"{stage.stack}-s-") or not _is_time(event.get("time")):
        return "unknown", None, event
    client = stage.client("events")
    try:
        schedule = str(client.describe_rule(Name=rule).get("Description", "")).removeprefix("schedule ")
    except client.exceptions.ResourceNotFoundException:
        return "tick, its schedule gone", None, event
    return "tick", "Tick", {"schedule": schedule, "time": event["time"]}


def _is_time(told: object) -> bool:
    try:
        return datetime.fromisoformat(str(told)).tzinfo is not None
    except ValueError:
        return False


def _words(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f}{unit}"
    return f"{max(seconds, 0):.0f}s"
