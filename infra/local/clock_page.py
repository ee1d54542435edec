"""`/_local/clock`: shows the clock, and moves a manual one."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.local.answers import Answer, Request, json_answer, problem
from infra.local.clock import Backwards, Clock, NotByHand, StillBusy
from infra.local.persistence.database import NotStored

LOOPBACK = {"localhost", "127.0.0.1", "[::1]"}
LONGEST = timedelta(days=3660)
PATIENCE = 600

Errors = dict[str, str]


def clock_page(clock: Clock) -> Callable[[Request], Answer]:
    """The page's handler."""

    def answer(request: Request) -> Answer:
        # A page of another site can reach this port under its own name; only ours may move the clock.
        if _host(request.headers.get("host", "")) not in LOOPBACK:
            return problem(403, "Not allowed", "This is only for the machine itself; use http://127.0.0.1")
        if request.method == "GET":
            return json_answer(200, clock.state())
        if request.method == "POST":
            return _moved(clock, request)
        return problem(405, "Method not allowed", "Use GET or POST", [("Allow", "GET, POST")])

    return answer


def _moved(clock: Clock, request: Request) -> Answer:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return problem(415, "Unsupported media type", "Send JSON, with Content-Type: application/json")
    try:
        body = json.loads(request.body)
    except ValueError as error:
        return problem(400, "Malformed request", f"The body is not JSON: {error}")
    if not isinstance(body, dict):
        return problem(400, "Malformed request", "The body must be a JSON object")
    errors = wrong_fields(body, clock.now())
    if errors:
        listed = [{"field": field, "message": message} for field, message in errors.items()]
        return problem(422, "Invalid fields", "; ".join(map(": ".join, errors.items())), errors=listed)
    return _advanced(clock, body)


def _advanced(clock: Clock, body: Mapping[str, Any]) -> Answer:
    try:
        to = _moment(body["to"]) if "to" in body else clock.now() + timedelta(seconds=body["advance_seconds"])
        return json_answer(
            200, clock.advance(to, body.get("wait", True), body.get("timeout_seconds", PATIENCE))
        )
    except (Backwards, NotByHand) as refused:
        return problem(409, "Conflict with the present state", str(refused))
    except NotStored as failure:
        return problem(503, "Temporarily unavailable", str(failure), [("Retry-After", "5")])
    except StillBusy as busy:
        return problem(504, "Not there yet", str(busy))


def wrong_fields(body: Mapping[str, Any], now: datetime) -> Errors:
    """What is wrong with each field of the body."""
    known = {"advance_seconds", "to", "wait", "timeout_seconds"}
    errors: Errors = {field: "is not a field here" for field in body if field not in known}
    if ("to" in body) == ("advance_seconds" in body):
        errors["advance_seconds"] = "give either advance_seconds or to"
    if "advance_seconds" in body and not _number(body["advance_seconds"], 0, LONGEST.total_seconds()):
        errors["advance_seconds"] = f"must be a number from 0 to {LONGEST.total_seconds():.0f} (ten years)"
    if "to" in body:
        errors |= _wrong_moment(body["to"], now)
    if not isinstance(body.get("wait", True), bool):
        errors["wait"] = "must be true or false"
    if not _number(body.get("timeout_seconds", PATIENCE), 1, 86_400):
        errors["timeout_seconds"] = "must be a number from 1 to 86400"
    return errors


def _wrong_moment(value: Any, now: datetime) -> Errors:
    try:
        moment = _moment(value)
    except ValueError:
        return {"to": "must be a time with its offset, such as 2026-03-29T00:00:00Z"}
    return {"to": "must be at most ten years away"} if moment - now > LONGEST else {}


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    if moment is None or moment.tzinfo is None:
        raise ValueError("not a time with its offset")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("out of range") from error


def _number(value: Any, least: float, most: float) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and least <= value <= most


def _host(header: str) -> str:
    name = header.lower()
    return name[: name.index("]") + 1] if name.startswith("[") and "]" in name else name.partition(":")[0]
