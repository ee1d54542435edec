"""The one write path: whatever way a write can lose, the change is made once or the caller learns that it was not."""

from __future__ import annotations

import json

import msgspec
import pytest
from botocore.awsrequest import AWSResponse

from chalicelib.domain.problems import Unavailable
from chalicelib.store import retries, table
from chalicelib.store import update as update_module
from chalicelib.store.items import Item
from chalicelib.store.table import Contention, Raced, commit
from chalicelib.store.update import until_written, update


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    count: int = 0
    version: int = 0


@pytest.fixture
def counter(uid):
    """A stored counter: `counter.load`, `counter.save`, `counter.increment`."""
    return StoredCounter(uid)


class StoredCounter:
    def __init__(self, uid):
        self.uid = uid
        commit(table.create(uid, "a", Counter()))

    def load(self):
        return table.get(self.uid, "a", Counter)

    def save(self, new):
        return table.replace(self.uid, "a", new)

    def increment(self):
        return update(self.load, lambda present: Counter(count=present.count + 1, version=present.version), self.save)


@pytest.fixture
def refuse_writes():
    """`refuse_writes(code, count, reasons=None)`: DynamoDB answers the next `count` writes with this error."""
    events = Item._get_connection().connection.client.meta.events
    state = {"left": 0, "answer": None, "refused": 0}

    def answer(request, **_):
        if not state["left"] or b"ConsistentRead" in (request.body or b""):
            return None
        state["left"] -= 1
        state["refused"] += 1
        response = AWSResponse(request.url, 400, {"content-type": "application/x-amz-json-1.0"}, None)
        response._content = state["answer"]
        return response

    def refuse(code, count, reasons=None):
        body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "Transaction is ongoing for the item"}
        body |= {"CancellationReasons": [{"Code": reason} for reason in reasons]} if reasons else {}
        state.update(left=count, answer=json.dumps(body).encode(), refused=0)
        return state

    events.register_first("before-send.dynamodb", answer)
    yield refuse
    events.unregister("before-send.dynamodb", answer)


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """The waits between attempts, which are not waited for."""
    waited = []
    monkeypatch.setattr(retries.time, "sleep", waited.append)
    return waited


WRITES = {
    "put": lambda uid: table.overwrite(uid, "b", Counter(count=1)),
    "update": lambda uid: table.update(uid, "a", [Item.uses.add(1)], Item.pk.exists()),
    "delete": lambda uid: table.delete(uid, "a"),
}


@pytest.mark.parametrize("kind", WRITES)
def test_write_is_sent_again_after_a_transaction_conflict(counter, refuse_writes, kind):
    refused = refuse_writes("TransactionConflictException", 3)
    commit(WRITES[kind](counter.uid))
    assert refused["refused"] == 3
    rows = {"put": (0, 1), "update": (0, None), "delete": (None, None)}[kind]
    assert tuple(row and row.count for row in (counter.load(), table.get(counter.uid, "b", Counter))) == rows


@pytest.mark.parametrize("kind", WRITES)
def test_lasting_transaction_conflict_is_reported_as_busy(counter, refuse_writes, waits, kind):
    refused = refuse_writes("TransactionConflictException", 1000)
    with pytest.raises(Unavailable) as caught:
        commit(WRITES[kind](counter.uid))
    assert caught.value.detail == retries.BUSY
    assert refused["refused"] == table.CONTENTION_ATTEMPTS == len(waits) + 1


def test_cancelled_transaction_is_sent_again_while_it_collides(counter, refuse_writes):
    refused = refuse_writes("TransactionCanceledException", 2, ["TransactionConflict", "None"])
    commit(counter.save(Counter(count=7, version=1)), table.create(counter.uid, "b", Counter()))
    assert refused["refused"] == 2
    assert counter.load() == Counter(count=7, version=2)


def test_collision_is_never_reported_as_a_failed_condition(counter, refuse_writes):
    refuse_writes("TransactionCanceledException", 1000, ["None", "TransactionConflict"])
    with pytest.raises(Unavailable):
        commit(counter.save(Counter(version=1)), table.create(counter.uid, "b", Counter()))


def test_failed_condition_beside_a_collision_names_the_condition(counter, refuse_writes):
    refuse_writes("TransactionCanceledException", 1, ["TransactionConflict", "ConditionalCheckFailed"])
    with pytest.raises(Raced) as caught:
        commit(counter.save(Counter(version=1)), table.create(counter.uid, "b", Counter()))
    assert caught.value.failed == (1,)


def test_update_starts_again_from_what_another_writer_stored(counter):
    def change(present):
        if present.version == 1:
            counter.increment()
        return Counter(count=present.count + 10, version=present.version)

    assert update(counter.load, change, counter.save) == Counter(count=11, version=3) == counter.load()


def test_update_without_a_change_writes_nothing(counter, refuse_writes):
    refused = refuse_writes("TransactionConflictException", 1000)
    assert update(counter.load, lambda present: None, counter.save) == Counter(version=1)
    assert update(counter.load, lambda present: present, counter.save) == Counter(version=1)
    assert update(lambda: None, lambda present: present, counter.save) is None
    assert refused["refused"] == 0


def test_follow_up_writes_happen_with_the_change_or_not_at_all(counter):
    seen = []

    def also(old, new):
        seen.append((old.count, new.count))
        return [table.create(counter.uid, f"after-{new.count}", Counter())]

    def change(present):
        return Counter(count=present.count + 1, version=present.version)

    told = []
    update(counter.load, change, counter.save, also, told.append)
    assert seen == [(0, 1)]
    assert [new.count for new in told] == [1]
    assert table.get(counter.uid, "after-1", Counter) is not None


def test_change_is_made_once_although_its_answer_is_lost(counter, monkeypatch):
    save, lost = Item.save, []

    def save_and_lose(item, condition=None, **more):
        save(item, condition, **more)
        if not lost:
            lost.append(item)
            raise Contention

    monkeypatch.setattr(Item, "save", save_and_lose)
    assert counter.increment() == Counter(count=1, version=2) == counter.load()


def test_writer_who_always_loses_gives_up_as_busy(waits):
    def lose():
        raise Raced([0])

    with pytest.raises(Unavailable):
        until_written(lose)
    assert len(waits) == update_module.ATTEMPTS - 1
    assert all(0 <= seconds <= retries.LONGEST_SECONDS for seconds in waits)
    assert len(set(waits)) > 10  # drawn at random, so that two who met do not meet again


def test_crowd_of_writers_loses_no_change(counter, at_once, monkeypatch):
    monkeypatch.undo()  # they wait for real
    assert all(isinstance(answer, Counter) for answer in at_once(*[counter.increment] * 24))
    assert counter.load() == Counter(count=24, version=25)
