"""Conditions, transactions and pages, as every other module of the store has them."""

from __future__ import annotations

import msgspec
import pytest

from chalicelib.domain.problems import Invalid
from chalicelib.store import table
from chalicelib.store.items import Item
from chalicelib.store.table import Raced, commit


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    text: str = ""
    version: int = 0


def put(uid, *names):
    for name in names:
        commit(table.create(uid, name, Thing(text=name)))


def text(uid, name):
    found = table.get(uid, name, Thing)
    return found.text if found else None


def test_what_is_created_is_there_in_its_first_version(uid):
    assert table.get(uid, "a", Thing) is None
    commit(table.create(uid, "a", Thing(text="ä\n")))
    assert table.get(uid, "a", Thing) == Thing(text="ä\n", version=1)


def test_what_is_there_is_not_created_again(uid):
    put(uid, "a")
    with pytest.raises(Raced) as caught:
        commit(table.create(uid, "a", Thing(text="other")))
    assert caught.value.failed == (0,)
    assert text(uid, "a") == "a"


def test_a_version_is_replaced_by_the_next(uid):
    put(uid, "a")
    commit(table.replace(uid, "a", Thing(text="b", version=1)))
    assert table.get(uid, "a", Thing) == Thing(text="b", version=2)


@pytest.mark.parametrize("version", [0, 1, 3])
def test_only_the_present_version_is_replaced(uid, version):
    put(uid, "a")
    commit(table.replace(uid, "a", Thing(text="b", version=1)))
    with pytest.raises(Raced):
        commit(table.replace(uid, "a", Thing(text="late", version=version)))
    assert text(uid, "a") == "b"


def test_what_is_not_there_is_not_replaced(uid):
    with pytest.raises(Raced):
        commit(table.replace(uid, "a", Thing(version=1)))
    assert text(uid, "a") is None


def test_a_delete_holds_to_its_condition(uid):
    put(uid, "a")
    with pytest.raises(Raced):
        commit(table.delete(uid, "a", Item.version == 7))
    commit(table.delete(uid, "a", Item.version == 1))
    assert text(uid, "a") is None
    commit(table.delete(uid, "a"))


def test_of_a_transaction_all_is_written_or_nothing(uid):
    put(uid, "there")
    with pytest.raises(Raced) as caught:
        commit(
            table.create(uid, "a", Thing()),
            table.create(uid, "there", Thing()),
            table.overwrite(uid, "b", Thing()),
            table.replace(uid, "gone", Thing(version=1)),
        )
    assert caught.value.failed == (1, 3)
    assert (text(uid, "a"), text(uid, "b")) == (None, None)


def test_a_transaction_can_hold_to_what_it_does_not_write(uid):
    put(uid, "there")
    commit(table.create(uid, "a", Thing()), table.check(uid, "there", Item.version == 1))
    with pytest.raises(Raced) as caught:
        commit(table.create(uid, "b", Thing()), table.check(uid, "there", Item.version == 2))
    assert caught.value.failed == (1,)
    assert text(uid, "b") is None


def test_a_transaction_of_a_hundred_writes_is_one_request(embedded, uid):
    with embedded.requests() as made:
        commit(*(table.create(uid, f"{n:03}", Thing()) for n in range(100)))
    assert made == ["TransactWriteItems"]


def test_the_writes_that_lost_are_told_in_the_order_they_were_given(uid):
    put(uid, "there", "also there")
    with pytest.raises(Raced) as caught:
        commit(
            table.update(uid, "a", [Item.uses.add(1)], Item.uses == 1),
            table.create(uid, "b", Thing()),
            table.create(uid, "there", Thing()),
            table.delete(uid, "c", Item.version == 1),
            table.check(uid, "also there", Item.version == 1),
            table.check(uid, "d", Item.version == 1),
        )
    assert caught.value.failed == (0, 2, 3, 5)


def test_one_write_is_no_transaction(embedded, uid):
    with embedded.requests() as made:
        commit(table.create(uid, "a", Thing()))
        commit(table.update(uid, "a", [Item.uses.add(1)]))
        commit(table.delete(uid, "a"))
    assert made == ["PutItem", "UpdateItem", "DeleteItem"]


def test_of_many_replacements_of_one_version_one_wins(uid, at_once):
    put(uid, "a")

    def replace(name):
        return lambda: commit(table.replace(uid, "a", Thing(text=name, version=1)))

    answers = at_once(*(replace(str(n)) for n in range(8)))
    won = [str(n) for n, answer in enumerate(answers) if answer is None]
    assert len(won) == 1
    assert all(isinstance(answer, Raced) for answer in answers if answer is not None)
    assert table.get(uid, "a", Thing) == Thing(text=won[0], version=2)


