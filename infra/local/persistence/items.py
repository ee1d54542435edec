"""DynamoDB's items: they live in the database alone, and moto's tables hold those of one request while it is handled.

So a refused or failed write leaves nothing to roll back, and a start reads no items. A transaction of DynamoDB is one
transaction of SQLite.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec
from moto.dynamodb.models import DynamoDBBackend, Table
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.responses import DynamoHandler

from infra.local.persistence import queries
from infra.local.persistence.database import Change, Database, NotStored

_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
_stock_call = DynamoHandler.call_action
_stock_create = DynamoDBBackend.create_table
_stock_query = Table.query

Place = tuple[Table, tuple[DynamoType, ...]]


def keep(database: Database) -> None:
    """Take over moto's reads and writes of items."""

    def create_table(backend: DynamoDBBackend, name: str, *args: Any, **kwargs: Any) -> Table:
        with database.lock:
            table = _stock_create(backend, name, *args, **kwargs)
            if {attribute["AttributeType"] for attribute in table.attr} != {"S"}:
                raise ValueError(f"{name}: keys of tables and indexes must be strings on the laptop")
            queries.create_indexes(database, table)
            return table

    def query(table: Table, hash_key: DynamoType, *arguments: Any, **conditions: Any) -> queries.Page:
        _stock_query(table, hash_key, *arguments, **conditions)  # without items: it only validates
        return queries.page(database, table, hash_key, *arguments, **conditions, decode=decode)

    DynamoHandler.call_action = lambda handler: _call_action(database, handler)
    DynamoDBBackend.create_table = create_table
    Table.query = query
    # A transaction copies each of its tables to be able to go back; here the items are dropped in any case.
    Table.__deepcopy__ = lambda table, memo: table


def expire(database: Database, now: datetime) -> None:
    """Delete the items whose time to live is over."""
    expires = "CAST(json_extract(value, '$.expires.N') AS REAL)"
    database.delete(f"kind BETWEEN 'item:' AND 'item;' AND {expires} <= ?", now.timestamp())


def _call_action(database: Database, handler: Any) -> Any:
    action = handler._get_action()
    with database.lock:
        places = list(_places(action, handler))
        before = [_load(database, place) for place in places]
        tables = {table.name: table for table, _ in places} | _load_all(database, action, handler)
        try:
            response = _stock_call(handler)
            if response[0] < 400 and action in _WRITES:
                database.write(*_changes(places, before))
            if response[0] < 400 and action == "DeleteTable":
                database.delete("kind = ?", queries.kind(handler.params["TableName"]))
        except NotStored as error:
            return error.answer(handler.response_headers)
        finally:
            for table in tables.values():
                table.items.clear()
    return response


def _places(action: str, handler: Any) -> Iterator[Place]:
    """Yield the keys that a request names, where they are whole: it will be refused otherwise."""
    for name, attributes in _named(action, handler.params):
        table = handler.dynamodb_backend.tables.get(name)
        names = [key for key in (table.hash_key_attr, table.range_key_attr) if key] if table else []
        if table and all(attributes.get(key, {}).keys() == {"S"} for key in names):
            yield table, tuple(DynamoType(attributes[key]) for key in names)


def _named(action: str, params: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if action == "BatchGetItem":
        for table, request in params.get("RequestItems", {}).items():
            yield from ((table, key) for key in request.get("Keys", ()))
    elif action == "BatchWriteItem":
        for table, requests in params.get("RequestItems", {}).items():
            for request in requests:
                for operation in request.values():
                    yield table, operation.get("Item") or operation.get("Key") or {}
    elif action in ("TransactWriteItems", "TransactGetItems"):
        for step in params.get("TransactItems", []):
            for operation in step.values():
                yield operation.get("TableName", ""), operation.get("Item") or operation.get("Key") or {}
    else:
        yield params.get("TableName", ""), params.get("Item") or params.get("Key") or {}


def _load(database: Database, place: Place) -> str | None:
    """Put the item of a key into moto's table; return its JSON."""
    table, key = place
    text = database.get(queries.kind(table.name), *(part.value for part in key))
    if text is not None:
        _put(table, decode(table, text))
    return text


def _load_all(database: Database, action: str, handler: Any) -> dict[str, Table]:
    """Put all items of the table into it that a Scan reads."""
    table = handler.dynamodb_backend.tables.get(handler.params.get("TableName")) if action == "Scan" else None
    if table is None:
        return {}
    for _, text in database.all(queries.kind(table.name)):
        _put(table, decode(table, text))
    return {table.name: table}


def _put(table: Table, item: Item) -> None:
    if item.range_key is None:
        table.items[item.hash_key] = item
    else:
        table.items[item.hash_key][item.range_key] = item


def _changes(places: list[Place], before: list[str | None]) -> Iterable[Change]:
    for (table, key), text in zip(places, before, strict=True):
        item = table.get_item(*key)
        after = None if item is None else _encode(item)
        if after != text:
            hash_key, range_key = (*(part.value for part in key), "")[:2]
            yield Change(queries.kind(table.name), hash_key, range_key, after)


def decode(table: Table, text: str) -> Item:
    """Return the item that is stored as `text`."""
    values = {name: DynamoType(value) for name, value in msgspec.json.decode(text).items()}
    item = Item(values[table.hash_key_attr], values[table.range_key_attr] if table.range_key_attr else None, {})
    # Past LimitedSizeDict's own setter, which measures the whole item again for each attribute.
    item.attrs = LimitedSizeDict.__new__(LimitedSizeDict)
    dict.update(item.attrs, values)
    return item


def _encode(item: Item) -> str:
    return msgspec.json.encode({name: _plain(value) for name, value in item.attrs.items()}).decode()


def _plain(value: DynamoType) -> dict[str, Any]:
    if value.type == "M":
        return {"M": {name: _plain(inner) for name, inner in value.value.items()}}
    if value.type == "L":
        return {"L": [_plain(inner) for inner in value.value]}
    if value.type == "B":
        return {"B": _text(value.value)}
    if value.type == "BS":
        return {"BS": [_text(inner) for inner in value.value]}
    return {value.type: value.value}


def _text(binary: bytes | str) -> str:
    """Return a binary value as it came over the wire; after some updates moto holds bytes."""
    return base64.b64encode(binary).decode() if isinstance(binary, bytes) else binary
