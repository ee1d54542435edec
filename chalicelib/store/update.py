"""The one write path: load, change, save with follow-up writes; again while another writer comes first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar, cast

import msgspec

from chalicelib.store.retries import retried
from chalicelib.store.table import Entity, Raced, Write, commit

# Sixty writers of one row at once all get through, within the time that a request has.
ATTEMPTS = 40

T = TypeVar("T")
E = TypeVar("E", bound=Entity)


def until_written(attempt: Callable[[], T]) -> T:
    """Return what `attempt` returns; call it again when its commit loses to another writer.

    `attempt` loads all it writes, so that each call starts from the present state. Raises Unavailable after ATTEMPTS.
    """
    return retried(attempt, Raced, ATTEMPTS)


def next_version(entity: E) -> E:
    """Return the entity as it is stored after it was saved."""
    stored: Any = entity
    return cast(E, msgspec.structs.replace(stored, version=entity.version + 1))


def update(
    load: Callable[[], E | None],
    change: Callable[[E], E | None],
    save: Callable[[E], Write],
    also: Callable[[E, E], Sequence[Write]] = lambda old, new: (),
    then: Callable[[E], None] = lambda new: None,
) -> E | None:
    """Return the entity after `change`, or as it is where `change` returns None or the same; None if there is none.

    `also` makes the writes that must happen in the same transaction, from the old entity and the new one. `then` is
    called with the new entity once this very call has written it.
    """

    def attempt() -> E | None:
        present = load()
        if present is None:
            return None
        new = change(present)
        if new is None or new == present:
            return present
        commit(save(new), *also(present, new))
        then(new)
        return next_version(new)

    return until_written(attempt)
