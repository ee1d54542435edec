"""Idempotency-Key: the same request sent again is one request, with one answer and one set of ids."""

from __future__ import annotations

import dataclasses
import hashlib
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from chalicelib.domain.problems import Conflict

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
    def seed(self) -> str: ...
    @property
    def repeated(self) -> bool: ...
    @property
    def answer(self) -> Answer | None: ...


class Claims(Protocol):
    """Where claims are kept, for KEPT from `began`."""

    def begin(self, key: str, fingerprint: str, now: datetime, seed: str) -> Claim:
        """Take the key or say who has it.

        Ours with `began` = now: no record, or an expired one, or one without an answer that was abandoned, or
        whose lease (LEASE since it was taken last) is over. In the last two cases, where the fingerprint is the
        same, `began` and `seed` stay what they were and `repeated` is true. Else not ours: the record as it is.
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
    new_id: Callable[[], str]
    answer: Answer | None
    repeated_since: datetime | None


def begin(claims: Claims, key: str, token_id: str, fingerprint: str, now: datetime) -> Attempt:
    """Take `key` for this token; raises Conflict while another request has it."""
    name = digest(token_id, key)
    claim = claims.begin(name, fingerprint, now, new_seed())
    if claim.fingerprint != fingerprint:
        raise Conflict("This Idempotency-Key was sent with another request within 24 hours; use a new one.")
    if not claim.ours and claim.answer is None:
        raise Conflict("The request with this Idempotency-Key is still in flight; ask again in a few seconds.")
    return Attempt(name, ids(claim.seed), claim.answer, claim.began if claim.repeated else None)


def digest(*parts: str) -> str:
    """One short name for several texts."""
    told = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()


def new_seed() -> str:
    """Where ids come from: the machine's time, by which they sort even while a clock set by hand stands still."""
    return _base32(time.time_ns() // 1_000_000, 10) + secrets.token_hex(16)


def ids(seed: str | None = None) -> Callable[[], str]:
    """Makes ids of 26 letters and digits, ten for the seed's time and the rest random; from a seed, the same again."""
    secret = seed or new_seed()
    count = 0

    def new_id() -> str:
        nonlocal count
        count += 1
        return secret[:10] + _base32(int(digest(secret, str(count)), 16), 16)

    return new_id


def _base32(value: int, length: int) -> str:
    return "".join(_ALPHABET[value >> 5 * place & 31] for place in reversed(range(length)))


def failed(claims: Claims, attempt: Attempt, now: datetime, log: Callable[..., None]) -> None:
    """Give the key back; where even that fails, the lease does it."""
    try:
        claims.abandon(attempt.key, now)
    except Exception as error:  # what the request met matters more
        log("An idempotency key stays taken until its lease is over: %s", error)
