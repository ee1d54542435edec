"""What is failing or running, stack-wide: an index in shards, by project, of the rows that are.

A row of an environment, of a run or of a job's last result is in it as long as it has the columns of `columns`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any

import msgspec

from chalicelib.domain.results import Reason, State
from chalicelib.store import table
from chalicelib.store.items import ByState, Item

SHARDS = 8
# So many rows of each shard does one page look at.
EXAMINED = 100
MOST_REASONS = 20
# Sorts before every character of an internal name, so that places sort as the names do.
_END, _PAST_END = "#", "$"


class Reasons(msgspec.Struct, frozen=True):
    """Why a project is in the list: the first reasons by environment and hostname, and whether there are more."""

    first: tuple[Reason, ...]
    more: bool


def columns(state: State, project: str, reason: Reason) -> dict[str, Any]:
    """Return the columns by which a row is in the index."""
    parts = (project, reason.environment, reason.hostname or "", reason.run or "")
    return {
        "state_shard": _shard(state, project),
        "state_place": _END.join(parts),
        "state_reason": msgspec.json.encode(reason).decode(),
    }


def page(state: State, limit: int, after: str) -> tuple[dict[str, Reasons], str | None]:
    """A page of the projects in a state, by internal name, after that of `after`; and the name to go on after.

    It is one Query of each shard: a project has all its rows in one, and the shards are merged by name.
    """
    condition = ByState.state_place >= after + _PAST_END if after else None
    slices = [
        table.page(f"{state}#{number}", limit=EXAMINED, condition=condition, index=Item.by_state)
        for number in range(SHARDS)
    ]
    # Beyond the last project of a shard that has more rows, that shard's next projects are not known yet.
    unfinished = [_project(part.items[-1]) for part in slices if part.next is not None and part.items]
    reasons = _by_project(item for part in slices for item in part.items)
    names = sorted(name for name in reasons if not unfinished or name <= min(unfinished))
    listed = names[:limit]
    goes_on = bool(unfinished) or len(names) > limit
    return (
        {name: _limited(reasons[name], name in unfinished) for name in listed},
        listed[-1] if goes_on and listed else None,
    )


def of_projects(state: State, names: Iterable[str]) -> dict[str, Reasons]:
    """Return those of the named projects that are in a state; one Query each."""
    found: dict[str, Reasons] = {}
    for name in names:
        condition = ByState.state_place.startswith(name + _END)
        part = table.page(_shard(state, name), limit=MOST_REASONS, condition=condition, index=Item.by_state)
        if part.items:
            found[name] = _limited(_by_project(part.items)[name], part.next is not None)
    return found


def _by_project(items: Iterable[Item]) -> dict[str, list[Reason]]:
    reasons: dict[str, list[Reason]] = {}
    for item in items:
        reasons.setdefault(_project(item), []).append(msgspec.json.decode(item.state_reason or "{}", type=Reason))
    return reasons


def _limited(reasons: list[Reason], more: bool) -> Reasons:
    return Reasons(tuple(reasons[:MOST_REASONS]), more or len(reasons) > MOST_REASONS)


def _project(item: Item) -> str:
    return (item.state_place or "").partition(_END)[0]


def _shard(state: State, project: str) -> str:
    return f"{state}#{zlib.crc32(project.encode()) % SHARDS}"
