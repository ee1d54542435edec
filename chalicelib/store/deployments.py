"""Deployments of an environment by number, and their snapshots, an item for each hostname."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from chalicelib.domain import deployments
from chalicelib.domain.deployments import Deployment, SnapshotBlock
from chalicelib.store import table
from chalicelib.store.items import Item
from chalicelib.store.runs import shard
from chalicelib.store.table import Write


class _Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    block: SnapshotBlock
    version: int = 0


def get(deployment_id: str) -> Deployment | None:
    """The deployment of this id; None also for text that is no deployment's id."""
    try:
        environment_uid, number = deployments.address(deployment_id)
    except ValueError:
        return None
    return by_number(environment_uid, number)


def by_number(environment_uid: str, number: int) -> Deployment | None:
    """The deployment of this number in an environment."""
    return table.get(_pk(environment_uid), f"{number:08d}", Deployment)


def unexpired(environment_uid: str, number: int, now: datetime) -> Deployment | None:
    """The deployment of this number, unless its history has expired and merely waits to be removed."""
    item = table.row(_pk(environment_uid), f"{number:08d}")
    if item is None or (item.expires is not None and item.expires <= now.timestamp()):
        return None
    return table.decode(item, Deployment)


def by_numbers(environment_uid: str, numbers: Iterable[int]) -> list[Deployment]:
    """The deployments of these numbers that exist."""
    return table.get_many([(_pk(environment_uid), f"{number:08d}") for number in numbers], Deployment)


def page(
    environment_uid: str, now: datetime, limit: int, start: Mapping[str, Any] | None
) -> tuple[list[Deployment], dict[str, Any] | None]:
    """A page of an environment's deployments, newest first."""
    live = Item.expires.does_not_exist() | (Item.expires > int(now.timestamp()))
    found = table.page(_pk(environment_uid), limit=limit, start=start, newest_first=True, filter=live)
    return [table.decode(item, Deployment) for item in found.items], found.next


def create(deployment: Deployment) -> Write:
    """Put a new deployment."""
    return table.create(_pk(deployment.environment_uid), f"{deployment.number:08d}", deployment, **_columns(deployment))


def replace(deployment: Deployment) -> Write:
    """Put the next version of a deployment."""
    return table.replace(
        _pk(deployment.environment_uid), f"{deployment.number:08d}", deployment, **_columns(deployment)
    )


def _columns(deployment: Deployment) -> dict[str, Any]:
    if deployment.status != "running":
        return {}
    return {"check_shard": shard(deployment.id), "check_at": deployment.check_at.isoformat()}


def expire(environment_uid: str, number: int, at: datetime) -> list[Write]:
    """Let the rows of a deployment and its snapshot (51 at most) be removed after `at`; empty if there are none.

    Only rows that exist: an update would create the others.
    """
    keys = [(item.pk, item.sk) for item in table.page(_snapshots(environment_uid, number)).items]
    if by_number(environment_uid, number) is not None:
        keys.append((_pk(environment_uid), f"{number:08d}"))
    expiry = [Item.expires.set(int(at.timestamp()))]
    return [table.update(pk, sk, expiry, Item.pk.exists()) for pk, sk in keys]


def snapshot(environment_uid: str, number: int) -> list[SnapshotBlock]:
    """A deployment's snapshot (50 items at most), by hostname."""
    items = table.page(_snapshots(environment_uid, number)).items
    return [table.decode(item, _Snapshot).block for item in items]


def snapshot_block(environment_uid: str, number: int, hostname: str) -> SnapshotBlock | None:
    """One hostname's item of a deployment's snapshot."""
    found = table.get(_snapshots(environment_uid, number), hostname, _Snapshot)
    return found.block if found else None


def put_snapshot(environment_uid: str, number: int, block: SnapshotBlock) -> Write:
    """Put one item of a snapshot; writing it again is harmless while the deployment is being prepared."""
    return table.overwrite(_snapshots(environment_uid, number), block.hostname, _Snapshot(block=block))


def _pk(environment_uid: str) -> str:
    return f"deployments#{environment_uid}"


def _snapshots(environment_uid: str, number: int) -> str:
    return f"snapshot#{environment_uid}#{number}"


