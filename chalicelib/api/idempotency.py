"""Idempotency-Key: the same request sent again is one request, with one answer and one set of ids."""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.domain.problems import Conflict, Problem

KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=60)
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class Answer(Protocol):
    """What was answered to the first of several equal requests."""

    @property
    def status(self) -> int: ...
    @property
    def body(self) -> str: ...


class Claim(Protocol):
    """What is known of a key: `ours` is true for exactly one request at a time, which must go on and do it."""

    @property
    def ours(self) -> bool: ...
    @property
    def fingerprint(self) -> str: ...
    @property
    def began(self) -> datetime: ...
    @property
    def answer(self) -> Answer | None: ...


class Claims(Protocol):
    """Where claims are kept, for KEPT from `began`."""

    def begin(self, key: str, fingerprint: str, now: datetime) -> Claim:
        """Take the key or say who has it.

        Ours with `began` = now: no record, or an expired one, or one without an answer that was abandoned, or
        whose lease (LEASE since it was taken last) is over. In the last two cases, where the fingerprint is the
        same, `began` stays what it was. Else not ours: the record as it is.
        """
        ...

    def finish(self, key: str, status: int, body: str, now: datetime) -> None:
        """Keep the answer."""
        ...

    def abandon(self, key: str, now: datetime) -> None:
        """The request failed: the next one with this key may run at once."""
        ...


@dataclasses.dataclass(frozen=True)
class Attempt:
    """One request under a key: either it has been answered before, or it is done now with the ids of `new_id`."""

    key: str
    began: datetime
    new_id: Callable[[], str]
    answer: Answer | None


def begin(claims: Claims, key: str, token_id: str, fingerprint: str, now: datetime) -> Attempt:
    """Take `key` for this token; raises Conflict while another request has it."""
    name = digest(token_id, key)
    claim = claims.begin(name, fingerprint, now)
    if claim.fingerprint != fingerprint:
        raise Conflict("This Idempotency-Key was sent with another request within 24 hours; use a new one.")
    if not claim.ours and claim.answer is None:
        raise Conflict("The request with this Idempotency-Key is still in flight; ask again in a few seconds.")
    seed = digest(name, fingerprint, claim.began.isoformat())
    return Attempt(name, claim.began, ids(seed), claim.answer)


def digest(*parts: str) -> str:
    """One short name for several texts."""
    told = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()


def ids(seed: str | None = None) -> Callable[[], str]:
    """Makes ids of 26 letters and digits, any part of which is as good as random; from a seed, the same ones again."""
    secret = seed or secrets.token_hex(16)
    count = 0

    def new_id() -> str:
        nonlocal count
        count += 1
        value = int(digest(secret, str(count)), 16)
        return "".join(_ALPHABET[value >> 5 * place & 31] for place in range(26))

    return new_id


def failed(claims: Claims, attempt: Attempt, now: datetime, log: Callable[..., None]) -> None:
    """Give the key back; where even that fails, the lease does it."""
    try:
        claims.abandon(attempt.key, now)
    except Problem as problem:
        log("An idempotency key stays taken until its lease is over: %s", problem)
