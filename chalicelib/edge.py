"""Where the product meets its surroundings: settings from the environment, calls made by AWS itself, their log."""

from __future__ import annotations

import functools
import logging
import os
import sys
import uuid
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from chalice.app import Request as RawRequest
from chalice.app import Response

from chalicelib import logs, metrics
from chalicelib.aws import clients, patience
from chalicelib.call import Call
from chalicelib.clock import now, stopwatch
from chalicelib.domain.actors import Actor
from chalicelib.settings import Settings, from_environment
from chalicelib.store import table

T = TypeVar("T")
Event = dict[str, Any]

# The gateway waits 29 seconds; the last call to AWS and the wait before it may take another nine.
MOST_MILLISECONDS = 16_000
# For the piece of work begun last: a few calls to AWS, retries included.
MARGIN_MILLISECONDS = 60_000

log = logging.getLogger(__name__)

# On a laptop the log is for people, and infra.local writes it.
if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
    logs.into(sys.stdout)


@cache
def settings() -> Settings:
    """This stack's settings, read once; the table is the one they name."""
    found = from_environment(os.environ)
    table.use(found.table)
    patience.watch(table.session())
    clients.share(table.session)
    return found


def within_time(raw: RawRequest, get_response: Callable[[RawRequest], Response]) -> Response:
    """Chalice's middleware: a request whose time is nearly over asks AWS for nothing more, and is answered 503."""
    took = stopwatch()
    with patience.until(lambda: took() > MOST_MILLISECONDS):
        return get_response(raw)


def call_by(source: Actor) -> Call:
    """A call made by the product's own parts."""
    return Call(now(), source, "admin", settings(), lambda: uuid.uuid4().hex[:26])


def time_left(context: Any) -> Callable[[], bool]:
    """Return what says whether an invocation has more than MARGIN left before Lambda ends it."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return lambda: remaining is None or remaining() > MARGIN_MILLISECONDS


def logged(handler: Callable[[Event, Any], T]) -> Callable[[Event, Any], T]:
    """The same function; its log says which invocation each line is of, and how the invocation ended."""

    @functools.wraps(handler)
    def invoked(event: Event, context: Any) -> T:
        with logs.about(**_about(handler.__name__, event, context)):
            took = logs.stopwatch()
            try:
                answer = handler(event, context)
            except Exception:
                # Whoever invoked it tries again; the last failure is a dead letter or the execution's.
                log.warning("%s failed", handler.__name__, exc_info=True, extra=logs.told(duration_ms=took()))
                raise
            log.info("%s is done", handler.__name__, extra=logs.told(duration_ms=took()))
            if _is_replayed(context):
                metrics.replayed(settings().stack)
            return answer

    return invoked


def _about(name: str, event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """What an event names, and nothing else of it."""
    named = {field: event[field] for field in ("run_id", "deployment_id", "schedule") if field in event}
    detail = event.get("detail") or {}
    named |= {field: detail[told] for field, told in _TOLD_OF.items() if told in detail}
    return {"function": name, "request_id": getattr(context, "aws_request_id", None), **named}


_TOLD_OF = {"execution": "name", "build": "build-id"}


def _is_replayed(context: Any) -> bool:
    """Whether infra/operate/replay.py invoked it, which says so beside the event."""
    custom = getattr(getattr(context, "client_context", None), "custom", None)
    return isinstance(custom, dict) and custom.get("replayed") == "true"
