"""Cursors of lists: the key to continue a Query from, which has been in people's hands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.problems import FieldError, Invalid
from chalicelib.store.items import Index

INDEX_KEYS = {
    "by_status": ("status_key", "sk"),
    "by_environment": ("environment_key", "at"),
    "by_check": ("check_shard", "check_at"),
    "by_due": ("due_shard", "next_due"),
    "by_state": ("state_shard", "state_place"),
}


def check(pk: str, start: Mapping[str, Any] | None, index: Index | None) -> None:
    """Raise Invalid unless `start` is a key of this partition: DynamoDB refuses only some of the others."""
    if start is None:
        return
    partition, sort = INDEX_KEYS[index.Meta.index_name] if index is not None else ("pk", "sk")
    texts = [value.get("S") if isinstance(value, dict) and len(value) == 1 else None for value in start.values()]
    if start.keys() != {"pk", "sk", partition, sort} or not all(text and isinstance(text, str) for text in texts):
        raise invalid()
    if start[partition] != {"S": pk}:
        raise invalid()


def after(raw: Mapping[str, Any], index: Index | None) -> dict[str, Any]:
    """Return the key to continue after a row, as a Query that ended there would have returned it."""
    names = INDEX_KEYS[index.Meta.index_name] if index is not None else ()
    return {name: raw[name] for name in ("pk", "sk", *names)}


def invalid() -> Invalid:
    """Return the error for a cursor that does not belong to the list."""
    return Invalid([FieldError("cursor", "not a cursor of ours; leave it out for the first page")])
