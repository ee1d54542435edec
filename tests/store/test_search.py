"""Searching blocks and projects by their names: one Query a page, whatever it finds."""

from __future__ import annotations

import msgspec
import pytest

from chalicelib.domain.problems import Invalid
from chalicelib.store import blocks, projects, table
from chalicelib.store.table import commit
from tests.domain import examples


@pytest.fixture
def stored(uid):
    """30 blocks, of which every tenth is a needle; their search word."""
    for number in range(30):
        name = f"{'Needle' if number % 10 == 9 else 'Straw'} {uid} {number:02}"
        one = examples.block(uid=f"{uid[2:]}{number:02}", internal_name=f"n{uid[4:]}-{number:02}", name=name)
        commit(blocks.create(one))
    return uid


def found(words, limit=100, start=None):
    page, following = blocks.page(limit, start, words)
    return [one.name.rpartition(" ")[2] for one in page], following


def test_search_finds_by_display_name_and_internal_name(stored):
    assert found((stored, "needle")) == (["09", "19", "29"], None)
    assert found((f"n{stored[4:]}-07",))[0] == ["07"]
    assert found((stored, "needle", "pin")) == ([], None)


def test_search_page_is_one_query_of_bounded_rows(embedded, stored, monkeypatch):
    monkeypatch.setattr(table, "SEARCHED", 15)
    with embedded.requests() as made:
        names, following = found((stored, "needle"))
    assert made == ["Query"]
    assert len(names) < 3
    assert following is not None


def test_search_pages_miss_nothing_and_repeat_nothing(stored, monkeypatch):
    for examined in (1, 4, 1000):
        monkeypatch.setattr(table, "SEARCHED", examined)
        for limit in (1, 2, 5):
            names, start, pages = [], None, 0
            while True:
                page, start = found((stored, "needle"), limit, start)
                names += page
                pages += 1
                assert len(page) <= limit
                if start is None:
                    break
            assert names == ["09", "19", "29"]


def test_search_page_may_be_empty_before_the_last(stored, monkeypatch):
    monkeypatch.setattr(table, "SEARCHED", 1)
    names, following = found((stored, "no-such-thing"))
    assert names == []
    assert following is not None


def test_search_cursor_of_another_partition_is_refused(stored):
    with pytest.raises(Invalid):
        found(("x",), start={"pk": {"S": "projects"}, "sk": {"S": "a"}})


def test_search_follows_a_new_name(uid):
    commit(blocks.create(examples.block(uid=uid, internal_name=f"n{uid}", name=f"Old {uid}")))
    block = blocks.get(f"n{uid}")
    commit(blocks.replace(msgspec.structs.replace(block, name=f"New {uid}")))
    assert [one.name for one in blocks.page(10, None, ("new", uid))[0]] == [f"New {uid}"]
    assert blocks.page(10, None, ("old", uid))[0] == []


def test_projects_are_searched_alike(embedded, uid):
    commit(projects.create(examples.project(uid=uid, internal_name=f"n{uid}", name=f"Old {uid}")))
    project = projects.get(f"n{uid}")
    commit(projects.replace(msgspec.structs.replace(project, name=f"New {uid}")))
    with embedded.requests() as made:
        assert [one.name for one in projects.page(10, None, ("new", uid))[0]] == [f"New {uid}"]
    assert made == ["Query"]
    assert projects.page(10, None, ("old", uid))[0] == []
