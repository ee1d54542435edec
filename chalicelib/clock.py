"""The present moment, from the machine's clock or, on the laptop, from one that can be moved."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime


def _machine() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _machine


def now() -> datetime:
    """The present moment, aware, UTC."""
    return _source()


def use_clock(source: Callable[[], datetime]) -> None:
    """Take the time from `source` from now on."""
    global _source
    _source = source


def stopwatch() -> Callable[[], float]:
    """Tells the milliseconds since it was asked for, wherever the clock was moved meanwhile."""
    began = time.perf_counter()
    return lambda: round((time.perf_counter() - began) * 1000, 3)
