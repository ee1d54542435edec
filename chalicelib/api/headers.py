"""What the headers of a request say, or why they can't be read."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chalicelib.domain.problems import Malformed, Unauthenticated, UnsupportedMediaType

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
_VERSION = re.compile(r'(?:W/)?"(0|[1-9][0-9]{0,14})"')
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def bearer(headers: Mapping[str, str]) -> str:
    """The token; raises Unauthenticated where there is none."""
    scheme, _, token = headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send a token: `Authorization: Bearer TOKEN`.")
    return token.strip()


ABSENT = 0  # the version before the first


def if_match(headers: Mapping[str, str]) -> int | None:
    """The version that the caller means to change: None for any, ABSENT (`If-None-Match: *`) for none yet."""
    if "if-none-match" in headers:
        return _absent(headers["if-none-match"].strip(), "if-match" in headers)
    text = headers.get("if-match", "*").strip()
    if text == "*":
        return None
    match = _VERSION.fullmatch(text)
    if match is None:
        raise Malformed('If-Match must be the ETag of an answer, such as "3" with its quotes, or *.')
    return int(match[1])


def _absent(text: str, if_match_too: bool) -> int:
    if text != "*" or if_match_too:
        raise Malformed("If-None-Match takes * only, and no If-Match beside it: it asks that there is none yet.")
    return ABSENT


def idempotency_key(headers: Mapping[str, str]) -> str | None:
    """The key that makes a repeated request one request."""
    key = headers.get("idempotency-key")
    if key is not None and not _KEY.fullmatch(key):
        raise Malformed("Idempotency-Key must be 1 to 255 visible ASCII characters, such as a UUID.")
    return key


def require_json(headers: Mapping[str, str], patch: bool) -> None:
    """Raises UnsupportedMediaType unless the body is said to be JSON in UTF-8."""
    kind, *parameters = (part.strip().lower() for part in headers.get("content-type", "").split(";"))
    charset = next((p.partition("=")[2].strip('"') for p in parameters if p.startswith("charset=")), "utf-8")
    if kind not in ((JSON, MERGE_PATCH) if patch else (JSON,)) or charset not in ("utf-8", "utf8", "us-ascii"):
        sent = headers.get("content-type")
        raise UnsupportedMediaType(f"Send `Content-Type: {JSON}`{f', not {sent!r}' if sent else ''}.")
