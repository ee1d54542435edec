"""The one table: every entity is a JSON document under a key, with the few columns that conditions and indexes need."""

from __future__ import annotations

import dataclasses
import functools
import operator
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, Protocol, TypeVar

import msgspec
from pynamodb.exceptions import DeleteError, PutError, PynamoDBException, QueryError, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.store import cursors
from chalicelib.store.items import Index, Item
from chalicelib.store.retries import retried


class Entity(Protocol):
    """What can be stored: a frozen struct with a version, 0 while it is new."""

    @property
    def version(self) -> int: ...


# So many rows does one page of a search look at (DynamoDB: or 1 MB of them).
SEARCHED = 1000

T = TypeVar("T")
E = TypeVar("E", bound=Entity)


class Raced(Exception):
    """A condition did not hold; `failed` are the positions of the writes whose conditions those were.

    Only a condition: a write that collides with another transaction is sent again by `commit` itself.
    """

    def __init__(self, failed: Sequence[int]) -> None:
        super().__init__(f"conditions of writes {list(failed)} did not hold")
        self.failed = tuple(failed)


class Contention(Exception):
    """DynamoDB refused a write because another transaction holds its item just now; no condition has failed."""


@dataclasses.dataclass(frozen=True)
class Write:
    """One write of a transaction."""

    kind: Literal["put", "delete", "check", "update"]
    item: Item
    condition: Condition | None = None
    actions: tuple[Action, ...] = ()


@dataclasses.dataclass(frozen=True)
class Slice:
    """A page of rows and the key to go on from."""

    items: list[Item]
    next: dict[str, Any] | None


def use(name: str) -> None:
    """Read and write the table of this name from now on."""
    if Item.Meta.table_name != name:
        Item.Meta.table_name = name
        Item._connection = None


def session() -> Any:
    """The botocore session by which the table is read and written."""
    return Item._get_connection().connection.session


def decode(item: Item, kind: type[E]) -> E:
    """The entity in a row."""
    return msgspec.json.decode(item.data or "{}", type=kind)


def get(pk: str, sk: str, kind: type[E]) -> E | None:
    """The entity under a key, read consistently; None if there is none."""
    item = row(pk, sk)
    return decode(item, kind) if item is not None else None


def row(pk: str, sk: str) -> Item | None:
    """The row under a key, read consistently; None if there is none."""
    try:
        return Item.get(pk, sk, consistent_read=True)
    except Item.DoesNotExist:
        return None


def get_many(keys: Iterable[tuple[str, str]], kind: type[E]) -> list[E]:
    """The entities under these keys that exist, read consistently, in no order; duplicate keys are read once."""
    wanted = list(dict.fromkeys(keys))
    return [decode(item, kind) for item in Item.batch_get(wanted, consistent_read=True)]


def page(
    pk: str,
    *,
    limit: int | None = None,
    start: Mapping[str, Any] | None = None,
    condition: Condition | None = None,
    newest_first: bool = False,
    filter: Condition | None = None,
    index: Index | None = None,
    examined: int | None = None,
) -> Slice:
    """One Query's worth of rows of a partition; with a filter the page may be short or empty.

    `examined` is how many rows a filter looks at for one page; without it, `limit`.
    """
    source: Any = index if index is not None else Item
    cursors.check(pk, start, index)
    results = source.query(
        pk,
        condition,
        filter_condition=filter,
        consistent_read=index is None,
        scan_index_forward=not newest_first,
        page_size=examined or limit,
        last_evaluated_key=start,
    )
    if limit is None:
        return Slice(list(results), None)
    try:
        answer = next(results.page_iter)
    except QueryError as error:
        if start is None or _code(error) != "ValidationException":
            raise
        raise cursors.invalid() from None
    following = results.page_iter.last_evaluated_key
    if len(answer["Items"]) > limit:
        following = cursors.after(answer["Items"][limit - 1], index)
    return Slice([Item.from_raw_data(raw) for raw in answer["Items"][:limit]], following)


def search(pk: str, words: Sequence[str], limit: int, start: Mapping[str, Any] | None) -> Slice:
    """A page of the rows of a partition whose column `search` has all these words; without words, of all rows."""
    if not words:
        return page(pk, limit=limit, start=start)
    matching = functools.reduce(operator.and_, (Item.search.contains(word) for word in words))
    return page(pk, limit=limit, start=start, filter=matching, examined=SEARCHED)


def create(pk: str, sk: str, entity: E, **columns: Any) -> Write:
    """Put a new entity; its condition is that there is none yet."""
    return Write("put", _item(pk, sk, entity, 1, columns), Item.pk.does_not_exist())


