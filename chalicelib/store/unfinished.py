"""What is not final, stack-wide: the watchdog's index, in shards, by the time at which to look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.configured_blocks import ConfiguredBlock
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.runs import Run
from chalicelib.store import configured_blocks, table
from chalicelib.store.items import ByCheck, Item
from chalicelib.store.runs import SHARDS

Unfinished = Run | Deployment | ConfiguredBlock


def due(before: datetime | None) -> Iterator[Unfinished]:
    """Runs, deployments and pending schedules to be looked at by `before`; all of them where that is None."""
    condition = ByCheck.check_at <= before.isoformat() if before is not None else None
    for shard in range(SHARDS):
        for item in table.page(f"check#{shard}", condition=condition, index=Item.by_check).items:
            yield _decoded(item)


def _decoded(item: Item) -> Unfinished:
    if item.pk.startswith("runs#"):
        return table.decode(item, Run)
    return configured_blocks.decode(item) if item.pk.startswith("configured#") else table.decode(item, Deployment)
