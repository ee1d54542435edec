"""The audit's rows: in which lists an entry stands, how pages go on, what has expired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from chalicelib.domain.audit import By, Entry, Source, Subject
from chalicelib.domain.problems import Invalid
from chalicelib.store import audit, table
from chalicelib.store.items import Item
from chalicelib.store.table import Raced, commit

DAYS = 365
NOW = datetime(2031, 3, 15, 12, 0, tzinfo=UTC)


def an_entry(uid, at=NOW, **subject):
    return Entry(
        id=uid, at=at, by=By(f"id-{uid}", f"ada-{uid}"), source=Source("10.0.0.1", "tests"), action="block.change",
        subject=Subject(**subject), changes=(), request_id="r",
    )  # fmt: skip


def put(entry):
    commit(*audit.put(entry, DAYS))
    return entry


def ids(found):
    return [entry.id for entry in found[0]]


def everything(now, limit):
    """The ids of all pages, and how many pages there were."""
    told, start, pages = [], None, 0
    while pages == 0 or start is not None:
        found, start = audit.everywhere(now, DAYS, limit, start)
        told += [entry.id for entry in found]
        pages += 1
    return told, pages


def test_an_entry_stands_in_the_list_of_all_that_it_is_about(uid):
    put(an_entry(uid, project=f"p-{uid}", block=f"b-{uid}"))
    assert ids(audit.of_project(f"p-{uid}", NOW, 10, None)) == [uid]
    assert ids(audit.of_block(f"b-{uid}", NOW, 10, None)) == [uid]
    assert ids(audit.of_person(f"ada-{uid}", NOW, 10, None)) == [uid]
    assert ids(audit.of_person(f"id-{uid}", NOW, 10, None)) == [uid]
    assert uid in everything(NOW, 100)[0]


def test_a_year_is_told_newest_first_over_months_in_which_nothing_was(uid):
    ages = [0, 1, 20, 200, 364]
    for age in ages:
        put(an_entry(f"{uid}-{age}", NOW - timedelta(days=age)))
    for limit in (1, 2, 100):
        told, _ = everything(NOW, limit)
        assert [one for one in told if one.startswith(uid)] == [f"{uid}-{age}" for age in ages]


def test_the_whole_year_is_a_query_for_each_month_at_most(embedded, uid):
    later = NOW + timedelta(days=3000)
    with embedded.requests() as made:
        found, after = audit.everywhere(later, DAYS, 25, None)
    assert (found, after) == ([], None)
    assert made == ["Query"] * 13


def test_what_has_expired_is_not_told_before_it_is_deleted(uid):
    put(an_entry(uid, project=f"p-{uid}"))
    end = NOW + timedelta(days=DAYS)
    assert ids(audit.of_project(f"p-{uid}", end - timedelta(seconds=1), 10, None)) == [uid]
    assert ids(audit.of_project(f"p-{uid}", end, 10, None)) == []
    assert table.row(f"audit#project#p-{uid}", audit._sort(an_entry(uid))).expires == int(end.timestamp())


def test_where_the_change_fails_there_is_no_entry(uid):
    failing = table.check("nothing", uid, Item.pk.exists())
    with pytest.raises(Raced) as raced:
        commit(failing, *audit.put(an_entry(uid, project=f"p-{uid}"), DAYS))
    assert raced.value.failed == (0,)
    assert audit.of_project(f"p-{uid}", NOW, 10, None)[0] == []


def test_an_entry_written_again_is_one(uid):
    entry = an_entry(uid, project=f"p-{uid}")
    put(entry)
    put(entry)
    found, _ = audit.of_project(f"p-{uid}", NOW, 10, None)
    assert found == [msgspec.structs.replace(entry, version=1)]


@pytest.mark.parametrize(
    "start",
    [
        {"month": "audit#2031-3"}, {"month": "audit#project#x"}, {"month": 1}, {}, {"pk": {"S": "tokens"}},
        {"pk": {"S": "audit#2031-03"}, "sk": {"N": "1"}}, {"pk": {"S": "audit#2031-03"}},
    ],
)  # fmt: skip
def test_a_place_that_is_none_of_ours_is_refused(start):
    with pytest.raises(Invalid):
        audit.everywhere(NOW, DAYS, 10, start)
