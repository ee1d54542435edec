"""Ciphertexts of masked variables: one row for a block or a configured block, in pieces that KMS made."""

from __future__ import annotations

import msgspec

from chalicelib.store import table
from chalicelib.store.items import Item
from chalicelib.store.table import Write

_ROW = "secrets"


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """The masked values of one owner, encrypted under its uid, each piece base64."""

    pieces: tuple[str, ...]
    version: int = 0


def get(owner_uid: str) -> Secrets | None:
    """What is stored for a block's or configured block's uid."""
    return table.get(_pk(owner_uid), _ROW, Secrets)


def put(owner_uid: str, pieces: tuple[str, ...]) -> Write:
    """Store in place of whatever is there; the owner's own condition, in the same transaction, guards it."""
    return table.overwrite(_pk(owner_uid), _ROW, Secrets(pieces=pieces))


def delete(owner_uid: str) -> Write:
    """Forget them."""
    return Write("delete", Item(_pk(owner_uid), _ROW))


def _pk(owner_uid: str) -> str:
    return f"secrets#{owner_uid}"
