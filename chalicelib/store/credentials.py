"""Credentials of the stack, by host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.credentials import Credentials
from chalicelib.store import table
from chalicelib.store.items import Item
from chalicelib.store.table import Write

CREDENTIALS = "credentials"


def get(host: str) -> Credentials | None:
    """The credentials for a host."""
    return table.get(CREDENTIALS, host, Credentials)


def page(limit: int, start: Mapping[str, Any] | None) -> tuple[list[Credentials], dict[str, Any] | None]:
    """A page of credentials, by host."""
    found = table.page(CREDENTIALS, limit=limit, start=start)
    return [table.decode(item, Credentials) for item in found.items], found.next


def put(credentials: Credentials) -> Write:
    """Put new credentials, or the next version."""
    if credentials.version == 0:
        return table.create(CREDENTIALS, credentials.host, credentials)
    return table.replace(CREDENTIALS, credentials.host, credentials)


def delete(credentials: Credentials) -> Write:
    """Delete credentials that have not changed since they were read."""
    return table.delete(CREDENTIALS, credentials.host, Item.version == credentials.version)
