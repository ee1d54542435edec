"""Schedules in this very process, on an AWS of the module's own, at times that a test chooses."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib import clock, edge
from chalicelib.actions import blocks, configure, missed, projects, publish, reconcile, settle, watch
from chalicelib.actions import pause as pausing
from chalicelib.api import idempotency
from chalicelib.aws.clients import client
from chalicelib.call import Call
from chalicelib.domain.blocks import Command, Repository
from chalicelib.domain.configured_blocks import Configuration, RepeatSchedule, RunOnce
from chalicelib.domain.runs import Verdict
from chalicelib.handlers import schedules as handlers
from chalicelib.store import configured_blocks, runs, table
from chalicelib.store import projects as stored_projects
from chalicelib.store.table import commit
from infra.local.events import EventBus, _event
from infra.local.transform import payload_for

START = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NUMBERS = itertools.count(1)


class Killed(Exception):
    """The function's process ended here."""


class Site:
    """A project with one environment, and a clock of its own."""

    def __init__(self, bus):
        self.bus = bus
        self.now = START
        self.settings = edge.settings()
        name = f"site-{next(NUMBERS)}"
        made = projects.create(self.call(), name=name, internal_name=name, description="", environment="default")
        self.project_uid, self.name = made.uid, name
        self.block = blocks.create(
            self.call(), name=name, internal_name=name, flavor="job", source=Command("true"), values=(),
            repository=Repository(url="https://example.org/shop/web"),
        )  # fmt: skip

    def call(self, by="ada"):
        return Call(self.now, by, "admin", self.settings, idempotency.ids())

    @property
    def environment(self):
        return stored_projects.environment_by_uid(self.project_uid, "default")

    def at(self, text):
        """The time is `text`, an hour and minute of the day (or a whole time)."""
        self.now = minute(text)

    def schedule(self, cron="* * * * *", hostname=None, **told):
        """Configures a schedule, or changes it."""
        hostname = hostname or f"job-{next(NUMBERS)}"
        wanted = Configuration(block=self.block.internal_name, run=RepeatSchedule(cron, **told))
        present = configured_blocks.get(self.environment.uid, hostname)
        return configure.put(self.call(), self.environment, hostname, wanted, present)

    def once(self, configured):
        """Makes it a job that runs once."""
        wanted = Configuration(block=self.block.internal_name, run=RunOnce())
        return configure.put(self.call(), self.environment, configured.hostname, wanted, self.fresh(configured))

    def fresh(self, configured):
        return configured_blocks.get(configured.environment_uid, configured.hostname)

    def payloads(self, configured, at):
        """What EventBridge hands the tick function for its entries at a minute."""
        event = _event("aws.events", "Scheduled Event", {}, minute(at))
        mine = [one for one in self.bus.scheduled() if one.arn.rpartition("/")[2] in self.fresh(configured).rules]
        return [payload_for(target, event, one.arn) for one in mine for target in one.targets]

    def tick(self, configured, at):
        """The tick function, invoked as EventBridge does."""
        (payload, *_) = self.payloads(configured, at)
        handlers.tick(json.loads(json.dumps(payload)), None)

    def watchdog(self):
        return handlers.watchdog({}, None)

    def watch(self):
        """Looks after runs and deployments, then publishes what is pending."""
        return watch.watch(self.call("watchdog")) + watch.publish_pending(self.call("watchdog"))

    def account(self):
        return missed.account_for_missed(self.call("watchdog"))

    def reconcile(self):
        return reconcile.reconcile(self.call("reconcile"))

    def rows(self, configured, **filters):
        """All runs, oldest first."""
        told = {"status": None, "trigger": None} | filters
        found, start = [], None
        while True:
            page, start = runs.history(configured.uid, self.now, 100, start, **told)
            found += page
            if start is None:
                return sorted(found, key=lambda run: run.id)

    def told(self, configured):
        """Minute, status and reason of each scheduled row."""
        return [(f"{run.scheduled_at:%H:%M}", run.status, run.reason) for run in self.rows(configured)]

    def statuses(self, configured):
        return Counter(run.status for run in self.rows(configured))

    def end(self, run_id, status="succeeded"):
        """The run ends."""
        return settle.settle(self.call("step functions"), run_id, Verdict(status=status))

    def executions(self, configured):
        """The names of the executions there are for it."""
        states = client("stepfunctions")
        pages = states.get_paginator("list_executions").paginate(stateMachineArn=self.settings.job_run_machine)
        names = [one["name"] for page in pages for one in page["executions"]]
        return sorted(name for name in names if name.startswith(configured.uid))

    def leave(self):
        """Takes its schedules out again, for the tests that look at all of them."""
        for configured in configured_blocks.all_of(self.environment.uid):
            publish.withdraw(self.call(), configured)
            for run in runs.open_of(configured.environment_uid, configured.uid):
                self.end(run.id)
            commit(configured_blocks.delete(configured))

    def published(self, configured):
        """Name and expression of each entry that carries it."""
        return {
            one.arn.rpartition("/")[2]: one.expression
            for one in self.bus.scheduled()
            if configured.uid[-16:] in one.arn
        }


