"""Query parameters: those a call knows, each checked against its type, every wrong one told at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import inspect as types

from chalicelib.api import expected, fields
from chalicelib.domain.problems import FieldError, Invalid


def read(known: Mapping[str, Any], sent: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The parameters that were sent, as their types have them; raises Invalid."""
    errors: list[FieldError] = []
    result: dict[str, Any] = {}
    for name, values in sent.items():
        try:
            result[name] = _one(known, name, values)
        except Invalid as invalid:
            errors += invalid.errors
    if errors:
        raise Invalid(errors)
    return result


def _one(known: Mapping[str, Any], name: str, values: Sequence[str]) -> Any:
    path = expected.json_name(name)
    if name not in known:
        raise Invalid([FieldError(path, expected.unknown(name, list(known), "parameter"))])
    if len(values) != 1:
        raise Invalid([FieldError(path, f"is there {len(values)} times: write it once")])
    return fields.checked(known[name], _parsed(known[name], values[0]), path=path)


def _parsed(kind: Any, text: str) -> Any:
    plain, _ = expected.unwrapped(fields.of(kind))
    if isinstance(plain, types.IntType) and re.fullmatch("-?[0-9]{1,15}", text):
        return int(text)
    if isinstance(plain, types.BoolType) and text in ("true", "false"):
        return text == "true"
    return text
