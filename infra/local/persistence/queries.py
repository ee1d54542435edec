"""DynamoDB's Query in SQL: an index of SQLite for each index of a table, and only the items of the page are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import Table
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from infra.local.persistence.database import Database

PAGE_BYTES = 1_000_000

Page = tuple[list[Item], int, dict[str, Any] | None]


def _compare(sign: str, column: str, values: list[str]) -> tuple[str, list[str]]:
    """Return the condition for one of the comparisons that SQL writes as DynamoDB does, and its parameters."""
    return f"{column} {sign} ?", values


# `sort` stands for the column; a prefix ends before the largest character.
_COMPARISONS: Mapping[str, Callable[[str, list[str]], tuple[str, list[str]]]] = {
    "BETWEEN": lambda column, values: (f"{column} BETWEEN ? AND ?", values),
    "BEGINS_WITH": lambda column, values: (f"{column} >= ? AND {column} < ?", [values[0], values[0] + "\U0010ffff"]),
    **{sign: partial(_compare, sign) for sign in ("=", "<", "<=", ">", ">=")},
}


def kind(table: str) -> str:
    """Return the kind of a table's rows."""
    return f"item:{table}"


def create_indexes(database: Database, table: Table) -> None:
    """Give each index of the table one in SQLite. An item is in it if it has the index's keys."""
    for index in table.all_indexes():
        columns = _columns(table, index.name)
        present = " AND ".join(f"{column} IS NOT NULL" for column in columns if column not in ("key", "sort"))
        condition = f"WHERE kind = {_literal(kind(table.name))} AND {present}"
        database.index(f"{table.name}.{index.name}", f"({', '.join(columns)}) {condition}")


def page(
    database: Database,
    table: Table,
    hash_key: DynamoType | None,
    comparison: str | None,
    values: list[DynamoType],
    limit: int | None,
    start: dict[str, Any] | None,
    forward: bool,
    projection: list[list[str]] | None,
    index_name: str | None = None,
    consistent_read: bool = False,
    filter_expression: Any = None,
    hash_key_conditions: list[tuple[str, DynamoType]] | None = None,
    *,
    decode: Callable[[Table, str], Item],
    **_: Any,
) -> Page:
    """Return the items of a page, how many were looked at, and the key to continue from: as moto's Table.query."""
    if index_name and hash_key_conditions:
        hash_key = hash_key_conditions[0][1]
    assert hash_key is not None
    # A last_evaluated_key needs one item more than fits.
    statement, arguments = _statement(table, index_name, hash_key.value, (comparison, values), start, forward)
    items, size, following = list[Item](), 0, None
    for (text,) in database.select(statement, *arguments):
        item = decode(table, text)
        size += item.size()
        if len(items) == limit or (items and size > PAGE_BYTES):
            following = table._get_last_evaluated_key(items[-1], index_name)
            break
        items.append(item)
    count = len(items)
    if index_name:
        index = table.get_index(index_name)
        items = [index.project(item) for item in items]
    if filter_expression is not None:
        items = [item for item in items if filter_expression.expr(item)]
    return [item.project(projection) for item in items] if projection else items, count, following


def _statement(
    table: Table,
    index_name: str | None,
    hash_key: str,
    range_condition: tuple[str | None, list[DynamoType]],
    start: dict[str, Any] | None,
    forward: bool,
) -> tuple[str, list[str]]:
    hash_column, *columns = _columns(table, index_name)
    # SQLite takes a partial index only where its condition stands in the statement as it is.
    conditions, arguments = [f"kind = {_literal(kind(table.name))}", f"{hash_column} = ?"], [hash_key]
    conditions += [f"{column} IS NOT NULL" for column in columns if column not in ("key", "sort")]
    comparison, values = range_condition
    if comparison:
        condition, compared = _COMPARISONS[comparison.upper()](columns[0], [value.value for value in values])
        conditions.append(condition)
        arguments += compared
    if start:
        conditions.append(f"({', '.join(columns)}) {'>' if forward else '<'} ({', '.join('?' * len(columns))})")
        arguments += _start(table, index_name, start)
    order = ", ".join(f"{column} {'ASC' if forward else 'DESC'}" for column in columns)
    return f"SELECT value FROM entries WHERE {' AND '.join(conditions)} ORDER BY {order}", arguments


def _columns(table: Table, index_name: str | None) -> list[str]:
    """Return the column or expression of the hash key, then what the items of a partition are ordered by."""
    if index_name is None:
        return ["key", "sort"]
    columns = [f"json_extract(value, '$.\"{name}\".S')" for name in _index_keys(table, index_name)]
    return [*columns, "key", "sort"]


def _index_keys(table: Table, index_name: str) -> list[str]:
    schema = table.get_index(index_name).schema
    return [part["AttributeName"] for kind in ("HASH", "RANGE") for part in schema if part["KeyType"] == kind]


def _start(table: Table, index_name: str | None, start: dict[str, Any]) -> list[str]:
    """Return the values of the columns at which the page before ended."""
    names = [*(_index_keys(table, index_name)[1:] if index_name else ()), table.hash_key_attr, table.range_key_attr]
    if index_name is None:
        names = [table.range_key_attr]
    try:
        return [start[name]["S"] if name else "" for name in names]
    except (KeyError, TypeError):
        raise MockValidationException("The provided starting key is invalid") from None


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
