"""Items of DynamoDB tables. Tables themselves come from the template: items wait until theirs is created."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec
from moto.dynamodb.models import DynamoDBBackend, Table, dynamodb_backends
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.responses import DynamoHandler

from infra.local.journal import Journal, Record
from infra.local.kept import ACCOUNT, REGION, changes
from infra.local.patches import dynamodb

_stock_create = DynamoDBBackend.create_table


def keep(journal: Journal, now: Callable[[], datetime]) -> None:
    waiting: dict[str, dict[str, Any]] = {}

    def create_table(backend: DynamoDBBackend, name: str, *args: Any, **kwargs: Any) -> Table:
        with journal.lock:
            table = _stock_create(backend, name, *args, **kwargs)
            for attributes in waiting.pop(name, {}).values():
                _put(table, attributes)
            return table

    def load(record: Record) -> None:
        for place, attributes in record["changes"]:
            name, key = msgspec.json.decode(place)
            table = _tables().get(name)
            if table is None:
                _set(waiting.setdefault(name, {}), place, attributes)
            elif attributes is None:
                dynamodb.put((table, tuple(map(DynamoType, key))), None)
            else:
                _put(table, attributes)

    def dump() -> Iterable[Record]:
        everything = [(p, a) for items in waiting.values() for p, a in items.items()]
        with dynamodb.lock:
            everything += [_entry(table, item) for table in _tables().values() for item in _items(table)]
        yield from ({"changes": [entry]} for entry in everything if not _expired(entry[1], now()))

    changes.keep(journal, "item", DynamoHandler, dynamodb.call_action, dynamodb.WRITES, _written)
    DynamoDBBackend.create_table = create_table
    journal.register("item", load, dump)


def _written(request: Any) -> dict[str, Any]:
    found = ((table, key, dynamodb.get((table, key))) for table, key in dynamodb.places(request))
    return {_place(table, key): item and _plain(item) for table, key, item in found}


def _tables() -> dict[str, Table]:
    tables: dict[str, Table] = dynamodb_backends[ACCOUNT][REGION].tables
    return tables


def _items(table: Table) -> Iterable[Item]:
    for partition in table.items.values():
        yield from partition.values() if table.has_range_key else [partition]


def _entry(table: Table, item: Item) -> tuple[str, dict[str, Any]]:
    key = [item.attrs[name] for name in dynamodb.key_names(table)]
    return _place(table, key), _plain(item)


def _place(table: Table, key: Iterable[DynamoType]) -> str:
    return msgspec.json.encode((table.name, [_json(part) for part in key])).decode()


def _plain(item: Item) -> dict[str, Any]:
    return {name: _json(value) for name, value in item.attrs.items()}


def _json(value: DynamoType) -> dict[str, Any]:
    if value.type == "M":
        return {"M": {name: _json(inner) for name, inner in value.value.items()}}
    if value.type == "L":
        return {"L": [_json(inner) for inner in value.value]}
    if value.type in ("B", "BS"):
        return {value.type: _text(value.value) if value.type == "B" else [_text(v) for v in value.value]}
    return {value.type: value.value}


def _text(binary: bytes | str) -> str:
    """moto holds binary values as they came over the wire, or, after some updates, as bytes."""
    return base64.b64encode(binary).decode() if isinstance(binary, bytes) else binary


def _put(table: Table, attributes: dict[str, Any]) -> None:
    values = {name: DynamoType(value) for name, value in attributes.items()}
    key = tuple(values[name] for name in dynamodb.key_names(table))
    item = Item(key[0], key[1] if key[1:] else None, {})
    # Past LimitedSizeDict's own setter: it measures the whole item again for each attribute.
    item.attrs = LimitedSizeDict.__new__(LimitedSizeDict)
    dict.update(item.attrs, values)
    dynamodb.put((table, key), item)


def _set(items: dict[str, Any], place: str, attributes: dict[str, Any] | None) -> None:
    if attributes is None:
        items.pop(place, None)
    else:
        items[place] = attributes


def _expired(attributes: dict[str, Any], now: datetime) -> bool:
    expires = attributes.get("expires", {}).get("N")
    return expires is not None and float(expires) <= now.timestamp()
