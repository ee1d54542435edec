"""One call into the product: who asks, when, and the ids and settings it may use."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from chalicelib.settings import Settings


@dataclasses.dataclass(frozen=True)
class Origin:
    """Whose request it is and where it came from, as the audit tells it; `order` counts its entries."""

    token: str | None
    address: str | None
    agent: str | None
    request_id: str | None
    order: Iterator[int] = dataclasses.field(default_factory=itertools.count, compare=False)


@dataclasses.dataclass(frozen=True)
class Call:
    """What every action gets: `now` is aware UTC, `by` the token's name or the event's source.

    `projects` are those that the token is limited to, uids by internal name; None: all. `origin` is None where the
    product itself calls. `repeated_since` is when the same request, by its Idempotency-Key, was begun first, if it was
    begun before and not answered: `new_id` makes the same ids again, by which is found what that attempt has done.
    """

    now: datetime
    by: str
    role: str
    settings: Settings
    new_id: Callable[[], str]
    projects: Mapping[str, str] | None = None
    origin: Origin | None = None
    repeated_since: datetime | None = None

    @property
    def repeated(self) -> bool:
        """Whether an earlier attempt at this request may have done its work."""
        return self.repeated_since is not None
