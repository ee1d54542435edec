"""Ciphertexts: one row for a block, a configured block or a host, each value in the pieces that KMS made."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from chalicelib.store import table
from chalicelib.store.items import Item
from chalicelib.store.table import Write

_ROW = "secrets"

Ciphertext = tuple[str, ...]


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """The encrypted values of one owner by name, each piece base64."""

    values: dict[str, Ciphertext]
    version: int = 0


def get(owner: str) -> dict[str, Ciphertext]:
    """What is stored for an owner (a block's or configured block's uid, a host)."""
    found = table.get(_pk(owner), _ROW, Secrets)
    return found.values if found is not None else {}


def put(owner: str, values: Mapping[str, Ciphertext]) -> Write:
    """Store in place of whatever is there; the owner's own condition, in the same transaction, guards it."""
    if not values:
        return delete(owner)
    return table.overwrite(_pk(owner), _ROW, Secrets(values=dict(values)))


def delete(owner: str) -> Write:
    """Forget them."""
    return Write("delete", Item(_pk(owner), _ROW))


def _pk(owner: str) -> str:
    return f"secrets#{owner}"
