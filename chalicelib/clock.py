"""The present moment, from the machine's clock or, on the laptop, from one that can be moved."""

from __future__ import annotations

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
