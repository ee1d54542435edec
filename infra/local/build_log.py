"""A build's log in CloudWatch Logs: whole lines, in order, put in batches soon after they came."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.logs.models import logs_backends

from infra.local.persistence.database import NotStored

log = logging.getLogger(__name__)

LATEST_SECONDS = 0.1
RETRY_SECONDS = 1.0
BATCH_BYTES = 900_000
BATCH_EVENTS = 5_000
LONGEST_EVENT = 128 * 1024


class BuildLog:
    """One log stream and what is not in it yet."""

    def __init__(self, place: tuple[str, str], group: str, stream: str, now: Callable[[], datetime]) -> None:
        self._backend = logs_backends[place[0]][place[1]]
        self._group, self._stream, self._now = group, stream, now
        self._partial = b""
        self._waiting: list[dict[str, Any]] = []
        self._size = 0
        self._last = 0
        self.due: float | None = None
        if group not in self._backend.groups:
            self._backend.create_log_group(group, {})
        self._backend.create_log_stream(group, stream)

    def write(self, data: bytes) -> None:
        """Takes output as it comes."""
        *lines, self._partial = (self._partial + data).split(b"\n")
        self._last = max(self._last, int(self._now().timestamp() * 1000))
        for line in lines:
            self._add(line)
        if len(self._partial) > LONGEST_EVENT:
            self._add(self._partial)
            self._partial = b""
        if self._waiting and self.due is None:
            self.due = time.monotonic() + LATEST_SECONDS

    def _add(self, line: bytes) -> None:
        # CodeBuild's events keep the line feed; an empty message would be refused.
        self._waiting.append({"timestamp": self._last, "message": line.decode("utf-8", "replace") + "\n"})
        self._size += len(line) + 26
        if self._size > BATCH_BYTES or len(self._waiting) >= BATCH_EVENTS:
            self.flush()

    def flush(self) -> None:
        """Put what waits; while it cannot be stored, it waits longer."""
        if self._waiting:
            try:
                self._backend.put_log_events(self._group, self._stream, self._waiting)
            except NotStored as error:
                log.warning("%s lines of the log %s wait: %s", len(self._waiting), self._stream, error)
                self.due = time.monotonic() + RETRY_SECONDS
                return
        self._waiting, self._size, self.due = [], 0, None

    def flush_if_due(self) -> None:
        """Puts what has waited long enough."""
        if self.due is not None and time.monotonic() >= self.due:
            self.flush()

    def end(self) -> None:
        """Everything, also a last line without a line feed."""
        if self._partial:
            self.write(b"\n")
        self.flush()
