"""Runs: history by time, status and trigger, each page one Query; what is open, what failed, what the watchdog sees."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest

from chalicelib.domain import runs as rules
from chalicelib.domain.problems import Invalid
from chalicelib.domain.runs import FINAL
from chalicelib.store import runs, table, unfinished
from chalicelib.store.table import Raced, commit
from tests.domain.examples import NOW, after, run

DAYS = 90
BAD = {"failed", "timed_out", "out_of_memory", "start_failed", "interrupted", "missed"}


def made(uid, seconds=0, **told):
    """A stored run of a configured block, begun so many seconds after NOW."""
    run_id = rules.run_id(uid, after(seconds), f"m{seconds}")
    one = run("migrate", id=run_id, uid=uid, created_at=after(seconds), environment_uid=f"e{uid[1:]}", **told)
    commit(runs.create(one, DAYS))
    return run_id


def became(run_id, **told):
    present = runs.get(run_id)
    commit(runs.replace(msgspec.structs.replace(present, **told), DAYS))
    return runs.get(run_id)


def history(uid, now=NOW, limit=10, start=None, status=None, trigger=None):
    found, after_ = runs.history(uid, now, limit, start, status, trigger)
    return [one.id for one in found], after_


def test_a_run_is_found_by_its_id(uid):
    run_id = made(uid, command="x")
    assert runs.get(run_id).command == "x"
    assert runs.get(run_id + "x") is None


@pytest.mark.parametrize("text", ["", "x", "-", "x-", "a-b-c", "ä", "-" * 300])
def test_text_that_is_no_runs_id_names_none(text):
    assert runs.get(text) is None


def test_a_run_is_created_once(uid, at_once):
    one = run("migrate", id=f"{uid}-20261122T080000-s", uid=uid)
    answers = at_once(*[lambda: commit(runs.create(one, DAYS))] * 6)
    assert [type(answer) for answer in answers].count(Raced) == 5


def test_many_are_found_by_their_ids(uid):
    ids = [made(uid, n) for n in range(3)]
    assert set(runs.get_many([*ids, ids[0], f"{uid}-20300101T000000-x"])) == set(ids)


# History.


def test_history_is_newest_first_and_pages_miss_nothing(uid):
    ids = [made(uid, n) for n in range(7)]
    found, start = [], None
    while True:
        page, start = history(uid, limit=3, start=start)
        found += page
        if start is None:
            break
    assert found == ids[::-1]


@pytest.mark.parametrize(
    "asked", [{}, {"status": "failed"}, {"trigger": "manual"}, {"status": "failed", "trigger": "schedule"}]
)
def test_a_page_of_history_costs_one_query(embedded, uid, asked):
    for n in range(5):
        made(uid, n, status="failed")
    with embedded.requests() as requests:
        _, start = history(uid, limit=2, **asked)
        history(uid, limit=2, start=start, **asked)
    assert requests == ["Query", "Query"]


def test_a_status_is_asked_of_its_index(embedded, uid):
    for n in range(6):
        made(uid, n, status="succeeded")
    failed = made(uid, 9, status="failed")
    for n in range(10, 16):
        made(uid, n, status="succeeded")
    assert history(uid, limit=2, status="failed")[0] == [failed]


def test_a_run_is_under_the_status_it_has_now(uid):
    run_id = made(uid)
    became(run_id, status="running")
    assert history(uid, status="queued")[0] == []
    assert history(uid, status="running")[0] == [run_id]


@pytest.mark.parametrize("status", sorted(FINAL | {"queued", "running"}))
def test_every_status_can_be_asked_for(uid, status):
    run_id = made(uid, status=status)
    assert history(uid, status=status)[0] == [run_id]


def test_a_trigger_filters_and_the_page_may_be_short_though_not_the_last(uid):
    scheduled = [made(uid, n, trigger="schedule") for n in range(3)]
    for n in range(3, 8):
        made(uid, n, trigger="manual")
    page, start = history(uid, limit=4, trigger="schedule")
    assert page == []
    assert history(uid, limit=4, start=start, trigger="schedule")[0] == scheduled[::-1]


def test_a_word_in_a_run_is_not_its_trigger(uid):
    made(uid, because='"trigger":"schedule"', command="schedule")
    assert history(uid, trigger="schedule")[0] == []


@pytest.mark.parametrize("asked", [{}, {"status": "failed"}, {"trigger": "manual"}])
def test_what_has_expired_is_not_shown_even_before_it_is_deleted(uid, asked):
    old, young = made(uid, 0, status="failed"), made(uid, 60, status="failed")
    ends = NOW + timedelta(days=DAYS)
    assert history(uid, now=ends - timedelta(seconds=1), **asked)[0] == [young, old]
    assert history(uid, now=ends, **asked)[0] == [young]
    assert history(uid, now=ends + timedelta(seconds=60), **asked)[0] == []


def test_a_change_does_not_make_a_run_live_longer(uid):
    run_id = made(uid)
    became(run_id, status="failed", finished_at=after(500))
    expires = table.row(f"runs#{uid}", run_id.split("-", 1)[1]).expires
    assert expires == int((NOW + timedelta(days=DAYS)).timestamp())


def test_a_cursor_of_another_block_or_filter_is_refused(uid):
    for n in range(3):
        made(uid, n, status="failed")
        made(uid[:-1] + "x", n)
    _, of_all = history(uid, limit=1)
    _, of_failed = history(uid, limit=1, status="failed")
    for asked in ({"start": of_failed}, {"start": of_all, "status": "failed"}):
        with pytest.raises(Invalid):
            history(uid, **asked)
    with pytest.raises(Invalid):
        history(uid[:-1] + "x", start=of_all)


# What is open, what failed.


def test_open_are_those_that_are_not_final(uid):
    queued, running = made(uid, 0), made(uid, 1, status="running")
    made(uid, 2, status="succeeded")
    assert {one.id for one in runs.open_of(f"e{uid[1:]}", uid)} == {queued, running}
    assert {one.id for one in runs.open_in(f"e{uid[1:]}", 10)} == {queued, running}


def test_a_run_on_its_way_is_open_at_every_instant(uid):
    run_id, asked = made(uid), 0
    with ThreadPoolExecutor(1) as pool:
        moving = pool.submit(lambda: [became(run_id, status=status) for status in ("running", "queued") * 30])
        while not moving.done():
            assert [one.id for one in runs.open_of(f"e{uid[1:]}", uid)] == [run_id]
            asked += 1
    moving.result()
    assert asked > 10


@pytest.mark.parametrize("status", sorted(FINAL))
def test_a_run_that_ends_is_not_open_any_more(uid, status):
    run_id = made(uid, status="running")
    became(run_id, status=status, finished_at=after(5))
    assert runs.open_of(f"e{uid[1:]}", uid) == []
    assert runs.open_in(f"e{uid[1:]}", 10) == []
    failed, missed = (find(f"e{uid[1:]}", after(10), 10) for find in (runs.failed_in, runs.missed_in))
    assert [one.id for one in failed] == ([run_id] if status in BAD - {"missed"} else [])
    assert [one.id for one in missed] == ([run_id] if status == "missed" else [])


def test_the_last_failures_come_first(uid):
    ids = [made(uid, n, status="failed", finished_at=after(100 - n)) for n in range(3)]
    assert [one.id for one in runs.failed_in(f"e{uid[1:]}", after(100), 2)] == ids[:2]


# The watchdog.


def due(before, uids):
    return {one.id for one in unfinished.due(before) if one.uid in uids}


def test_the_watchdog_sees_what_is_not_final_from_the_time_it_should_look(uid):
    run_id = made(uid, check_at=after(120))
    assert due(after(119), {uid}) == set()
    assert due(after(120), {uid}) == {run_id}
    assert due(after(120.5), {uid}) == {run_id}


def test_it_sees_everything_when_asked_to(uid):
    run_id = made(uid, check_at=after(10**6))
    assert due(None, {uid}) == {run_id}


def test_it_sees_nothing_of_what_has_ended(uid):
    run_id = made(uid, check_at=after(1))
    became(run_id, status="succeeded")
    assert due(None, {uid}) == set()


def test_looking_costs_a_query_a_shard(embedded):
    with embedded.requests() as requests:
        list(unfinished.due(NOW - timedelta(days=1)))
    assert requests == ["Query"] * runs.SHARDS


def test_runs_spread_over_the_shards():
    found = {runs.shard(rules.run_id("c" * 26, after(n), "s")) for n in range(200)}
    assert found == {f"check#{n}" for n in range(runs.SHARDS)}
