"""An execution that Step Functions refuses to start ends its row with the reason, wherever it was to be started."""

from __future__ import annotations

import itertools

import msgspec
import pytest

from chalicelib.actions import complete, deploy, settle, start_run, watch
from chalicelib.call import Call
from chalicelib.domain.runs import Run
from chalicelib.store import blocks, configured_blocks, deployments, locks, projects, runs, unfinished
from chalicelib.store.table import commit
from tests.domain import examples

NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def settings(embed):
    """Settings of a stack whose state machines are missing: StartExecution is refused."""
    return embed("Table").settings


@pytest.fixture
def call(settings):
    number = next(NUMBERS)
    ids = (f"{number:04}{count:022}" for count in itertools.count())
    return Call(examples.NOW, "ada", "admin", settings, lambda: next(ids))


@pytest.fixture
def place(call):
    """An environment with one configured job, each with uids of the test's own."""
    uid = call.new_id()
    environment = examples.environment(uid=f"e{uid[1:]}", project_uid=f"p{uid[1:]}")
    configured = examples.configured(
        uid=f"c{uid[1:]}", environment_uid=environment.uid, project_uid=environment.project_uid
    )
    if blocks.get("migrate") is None:
        commit(blocks.create(examples.block()))
    commit(projects.create_environment(environment), configured_blocks.create(configured))
    return environment, configured


def assert_reason(row):
    assert "Step Functions refused to start it: StateMachineDoesNotExist: " in row.reason


def test_manual_run_is_a_final_row_with_the_reason(call, place):
    run = start_run.run_now(call, *place, command=None, values=(), reason=None, force=False)
    assert (run.status, runs.get(run.id).status) == ("start_failed", "start_failed")
    assert_reason(run)
    assert locks.holder(run.uid) is None


def test_deployment_ends_failed_with_the_reason(call, place):
    environment, _ = place
    deployment = deploy.deploy(call, environment)
    assert deployment.status == "failed"
    assert_reason(deployment)
    after = projects.same_environment(environment)
    assert (after.active, after.latest_status) == (None, "failed")
    assert deploy.deploy(call, after).number == 2  # nothing stays locked


def test_waiting_run_is_settled_when_the_lock_reaches_it(call, place):
    _, configured = place
    holder, waiting = (examples.run(id=f"{configured.uid}-20261122T080000-{n}", uid=configured.uid) for n in "ab")
    commit(runs.create(holder, 90), locks.take(configured.uid, holder.id, call.now, examples.after(60)))
    commit(runs.create(waiting, 90), locks.wait(configured.uid, waiting.id))
    settle.skip(call, [holder.id], "a reason")
    assert_reason(runs.get(waiting.id))
    assert (locks.holder(configured.uid), locks.waiting(configured.uid)) == (None, None)


def test_watchdog_does_not_try_a_refused_run_for_ever(call, place):
    _, configured = place
    run = examples.run(id=f"{configured.uid}-20261122T080000-w", uid=configured.uid, check_at=call.now)
    commit(runs.create(run, 90))
    watch.watch(call)
    assert runs.get(run.id).status == "start_failed"
    assert run.id not in [row.id for row in unfinished.due(None) if isinstance(row, Run)]


def test_lost_deployment_is_settled_by_the_watchdog(call, place):
    environment, _ = place
    deployment = examples.deployment(
        id=f"{environment.uid}-00000001", environment_uid=environment.uid, project_uid=environment.project_uid
    )
    active = msgspec.structs.replace(
        projects.same_environment(environment), active=1, latest=1, latest_status="running"
    )
    commit(projects.replace_environment(active), deployments.create(deployment))
    watch.watch(call, everything=True)
    assert_reason(deployments.by_number(environment.uid, 1))
    assert complete.complete(call, deployment.id).status == "failed"
    assert projects.same_environment(environment).active is None
