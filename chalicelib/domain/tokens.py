"""Tokens: who may call the API, as what, in which projects and until when."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from chalicelib.domain import actors
from chalicelib.domain.names import check_line

Role = Literal["viewer", "deployer", "admin"]
MOST_PROJECTS = 50
CHANCES = 1 << 21
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ID = re.compile(r"[0-9a-z]{12}")
_SECRET = re.compile(r"kinto_([0-9a-z]{12})_[0-9A-Za-z_-]{43}")


def check_name(name: str) -> None:
    """Raise ValueError where `name` is not one line, or would pass for the product itself in the history."""
    check_line(name)
    if actors.is_actor(name):
        raise ValueError(f"must not be the name of a part of KintoBlocks ({', '.join(actors.ACTORS)}); choose another")


TokenName = Annotated[
    str,
    Meta(
        min_length=1, max_length=200, pattern=r"\S", description="1 to 200 characters", extra={"check": check_name}
    ),
]


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A token as it is stored: of its secret there is only a keyed hash.

    `projects` are those it is limited to, uids by internal name, so that it has no right to another project that gets
    the same name; None: all of them.
    """

    id: str
    name: str
    role: Role
    projects: Mapping[str, str] | None = None
    digest: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    last_used_at: datetime | None = None
    version: int = 0


def new_id(at: datetime, chance: int) -> str:
    """Twelve letters and digits that sort by the time, to the hundredth of a second; `chance` is below CHANCES."""
    number = int(at.timestamp() * 100) * CHANCES + chance
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(12)))


def text(token_id: str, secret: str) -> str:
    """What the person gets: a recognisable prefix, the id, the secret."""
    return f"kinto_{token_id}_{secret}"


def is_id(told: str) -> bool:
    """Whether this may be a token's id; a whole token is not said back to whoever sends it in its place."""
    return _ID.fullmatch(told) is not None


def id_in(told: str) -> str | None:
    """The id in a token's text; None where it is no token's text."""
    found = _SECRET.fullmatch(told)
    return found.group(1) if found else None


def digest(key: bytes, told: str) -> str:
    """The keyed hash that is stored: who can write to the table alone can't make a token."""
    return hmac.new(key, told.encode(), hashlib.sha256).hexdigest()


def is_of(token: Token, key: bytes, told: str) -> bool:
    """Whether the text is this token's; compared in constant time."""
    return hmac.compare_digest(token.digest, digest(key, told))


def is_over(token: Token, now: datetime) -> bool:
    """Whether the token has expired."""
    return token.expires_at is not None and token.expires_at <= now
