"""moto's pages of log events have no limit but a number; AWS's hold 1 MB at most, and the product counts on that."""

from __future__ import annotations

from typing import Any

from moto.logs.models import LogStream

MOST_BYTES = 1024 * 1024
OVERHEAD = 26
_stock = LogStream.get_log_events

Page = tuple[list[dict[str, Any]], str | None, str | None]


def apply() -> None:
    LogStream.get_log_events = get_log_events


def get_log_events(
    stream: LogStream, start_time: Any, end_time: Any, limit: int | None, next_token: str | None, start_from_head: Any
) -> Page:
    """A page forward is cut where it would be too large, its token too; pages backward are asked for by nobody."""
    events, backward, forward = _stock(stream, start_time, end_time, limit, next_token, start_from_head)
    ahead = next_token.startswith("f/") if next_token else bool(start_from_head)
    fitting = _fitting(events)
    if not ahead or forward is None or fitting == len(events):
        return events, backward, forward
    last = int(forward[2:]) - (len(events) - fitting)
    return events[:fitting], backward, f"f/{last:056d}"


def _fitting(events: list[dict[str, Any]]) -> int:
    """How many of the first events a page holds; one at least."""
    size = 0
    for count, event in enumerate(events):
        size += len(event["message"].encode()) + OVERHEAD
        if size > MOST_BYTES:
            return max(1, count)
    return len(events)
