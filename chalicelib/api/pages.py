"""Pages of lists: how many, from where, and the opaque cursor that says so."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from msgspec import Meta

from chalicelib.domain.problems import FieldError, Invalid

MOST = 100
USUAL = 25
LONGEST_CURSOR = 2048

Limit = Annotated[int, Meta(ge=1, le=MOST, description=f"How many items a page may have; {USUAL} if not said.")]
Cursor = Annotated[
    str, Meta(max_length=LONGEST_CURSOR, description="`next` of the page before; without it, the first page.")
]

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page; `next` is the cursor of the following one, null on the last. It may be empty and not the last."""

    items: list[T]
    next: str | None = None


def encode(after: Mapping[str, Any] | None, of_list: str) -> str | None:
    """The cursor of what follows `after` (a few JSON values) in one list; None where nothing follows."""
    if after is None:
        return None
    told = msgspec.json.encode(after)
    return (
        base64.urlsafe_b64encode(b"[%b,%b]" % (msgspec.json.encode(_stamp(told, of_list)), told)).decode().rstrip("=")
    )


class _Mark(msgspec.Struct, frozen=True, array_like=True):
    stamp: str
    after: msgspec.Raw


def decode(cursor: str | None, of_list: str) -> dict[str, Any] | None:
    """What `encode` was given for the same list; raises Invalid for any other text.

    The stamp tells mistakes, not forgers: who reads this can make a cursor with any `after`.
    """
    if cursor is None:
        return None
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise ValueError("longer than any of ours")
        padded = cursor + "=" * (-len(cursor) % 4)
        mark = msgspec.json.decode(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True), type=_Mark)
        after = msgspec.json.decode(mark.after, type=dict[str, Any])
    except (ValueError, RecursionError) as error:
        raise _bad("is not a cursor of ours") from error
    if mark.stamp != _stamp(bytes(mark.after), of_list):
        raise _bad("belongs to another list or filter")
    return after


def _stamp(told: bytes, of_list: str) -> str:
    return hashlib.sha256(told + of_list.encode("utf-8", "backslashreplace")).hexdigest()[:12]


def _bad(why: str) -> Invalid:
    return Invalid([FieldError("cursor", f"{why}: write `next` of the page before, or leave it out for the first")])
