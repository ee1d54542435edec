"""Request bodies: bytes to a Struct, or every reason why not."""

from __future__ import annotations

import contextlib
import json
import re
from collections import Counter
from typing import Any, TypeVar

import msgspec

from chalicelib.api import expected, fields
from chalicelib.domain.problems import FieldError, Invalid, Malformed, TooLarge

MOST_BYTES = 1_000_000
MOST_DEPTH = 32
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s"\[\]{},:]+')
_PLACE = re.compile(r"^(.*?)(?: - at `(?:key in )?\$\.?(.*)`)?$", re.DOTALL)

T = TypeVar("T")


def decode(kind: type[T], raw: bytes) -> T:
    """`raw` as a `kind`; raises Malformed where it is not a JSON object, Invalid with every wrong field."""
    return build(kind, parse(raw))


def build(kind: type[T], told: dict[str, Any]) -> T:
    """A parsed body as a `kind`; raises Invalid with every wrong field."""
    value = fields.checked(kind, told)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise Invalid([_rejection(str(error))]) from error


def right(kind: type[Any], raw: bytes, partial: bool = False) -> dict[str, Any]:
    """The fields of a `kind` that are right by themselves; without `partial`, the defaults of those left out too."""
    told = parse(raw if raw.strip() else b"{}")
    result: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name in told:
            with contextlib.suppress(Invalid, msgspec.ValidationError):
                value = fields.checked(field.type, told[field.encode_name])
                result[field.name] = msgspec.convert(value, field.type)
        elif not (field.required or partial):
            result[field.name] = field.default
    return result


def parse(raw: bytes) -> dict[str, Any]:
    """The JSON object in `raw`, read strictly: UTF-8, no name twice, no NaN, no endless nesting."""
    if len(raw) > MOST_BYTES:
        raise TooLarge(f"The body has {len(raw)} bytes; the most is {MOST_BYTES}.")
    value = _json(_text(raw))
    if not isinstance(value, dict):
        raise Malformed(f"The body must be a JSON object, not {expected.kind_of(value)}.")
    if _deeper_than(MOST_DEPTH, value):
        raise Malformed(f"The body is nested more than {MOST_DEPTH} levels deep.")
    return value


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"The body is not UTF-8: byte {error.start + 1} begins no character.") from error


def _json(text: str) -> Any:
    if not text.strip():
        raise Malformed("The body is empty; send a JSON object.")
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Malformed(f"The body is not JSON: {error.msg} ({where}).") from error
    except _NotANumber as error:
        raise Malformed(f"The body is not JSON: {error} is no number ({_place(text, str(error))}).") from error
    except RecursionError as error:
        raise Malformed(f"The body is nested more than {MOST_DEPTH} levels deep.") from error
    except ValueError as error:
        raise Malformed("The body has a number with too many digits.") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise Malformed(f"The body names {expected.shown(twice)} twice in one object; keep one of them.")
    return result


class _NotANumber(Exception):
    """A literal that JSON has no number for."""


def _constant(literal: str) -> float:
    raise _NotANumber(literal)


def _float(literal: str) -> float:
    value = float(literal)
    if value in (float("inf"), float("-inf")):
        raise _NotANumber(literal)
    return value


def _place(text: str, literal: str) -> str:
    start = next((m.start() for m in _TOKEN.finditer(text) if m[0] == literal), 0)
    return f"line {text.count(chr(10), 0, start) + 1}, column {start - text.rfind(chr(10), 0, start)}"


def _deeper_than(most: int, value: Any) -> bool:
    level = [value]
    for _ in range(most):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _rejection(message: str) -> FieldError:
    """What a type's own rule says: msgspec's sentence and place in our form."""
    match = _PLACE.match(message)
    text, place = match.groups() if match else (message, None)
    return FieldError(place or "", text or message)