def minute(text):
    """`12:05` of the first day, or a whole time."""
    if isinstance(text, datetime):
        return text
    moment = datetime.fromisoformat(text if "T" in text else f"{START:%Y-%m-%d}T{text}")
    return moment.replace(tzinfo=moment.tzinfo or UTC)


def minutes(first, count):
    return [minute(first) + MINUTE * number for number in range(count)]


@contextlib.contextmanager
def refusing(service, operation, error=Killed, times=None):
    """AWS's own door: requests of this operation do not get through (the first `times` of them)."""
    left = itertools.count() if times is None else iter(range(times))

    def refuse(**_):
        if next(left, None) is not None and (raised := error("not through")) is not None:
            raise raised

    events = emitter(service)
    events.register(f"before-call.{service_id(service)}.{operation}", refuse)
    try:
        yield
    finally:
        events.unregister(f"before-call.{service_id(service)}.{operation}", refuse)


def throttled(operation):
    """What the product sees of a request that AWS answers with ThrottlingException, retries included."""
    return ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, operation)


@contextlib.contextmanager
def throttling(operation, times=None):
    """AWS throttles requests of this operation of EventBridge (and Scheduler), the first `times` of them."""
    with contextlib.ExitStack() as stack:
        for service in ("events", "scheduler"):
            stack.enter_context(refusing(service, operation, throttled, times))
        yield


@contextlib.contextmanager
def counted():
    """Collects all requests of the product meanwhile, as service and operation."""
    made = Counter()
    undo = []

    def watch_over(service):
        def note(model, **_):
            made[f"{service}:{model.name}"] += 1

        emitter(service).register("before-call", note)
        undo.append(lambda: emitter(service).unregister("before-call", note))

    for service in ("events", "scheduler", "stepfunctions", "dynamodb"):
        watch_over(service)
    try:
        yield made
    finally:
        for step in undo:
            step()


@contextlib.contextmanager
def requests():
    """Collects operation, input shape and parameters of all that is asked of EventBridge and Scheduler meanwhile."""
    made = []

    def note(params, model, **_):
        made.append((model.name, model.input_shape, dict(params)))

    for service in ("events", "scheduler"):
        emitter(service).register("before-parameter-build", note)
    try:
        yield made
    finally:
        for service in ("events", "scheduler"):
            emitter(service).unregister("before-parameter-build", note)


def emitter(service):
    """The events of the client that the product uses."""
    if service == "dynamodb":
        return table.Item._get_connection().connection.client.meta.events
    return client(service).meta.events


def service_id(service):
    """The service's name in botocore's events."""
    return {"stepfunctions": "sfn", "events": "eventbridge"}.get(service, service)


def at_once(*work):
    """All of these at the same time; what they raised."""
    gate, raised = threading.Barrier(len(work)), []

    def one(job):
        gate.wait()
        try:
            job()
        except Exception as error:
            raised.append(error)

    threads = [threading.Thread(target=one, args=(job,)) for job in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


@pytest.fixture(scope="module")
def bus(embed):
    """The embedded AWS with all of the stack; runs' executions begin and end without doing anything."""
    embed()
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    machine = boto3.client("stepfunctions").create_state_machine(
        name="does-nothing", definition=definition, roleArn="arn:aws:iam::123456789012:role/machine"
    )
    os.environ["KINTO_JOB_RUN_MACHINE"] = machine["stateMachineArn"]
    return EventBus(lambda: START)


@pytest.fixture(params=["rules"])
def backend(request):
    """Who carries the schedules; tests that ask for both are parametrized."""
    return request.param


@pytest.fixture
def site(bus, backend):
    os.environ["SCHEDULE_BACKEND"] = backend
    edge.settings.cache_clear()
    site = Site(bus)
    clock.use_clock(lambda: site.now)
    yield site
    clock.use_clock(clock._machine)
    site.leave()
    os.environ["SCHEDULE_BACKEND"] = "rules"
    edge.settings.cache_clear()


@pytest.fixture
def pause(site):
    """`pause(job, reason, until=None)`."""

    def run(job, reason, until=None):
        until = minute(until) if until is not None else None
        return pausing.pause(site.call(), site.fresh(job), reason, until)

    return run


both_backends = pytest.mark.parametrize("backend", ["rules", "scheduler"], indirect=True)
