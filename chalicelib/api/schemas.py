"""The JSON Schemas of the types in requests and answers, named after the Structs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec import inspect as types

from chalicelib.api import expected, fields

PREFIX = "#/components/schemas/"


class Schemas:
    """Schemas of `received` types (strict), `patched` ones (merge patches) and `sent` ones, with their components."""

    def __init__(self, received: Sequence[Any], patched: Sequence[Any], sent: Sequence[Any]) -> None:
        self._kinds = [*received, *patched, *sent]
        found, self.components = msgspec.json.schema_components(self._kinds, ref_template=PREFIX + "{name}")
        self._schemas = list(found)
        if alike := [name for name in self.components if "." in name]:
            raise ValueError(f"types of one name, which the document can't tell apart: {', '.join(alike)}")
        strict = {struct.cls.__name__: struct for struct in _structs([*received, *patched])}
        told = {struct.cls.__name__: struct for struct in _structs(sent) if struct.cls.__name__ not in strict}
        for name, struct in strict.items():
            self.components[name] |= {"additionalProperties": False, **_one_of(struct)}
        for name, struct in told.items():
            self.components[name]["required"] = _always_there(struct)

    def of(self, kind: Any) -> dict[str, Any]:
        """The schema of one of the types."""
        return self._schemas[self._kinds.index(kind)]

    def patch_of(self, kind: Any) -> dict[str, Any]:
        """The schema of a merge patch of one of the types."""
        return self._patched(self.of(kind))

    def _patched(self, schema: dict[str, Any]) -> dict[str, Any]:
        if "anyOf" in schema:
            return {"anyOf": [self._patched(member) for member in schema["anyOf"]]}
        if "$ref" not in schema:
            return {key: value for key, value in schema.items() if key != "default"}
        name = schema["$ref"].removeprefix(PREFIX)
        whole = self.components[name]
        if f"{name}Patch" not in self.components:
            self.components[f"{name}Patch"] = {}
            self.components[f"{name}Patch"] = {
                "title": f"{name}Patch",
                "description": f"JSON merge patch (RFC 7396) of {name}: null removes.",
                "type": "object",
                "properties": {
                    field: self._patched_field(value, field in whole["required"])
                    for field, value in whole["properties"].items()
                },
                "additionalProperties": False,
            }
        return {"$ref": f"{PREFIX}{name}Patch"}

    def _patched_field(self, schema: dict[str, Any], required: bool) -> dict[str, Any]:
        patched = self._patched(schema)
        members = patched.get("anyOf", [patched])
        return patched if required or {"type": "null"} in members else {"anyOf": [*members, {"type": "null"}]}


def _one_of(struct: types.StructType) -> dict[str, Any]:
    choices = expected.one_of(struct)
    return {"oneOf": [{"required": [name]} for name in choices]} if choices else {}


def _always_there(struct: types.StructType) -> list[str]:
    """What an answer always holds: every field, unless its type leaves out what is as usual."""
    tag = [struct.tag_field] if struct.tag_field else []
    omits = struct.cls.__struct_config__.omit_defaults
    always = [f for f in struct.fields if f.required or not (omits or f.default is msgspec.UNSET)]
    return [*tag, *(field.encode_name for field in always)]


def _structs(kinds: Iterable[Any]) -> list[types.StructType]:
    found: dict[type, types.StructType] = {}
    waiting = [fields.of(kind) for kind in kinds]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, types.StructType) and kind.cls not in found:
            found[kind.cls] = kind
            waiting += [field.type for field in kind.fields]
        waiting += _parts(kind)
    return list(found.values())


def _parts(kind: types.Type) -> Iterator[types.Type]:
    plain, _ = expected.unwrapped(kind)
    if plain is not kind:
        yield plain
    if isinstance(plain, types.UnionType):
        yield from plain.types
    for name in ("item_type", "value_type"):
        if hasattr(plain, name):
            yield getattr(plain, name)
    yield from getattr(plain, "item_types", ())
