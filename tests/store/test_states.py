"""The list of failing projects: one Query of each shard a page, by name, whatever their number."""

from __future__ import annotations

import itertools
import random

import pytest

from chalicelib.domain import results as rules
from chalicelib.store import results, states, table
from chalicelib.store.items import Item
from chalicelib.store.table import commit
from tests.domain.examples import NOW, configured, run


@pytest.fixture(autouse=True)
def _empty():
    """Every test has the list to itself."""
    yield
    for number, state in itertools.product(range(states.SHARDS), ("failing", "running")):
        for item in table.page(f"{state}#{number}", index=Item.by_state).items:
            commit(table.delete(item.pk, item.sk))


def fail(project, hostname="migrate", environment="dev", status="failed"):
    """A job whose last run failed."""
    uid = f"{project}.{environment}.{hostname}"
    one = configured(uid=uid, project=project, environment=environment, environment_uid=f"e{uid}", hostname=hostname)
    commit(results.create(one))
    end(one, status)
    return one


def end(one, status):
    ended = run(
        id=f"{one.uid}-1-m", uid=one.uid, hostname=one.hostname, project=one.project, environment=one.environment,
        environment_uid=one.environment_uid, status=status, finished_at=NOW, reason=f"it {status}",
    )  # fmt: skip
    commit(results.replace(rules.after(results.get(one.environment_uid, one.uid), ended)))


def pages(limit, state="failing"):
    """The names of all pages, and how many pages there were."""
    names, after, count = [], "", 0
    while after is not None:
        found, after = states.page(state, limit, after)
        assert len(found) <= limit
        names += found
        count += 1
    return names, count


def test_page_is_one_query_of_each_shard(embedded):
    for number in range(30):
        fail(f"p-{number:03}")
    with embedded.requests() as made:
        found, after = states.page("failing", 10, "")
    assert list(found) == [f"p-{number:03}" for number in range(10)]
    assert after == "p-009"
    assert made == ["Query"] * states.SHARDS


@pytest.mark.parametrize("examined", [1, 2, 7, 100])
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_pages_are_by_name_and_miss_nothing(monkeypatch, examined, limit):
    monkeypatch.setattr(states, "EXAMINED", examined)
    names = ["a1", "shop", "shop-2", "shop2", "shopping", "zz"]
    jobs = [(name, f"job{number}") for name in names for number in range(1 + len(name) % 4)]
    random.Random(1).shuffle(jobs)
    for name, hostname in jobs:
        fail(name, hostname)
    assert pages(limit)[0] == sorted(names)


def test_project_with_very_many_failures_hides_no_other():
    for number in range(states.EXAMINED + 5):
        fail("aaa", f"job{number:03}")
    for name in ("bbb", "ccc"):
        fail(name)
    names, count = pages(25)
    assert names == ["aaa", "bbb", "ccc"]
    assert count <= 2
    first = states.page("failing", 25, "")[0]["aaa"]
    assert [reason.hostname for reason in first.first] == [f"job{number:03}" for number in range(states.MOST_REASONS)]
    assert first.more


def test_reasons_say_what_failed():
    fail("shop", "backup", "prod", "timed_out")
    ((reason,),) = [found.first for found in states.page("failing", 25, "")[0].values()]
    assert (reason.environment, reason.hostname, reason.status) == ("prod", "backup", "timed_out")
    assert (reason.reason, reason.at, reason.run) == ("it timed_out", NOW, "shop.prod.backup-1-m")


def test_job_that_recovers_leaves_the_list():
    one = fail("shop")
    end(one, "succeeded")
    assert pages(25)[0] == []
    end(one, "failed")
    assert pages(25)[0] == ["shop"]
    commit(results.delete(one.environment_uid, one.uid))
    assert pages(25)[0] == []


def test_named_projects_cost_one_query_each(embedded):
    for name in ("shop", "shop-2", "other"):
        fail(name)
    with embedded.requests() as made:
        found = states.of_projects("failing", ["shop", "calm"])
    assert list(found) == ["shop"]
    assert made == ["Query"] * 2


@pytest.mark.ci
def test_thousand_projects_are_listed_in_bounded_pages():
    for number in range(1000):
        uid = f"x{number:04}"
        reason = rules.of_run(run(status="failed", finished_at=NOW))
        columns = states.columns("failing", f"p{number:04}", reason)
        commit(table.Write("put", Item(f"results#{uid}", uid, **columns)))
    names, count = pages(100)
    assert names == [f"p{number:04}" for number in range(1000)]
    assert count == 10
