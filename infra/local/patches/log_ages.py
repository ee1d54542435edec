"""moto refuses log events older than 14 days or 2 hours ahead; a clock that is moved by hand is months off."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.models import LogsBackend


def apply() -> None:
    LogsBackend.put_log_events = put_log_events


def put_log_events(
    backend: LogsBackend, log_group_name: str, log_stream_name: str, log_events: list[dict[str, Any]]
) -> tuple[str, dict[str, Any]]:
    if log_group_name not in backend.groups:
        raise ResourceNotFoundException()
    if any(later["timestamp"] < earlier["timestamp"] for earlier, later in pairwise(log_events)):
        raise InvalidParameterException("Log events in a single PutLogEvents request must be in chronological order.")
    return backend.groups[log_group_name].put_log_events(log_stream_name, log_events), {}