def replace(pk: str, sk: str, entity: E, **columns: Any) -> Write:
    """Put the next version of an entity; its condition is that the version it was made from is the present one."""
    return Write("put", _item(pk, sk, entity, entity.version + 1, columns), Item.version == entity.version)


def overwrite(pk: str, sk: str, entity: E, **columns: Any) -> Write:
    """Put an entity whatever is there."""
    return Write("put", _item(pk, sk, entity, 1, columns))


def next_version(entity: Entity) -> list[Action]:
    """The change of the columns `data` and `version` alone to an entity's next version."""
    item = _item("", "", entity, entity.version + 1, {})
    return [Item.data.set(item.data), Item.version.set(item.version)]


def same_version(entity: Entity) -> list[Action]:
    """The change of the column `data` alone; the version stays."""
    return [Item.data.set(_item("", "", entity, entity.version, {}).data)]


def _item(pk: str, sk: str, entity: Any, version: int, columns: Mapping[str, Any]) -> Item:
    data = msgspec.json.encode(msgspec.structs.replace(entity, version=version)).decode()
    return Item(pk, sk, data=data, version=version, **columns)


def delete(pk: str, sk: str, condition: Condition | None = None) -> Write:
    """Delete a row."""
    return Write("delete", Item(pk, sk), condition)


def check(pk: str, sk: str, condition: Condition) -> Write:
    """Write nothing, but hold the transaction to a condition."""
    return Write("check", Item(pk, sk), condition)


def update(pk: str, sk: str, actions: Sequence[Action], condition: Condition | None = None) -> Write:
    """Change single columns."""
    return Write("update", Item(pk, sk), condition, tuple(actions))


def commit(*writes: Write) -> None:
    """Carry out the writes, all or none; raises Raced where a condition does not hold, Unavailable when contended.

    A request whose answer was lost is sent again, and then fails by what it has itself written: each put carries a
    stamp by which that is seen.
    """
    puts = [write.item for write in writes if write.kind == "put"]
    stamp = secrets.token_hex(8)
    for item in puts:
        item.stamp = stamp
    try:
        retried(lambda: _carry_out(writes), Contention, CONTENTION_ATTEMPTS)
    except Raced:
        present = row(puts[0].pk, puts[0].sk) if puts else None
        if present is None or present.stamp != stamp:
            raise


def _carry_out(writes: Sequence[Write]) -> None:
    if len(writes) == 1 and writes[0].kind != "check":
        _alone(writes[0])
        return
    try:
        # The model's own connection: a new one would make a new client, hundreds of milliseconds each time.
        with TransactWrite(connection=Item._get_connection().connection) as transaction:
            for write in writes:
                _join(transaction, write)
    except TransactWriteError as error:
        # PynamoDB sends the writes sorted by their kind.
        sent = sorted(range(len(writes)), key=lambda position: _SENT.index(writes[position].kind))
        reasons = {sent[i]: reason.code for i, reason in enumerate(error.cancellation_reasons) if reason is not None}
        if failed := sorted(i for i, code in reasons.items() if code == "ConditionalCheckFailed"):
            raise Raced(failed) from None
        if "TransactionConflict" in reasons.values():
            raise Contention from None
        raise


_SENT = ("check", "delete", "put", "update")
CONTENTION_ATTEMPTS = 8


def _alone(write: Write) -> None:
    try:
        if write.kind == "put":
            write.item.save(write.condition)
        elif write.kind == "delete":
            write.item.delete(write.condition)
        else:
            write.item.update(list(write.actions), write.condition)
    except (PutError, DeleteError, UpdateError) as error:
        code = _code(error)
        if code == "TransactionConflictException":
            raise Contention from None
        if code == "ConditionalCheckFailedException":
            raise Raced([0]) from None
        raise


def _code(error: PynamoDBException) -> str | None:
    """What DynamoDB answered; None where it did not answer (PynamoDB's own property fails then)."""
    response: dict[str, dict[str, str]] = getattr(error.cause, "response", None) or {}
    return response.get("Error", {}).get("Code")


def _join(transaction: TransactWrite, write: Write) -> None:
    item = write.item
    if write.kind == "put":
        transaction.save(item, condition=write.condition)
    elif write.kind == "delete":
        transaction.delete(item, condition=write.condition)
    elif write.kind == "update":
        transaction.update(item, actions=list(write.actions), condition=write.condition)
    else:
        assert write.condition is not None
        transaction.condition_check(Item, item.pk, item.sk, condition=write.condition)
