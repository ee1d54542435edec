"""Comparing what is published with what should be: a plan first, which can be read, then its steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec


class Step(msgspec.Struct, frozen=True):
    """One thing to put right: publish a schedule again, or delete an entry that nobody owns."""

    kind: Literal["publish", "delete"]
    name: str
    why: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.why}"


Listed = Iterable[tuple[str, str | None, bool]]


def plan(wanted: Mapping[str, str], listed: Listed, targeted: frozenset[str] | None) -> list[Step]:
    """The steps from `listed` (name, expression if told, whether sound) to `wanted` (name to expression).

    `targeted` are the names that still call the tick function; None where that need not be asked.
    """
    published: list[Step] = []
    deleted: list[Step] = []
    seen: set[str] = set()
    for name, expression, sound in listed:
        seen.add(name)
        if name not in wanted:
            deleted.append(Step("delete", name, "nobody owns it"))
        elif why := _drift(wanted[name], expression, sound, targeted is None or name in targeted):
            published.append(Step("publish", name, why))
    missing = [Step("publish", name, "it is missing") for name in wanted if name not in seen]
    # What replaces something is there before that goes: no tick is lost between.
    return published + missing + deleted


def _drift(wanted: str, expression: str | None, sound: bool, has_target: bool) -> str | None:
    if not sound:
        return "it was disabled or changed"
    if expression is not None and expression != wanted:
        return f"it was changed to {expression}"
    return None if has_target else "its target was removed"
