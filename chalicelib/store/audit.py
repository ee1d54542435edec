"""The audit: an entry is a row of its month, and one more of its project, of its block and of who it was.

Rows of the table itself and not of an index, so that each list is read consistently and is one Query for a page; a
month holds what the whole stack did, and a year is few months.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.audit import Entry
from chalicelib.store import cursors, table
from chalicelib.store.items import Item
from chalicelib.store.table import Write

Found = tuple[list[Entry], dict[str, Any] | None]


def put(entry: Entry, days: int) -> list[Write]:
    """The rows of one entry; they go with the change, and have no condition of their own."""
    about = entry.subject
    keys = [_month(entry.at), _by(entry.by.name), entry.by.id and _by(entry.by.id)]
    keys += [about.project and _project(about.project), about.block and _block(about.block)]
    expires = int((entry.at + timedelta(days=days)).timestamp())
    return [table.overwrite(key, _sort(entry), entry, expires=expires) for key in dict.fromkeys(filter(None, keys))]


def of_project(name: str, now: datetime, limit: int, start: Mapping[str, Any] | None) -> Found:
    """A page of what was changed in a project, newest first."""
    return _page(_project(name), now, limit, start)


def of_block(name: str, now: datetime, limit: int, start: Mapping[str, Any] | None) -> Found:
    """A page of what was changed of a block, wherever it is configured too, newest first."""
    return _page(_block(name), now, limit, start)


def of_person(name: str, now: datetime, limit: int, start: Mapping[str, Any] | None) -> Found:
    """A page of what was done with tokens of this name, or with the token of this id, newest first."""
    return _page(_by(name), now, limit, start)


def everywhere(now: datetime, days: int, limit: int, start: Mapping[str, Any] | None) -> Found:
    """A page of what was changed in the last `days`, newest first; a Query for each month that it touches."""
    month, last = _begin(start) or _month(now), _month(now - timedelta(days=days))
    found: list[Entry] = []
    start = start if start and "pk" in start else None
    while month >= last:
        more, after = _page(month, now, limit - len(found), start)
        found += more
        if after is not None:
            return found, after
        month, start = _before(month), None
        if len(found) >= limit:
            return found, {"month": month}
    return found, None


def _page(key: str, now: datetime, limit: int, start: Mapping[str, Any] | None) -> Found:
    live = Item.expires > int(now.timestamp())
    found = table.page(key, limit=limit, start=start, newest_first=True, filter=live)
    return [table.decode(item, Entry) for item in found.items], found.next


def _begin(start: Mapping[str, Any] | None) -> str | None:
    """The month to go on in; raises Invalid where the cursor names none."""
    if start is None:
        return None
    told = start.get("month", start.get("pk"))
    told = told.get("S") if isinstance(told, dict) else told
    if not isinstance(told, str) or not re.fullmatch(r"audit#\d{4}-\d{2}", told):
        raise cursors.invalid()
    return told


def _month(at: datetime) -> str:
    return f"audit#{at:%Y-%m}"


def _before(month: str) -> str:
    return _month(datetime.strptime(f"{month[-7:]}-01 +0000", "%Y-%m-%d %z") - timedelta(days=1))


def _project(name: str) -> str:
    return f"audit#project#{name}"


def _block(name: str) -> str:
    return f"audit#block#{name}"


def _by(name: str) -> str:
    return f"audit#by#{name}"


def _sort(entry: Entry) -> str:
    return f"{entry.at:%Y-%m-%dT%H:%M:%S.%fZ}#{entry.id}"
