"""Small true examples of the domain's words, each with whatever a test says differently."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chalicelib.domain.blocks import Block, Command, Repository
from chalicelib.domain.configured_blocks import Configuration, ConfiguredBlock
from chalicelib.domain.deployments import Deployment, SnapshotBlock
from chalicelib.domain.projects import Environment, Project
from chalicelib.domain.runs import Attempt, Run

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = Repository(url="https://example.org/shop/web")


def after(seconds):
    return NOW + timedelta(seconds=seconds)


def block(**told):
    usual = {
        "uid": "b" * 26, "internal_name": "migrate", "name": "Migrate", "flavor": "job", "repository": REPOSITORY,
        "source": Command(command="sh migrate.sh"), "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return Block(**usual | told)


def configuration(**told):
    return Configuration(**{"block": "migrate"} | told)


def configured(**told):
    usual = {
        "uid": "c" * 26, "hostname": "migrate", "project": "shop", "project_uid": "p" * 26, "environment": "dev",
        "environment_uid": "e" * 26, "block_uid": "b" * 26, "flavor": "job", "configuration": configuration(),
        "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return ConfiguredBlock(**usual | told)


def snapshot(hostname="migrate", *, flavor="job", run=None, **told):
    """One hostname of a snapshot; `uid` is the hostname unless it is said."""
    of_block = {name: told.pop(name) for name in ("source", "repository") if name in told}
    own = {
        "uid": hostname, "hostname": hostname, "block": block(flavor=flavor, internal_name=hostname, **of_block),
        "configuration": configuration(block=hostname, run=run), "masked_values": {}, "commit": COMMIT,
    }  # fmt: skip
    return SnapshotBlock(**own | told)


def run(hostname="migrate", **told):
    usual = {
        "id": f"{hostname}-20261122T080000-a1", "uid": hostname, "project": "shop", "project_uid": "p" * 26,
        "environment": "dev", "environment_uid": "e" * 26, "hostname": hostname, "block": hostname,
        "trigger": "manual", "by": "ada", "created_at": NOW, "check_at": after(120),
    }  # fmt: skip
    return Run(**usual | told)


def attempt(**told):
    return Attempt(**{"number": 1} | told)


def deployment(**told):
    usual = {
        "id": f"{'e' * 26}-00000001", "number": 1, "project": "shop", "project_uid": "p" * 26, "environment": "dev",
        "environment_uid": "e" * 26, "started_at": NOW, "check_at": after(120), "by": "ada",
    }  # fmt: skip
    return Deployment(**usual | told)


def project(**told):
    usual = {"uid": "p" * 26, "internal_name": "shop", "name": "Shop", "created_at": NOW, "updated_at": NOW}
    return Project(**usual | told)


def environment(**told):
    usual = {
        "uid": "e" * 26, "project": "shop", "project_uid": "p" * 26, "internal_name": "dev", "name": "Dev",
        "created_at": NOW, "updated_at": NOW,
    }  # fmt: skip
    return Environment(**usual | told)
