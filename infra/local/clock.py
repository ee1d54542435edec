"""The laptop's clock: real or moved by hand, it fires each scheduled rule at its minutes."""

from __future__ import annotations

import json
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from infra.local.events import Scheduled
from infra.local.expressions import Expression, parse
from infra.local.persistence.database import Change, Database

log = logging.getLogger(__name__)

MINUTE = timedelta(minutes=1)
# AWS retries for a day; here what is older is left to the product's own watch, which calls it missed.
CATCH_UP = timedelta(minutes=10)
DELIVERY_SECONDS = 60
LOOK_SECONDS = 0.005


class Backwards(Exception):
    """The clock was asked to go back."""


class NotByHand(Exception):
    """A real clock was asked to move."""


class StillBusy(Exception):
    """Something was still running when the caller's patience ended."""


class Bus(Protocol):
    """What the clock needs of the event bus."""

    def scheduled(self) -> list[Scheduled]: ...
    def fire(self, at: datetime, rule: Scheduled) -> Future[None]: ...


class Clock:
    """Time for the whole process, and the one who fires scheduled rules."""

    def __init__(
        self, database: Database, by_hand: bool, real: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.by_hand = by_hand
        self.watermark: datetime | None = None  # the last minute whose rules have all been fired
        self._database = database
        self._real = real
        self._hand: datetime | None = None
        self._moving = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._expressions: dict[str, Expression | None] = {}
        stored = database.get("clock", "")
        if stored is not None:
            self._load(json.loads(stored))

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        return self._hand if self.by_hand and self._hand else self._real()

    def start(self, bus: Bus, settled: Callable[[], bool]) -> None:
        """Begins to fire the rules of `bus`; `settled` says whether nothing is in flight any more."""
        self._bus = bus
        self._settled = settled
        if not self.by_hand:
            self._hand = None
        elif self._hand is None:
            real = self._real().replace(microsecond=0)
            self._hand = max(real, self.watermark or real)
        # A watermark in the future is of a clock that was moved by hand and is real again.
        self._keep(self._hand, min(self._mark(), _minute(self.now())))
        self._thread = threading.Thread(target=self._run, name="clock", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns once no rule is being fired any more."""
        self._stopped.set()
        if self._thread:
            self._thread.join(timeout=5)

    def advance(self, to: datetime, wait_until_idle: bool, patience: float) -> dict[str, Any]:
        """Moves a manual clock to `to`, minute by minute where rules are due."""
        if not self.by_hand:
            raise NotByHand("The clock is real; start with --clock manual to move it")
        deadline = time.monotonic() + patience
        with self._moving:
            if to < self.now():
                raise Backwards(f"The clock is at {_text(self.now())} and cannot go back to {_text(to)}")
            if wait_until_idle:
                self._wait_until_idle(deadline)
            fired = self._fire_between(to, wait_until_idle, deadline)
            if self._stopped.is_set():
                raise StillBusy(f"The stack is stopping; the clock stopped at {_text(self.now())}")
            self._keep(to, _minute(to))
        return {"now": _text(to), "fired": fired, "idle": self._settled()}

    def state(self) -> dict[str, Any]:
        """What a person may want to know of it."""
        mode = "manual" if self.by_hand else "real"
        return {"now": _text(self.now()), "mode": mode, "watermark": self.watermark and _text(self.watermark)}

    def _run(self) -> None:
        """A manual clock only makes up what a kill kept from being fired; a real one goes on for ever."""
        while not self._stopped.is_set():
            try:
                self._catch_up()
            except Exception:
                log.exception("The clock could not fire what is due and tries again in a minute")
            if self.by_hand:
                return
            self._stopped.wait((_minute(self.now()) + MINUTE - self.now()).total_seconds())

    def _catch_up(self) -> None:
        with self._moving:
            minute = _minute(self.now())
            if self._mark() < minute:
                self.watermark = max(self._mark(), minute - CATCH_UP)
                self._fire_between(minute, False, math.inf)
                if not self._stopped.is_set():
                    self._keep(self._hand, minute)

    def _fire_between(self, to: datetime, wait_until_idle: bool, deadline: float) -> int:
        """Fires all that is due after the watermark and not after `to`; how many that were."""
        fired = 0
        for minute, rules in self._due(self._mark(), to):
            if self._stopped.is_set():
                break
            if self.by_hand:
                self._keep(max(minute, self.now()), self._mark())
            wait([self._bus.fire(minute, rule) for rule in rules], timeout=DELIVERY_SECONDS)
            fired += len(rules)
            self._keep(self._hand, minute)
            if wait_until_idle:
                self._wait_until_idle(deadline)
            self._watch(deadline)
        return fired

    def _due(self, after: datetime, to: datetime) -> Iterator[tuple[datetime, list[Scheduled]]]:
        """Each minute with its due rules, in order; rules that come or go on the way count."""
        nexts: dict[tuple[str, str], datetime | None] = {}
        while True:
            rules = self._bus.scheduled()
            for rule in rules:
                key = (rule.arn, rule.expression)
                upcoming = nexts.get(key, after)
                if upcoming is not None and upcoming <= after:
                    nexts[key] = self._next(rule, after)
            minutes = {nexts[rule.arn, rule.expression] for rule in rules}
            soonest = min((minute for minute in minutes if minute is not None), default=None)
            if soonest is None or soonest > to:
                return
            yield soonest, [rule for rule in rules if nexts[rule.arn, rule.expression] == soonest]
            after = soonest

    def _next(self, rule: Scheduled, after: datetime) -> datetime | None:
        if rule.expression not in self._expressions:
            try:
                self._expressions[rule.expression] = parse(rule.expression)
            except ValueError:
                log.exception("%s never fires: %s is not an expression", rule.arn, rule.expression)
                self._expressions[rule.expression] = None
        expression = self._expressions[rule.expression]
        return expression.next_after(after) if expression else None

    def _wait_until_idle(self, deadline: float) -> None:
        while not self._settled():
            self._watch(deadline)
            time.sleep(LOOK_SECONDS)

    def _watch(self, deadline: float) -> None:
        if time.monotonic() > deadline:
            raise StillBusy(f"The time allowed is over; the clock stopped at {_text(self.now())}")

    def _mark(self) -> datetime:
        return self.watermark or _minute(self.now())

    def _keep(self, hand: datetime | None, watermark: datetime) -> None:
        record = {"watermark": watermark.isoformat(), "hand": hand and hand.isoformat()}
        self._database.write(Change("clock", "", "", json.dumps(record)))
        self._hand, self.watermark = hand, watermark

    def _load(self, record: dict[str, Any]) -> None:
        self.watermark = _parsed(record["watermark"])
        self._hand = _parsed(record["hand"])


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _parsed(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
