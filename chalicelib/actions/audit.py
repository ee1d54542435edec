"""Writing down what a person changed, in the transaction that changes it."""

from __future__ import annotations

from chalicelib.call import Call
from chalicelib.domain import audit as rules
from chalicelib.domain.audit import Action, By, Entry, Source, Thing
from chalicelib.store import audit
from chalicelib.store.table import Write


def writes(call: Call, action: Action, old: Thing | None, new: Thing | None) -> list[Write]:
    """The rows that go along with a change from `old` to `new` (None: not there).

    None where nothing differs that a person has said, and where no person but the product itself calls.
    """
    thing = new if new is not None else old
    changes = rules.changes(old, new)
    if call.origin is None or thing is None or (old is not None and new is not None and not changes):
        return []
    entry = Entry(
        id=_id(call.new_id(), next(call.origin.order)),
        at=call.now,
        by=By(call.origin.token, call.by),
        source=Source(call.origin.address, call.origin.agent),
        action=action,
        subject=rules.subject(thing),
        changes=changes,
        request_id=call.origin.request_id,
    )
    return audit.put(entry, call.settings.audit_days)


def _id(new: str, order: int) -> str:
    """An id that sorts as ids do, by time, and by order within a request."""
    return f"{new[:10]}{order:05}{new[15:]}"
