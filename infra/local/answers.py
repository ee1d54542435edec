"""Requests and answers of the laptop's gateway, and the problems it answers with itself."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Headers = Sequence[tuple[str, str]]


class Request(NamedTuple):
    """One HTTP request; `target` is path and query as they were sent, `headers` have lower-case names."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    """One HTTP answer."""

    status: int
    headers: Headers
    body: bytes


def json_answer(status: int, value: Any, kind: str = "application/json", headers: Headers = ()) -> Answer:
    """An answer holding `value`."""
    return Answer(status, [("Content-Type", kind), *headers], json.dumps(value).encode())


def problem(status: int, title: str, detail: str, headers: Headers = (), **more: Any) -> Answer:
    """An RFC 9457 problem."""
    value = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return json_answer(status, value, "application/problem+json", headers)
