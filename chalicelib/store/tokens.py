"""Tokens, by id; ids begin with the time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from chalicelib.domain.tokens import Token
from chalicelib.store import table
from chalicelib.store.items import Item
from chalicelib.store.table import Write

TOKENS = "tokens"


def get(token_id: str) -> Token | None:
    """The token of this id, read consistently: what is deleted is gone at once."""
    item = table.row(TOKENS, token_id)
    return _decoded(item) if item is not None else None


def page(limit: int, start: Mapping[str, Any] | None) -> tuple[list[Token], dict[str, Any] | None]:
    """A page of tokens, newest first."""
    found = table.page(TOKENS, limit=limit, start=start, newest_first=True)
    return [_decoded(item) for item in found.items], found.next


def create(token: Token) -> Write:
    """Put a new token."""
    return table.create(TOKENS, token.id, token)


def delete(token: Token) -> Write:
    """Delete a token; its condition is that it is still there."""
    return table.delete(TOKENS, token.id, Item.pk.exists())


def use(token_id: str, now: datetime, apart: timedelta) -> Write:
    """Note that a token is used; its condition is that it is there and nobody noted that within the time `apart`."""
    old = Item.used_at.does_not_exist() | (Item.used_at <= _text(now - apart))
    return table.update(TOKENS, token_id, [Item.used_at.set(_text(now))], Item.pk.exists() & old)


def _decoded(item: Item) -> Token:
    used = datetime.fromisoformat(item.used_at) if item.used_at else None
    return msgspec.structs.replace(table.decode(item, Token), last_used_at=used)


def _text(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
