"""The sentences about fields: what a type expects, and what to write instead of what was sent."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import inspect as types

_LONGEST_SHOWN = 60
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_LISTS = (types.ListType, types.VarTupleType, types.SetType, types.FrozenSetType)
_NOUNS: tuple[tuple[Any, str], ...] = (
    (types.StrType, "a string"),
    (types.IntType, "a whole number"),
    (types.FloatType, "a number"),
    (types.BoolType, "true or false"),
    (types.DateTimeType, 'a time such as "2026-11-22T08:00:00Z"'),
    (_LISTS, "a list"),
    (types.DictType, "an object"),
    (types.StructType, "an object"),
)
_KINDS: tuple[tuple[Any, tuple[type, ...]], ...] = (
    ((types.StrType, types.DateTimeType), (str,)),
    (types.IntType, (int,)),
    (types.FloatType, (int, float)),
    (_LISTS, (list,)),
    ((types.DictType, types.StructType), (dict,)),
)


def unwrapped(kind: types.Type) -> tuple[types.Type, Mapping[str, Any]]:
    """A type without its msgspec.Meta, and what that says for people (description, examples, check)."""
    notes: dict[str, Any] = {}
    while isinstance(kind, types.Metadata):
        notes = {**(kind.extra_json_schema or {}), **(kind.extra or {}), **notes}
        kind = kind.type
    return kind, notes


def members(kind: types.UnionType) -> list[types.Type]:
    """The types of a union but null."""
    return [member for member in kind.types if not isinstance(member, types.NoneType)]


def fits(kind: types.Type, value: Any) -> bool:
    """Whether `value` is of the sort of JSON that `kind` is written in."""
    kind, _ = unwrapped(kind)
    if isinstance(kind, types.LiteralType):
        return value in kind.values
    if isinstance(value, bool) or isinstance(kind, types.BoolType):
        return isinstance(value, bool) and isinstance(kind, types.BoolType)
    return any(isinstance(kind, one) and isinstance(value, accepted) for one, accepted in _KINDS)


def kind_of(value: Any) -> str:
    """What somebody sent, in words."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, str):
        return "a string"
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list) else "an object"


def shown(value: Any) -> str:
    """A value as JSON, plain ASCII and short."""
    text = json.dumps(value)
    return text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "..."


def json_name(name: str) -> str:
    """A field's name as a part of a path."""
    return name if _PLAIN_NAME.fullmatch(name) else f"[{shown(name)}]"


def options(values: Sequence[Any]) -> str:
    """`"a", "b" or "c"`."""
    told = [shown(value) for value in values]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} or {told[-1]}"


def noun(kind: types.Type) -> str:
    """The sort of value that a type is."""
    kind, _ = unwrapped(kind)
    if isinstance(kind, types.LiteralType):
        return options(kind.values)
    if isinstance(kind, types.UnionType):
        return " or ".join(dict.fromkeys(noun(member) for member in members(kind)))
    return next((words for one, words in _NOUNS if isinstance(kind, one)), "a value")


def said(kind: types.Type) -> str:
    """What to write for a type: its noun and what is known of it."""
    kind, notes = unwrapped(kind)
    if isinstance(kind, types.UnionType):
        parts = members(kind)
        tagged = [part for part in parts if isinstance(part, types.StructType)]
        if len(tagged) > 1:
            return f"an object whose {tagged[0].tag_field} is {options([part.tag for part in tagged])}"
        return said(parts[0]) if len(parts) == 1 else noun(kind)
    if isinstance(kind, types.StructType):
        return f"an object{_with_fields(kind)}"
    told = f" ({notes['description']})" if "description" in notes else ""
    return noun(kind) + told + _example(notes)


def _with_fields(kind: types.StructType) -> str:
    if choices := one_of(kind):
        return f" with one of {', '.join(choices)}"
    needed = [field.encode_name for field in kind.fields if field.required]
    return f" with {', '.join(needed)}" if needed else ""


def _example(notes: Mapping[str, Any]) -> str:
    return f", such as {shown(notes['examples'][0])}" if notes.get("examples") else ""


def instead(kind: types.Type, value: Any) -> str:
    """The sentence about a value of the wrong sort."""
    wrong = f"must be {noun(kind)}, not {kind_of(value)}"
    plain, _ = unwrapped(kind)
    suggestion = _suggestion(plain, value)
    return f"{wrong}: write {suggestion or said(kind)}"


def _suggestion(kind: types.Type, value: Any) -> str | None:
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    if isinstance(kind, types.StrType) and text:
        return shown(text.lower() if isinstance(value, bool) else text)
    if isinstance(kind, types.IntType) and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}", text):
        return text
    if isinstance(kind, types.BoolType) and text.lower() in ("true", "false", "0", "1"):
        return "true" if text.lower() in ("true", "1") else "false"
    if isinstance(kind, _LISTS) and fits(kind.item_type, value) and isinstance(value, str | int | float):
        return f"[{shown(value)}]"
    return None


