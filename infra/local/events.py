"""EventBridge's place: matches events with rules, and delivers them to functions, state machines and queues."""

from __future__ import annotations

import json
import logging
import threading
import uuid
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import boto3
from moto.events.models import events_backends
from moto.scheduler.models import scheduler_backends

from infra.local.lambdas import Lambdas
from infra.local.persistence import ACCOUNT, REGION
from infra.local.transform import payload_for

log = logging.getLogger(__name__)

SCHEDULE_LANES = 4


class Scheduled(NamedTuple):
    """An enabled rule (or a schedule of EventBridge Scheduler) that fires by the clock."""

    arn: str
    expression: str
    targets: Sequence[Mapping[str, Any]]


class EventBus:
    """Delivers events: each source's in its own order, and nothing before `open()`."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.sent = 0  # how many events there were so far: who sees it change knows that something happened
        self._now = now
        self._lambdas: Lambdas
        self._states = boto3.client("stepfunctions")
        self._queues = boto3.client("sqs")
        self._lanes: dict[str, ThreadPoolExecutor] = {}
        self._pending = 0
        self._lock = threading.Lock()
        self._opened = threading.Event()

    def open(self, lambdas: Lambdas) -> None:
        """Deliveries begin; what was emitted before has been waiting."""
        self._lambdas = lambdas
        self._opened.set()

    def close(self) -> None:
        """Drops what is not yet being delivered."""
        for lane in self._lanes.values():
            lane.shutdown(wait=True, cancel_futures=True)

    def idle(self) -> bool:
        """Whether everything emitted and fired has been delivered."""
        return self._pending == 0

    def emit(self, source: str, detail_type: str, detail: dict[str, Any]) -> None:
        """Sends an event to every rule with a matching pattern, asynchronously."""
        event = _event(source, detail_type, detail, self._now())

        def deliver() -> None:
            for rule in _rules():
                if rule.event_pattern.get_pattern() and rule.event_pattern.matches_event(event):
                    self._deliver(rule.arn, rule.targets, event)

        self._submit(source, deliver)

    def fire(self, at: datetime, rule: Scheduled) -> Future[None]:
        """Fires a scheduled rule for the minute `at`; done when its targets have been given their event."""
        event = _event("aws.events", "Scheduled Event", {}, at, [rule.arn])
        lane = zlib.crc32(rule.arn.encode()) % SCHEDULE_LANES
        return self._submit(f"schedule-{lane}", lambda: self._deliver(rule.arn, rule.targets, event))

    def scheduled(self) -> list[Scheduled]:
        """The enabled rules that fire by the clock, as they are now."""
        rules = [
            Scheduled(rule.arn, rule.scheduled_expression, list(rule.targets))
            for rule in _rules()
            if rule.scheduled_expression
        ]
        return rules + list(_schedules())

    def _submit(self, lane: str, work: Callable[[], None]) -> Future[None]:
        with self._lock:
            if lane not in self._lanes:
                self._lanes[lane] = ThreadPoolExecutor(1, thread_name_prefix=f"events-{lane}")
            self._pending += 1
            self.sent += 1
            future = self._lanes[lane].submit(self._guarded, work)
        future.add_done_callback(lambda _: self._done())
        return future

    def _done(self) -> None:
        with self._lock:
            self._pending -= 1

    def _guarded(self, work: Callable[[], None]) -> None:
        self._opened.wait()
        try:
            work()
        except Exception:
            log.exception("An event could not be delivered")

    def _deliver(self, rule_arn: str, targets: Sequence[Mapping[str, Any]], event: dict[str, Any]) -> None:
        for target in list(targets):
            try:
                self._send(target["Arn"], payload_for(target, event, rule_arn))
            except Exception as error:
                log.exception("%s could not be delivered to %s", rule_arn, target["Arn"])
                self._guarded(partial(self._bury, rule_arn, target, event, error))

    def _send(self, arn: str, payload: Any) -> None:
        _, _, service, _, _, resource = arn.split(":", 5)
        if service == "lambda":
            self._lambdas.deliver(resource.split(":")[1], payload)
        elif service == "states":
            self._states.start_execution(stateMachineArn=arn, input=json.dumps(payload))
        elif service == "sqs":
            self._send_message(resource, payload)
        else:
            raise ValueError(f"Events cannot be delivered to {arn}")

    def _send_message(self, queue: str, payload: Any, **told: str) -> None:
        url = self._queues.get_queue_url(QueueName=queue)["QueueUrl"]
        attributes = {name: {"DataType": "String", "StringValue": text} for name, text in told.items()}
        self._queues.send_message(QueueUrl=url, MessageBody=json.dumps(payload), MessageAttributes=attributes)

    def _bury(self, rule_arn: str, target: Mapping[str, Any], event: dict[str, Any], error: Exception) -> None:
        queue = target.get("DeadLetterConfig", {}).get("Arn")
        if queue:
            why = {"ERROR_CODE": type(error).__name__, "ERROR_MESSAGE": str(error)[:1000] or "no message"}
            self._send_message(queue.rpartition(":")[2], event, RULE_ARN=rule_arn, TARGET_ARN=target["Arn"], **why)


def _rules() -> list[Any]:
    backend = events_backends[ACCOUNT][REGION]
    return [rule for rule in list(backend.event_buses["default"].rules.values()) if rule.state == "ENABLED"]


def _schedules() -> Iterator[Scheduled]:
    backend = scheduler_backends[ACCOUNT][REGION]
    for group in list(backend.schedule_groups.values()):
        for schedule in list(group.schedules.values()):
            if schedule.state == "ENABLED":
                yield Scheduled(schedule.arn, schedule.schedule_expression, [schedule.target])


def _event(
    source: str, detail_type: str, detail: dict[str, Any], at: datetime, resources: Sequence[str] = ()
) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": detail_type,
        "source": source,
        "account": ACCOUNT,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": list(resources),
        "detail": detail,
    }
