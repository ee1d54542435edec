"""What expires of an environment's deployments, and what never does."""

from __future__ import annotations

import itertools
from datetime import timedelta

import msgspec
import pytest

from chalicelib.actions import complete
from chalicelib.actions import projects as project_actions
from chalicelib.actions.deployments import retention
from chalicelib.actions.deployments.next_deployment import next_deployment
from chalicelib.call import Call
from chalicelib.domain.deployments import Verdict
from chalicelib.store import deployments, projects, table
from chalicelib.store.table import commit
from tests.domain import examples

NUMBERS = itertools.count(1)
GOOD = Verdict("deployed", live=True)
FAILED = Verdict("failed", "a migration failed")
LIVE_BUT_FAILED = Verdict("failed", "a smoke test failed", live=True)


@pytest.fixture(scope="module")
def call(embed):
    ids = (f"{number:026}" for number in itertools.count())
    return Call(examples.NOW, "ada", "admin", embed("Table").settings, lambda: next(ids))


@pytest.fixture
def shop(call):
    """A project with one environment; `shop.deploy(end)` runs a deployment with a snapshot to that end."""
    return Shop(call, f"shop-{next(NUMBERS)}")


class Shop:
    def __init__(self, call, name):
        self.call = call
        self.project = project_actions.create(call, name=name, internal_name=name, description="", environment="dev")
        self.uid = self.environment().uid

    def environment(self):
        return projects.environment(self.project, "dev")

    def begin(self):
        deployment, locked = next_deployment(self.call, self.environment(), None, automatic=False)
        blocks = map(examples.snapshot, ("migrate", "web"))
        snapshot = [deployments.put_snapshot(self.uid, deployment.number, block) for block in blocks]
        commit(projects.replace_environment(locked), deployments.create(deployment), *snapshot)
        return deployment

    def deploy(self, end):
        return complete.settle(self.call, self.begin().id, end)

    def expiries(self, number):
        """When the rows of a deployment and its snapshot expire; None for never."""
        keys = [(f"deployments#{self.uid}", f"{number:08d}")]
        keys += [(f"snapshot#{self.uid}#{number}", hostname) for hostname in ("migrate", "web")]
        return {row.expires for key in keys if (row := table.row(*key)) is not None}


@pytest.fixture
def expiry(call):
    return {int((call.now + timedelta(days=call.settings.history_days)).timestamp())}


def test_current_and_last_good_deployment_never_expire(shop, expiry):
    shop.deploy(GOOD)
    shop.deploy(LIVE_BUT_FAILED)
    assert (shop.environment().last_good, shop.environment().current) == (1, 2)
    assert [shop.expiries(number) for number in (1, 2)] == [{None}, {None}]


def test_released_deployments_expire_with_their_snapshots(shop, expiry):
    shop.deploy(GOOD)
    shop.deploy(FAILED)
    shop.deploy(GOOD)
    assert [shop.expiries(number) for number in (1, 2, 3)] == [expiry, expiry, {None}]
    assert shop.environment().released == ()


def test_running_deployment_does_not_expire(shop):
    shop.begin()
    assert shop.expiries(1) == {None}


def test_crash_before_the_expiry_is_made_up_for_by_the_next_deployment(shop, expiry, monkeypatch):
    shop.deploy(GOOD)

    def crash(*_):
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr(retention, "expire_released", crash)
        with pytest.raises(SystemExit):
            shop.deploy(GOOD)
    assert shop.environment().released == (1,)
    assert shop.expiries(1) == {None}
    shop.deploy(GOOD)
    assert [shop.expiries(number) for number in (1, 2, 3)] == [expiry, expiry, {None}]


def test_deleting_an_environment_lets_all_its_history_expire(shop, expiry):
    shop.deploy(GOOD)
    shop.deploy(LIVE_BUT_FAILED)
    shop.deploy(FAILED)
    project_actions.delete(shop.call, shop.project)
    assert [shop.expiries(number) for number in (1, 2, 3)] == [expiry] * 3


def test_expired_deployments_are_neither_listed_nor_read(shop, call):
    shop.deploy(FAILED)
    shop.deploy(GOOD)
    later = call.now + timedelta(days=call.settings.history_days, seconds=1)
    assert [one.number for one in deployments.page(shop.uid, call.now, 10, None)[0]] == [2, 1]
    assert [one.number for one in deployments.page(shop.uid, later, 10, None)[0]] == [2]
    assert deployments.unexpired(shop.uid, 1, call.now).status == "failed"
    assert deployments.unexpired(shop.uid, 1, later) is None
    assert deployments.unexpired(shop.uid, 2, later).status == "deployed"


def test_environment_created_under_the_same_name_is_not_deleted(shop, call):
    deleted = shop.environment()
    project_actions.delete_environment(call, shop.project, deleted)
    project = projects.get(shop.project.internal_name)
    namesake = project_actions.add_environment(
        call, project, name="dev", internal_name="dev", on_post_deployment_failure="keep"
    )
    project_actions._delete_emptied(call, project, deleted)
    assert projects.environment(project, "dev").uid == namesake.uid
    assert projects.same_environment(msgspec.structs.replace(namesake, uid=deleted.uid)) is None