def test_of_many_transactions_on_the_same_rows_one_wins(uid, at_once):
    def both(name):
        return lambda: commit(*(table.create(uid, row, Thing(text=name)) for row in "ab"))

    answers = at_once(*(both(str(n)) for n in range(8)))
    won = [str(n) for n, answer in enumerate(answers) if answer is None]
    assert len(won) == 1
    assert (text(uid, "a"), text(uid, "b")) == (won[0], won[0])


def test_counts_by_many_at_once_add_up(uid, at_once):
    at_once(*([lambda: commit(table.update(uid, "a", [Item.uses.add(1)]))] * 8))
    assert table.row(uid, "a").uses == 8


def test_many_are_read_whatever_is_missing_and_twice_is_once(embedded, uid):
    put(uid, *"abc")
    with embedded.requests() as made:
        found = table.get_many([(uid, name) for name in "cabbaz"], Thing)
    assert sorted(thing.text for thing in found) == ["a", "b", "c"]
    assert made == ["BatchGetItem"]


def test_none_are_read_without_asking(embedded):
    with embedded.requests() as made:
        assert table.get_many([], Thing) == []
    assert made == []


# Pages.


def pages(uid, limit, **how):
    start = None
    while True:
        found = table.page(uid, limit=limit, start=start, **how)
        yield [item.sk for item in found.items]
        if found.next is None:
            return
        start = found.next


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_follow_one_another_and_miss_nothing(uid, newest_first):
    put(uid, *"abcdefg")
    put(uid + "x", "z")
    found = list(pages(uid, 3, newest_first=newest_first))
    in_order = list("gfedcba") if newest_first else list("abcdefg")
    assert [name for page in found for name in page] == in_order
    assert max(len(page) for page in found) == 3


def test_a_page_costs_one_query(embedded, uid):
    put(uid, *"abcdefg")
    with embedded.requests() as made:
        first = table.page(uid, limit=3)
        table.page(uid, limit=3, start=first.next)
    assert made == ["Query", "Query"]


def test_a_filtered_page_costs_one_query_however_little_is_on_it(embedded, uid):
    put(uid, *"abcdefg")
    with embedded.requests() as made:
        found = table.page(uid, limit=3, filter=Item.data.contains('"text":"g"'))
    assert (found.items, made) == ([], ["Query"])
    assert found.next is not None


def test_what_is_filtered_is_found_by_going_on(uid):
    put(uid, *"abcdefg")
    found = [name for page in pages(uid, 3, filter=Item.data.contains('"text":"g"')) for name in page]
    assert found == ["g"]


def test_an_empty_partition_is_an_empty_last_page(uid):
    found = table.page(uid, limit=3)
    assert (found.items, found.next) == ([], None)


@pytest.mark.parametrize(
    "start",
    [
        {},
        {"pk": {"S": "another"}, "sk": {"S": "a"}},
        {"pk": {"S": "UID"}, "sk": {"S": ""}},
        {"pk": {"S": "UID"}, "sk": {"N": "1"}},
        {"pk": {"S": "UID"}, "sk": {"S": 1}},
        {"pk": {"S": "UID"}, "sk": {"S": "a", "N": "1"}},
        {"pk": {"S": "UID"}, "sk": {"S": "a"}, "status_key": {"S": "a"}},
        {"pk": "UID", "sk": "text"},
        {"sk": {"S": "a"}},
        {"pk": {"S": "UID"}},
        {"bogus": {"S": "a"}},
        {"pk": None, "sk": None},
    ],
)
def test_a_key_to_go_on_from_that_is_none_of_ours_is_refused(embedded, uid, start):
    put(uid, *"abc")
    if start.get("pk") == {"S": "UID"}:
        start = {**start, "pk": {"S": uid}}
    with embedded.requests() as made, pytest.raises(Invalid) as caught:
        table.page(uid, limit=3, start=start)
    assert [error.field for error in caught.value.errors] == ["cursor"]
    assert made == []


def test_a_key_of_an_index_is_one_of_that_index(uid):
    commit(table.create(uid, "a", Thing(), status_key=f"{uid}#failed"))
    commit(table.create(uid, "b", Thing(), status_key=f"{uid}#failed"))
    first = table.page(f"{uid}#failed", limit=1, index=Item.by_status)
    second = table.page(f"{uid}#failed", limit=1, start=first.next, index=Item.by_status)
    assert [item.sk for item in second.items] == ["b"]
    for pk, index in ((f"{uid}#other", Item.by_status), (uid, None)):
        with pytest.raises(Invalid):
            table.page(pk, limit=1, start=first.next, index=index)
