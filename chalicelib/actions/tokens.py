"""Making tokens."""

from __future__ import annotations

import secrets

import msgspec

from chalicelib.call import Call
from chalicelib.domain import tokens as rules
from chalicelib.domain.tokens import Role, Token
from chalicelib.store import tokens
from chalicelib.store.table import commit


def mint(call: Call, name: str, role: str) -> tuple[Token, str]:
    """A new token and its text, which nobody can tell again."""
    token_id = secrets.token_hex(6)
    told = rules.text(token_id, secrets.token_urlsafe(32))
    token = Token(
        id=token_id,
        name=name,
        role=msgspec.convert(role, Role),
        digest=rules.digest(told),
        created_at=call.now,
    )
    commit(tokens.create(token))
    return token, told
