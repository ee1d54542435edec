"""Claims of Idempotency-Keys: who has a key, and what was answered."""

from __future__ import annotations

import contextlib
from datetime import datetime, timedelta

import msgspec

from chalicelib.store import table
from chalicelib.store.table import Raced, commit
from chalicelib.store.update import until_written

KEPT = timedelta(hours=24)
LEASE = timedelta(seconds=60)
_ROW = "claim"
# A row has 400 kB. What is longer is made again: a request that is repeated finds what it began by the same ids.
MOST_ANSWER = 300_000


class Answer(msgspec.Struct, frozen=True):
    """What was answered."""

    status: int
    body: str


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """A key's record; `until` is the end of the lease of whoever works on it."""

    fingerprint: str
    began: datetime
    seed: str
    until: datetime
    answer: Answer | None = None
    ours: bool = False
    repeated: bool = False
    version: int = 0


def begin(key: str, fingerprint: str, now: datetime, seed: str) -> Claim:
    """Take the key or say who has it; see chalicelib.api.idempotency.Claims."""

    def attempt() -> Claim:
        present = table.get(_pk(key), _ROW, Claim)
        if present is not None and not _is_free(present, now):
            return present
        mine = Claim(fingerprint=fingerprint, began=now, seed=seed, until=now + LEASE)
        if present is not None:
            mine = msgspec.structs.replace(mine, version=present.version)
            if present.fingerprint == fingerprint and present.began + KEPT > now:
                mine = msgspec.structs.replace(mine, began=present.began, seed=present.seed, repeated=True)
        try:
            commit(_write(key, mine))
        except Raced:
            raise
        except Exception:
            _give_back(key, mine)
            raise
        return msgspec.structs.replace(mine, ours=True, version=mine.version + 1)

    return until_written(attempt)


def _give_back(key: str, mine: Claim) -> None:
    """The claim may be there although its answer was lost; nobody works on it, so that it needs no lease."""
    with contextlib.suppress(Exception):  # the lease ends by itself, too
        present = table.get(_pk(key), _ROW, Claim)
        if present is not None and present.seed == mine.seed and present.answer is None:
            commit(_write(key, msgspec.structs.replace(present, until=mine.until - LEASE)))


def _is_free(present: Claim, now: datetime) -> bool:
    return present.began + KEPT <= now or (present.answer is None and present.until <= now)


def finish(key: str, status: int, body: str, now: datetime) -> None:
    """Keep the answer, unless it is too long: then the next request with this key is done again, with the same ids."""
    _amend(key, now, Answer(status, body) if len(body.encode()) <= MOST_ANSWER else None)


def abandon(key: str, now: datetime) -> None:
    """The next request with this key may run at once."""
    _amend(key, now, None)


def _amend(key: str, now: datetime, answer: Answer | None) -> None:
    present = table.get(_pk(key), _ROW, Claim)
    if present is None or present.answer is not None:
        return
    try:
        commit(_write(key, msgspec.structs.replace(present, until=now, answer=answer)))
    except Raced:
        return


def _write(key: str, claim: Claim) -> table.Write:
    expires = int((claim.began + KEPT).timestamp())
    if claim.version == 0:
        return table.create(_pk(key), _ROW, claim, expires=expires)
    return table.replace(_pk(key), _ROW, claim, expires=expires)


def _pk(key: str) -> str:
    return f"claim#{key}"


