"""The product on an AWS that doubles, delays and drops ticks and kills functions, as KINTO_UNRELIABLE says.

That is JSON: `seed`, the shares `doubled`, `late`, `dropped` (of deliveries) and `killed` (of starts), and `notes`, a
file that gets a line for what became of each delivery.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import threading
from collections import Counter
from concurrent.futures import Future
from datetime import timedelta
from pathlib import Path

from infra.local import lambdas
from infra.local.events import EventBus, _event

TOLD = json.loads(os.environ["KINTO_UNRELIABLE"])
LATEST_MINUTES = 6  # and then until something else is fired: the watchdog is every five minutes

specification = importlib.util.spec_from_file_location("kintoblocks_app", Path(__file__).parents[3] / "app.py")
product = importlib.util.module_from_spec(specification)
specification.loader.exec_module(product)
app, use_clock = product.app, product.use_clock

from chalicelib.aws.clients import client  # noqa: E402

waiting = []
starts = Counter()
writing = threading.Lock()
fire = EventBus.fire


def drawn(*what):
    return random.Random("/".join(map(str, (TOLD["seed"], *what))))


def hostname(rule):
    """Whose tick this is; None for the stack's own rules."""
    transformer = rule.targets[0].get("InputTransformer") if rule.targets else None
    return transformer["InputTemplate"].split('"')[3].rpartition(".")[2] if transformer else None


def unreliable(bus, at, rule):
    for one in [one for one in waiting if one[0] <= at]:
        waiting.remove(one)
        again(bus, *one[1:])
    name = hostname(rule)
    if name is None:
        return fire(bus, at, rule)
    draw = drawn(name, rule.expression, at)
    fate, share = None, draw.random()
    for kind in ("doubled", "late", "dropped"):
        if fate is None and share < TOLD[kind]:
            fate = kind
        share -= TOLD[kind]
    with writing, Path(TOLD["notes"]).open("a") as notes:
        print(json.dumps([name, at.isoformat(), fate]), file=notes)
    if fate == "late":
        waiting.append((at + timedelta(minutes=draw.randint(1, LATEST_MINUTES)), at, rule))
    if fate == "doubled":
        again(bus, at, rule)
    return done() if fate in ("late", "dropped") else fire(bus, at, rule)


def again(bus, at, rule):
    """Beside everything else, at the same time as the first."""
    event = _event("aws.events", "Scheduled Event", {}, at, [rule.arn])
    bus._submit("again", lambda: bus._deliver(rule.arn, rule.targets, event))


def done():
    future = Future()
    future.set_result(None)
    return future


def maybe_killed(params, **_):
    name = json.loads(params["body"])["name"]
    with writing:
        starts[name] += 1
        count = starts[name]
    if drawn("kill", name, count).random() < TOLD["killed"]:
        raise SystemError(f"killed before {name} was started")


EventBus.fire = unreliable
lambdas.RETRY_DELAYS = ()  # who is killed comes again by a second delivery or the watchdog alone
client("stepfunctions").meta.events.register("before-call.sfn.StartExecution", maybe_killed)
