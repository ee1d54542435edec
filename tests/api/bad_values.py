"""Makes wrong requests out of right ones, guided by the OpenAPI document: a field that is new is covered or missed."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any

PREFIX = "#/components/schemas/"
SAMPLES = {
    "null": None, "boolean": True, "integer": 7, "number": 1.5, "string": "text", "array": ["x"], "object": {"a": 1},
}  # fmt: skip
# Characters that change what people see of a line.
HIDDEN = ["a\nb", "a\x1b[31mb", "a\x7f", "a\x85b", "a\u202eb", "a\u2066b", "a\u200f", "\u200b", "a\u2028b", "\ufeffa"]
# What the document can't say of a string, by the field's name.
RULES: dict[str, list[Any]] = {
    "url": [
        *("http://host/x", "git@host:owner/name", "https://ada:secret@host/x", "https://host/a b", "file://host/x"),
        *("--upload-pack=x", "https://-x/y", "https://host\\@evil/x", "https://0x7f.1/x", "https://a/b\n"),
    ],
    "branch": ["a b", "-x", "--upload-pack=x", "a\nb", "a..b", "x.lock", "a\n"],
    "tag": ["a b", "-x", "--all", "a\x00b", "a..b", "x/"],
    "source_folder": ["--help", "a\nb", "a\x00b", "/etc", "../x", "a/../../b", "-x", "a\\b"],
    "dockerfile": ["--file=x", "a\nb", "/etc/passwd", "../Dockerfile", "-f"],
    "image": ["--privileged", "-v/a", "a\n--privileged", "Not An Image", "https://host/image", "a:b:c", "-x"],
    "cron": ["* * * *", "61 * * * *", "0 0 30 2 *", "every day", "@reboot", "* * * * * *", "5/15 * * * *", "cron(x)"],
    "timezone": ["Mars/Olympus", "utc2", "../etc/passwd", "Europe"],
    "name of a variable": ["KINTO_RUN_ID", "1A", "A-B", "A B", "Ä"],
    "value": ["x" * 4097, "é" * 2049],
    "name": HIDDEN,
    "reason": HIDDEN,
    "description": [text for text in HIDDEN if text != "a\nb"],
    "date-time": ["yesterday", "2026-11-22", "2026-11-22T08:00:00", "2026-13-01T00:00:00Z"],
}


@dataclasses.dataclass(frozen=True)
class Place:
    """A value in a body: its path as errors name it, the steps to it, its schema, the component it is a field of."""

    path: str
    steps: tuple[Any, ...]
    schema: dict[str, Any]
    value: Any
    owner: tuple[str, str] | None

    def wrong(self, body: Any, value: Any) -> Any:
        """The body with another value here."""
        changed = copy.deepcopy(body)
        inner = changed
        for step in self.steps[:-1]:
            inner = inner[step]
        inner[self.steps[-1]] = value
        return changed


class Shapes:
    """The schemas of one document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.components = document["components"]["schemas"]

    def members(self, schema: dict[str, Any]) -> list[dict[str, Any]]:
        """The alternatives of a schema, flat, each with its component's name as `title`."""
        if "$ref" in schema:
            return self.members(self.components[schema["$ref"].removeprefix(PREFIX)])
        if "anyOf" in schema:
            return [one for member in schema["anyOf"] for one in self.members(member)]
        return [schema]

    def chosen(self, schema: dict[str, Any], value: Any) -> dict[str, Any] | None:
        """The object's schema that fits `value`, by its tag."""
        objects = [one for one in self.members(schema) if one.get("type") == "object"]
        fitting = [one for one in objects if value.keys() <= one["properties"].keys() and _tag_fits(one, value)]
        return fitting[0] if fitting else None

    def places(self, schema: dict[str, Any], value: Any, path: str = "", steps: tuple[Any, ...] = ()) -> list[Place]:
        """Every field and item of a right body, outermost first."""
        found: list[Place] = []
        if isinstance(value, dict):
            kind = self.chosen(schema, value)
            assert kind is not None, f"the example at {path!r} fits no schema: {value}"
            for name, inner in value.items():
                at = f"{path}.{name}" if path else name
                here = kind["properties"][name]
                found.append(Place(at, (*steps, name), here, inner, (kind["title"], name)))
                found += self.places(here, inner, at, (*steps, name))
        elif isinstance(value, list):
            (items,) = [one["items"] for one in self.members(schema) if one.get("type") == "array"]
            for index, inner in enumerate(value):
                found.append(Place(f"{path}[{index}]", (*steps, index), items, inner, None))
                found += self.places(items, inner, f"{path}[{index}]", (*steps, index))
        return found

    def fields(self, schema: dict[str, Any]) -> set[tuple[str, str]]:
        """Every (component, field) that a body may have."""
        found: set[tuple[str, str]] = set()
        for member in self.members(schema):
            for name, inner in member.get("properties", {}).items():
                found |= {(member["title"], name)} | self.fields(inner)
            if "items" in member:
                found |= self.fields(member["items"])
        return found

    def types(self, schema: dict[str, Any]) -> set[str]:
        """The JSON types that a value may have."""
        told = {str(one.get("type", "enum")) for one in self.members(schema)}
        return told | ({"number"} if "number" in told else set())

    def wrong_values(self, place: Place) -> list[Any]:
        """What must not stand at a place."""
        accepted = self.types(place.schema)
        found = [sample for name, sample in SAMPLES.items() if name not in accepted]
        if accepted & {"object", "null"} and "array" not in accepted:
            found.append([])
        for member in self.members(place.schema):
            found += _bounds(member)
            if member.get("type") == "string":
                found += ["a\x00b", "\ud800"]
            if member.get("format") == "date-time":
                found += RULES["date-time"]
        return found + RULES.get(_rule(place), [])


def _rule(place: Place) -> str:
    name = str(place.steps[-1])
    return "name of a variable" if place.owner == ("Variable", "name") else name


def _tag_fits(kind: dict[str, Any], value: dict[str, Any]) -> bool:
    return all(
        value[name] in kind["properties"][name]["enum"] for name in ("type", "mode") if name in kind["properties"]
    )


def _bounds(member: dict[str, Any]) -> list[Any]:
    found: list[Any] = []
    if "maxLength" in member:
        found.append("x" * (member["maxLength"] + 1))
    if member.get("minLength"):
        found += ["", "x" * (member["minLength"] - 1)]
    if member.get("pattern") == r"\S":
        found += ["   ", "\n"]
    elif "pattern" in member:
        found += ["a b", "UPPER-é", "%", "a\n", "ab\n"]
    if "minimum" in member:
        found += [member["minimum"] - 1, -(10**30)]
    if "maximum" in member:
        found += [member["maximum"] + 1, 10**30]
    return found


def all_wrong(places: list[Place], body: Any) -> tuple[Any, set[str]]:
    """The body with something wrong in every field that holds no other, and their paths; tags stay."""
    wrong = set()
    for place in places:
        tag = place.owner is not None and place.owner[1] in ("type", "mode")
        if isinstance(place.value, dict | list) or tag:
            continue
        body = place.wrong(body, 7 if isinstance(place.value, str) else "?")
        wrong.add(place.path)
    return body, wrong
