"""Bounded retries with jittered back-off, for writes that lose to other writers."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from chalicelib.domain.problems import Unavailable

FIRST_SECONDS, LONGEST_SECONDS = 0.02, 0.5
BUSY = "Too many writers change this at once; ask again in a few seconds."

T = TypeVar("T")


def retried(attempt: Callable[[], T], error: type[Exception], attempts: int) -> T:
    """Return what `attempt` returns; call it again after each `error`, at most `attempts` times in all.

    The waits grow from 20 ms to half a second and are drawn at random, so that writers who met do not meet again.
    Raises Unavailable after the last attempt.
    """
    for number in range(attempts):
        try:
            return attempt()
        except error:
            if number + 1 == attempts:
                raise Unavailable(BUSY) from None
        time.sleep(random.uniform(0, min(LONGEST_SECONDS, FIRST_SECONDS * 2**number)))
    raise AssertionError("unreachable")
