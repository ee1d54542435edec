"""Which projects may use a block, on the laptop's AWS."""

from __future__ import annotations

import dataclasses
import itertools

import msgspec
import pytest

from chalicelib.actions import blocks, chosen_projects, configure, deploy, freeze, prepare, projects, start_run
from chalicelib.call import Call
from chalicelib.domain.blocks import Command, Repository
from chalicelib.domain.configured_blocks import Configuration
from chalicelib.domain.problems import Conflict, Invalid, Stale
from chalicelib.store import blocks as stored_blocks
from chalicelib.store import configured_blocks, deployments
from chalicelib.store import projects as stored
from chalicelib.store.table import commit
from tests.domain import examples

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def call(embed):
    settings = embed("Table", "Key", "KeyAlias", "DeploymentMachine", "DeploymentMachineRole").settings
    names = (f"{number:026}" for number in itertools.count(1))
    return Call(examples.NOW, "ada", "admin", settings, lambda: next(names))


@pytest.fixture
def shop(call):
    return project(call, f"shop-{next(NUMBERS)}")


@pytest.fixture
def other(call):
    return project(call, f"other-{next(NUMBERS)}")


def project(call, name):
    return projects.create(call, name=name, internal_name=name, description="", environment="dev")


def block(call, *allowed, name=None):
    name = name or f"block-{next(NUMBERS)}"
    chosen = chosen_projects.uids([one.internal_name for one in allowed])
    return blocks.create(
        call,
        name=name,
        internal_name=name,
        flavor="job",
        repository=Repository(url="https://git.example.org/shop"),
        source=Command(command="true"),
        values=(),
        projects=chosen,
    )


def environment(of):
    return stored.environment(of, "dev")


def put(call, of, one, hostname="job"):
    return configure.put(call, environment(of), hostname, Configuration(block=one.internal_name), None)


def limited(call, *to):
    return dataclasses.replace(call, projects={one.internal_name: one.uid for one in to})


def restrict(call, one, *allowed):
    present = stored_blocks.get(one.internal_name)
    chosen = {project.internal_name: project.uid for project in allowed}
    return blocks.change(call, present, msgspec.structs.replace(present, projects=chosen), False)


def test_a_block_is_configured_only_where_it_may_be_used(call, shop, other):
    one = block(call, shop)
    assert put(call, shop, one).block_uid == one.uid
    with pytest.raises(Invalid) as caught:
        put(call, other, one)
    (error,) = caught.value.errors
    assert error.field == "block"
    assert f"{one.internal_name} may not be used in the project {other.internal_name};" in error.message


def test_a_limited_token_is_told_nothing_of_a_block_it_does_not_see(call, shop, other):
    one = block(call, shop)
    with pytest.raises(Invalid) as caught:
        put(limited(call, other), other, one)
    (error,) = caught.value.errors
    assert error.message.startswith(f"there is no block {one.internal_name};")


def test_a_project_made_again_under_the_same_name_may_not(call, shop):
    one = block(call, shop)
    projects.delete(call, shop)
    again = project(call, shop.internal_name)
    assert again.uid != shop.uid
    with pytest.raises(Invalid, match="may not be used"):
        put(call, again, one)
    with pytest.raises(Invalid, match="there is no block"):
        put(limited(call, again), again, one)
    restrict(call, one, again)
    assert put(call, again, one).block_uid == one.uid


def test_a_project_that_uses_a_block_does_not_lose_it(call, shop, other):
    one = block(call, shop, other)
    put(call, other, one)
    place = f"{other.internal_name}/dev/job"
    with pytest.raises(Conflict, match=f"is configured in {place}; remove it there first, or keep the project"):
        restrict(call, one, shop)
    assert restrict(call, one, other).projects == {other.internal_name: other.uid}
    configure.remove(call, environment(other), configured_blocks.get(environment(other).uid, "job"))
    assert restrict(call, one, shop).projects == {shop.internal_name: shop.uid}


def test_a_project_that_begins_to_use_a_block_meanwhile_keeps_it(call, shop, other, monkeypatch):
    one = block(call, shop, other)
    count = stored_blocks.use_count

    def counted(of):
        found = count(of)
        put(call, other, one)
        return found

    monkeypatch.setattr(stored_blocks, "use_count", counted)
    with pytest.raises(Stale):
        restrict(call, one, shop)
    assert stored_blocks.get(one.internal_name).projects == one.projects


def test_a_project_that_loses_a_block_meanwhile_does_not_begin_to_use_it(call, shop, other, monkeypatch):
    one = block(call, shop, other)
    get = stored_blocks.get
    lost = []

    def read(name):
        found = get(name)
        if not lost:
            lost.append(name)
            restrict(call, one, shop)
        return found

    monkeypatch.setattr(stored_blocks, "get", read)
    with pytest.raises(Conflict, match="may not be used in the project"):
        put(call, other, one)
    assert stored_blocks.use_count(one) == 0
    assert environment(other).blocks == 0


def test_a_change_of_something_else_does_not_keep_a_block_from_being_added(call, shop, monkeypatch):
    one = block(call, shop)
    get = stored_blocks.get
    changed = []

    def read(name):
        found = get(name)
        if not changed:
            changed.append(name)
            blocks.change(call, found, msgspec.structs.replace(found, name="Renamed"), False)
        return found

    monkeypatch.setattr(stored_blocks, "get", read)
    assert put(call, shop, one).block_uid == one.uid
    assert get(one.internal_name).name == "Renamed"
    assert stored_blocks.use_count(one) == 1


def test_nothing_runs_of_a_block_that_was_lost_all_the_same(call, shop, other):
    """No call leads here; a row that was written otherwise must not be enough."""
    one = block(call, shop)
    configured = put(call, shop, one)
    commit(stored_blocks.replace(msgspec.structs.replace(one, projects={other.internal_name: other.uid})))
    with pytest.raises(Conflict, match="may no longer be used in the project"):
        start_run.run_now(call, environment(shop), configured, command=None, values=(), reason=None, force=False)
    _, problems = freeze.freeze(call, [configured], private=False)
    assert f"job: the block {one.internal_name} may no longer be used in this project" in problems


def test_a_rollback_does_not_bring_a_lost_block_back(call, shop, other):
    """Its runs would get the masked values that the block has now."""
    one = block(call, shop, other)
    configured = put(call, shop, one)
    where = environment(shop)
    snapshot = examples.snapshot(uid=configured.uid, hostname="job", block=one)
    former = examples.deployment(
        id=f"{where.uid}-00000001", environment_uid=where.uid, project_uid=shop.uid, project=shop.internal_name,
        status="deployed", waves={"pre_deployment": ((f"{configured.uid}-run",),)},
    )  # fmt: skip
    commit(deployments.create(former), deployments.put_snapshot(where.uid, 1, snapshot))
    configure.remove(call, where, configured)
    restrict(call, one, other)
    where = environment(shop)
    with pytest.raises(Conflict, match=f"the block {one.internal_name} may no longer be used in this project"):
        deploy.roll_back(call, where, deployments.by_number(where.uid, 1))
    automatic = examples.deployment(
        id=f"{where.uid}-00000002", number=2, environment_uid=where.uid, project_uid=shop.uid, rollback_of=1,
        kind="rollback",
    )  # fmt: skip
    assert prepare._snapshot(call, automatic) == (
        [],
        [f"job: the block {one.internal_name} may no longer be used in this project"],
    )
