"""JSON merge patches (RFC 7396): what a PATCH says, laid over what there is."""

from __future__ import annotations

import dataclasses
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import inspect as types

from chalicelib.api import body, expected, fields

T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class Patch(Generic[T]):
    """What a view declared with `body=Patch[X]` gets: changes to an X, each field of a right type already."""

    kind: type[T]
    changes: dict[str, Any]

    def onto(self, current: T) -> T:
        """`current` with the changes; raises Invalid where the two together are wrong.

        Choosing another variant (`source.type`, or another of `ONE_OF`) lets go of the fields that only the
        former one had; RFC 7396 alone would have everybody remove them by hand.
        """
        present = msgspec.json.decode(msgspec.json.encode(current))
        base = _prepared(fields.of(self.kind), present, self.changes)
        return body.build(self.kind, merge(base, self.changes))


def decode(kind: type[T], raw: bytes) -> Patch[T]:
    """The merge patch in `raw`; raises Malformed, or Invalid with all that can't be right whatever there is."""
    told = body.parse(raw)
    return Patch(kind, fields.checked(kind, told, partial=True))


def merge(current: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """RFC 7396: null removes, objects merge, everything else replaces."""
    result = {name: value for name, value in current.items() if name not in patch}
    for name, value in patch.items():
        if isinstance(value, dict):
            before = current.get(name)
            result[name] = merge(before if isinstance(before, dict) else {}, value)
        elif value is not None:
            result[name] = value
    return result


def _prepared(kind: types.Type, current: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """`current` without what `patch`, by choosing another variant, leaves behind."""
    struct = _struct(kind, {**current, **patch})
    if struct is None:
        return current
    known = {field.encode_name: field.type for field in struct.fields}
    chosen = [name for name in expected.one_of(struct) if patch.get(name) is not None]
    left = {name for name in expected.one_of(struct) if chosen and name not in chosen}
    kept = {name: value for name, value in current.items() if name not in left and name in {*known, struct.tag_field}}
    for name, value in kept.items():
        if name in known and isinstance(value, dict) and isinstance(patch.get(name), dict):
            kept[name] = _prepared(known[name], value, patch[name])
    return kept


def _struct(kind: types.Type, value: dict[str, Any]) -> types.StructType | None:
    kind, _ = expected.unwrapped(kind)
    candidates = expected.members(kind) if isinstance(kind, types.UnionType) else [kind]
    structs = [one for one in candidates if isinstance(one, types.StructType)]
    if len(structs) == 1:
        return structs[0]
    return next((one for one in structs if one.tag == value.get(str(one.tag_field))), None)
