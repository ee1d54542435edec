"""The overlap lock of a configured block: one row that names the run holding it, with a lease as the backstop."""

from __future__ import annotations

import contextlib
from datetime import datetime

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.store import table
from chalicelib.store.items import Item
from chalicelib.store.table import Raced, Write
from chalicelib.store.update import until_written

_ROW = "lock"


def holder(uid: str) -> str | None:
    """The id of the run that holds the lock."""
    found = table.row(_pk(uid), _ROW)
    return found.holder if found else None


def take(uid: str, run_id: str, now: datetime, until: datetime, instead_of: str | None = None) -> Write:
    """Take the lock if it is free, ours already, past its lease, or held by `instead_of` (a run known to be final)."""
    free = Item.holder.does_not_exist() | (Item.holder == run_id) | (Item.until < int(now.timestamp()))
    if instead_of is not None:
        free |= Item.holder == instead_of
    return table.update(_pk(uid), _ROW, [Item.holder.set(run_id), Item.until.set(int(until.timestamp()))], free)


def release(uid: str, run_id: str) -> str | None:
    """Give back the lock and the place in the queue, if this run has them; answers the run to be started now.

    Who waits gets the lock in the same write, so that nobody comes between; while another run holds it, it waits on.
    """
    return until_written(lambda: _released(uid, run_id))


def _released(uid: str, run_id: str) -> str | None:
    found = table.row(_pk(uid), _ROW)
    if found is not None and found.waiting == run_id:
        leave_queue(uid, run_id)
        found = table.row(_pk(uid), _ROW)
    if found is None:
        return None
    if found.holder != run_id:
        return None if found.holder else found.waiting
    held = Item.holder == run_id
    if not found.waiting:
        # A run that begins to wait at this moment starts by itself: it sees that the holder has ended.
        _drop(uid, Item.holder.remove(), held)
        return None
    handed_over = [Item.holder.set(found.waiting), Item.waiting.remove()]
    table.commit(table.update(_pk(uid), _ROW, handed_over, held & (Item.waiting == found.waiting)))
    return found.waiting


def leave_queue(uid: str, run_id: str) -> None:
    """Give up the place in the queue: the run that waited has begun."""
    _drop(uid, Item.waiting.remove(), Item.waiting == run_id)


def _drop(uid: str, action: Action, condition: Condition) -> None:
    with contextlib.suppress(Raced):
        table.commit(table.update(_pk(uid), _ROW, [action], condition))


def wait(uid: str, run_id: str, instead_of: str | None = None) -> Write:
    """Be the one run that waits, if none does (or only `instead_of`, known to be final)."""
    free = Item.waiting.does_not_exist() | (Item.waiting == run_id)
    if instead_of is not None:
        free |= Item.waiting == instead_of
    return table.update(_pk(uid), _ROW, [Item.waiting.set(run_id)], free)


def waiting(uid: str) -> str | None:
    """The id of the run that waits."""
    found = table.row(_pk(uid), _ROW)
    return found.waiting if found else None


def forget(uid: str) -> Write:
    """Delete the row, with the configured block."""
    return Write("delete", Item(_pk(uid), _ROW))


def _pk(uid: str) -> str:
    return f"lock#{uid}"
