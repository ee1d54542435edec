"""How long AWS is asked: whatever was throttled is sent again, and no more is sent when a request's time is over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from chalicelib.domain.problems import Unavailable

# Of a transaction that DynamoDB has cancelled; botocore knows only the codes of whole requests.
_THROTTLED = {"ThrottlingError", "ProvisionedThroughputExceeded"}

_is_over: ContextVar[Callable[[], bool] | None] = ContextVar("is_over", default=None)


@contextmanager
def until(is_over: Callable[[], bool]) -> Iterator[None]:
    """Within, nothing is sent to AWS once `is_over`: what asks meets Unavailable, in time to be answered."""
    reset = _is_over.set(is_over)
    try:
        yield
    finally:
        _is_over.reset(reset)


def watch(session: Any) -> None:
    """Keep to this in the clients that are made from botocore's `session` from now on."""
    events = session.get_component("event_emitter")
    events.register_first("before-send", _in_time)
    events.register_first("needs-retry.dynamodb.TransactWriteItems", _throttled)
    events.register_first("needs-retry.eventbridge.PutRule", _over_quota)


def _in_time(**_: Any) -> None:
    is_over = _is_over.get()
    if is_over is not None and is_over():  # botocore does not try again what fails by an exception of ours
        raise Unavailable("AWS did not answer in time; ask again in a few seconds.")


def _throttled(response: tuple[Any, dict[str, Any]] | None = None, **_: Any) -> None:
    told = response[1] if response is not None else {}
    if any(reason.get("Code") in _THROTTLED for reason in told.get("CancellationReasons", ())):
        told["Error"]["Code"] = "ThrottlingException"


def _over_quota(response: tuple[Any, dict[str, Any]] | None = None, **_: Any) -> None:
    """Give EventBridge's quota error the name that Scheduler gives it: botocore takes its own for throttling."""
    answer = response[1] if response is not None else {}
    if answer.get("Error", {}).get("Code") == "LimitExceededException":
        answer["Error"]["Code"] = "ServiceQuotaExceededException"
