"""Secrets for private repositories and images: of a block, or of the stack for a host."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from chalicelib.actions import audit, missing, secrets
from chalicelib.call import Call
from chalicelib.domain.blocks import Block
from chalicelib.domain.credentials import TOKEN, Credentials, host_of, registry_of
from chalicelib.domain.problems import NotFound, Stale
from chalicelib.store import credentials
from chalicelib.store import secrets as stored_secrets
from chalicelib.store.table import Raced, commit


def put(call: Call, host: str, username: str | None, secret: str, if_match: int | None = None) -> Credentials:
    """Keep a secret for a host, instead of the one that is there; raises Stale where that is not version `if_match`."""
    present = credentials.get(host)
    if present is not None:
        missing.must_match(present, if_match)
    elif if_match:
        raise Stale(f"There are no credentials for {host}; leave If-Match out to add them")
    version = present.version if present else 0
    stamp = secrets.stamps(call, _owner(host), {TOKEN: secret})[TOKEN]
    new = Credentials(host=host, username=username, stamp=stamp, by=call.by, updated_at=call.now, version=version)
    stored = msgspec.structs.replace(new, version=version + 1)
    noted = audit.writes(call, "credentials.change" if present else "credentials.create", present, stored)
    try:
        commit(credentials.put(new), *secrets.write(call, _owner(host), {TOKEN: secret}, ()), *noted)
    except Raced:
        raise Stale(f"Somebody else changed the credentials for {host} just now") from None
    return stored


def delete(call: Call, host: str, if_match: int | None = None) -> None:
    """Forget the secret for a host; raises NotFound, or Stale where it is not version `if_match`."""
    present = credentials.get(host)
    if present is None:
        raise NotFound(f"There are no credentials for {host}")
    missing.must_match(present, if_match)
    try:
        noted = audit.writes(call, "credentials.delete", present, None)
        commit(credentials.delete(present), stored_secrets.delete(_owner(host)), *noted)
    except Raced:
        raise Stale(f"Somebody else changed the credentials for {host} just now") from None


def token(call: Call, block: Block) -> str | None:
    """The token for a block's repository: its own, else the stack's for that host. Decrypted: not for the API."""
    host = host_of(block.repository.url) if block.repository is not None else None
    if host is None:
        return None
    return _secret(call, block.uid) or _secret(call, _owner(host))


def tokens(call: Call, blocks: Iterable[Block]) -> dict[str, str]:
    """The tokens for the repositories of several blocks, by URL."""
    found: dict[str, str] = {}
    for block in blocks:
        if block.repository is not None and block.repository.url not in found and (own := token(call, block)):
            found[block.repository.url] = own
    return found


def registry(call: Call, image: str) -> dict[str, str] | None:
    """The login for an image's registry, `{"host", "username", "password"}`, if the stack has one."""
    host = registry_of(image)
    known = credentials.get(host)
    secret = _secret(call, _owner(host)) if known is not None else None
    if known is None or secret is None:
        return None
    return {"host": host, "username": known.username or "token", "password": secret}


def _secret(call: Call, owner: str) -> str | None:
    return secrets.read(call, owner, [TOKEN]).get(TOKEN)


def _owner(host: str) -> str:
    return f"host:{host}"
