"""Configured blocks, by environment and hostname; schedules also by their next tick that is not accounted for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from pynamodb.expressions.condition import Condition

from chalicelib.domain.configured_blocks import ConfiguredBlock, rule_key
from chalicelib.store import table
from chalicelib.store.items import ByDue, Item
from chalicelib.store.runs import shard
from chalicelib.store.table import Write

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
SHARDS = 8
PAGE = 250


def get(environment_uid: str, hostname: str) -> ConfiguredBlock | None:
    """The configured block under a hostname."""
    item = table.row(_pk(environment_uid), hostname)
    return decode(item) if item is not None else None


def all_of(environment_uid: str) -> list[ConfiguredBlock]:
    """All configured blocks of an environment (50 at most), by hostname."""
    return [decode(item) for item in table.page(_pk(environment_uid)).items]


def decode(item: Item) -> ConfiguredBlock:
    """The configured block in a row; the tick that is due moves on by itself, beside people's versions."""
    found = table.decode(item, ConfiguredBlock)
    return msgspec.structs.replace(found, next_due=_time(item.next_due))


def overdue(number: int, before: datetime) -> Iterator[ConfiguredBlock]:
    """The schedules of one shard with a tick before `before` that is not accounted for, a page at a time."""
    return of_shard(number, ByDue.next_due < _text(before))


def of_shard(number: int, condition: Condition | None = None) -> Iterator[ConfiguredBlock]:
    """The schedules of one shard: those whose key begins with one of `letters(number)`."""
    start: dict[str, Any] | None = None
    while True:
        found = table.page(f"due#{number}", condition=condition, limit=PAGE, start=start, index=Item.by_due)
        yield from map(decode, found.items)
        if found.next is None:
            return
        start = found.next


def letters(number: int) -> str:
    """The first letters of the keys in a shard, so that rules can be listed shard by shard by their names."""
    wide = len(ALPHABET) // SHARDS
    return ALPHABET[number * wide : (number + 1) * wide]


def create(configured: ConfiguredBlock) -> Write:
    """Put a new configured block."""
    return table.create(_pk(configured.environment_uid), configured.hostname, configured, **_columns(configured))


def replace(configured: ConfiguredBlock) -> Write:
    """Put the next version of a configured block."""
    return table.replace(_pk(configured.environment_uid), configured.hostname, configured, **_columns(configured))


def amend(configured: ConfiguredBlock) -> Write:
    """Put what the product itself notes of the present version (its rules); people's version stays as it is."""
    actions = [*table.same_version(configured), Item.check_shard.remove(), Item.check_at.remove()]
    return table.update(
        _pk(configured.environment_uid), configured.hostname, actions, Item.version == configured.version
    )


def postpone(configured: ConfiguredBlock, until: datetime) -> Write:
    """Put why the present version is not published yet; the watchdog tries again after `until`."""
    actions = table.same_version(configured)
    actions += [Item.check_shard.set(_pending_shard(configured)), Item.check_at.set(until.isoformat())]
    return table.update(
        _pk(configured.environment_uid), configured.hostname, actions, Item.version == configured.version
    )


def move_on(configured: ConfiguredBlock, following: datetime) -> Write:
    """The tick that was due is accounted for; `following` is the next. Condition: nobody has moved it meanwhile."""
    assert configured.next_due is not None
    due = Item.next_due == _text(configured.next_due)
    pk = _pk(configured.environment_uid)
    return table.update(pk, configured.hostname, [Item.next_due.set(_text(following))], due)


def delete(configured: ConfiguredBlock) -> Write:
    """Delete a configured block that has not changed since it was read."""
    return table.delete(_pk(configured.environment_uid), configured.hostname, Item.version == configured.version)


def _columns(configured: ConfiguredBlock) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if configured.next_due is not None:
        wide = len(ALPHABET) // SHARDS
        number = max(0, ALPHABET.find(rule_key(configured.uid)[0])) // wide
        columns |= {"due_shard": f"due#{number}", "next_due": _text(configured.next_due)}
    if configured.schedule_status == "pending":
        columns |= {"check_shard": _pending_shard(configured), "check_at": configured.updated_at.isoformat()}
    return columns


def _pending_shard(configured: ConfiguredBlock) -> str:
    return shard(configured.uid, "pending")


def _text(minute: datetime) -> str:
    return f"{minute:%Y-%m-%dT%H:%MZ}"


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _pk(environment_uid: str) -> str:
    return f"configured#{environment_uid}"
