"""Starting a run by hand, once for all attempts at one request."""

from __future__ import annotations

import dataclasses
import itertools
from datetime import timedelta

import pytest

from chalicelib.actions import start_run
from chalicelib.call import Call
from chalicelib.store import blocks, configured_blocks, projects, runs
from chalicelib.store.table import commit
from tests.domain import examples

NUMBERS = itertools.count(1)
LATER = examples.NOW + timedelta(hours=20)


@pytest.fixture(scope="module")
def settings(embed):
    settings = embed("Table", "JobRunMachineRole", "JobRunMachine", executing=False).settings
    commit(blocks.create(examples.block()))
    return settings


@pytest.fixture
def place(settings):
    uid = f"{next(NUMBERS):026}"
    environment = examples.environment(uid=f"e{uid[1:]}", project_uid=f"p{uid[1:]}")
    configured = examples.configured(
        uid=f"c{uid[1:]}", environment_uid=environment.uid, project_uid=environment.project_uid
    )
    commit(projects.create_environment(environment), configured_blocks.create(configured))
    return environment, configured


@pytest.fixture
def attempt(settings, place):
    """`attempt(now, since=None)`: one attempt at the same request; `since` is when it was first begun."""

    def run(now, since=None):
        ids = (f"seed{number:022}" for number in itertools.count())
        call = Call(now, "ada", "admin", settings, lambda: next(ids), repeated_since=since)
        return start_run.run_now(call, *place, command=None, values=(), reason=None, force=False)

    return run


def stored(place):
    return [run.id for run in runs.history(place[1].uid, examples.NOW, 10, None, None, None)[0]]


def test_repeated_request_finds_the_run_that_its_first_attempt_stored(attempt, place):
    first = attempt(examples.NOW)
    assert attempt(LATER, since=examples.NOW) == first
    assert stored(place) == [first.id]
    assert first.created_at == examples.NOW


def test_repeated_request_is_dated_by_the_attempt_that_stores_its_run(attempt, place):
    run = attempt(LATER, since=examples.NOW)
    assert run.created_at == LATER
    assert f"{LATER:%Y%m%dT%H%M}" in run.id
    assert attempt(LATER + timedelta(minutes=1), since=examples.NOW) == run
    assert stored(place) == [run.id]


def test_run_of_another_request_is_not_found(attempt, place, settings):
    first = attempt(examples.NOW)
    call = Call(LATER, "ada", "admin", settings, lambda: "other" + "0" * 21, repeated_since=examples.NOW)
    other = start_run.run_now(call, *place, command=None, values=(), reason=None, force=True)
    assert other.id != first.id
    assert len(stored(place)) == 2


def test_repeated_since_makes_a_call_repeated(settings):
    call = Call(examples.NOW, "ada", "admin", settings, lambda: "")
    assert not call.repeated
    assert dataclasses.replace(call, repeated_since=examples.NOW).repeated