def string_problem(kind: types.StrType, value: str, notes: Mapping[str, Any]) -> str | None:
    """Which bound of a string `value` breaks."""
    if kind.min_length and not value.strip():
        return f"must not be empty: write {said_with(kind, notes)}"
    if problem := length_problem(kind, len(value), "characters"):
        return problem
    if kind.pattern is None or _matches(kind.pattern, value):
        return None
    rule = notes.get("description", f"text that matches {kind.pattern}")
    return f"must be {rule}{_example(notes).replace(', such as', '; write e.g.')}"


def said_with(kind: types.Type, notes: Mapping[str, Any]) -> str:
    """`said` for a type that is unwrapped already."""
    return said(types.Metadata(kind, dict(notes), None))


def _matches(pattern: str, value: str) -> bool:
    anchored = pattern.startswith("^") and pattern.endswith("$")
    return (re.fullmatch if anchored else re.search)(pattern, value) is not None and not (
        anchored and value.endswith("\n")
    )


def length_problem(kind: Any, length: int, of_what: str) -> str | None:
    """Whether there are too few or too many."""
    if kind.min_length is not None and length < kind.min_length:
        return f"must have at least {kind.min_length} {of_what}, not {length}"
    if kind.max_length is not None and length > kind.max_length:
        return f"must have at most {kind.max_length} {of_what}, not {length}"
    return None


def number_problem(kind: types.IntType | types.FloatType, value: float) -> str | None:
    """Which bound of a number `value` breaks."""
    low = kind.ge is not None and value < kind.ge
    high = kind.le is not None and value > kind.le
    if (low or high) and kind.ge is not None and kind.le is not None:
        return f"must be between {kind.ge} and {kind.le}, not {shown(value)}"
    if low or high:
        return f"must be {f'at least {kind.ge}' if low else f'at most {kind.le}'}, not {shown(value)}"
    if kind.gt is not None and value <= kind.gt:
        return f"must be more than {kind.gt}, not {shown(value)}"
    return f"must be less than {kind.lt}, not {shown(value)}" if kind.lt is not None and value >= kind.lt else None


def time(value: str) -> tuple[str | None, str]:
    """What is wrong with an RFC 3339 time, and the same instant in UTC."""
    try:
        at = msgspec.convert(value, datetime)
        problem = None if at.tzinfo else f"needs its offset from UTC: write {shown(value + 'Z')}"
        return problem, at.astimezone(UTC).isoformat()
    except (msgspec.ValidationError, OverflowError, UnicodeError):
        return f'must be a time such as "2026-11-22T08:00:00Z", not {shown(value)}', value


def choice(values: Sequence[Any], given: Any) -> str:
    """The sentence about a value that is none of a few."""
    near = _near(given, [value for value in values if isinstance(value, str)]) if isinstance(given, str) else None
    hint = f"; did you mean {shown(near)}?" if near else ""
    return f"must be {options(values)}, not {shown(given)}{hint}"


def elsewhere(name: str, kind: types.StructType, siblings: Sequence[types.StructType]) -> str | None:
    """The sentence about a field that only another variant has."""
    having = [one.tag for one in siblings if any(field.encode_name == name for field in one.fields)]
    if not having:
        return None
    return f"is a field of {kind.tag_field} {options(having)}, not of {shown(kind.tag)}: leave it out"


def unknown(name: str, known: Sequence[str], of_what: str = "field") -> str:
    """The sentence about a field that does not exist here."""
    if near := _near(name, known):
        return f"is not a {of_what} here: did you mean {near}?"
    return f"is not a {of_what} here: there {_are(known)}"


def _are(known: Sequence[str]) -> str:
    return f"{'is' if len(known) == 1 else 'are'} {', '.join(known)}" if known else "are none"


def _near(name: str, known: Sequence[str]) -> str | None:
    import difflib  # only somebody who mistyped waits for it

    if len(name) > _LONGEST_SHOWN:
        return None
    spelt = {one.lower().replace("-", "_"): one for one in known}
    found = difflib.get_close_matches(name.lower().replace("-", "_"), spelt, n=1)
    return spelt[found[0]] if found else None


def one_of(kind: types.StructType) -> tuple[str, ...]:
    """The fields of which exactly one must be there, for a Struct that says so."""
    return tuple(getattr(kind.cls, "ONE_OF", ()))


def exactly_one(choices: Sequence[str], given: Sequence[str]) -> str:
    """The sentence about an object of which exactly one field must be there."""
    told = f", not {' and '.join(given)}" if given else ""
    return f'must have exactly one of {", ".join(choices)}{told}: write e.g. {{"{(*given, choices[0])[0]}": "..."}}'
