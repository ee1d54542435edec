"""Tokens, by id."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain import tokens
from chalicelib.domain.tokens import Token
from chalicelib.store import table
from chalicelib.store.table import Write

TOKENS = "tokens"


def find(told: str, now: datetime) -> Token | None:
    """The token whose text this is; None where there is none."""
    token_id = tokens.id_in(told)
    found = table.get(TOKENS, token_id, Token) if token_id else None
    return found if found is not None and tokens.is_of(found, told) else None


def create(token: Token) -> Write:
    """Put a new token."""
    return table.create(TOKENS, token.id, token)
