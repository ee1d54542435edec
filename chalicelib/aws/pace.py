"""Keeping to the rate that AWS allows."""

from __future__ import annotations

import time


class Pace:
    """At most so many a second; the first one waits for nothing."""

    def __init__(self, per_second: float) -> None:
        self._gap = 1 / per_second
        self._next = 0.0

    def wait(self, count: int = 1) -> None:
        """Return when the next may go, which are `count`."""
        moment = time.monotonic()
        if moment < self._next:
            time.sleep(self._next - moment)
        self._next = max(moment, self._next) + self._gap * count
