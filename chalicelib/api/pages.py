"""Pages of lists: how many, from where, and the opaque cursor that says so."""

from __future__ import annotations

import base64
import binascii
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
Cursor = Annotated[str, Meta(description="`next` of the page before; without it, the first page.")]

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page; `next` is the cursor of the following one, null on the last. It may be empty and not the last."""

    items: list[T]
    next: str | None = None


class _Mark(msgspec.Struct, frozen=True, array_like=True):
    list_: str
    after: dict[str, Any]


def encode(after: Mapping[str, Any] | None, of_list: str) -> str | None:
    """The cursor of what follows `after` (a few JSON values) in one list; None where nothing follows."""
    if after is None:
        return None
    return base64.urlsafe_b64encode(msgspec.json.encode(_Mark(_stamp(of_list), dict(after)))).decode().rstrip("=")


def decode(cursor: str | None, of_list: str) -> dict[str, Any] | None:
    """What `encode` was given for the same list; raises Invalid for any other text."""
    if cursor is None:
        return None
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise ValueError("longer than any of ours")
        padded = cursor + "=" * (-len(cursor) % 4)
        mark = msgspec.json.decode(base64.b64decode(padded.encode("ascii"), altchars=b"-_", validate=True), type=_Mark)
    except (ValueError, RecursionError, binascii.Error, msgspec.MsgspecError) as error:
        raise _bad("is not a cursor of ours") from error
    if mark.list_ != _stamp(of_list):
        raise _bad("belongs to another list or filter")
    return mark.after


def _stamp(of_list: str) -> str:
    return hashlib.sha256(of_list.encode("utf-8", "backslashreplace")).hexdigest()[:8]


def _bad(why: str) -> Invalid:
    return Invalid([FieldError("cursor", f"{why}: write `next` of the page before, or leave it out for the first")])
