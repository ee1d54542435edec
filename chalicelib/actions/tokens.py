"""Making, finding and revoking tokens."""

from __future__ import annotations

import dataclasses
import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from chalicelib.actions import audit
from chalicelib.aws import keys
from chalicelib.call import Call, Origin
from chalicelib.domain import tokens as rules
from chalicelib.domain.actors import OPERATOR
from chalicelib.domain.problems import FieldError, Invalid, NotFound
from chalicelib.domain.tokens import Role, Token, TokenName
from chalicelib.store import tokens
from chalicelib.store.table import Raced, commit
from chalicelib.store.update import until_written

log = logging.getLogger(__name__)

# KMS derives the key of the hash, once in a process. A MAC by KMS itself would be a call in every request; a secret in
# Secrets Manager could be read out; a data key of ours would need the right to decrypt. This one can't be looked up in
# the table, the settings or the template, and who has the right to it can do nothing else with KMS's key.
PURPOSE = "kintoblocks tokens 1"
NOTED_APART = timedelta(minutes=1)


def find(key: str, told: str, now: datetime) -> Token | None:
    """The token whose text this is; None where there is none, or where it has expired. `key` names KMS's key."""
    token_id = rules.id_in(told)
    found = tokens.get(token_id) if token_id else None
    if found is None or rules.is_over(found, now) or not rules.is_of(found, keys.derived(key, PURPOSE), told):
        return None
    if found.last_used_at is None or found.last_used_at <= now - NOTED_APART:
        _note_use(found, now)
    return found


def _note_use(token: Token, now: datetime) -> None:
    try:
        commit(tokens.use(token.id, now, NOTED_APART))
    except Raced:
        return
    except Exception as error:  # what is only noted must not fail the request
        log.warning("the use of token %s is not noted: %s", token.id, error)


def create(
    call: Call, *, name: str, role: Role, projects: Mapping[str, str] | None, expires_at: datetime | None
) -> tuple[Token, str]:
    """A new token and its text, which nobody can tell again."""

    def attempt() -> tuple[Token, str]:
        token_id = rules.new_id(call.now, secrets.randbelow(rules.CHANCES))
        told = rules.text(token_id, secrets.token_urlsafe(32))
        token = Token(
            id=token_id,
            name=name,
            role=role,
            projects=projects,
            digest=rules.digest(keys.derived(call.settings.token_key, PURPOSE), told),
            created_at=call.now,
            created_by=call.by,
            expires_at=expires_at,
        )
        commit(tokens.create(token), *audit.writes(call, "token.create", None, token))
        return token, told

    return until_written(attempt)


def mint(call: Call, name: str, role: str, request_id: str | None) -> tuple[Token, str]:
    """A new token of all projects for the operator, who has none; raises msgspec.ValidationError or Invalid.

    `operator`, the name it has unless another is given, is the operator's alone.
    """
    call = dataclasses.replace(call, origin=Origin(None, None, None, request_id))
    called = msgspec.convert(name, TokenName)
    if called != OPERATOR:
        _check_name(called)
    return create(call, name=called, role=msgspec.convert(role, Role), projects=None, expires_at=None)


def _check_name(name: str) -> None:
    try:
        rules.check_name(name)
    except ValueError as error:
        raise Invalid([FieldError("name", str(error))]) from None


def revoke(call: Call, token_id: str) -> None:
    """Delete a token: the next request with it is refused. Raises NotFound."""
    found = tokens.get(token_id)
    if found is None:
        told = token_id if rules.is_id(token_id) else "of this id: write what follows kinto_, up to the next _"
        raise NotFound(f"There is no token {told}")
    try:
        commit(tokens.delete(found), *audit.writes(call, "token.delete", found, None))
    except Raced:
        raise NotFound(f"There is no token {token_id} any more") from None
