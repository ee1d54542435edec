"""One call into the product: who asks, when, and the ids and settings it may use."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import datetime

from chalicelib.settings import Settings


@dataclasses.dataclass(frozen=True)
class Call:
    """What every action gets: `now` is aware UTC, `by` the token's name or the event's source."""

    now: datetime
    by: str
    role: str
    settings: Settings
    new_id: Callable[[], str]
