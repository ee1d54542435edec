"""Checks a parsed body against a type and says, for every wrong field at once, what to write instead."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import inspect as types

from chalicelib.api import expected
from chalicelib.api.expected import json_name
from chalicelib.domain.problems import FieldError, Invalid

MOST_ERRORS = 100
MOST_INTEGER = 2**53 - 1
_UNFIT = re.compile("[\x00\ud800-\udfff]")


def checked(kind: Any, value: Any, partial: bool = False, path: str = "") -> Any:
    """`value`, found at `path`, ready for msgspec.convert; raises Invalid with all that is wrong.

    `partial` is for merge patches: nothing is required, and null, which removes a field, is right where the
    field may be left out.

    Of a type's own rules these are read: msgspec.Meta's bounds, `description` and the first of `examples` (they
    say what to write instead), `extra={"check": f}` where `f(value)` raises ValueError(sentence), and, on a
    Struct, `ONE_OF = ("branch", "tag")`: the optional fields of which exactly one must be there.
    """
    errors = _Errors()
    try:
        result = _Check(errors, partial).value(of(kind), value, path)
    except _EnoughErrors:
        result = None
    if errors:
        raise Invalid(errors)
    return result


def of(kind: Any) -> types.Type:
    """What msgspec knows of a type; looked up once for a Struct, other types may not be hashable."""
    return _of_class(kind) if isinstance(kind, type) else types.type_info(kind)


@functools.cache
def _of_class(kind: Any) -> types.Type:
    return types.type_info(kind)


class _EnoughErrors(Exception):
    """More errors than anybody reads: the answer must stay small."""


class _Errors(list[FieldError]):
    def add(self, path: str, message: str) -> None:
        if len(self) == MOST_ERRORS:
            self.append(FieldError(path, f"{message} (and more: only the first {MOST_ERRORS} errors are told)"))
            raise _EnoughErrors
        self.append(FieldError(path, message))


class _Check:
    """One walk over a value; each method answers the value as msgspec takes it."""

    def __init__(self, errors: _Errors, partial: bool) -> None:
        self.errors = errors
        self.partial = partial

    def value(self, kind: types.Type, value: Any, path: str) -> Any:
        kind, notes = expected.unwrapped(kind)
        before = len(self.errors)
        for accepted, check in _CHECKS:
            if isinstance(kind, accepted):
                value = check(self, kind, value, path, notes)
                break
        own = notes.get("check")
        if own is not None and value is not None and len(self.errors) == before:
            self.own(own, value, path)
        return value

    def own(self, check: Callable[[Any], Any], value: Any, path: str) -> None:
        try:
            check(value)
        except ValueError as error:
            self.errors.add(path, str(error))

    def wrong(self, kind: types.Type, value: Any, path: str) -> Any:
        self.errors.add(path, expected.instead(kind, value))
        return value

    def string(self, kind: types.StrType, value: Any, path: str, notes: Mapping[str, Any]) -> Any:
        if not isinstance(value, str):
            return self.wrong(kind, value, path)
        if _UNFIT.search(value):
            self.errors.add(path, "must not contain the character U+0000 or half a surrogate pair; write plain text")
        elif problem := expected.string_problem(kind, value, notes):
            self.errors.add(path, problem)
        return value

    def integer(self, kind: types.IntType, value: Any, path: str, notes: Mapping[str, Any]) -> Any:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            return self.wrong(kind, value, path)
        if abs(value) > MOST_INTEGER and kind.ge is kind.le is None:
            self.errors.add(path, f"must be between -{MOST_INTEGER} and {MOST_INTEGER}")
        elif problem := expected.number_problem(kind, value):
            self.errors.add(path, problem)
        return value

    def number(self, kind: types.FloatType, value: Any, path: str, notes: Mapping[str, Any]) -> Any:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return self.wrong(kind, value, path)
        if problem := expected.number_problem(kind, value):
            self.errors.add(path, problem)
        return value

    def boolean(self, kind: types.BoolType, value: Any, path: str, notes: Mapping[str, Any]) -> Any:
        return value if isinstance(value, bool) else self.wrong(kind, value, path)

    def literal(self, kind: types.LiteralType, value: Any, path: str, notes: Mapping[str, Any]) -> Any:
        if not any(value == known and type(value) is type(known) for known in kind.values):
            self.errors.add(path, expected.choice(kind.values, value))
        return value

    def time(self, kind: types.DateTimeType, value: Any, path: str, notes: Mapping[str, Any]) -> Any:
        if not isinstance(value, str):
            return self.wrong(kind, value, path)
        problem, at = expected.time(value)
        if problem:
            self.errors.add(path, problem)
        return at

    def sequence(self, kind: Any, value: Any, path: str, notes: Mapping[str, Any]) -> Any:
        if not isinstance(value, list):
            return self.wrong(kind, value, path)
        if problem := expected.length_problem(kind, len(value), "items"):
            self.errors.add(path, problem)
            return value
        whole = _Check(self.errors, partial=False)
        return [whole.value(kind.item_type, item, f"{path}[{index}]") for index, item in enumerate(value)]

    def mapping(self, kind: types.DictType, value: Any, path: str, notes: Mapping[str, Any]) -> Any:
        if not isinstance(value, dict):
            return self.wrong(kind, value, path)
        if problem := expected.length_problem(kind, len(value), "fields"):
            self.errors.add(path, problem)
        for name, item in value.items():
            at = _join(path, name)
            self.value(kind.key_type, name, at)
            if not (self.partial and item is None):
                self.value(kind.value_type, item, at)
        return value

    def union(self, kind: types.UnionType, value: Any, path: str, notes: Mapping[str, Any]) -> Any:
        members = expected.members(kind)
        if value is None and len(members) < len(kind.types):
            return None
        fitting = [member for member in members if expected.fits(member, value)]
        if len(fitting) == 1:
            return self.value(fitting[0], value, path)
        variants = [member for member in fitting if isinstance(member, types.StructType)]
        if variants:
            return self.variant(variants, value, path)
        return self.value(members[0], value, path) if len(members) == 1 else self.wrong(kind, value, path)

    def variant(self, variants: Sequence[types.StructType], value: dict[str, Any], path: str) -> Any:
        tag = str(variants[0].tag_field)
        chosen = next((variant for variant in variants if variant.tag == value.get(tag, _ABSENT)), None)
        if chosen is not None:
            return self.fields(chosen, value, path, variants)
        if self.partial and tag not in value:
            return self.any_variant(variants, value, path)
        tags = [variant.tag for variant in variants]
        given = value.get(tag)
        message = expected.choice(tags, given) if tag in value else f"is missing: write {expected.options(tags)}"
        self.errors.add(_join(path, tag), message)
        return value

    def any_variant(self, variants: Sequence[types.StructType], value: dict[str, Any], path: str) -> Any:
        """A patch that leaves the variant as it is: the rest is checked when it is laid over it."""
        known = {field.encode_name for variant in variants for field in variant.fields}
        for name in value:
            if name not in known:
                self.errors.add(_join(path, name), expected.unknown(name, sorted(known)))
        return value

    def struct(self, kind: types.StructType, value: Any, path: str, notes: Mapping[str, Any]) -> Any:
        return self.fields(kind, value, path) if isinstance(value, dict) else self.wrong(kind, value, path)

    def fields(
        self, kind: types.StructType, value: dict[str, Any], path: str, siblings: Sequence[types.StructType] = ()
    ) -> Any:
        known = {field.encode_name: field for field in kind.fields}
        result: dict[str, Any] = {}
        for name, item in value.items():
            at = _join(path, name)
            if name in known:
                result[name] = self.field(known[name], item, at)
            elif name == kind.tag_field:
                result[name] = self.tag(kind, item, at)
            else:
                self.errors.add(at, expected.elsewhere(name, kind, siblings) or expected.unknown(name, list(known)))
        self.absent(kind, value, path)
        return result

    def field(self, field: types.Field, value: Any, path: str) -> Any:
        if self.partial and value is None:
            if field.required:
                self.errors.add(path, f"cannot be removed: write {expected.said(field.type)}")
            return None
        return self.value(field.type, value, path)

    def tag(self, kind: types.StructType, value: Any, path: str) -> Any:
        if value != kind.tag:
            self.errors.add(path, expected.choice([kind.tag], value))
        return value

    def absent(self, kind: types.StructType, value: dict[str, Any], path: str) -> None:
        for field in kind.fields:
            if field.required and field.encode_name not in value and not self.partial:
                at = _join(path, field.encode_name)
                self.errors.add(at, f"is missing: write {expected.said(field.type)}")
        choices = expected.one_of(kind)
        given = [name for name in choices if value.get(name) is not None]
        if choices and (len(given) > 1 or not (given or self.partial)):
            self.errors.add(path, expected.exactly_one(choices, given))


_ABSENT = object()
_CHECKS: tuple[tuple[Any, Callable[..., Any]], ...] = (
    (types.StrType, _Check.string),
    (types.IntType, _Check.integer),
    (types.FloatType, _Check.number),
    (types.BoolType, _Check.boolean),
    (types.LiteralType, _Check.literal),
    (types.DateTimeType, _Check.time),
    ((types.ListType, types.VarTupleType, types.SetType, types.FrozenSetType), _Check.sequence),
    (types.DictType, _Check.mapping),
    (types.UnionType, _Check.union),
    (types.StructType, _Check.struct),
)


def _join(path: str, name: str) -> str:
    name = json_name(name)
    return path + name if not path or name.startswith("[") else f"{path}.{name}"
