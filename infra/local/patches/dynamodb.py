"""moto's tables are not thread-safe, leave what a failed write began, and copy whole tables for a transaction."""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator
from typing import Any

from moto.dynamodb.models import Table
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.responses import DynamoHandler

WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
Place = tuple[Table, tuple[DynamoType, ...]]

lock = threading.RLock()
_stock_call = DynamoHandler.call_action
_stock_query = Table.query


def apply() -> None:
    DynamoHandler.call_action = call_action
    Table.query = _query
    # A transaction copies each of its tables to be able to go back; call_action goes back item by item.
    Table.__deepcopy__ = lambda table, memo: table


def call_action(handler: Any) -> Any:
    with lock:
        if handler._get_action() not in WRITES:
            return _stock_call(handler)
        before = [(place, copy.deepcopy(get(place))) for place in places(handler)]
        try:
            answer = _stock_call(handler)
        except BaseException:
            _restore(before)
            raise
        if answer[0] >= 400:
            _restore(before)
        return answer


def places(handler: Any) -> Iterator[Place]:
    """Where a request writes."""
    for name, attributes in _written(handler._get_action(), handler.params):
        table = handler.dynamodb_backend.tables.get(name)
        key = _key(table, attributes) if table else None
        if table and key:
            yield table, key


def get(place: Place) -> Item | None:
    table, key = place
    return table.get_item(*key)


def put(place: Place, item: Item | None) -> None:
    table, (hash_key, *range_key) = place
    if range_key and item is not None:
        table.items[hash_key][range_key[0]] = item
    elif range_key:
        table.items.get(hash_key, {}).pop(range_key[0], None)
    elif item is not None:
        table.items[hash_key] = item
    else:
        table.items.pop(hash_key, None)


def key_names(table: Table) -> list[str]:
    return [name for name in (table.hash_key_attr, table.range_key_attr) if name]


def _restore(before: list[tuple[Place, Item | None]]) -> None:
    for place, item in before:
        put(place, item)


def _key(table: Table, attributes: dict[str, Any]) -> tuple[DynamoType, ...] | None:
    """None when a part is missing: the request will be refused."""
    names = key_names(table)
    return tuple(DynamoType(attributes[name]) for name in names) if all(n in attributes for n in names) else None


def _written(action: str, params: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if action == "BatchWriteItem":
        for table, requests in params.get("RequestItems", {}).items():
            for request in requests:
                for operation in request.values():
                    yield table, operation.get("Item") or operation.get("Key") or {}
    elif action == "TransactWriteItems":
        for step in params.get("TransactItems", []):
            for operation in step.values():
                yield operation.get("TableName", ""), operation.get("Item") or operation.get("Key") or {}
    else:
        yield params.get("TableName", ""), params.get("Item") or params.get("Key") or {}


def _query(table: Table, hash_key: DynamoType, *args: Any, **conditions: Any) -> Any:
    """Only what can match is sorted and looked through, not the whole table."""
    index = args[6] if len(args) > 6 else conditions.get("index_name")
    found = _in_index(table, conditions["hash_key_conditions"]) if index else _in_partition(table, hash_key)
    view = copy.copy(table)
    view.all_items = lambda: found
    return _stock_query(view, hash_key, *args, **conditions)


def _in_partition(table: Table, hash_key: DynamoType) -> list[Item]:
    if hash_key not in table.items:
        return []
    return list(table.items[hash_key].values()) if table.has_range_key else [table.items[hash_key]]


def _in_index(table: Table, conditions: list[tuple[str, DynamoType]]) -> list[Item]:
    partitions = table.items.values()
    items = (item for partition in partitions for item in partition.values()) if table.has_range_key else partitions
    return [item for item in items if all(_same(item.attrs.get(name), value) for name, value in conditions)]


def _same(one: DynamoType | None, other: DynamoType) -> bool:
    return one is not None and one.type == other.type and one.cast_value == other.cast_value
