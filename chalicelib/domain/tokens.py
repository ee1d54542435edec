"""Tokens: who may call the API, and as what."""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime
from typing import Literal

import msgspec

Role = Literal["viewer", "deployer", "admin"]
_SECRET = re.compile(r"kinto_([0-9a-z]{12})_([0-9A-Za-z_-]{43})")


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it is stored: of its secret there is only a hash."""

    id: str
    name: str
    role: Role
    digest: str
    created_at: datetime
    version: int = 0


def text(token_id: str, secret: str) -> str:
    """What the person gets: a recognisable prefix, the id, the secret."""
    return f"kinto_{token_id}_{secret}"


def id_in(told: str) -> str | None:
    """The id in a token's text; None where it is no token's text."""
    found = _SECRET.fullmatch(told)
    return found.group(1) if found else None


def digest(told: str) -> str:
    """The hash that is stored. The secret has 256 random bits: no salt or stretching makes it harder to find."""
    return hashlib.sha256(told.encode()).hexdigest()


def is_of(token: Token, told: str) -> bool:
    """Whether the text is this token's; compared in constant time."""
    return hmac.compare_digest(token.digest, digest(told))
