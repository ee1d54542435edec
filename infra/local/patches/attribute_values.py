"""moto looks for each of the ten possible types of each attribute, twice and more: nine tenths of a query's time."""

from __future__ import annotations

import base64
from typing import Any

from moto.core.serialize import BaseJSONSerializer

_stock = BaseJSONSerializer._serialize_type_structure


def apply() -> None:
    BaseJSONSerializer._serialize_type_structure = _serialize_type_structure


def _serialize_type_structure(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    if shape.name == "AttributeValue" and isinstance(value, dict):
        serialized[key] = _plain(value)
    else:
        _stock(serializer, serialized, value, shape, key)


def _plain(attribute: dict[str, Any]) -> dict[str, Any]:
    ((kind, value),) = attribute.items()
    if kind == "M":
        return {"M": {name: _plain(inner) for name, inner in value.items()}}
    if kind == "L":
        return {"L": [_plain(inner) for inner in value]}
    if kind == "B":
        return {"B": base64.b64encode(value).decode()}
    if kind == "BS":
        return {"BS": [base64.b64encode(inner).decode() for inner in value]}
    return attribute
