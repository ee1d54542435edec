"""What is not final, stack-wide: the watchdog's index, in shards, by the time at which to look."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.deployments import Deployment
from chalicelib.domain.runs import Run
from chalicelib.store import table
from chalicelib.store.runs import SHARDS
from chalicelib.store.table import ByCheck, Item


def due(before: datetime | None) -> Iterator[Run | Deployment]:
    """Runs and deployments that should be looked at by `before`; all of them where that is None."""
    condition = ByCheck.check_at <= before.isoformat() if before is not None else None
    for shard in range(SHARDS):
        for item in table.page(f"check#{shard}", condition=condition, index=Item.by_check).items:
            yield table.decode(item, Run) if item.pk.startswith("runs#") else table.decode(item, Deployment)
