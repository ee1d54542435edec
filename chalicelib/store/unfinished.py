"""What is not final, stack-wide: the watchdog's index, in shards, by the time at which to look.

Schedules that are not published yet are in shards of their own: however many there are, they hide no run.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chalicelib.domain.configured_blocks import ConfiguredBlock
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.runs import Run
from chalicelib.store import configured_blocks, table
from chalicelib.store.items import ByCheck, Item
from chalicelib.store.runs import SHARDS

Unfinished = Run | Deployment
PAGE = 250

log = logging.getLogger(__name__)


def due(before: datetime | None) -> Iterator[Unfinished]:
    """Runs and deployments to be looked at by `before`; all of them where that is None."""
    for item in _rows("check", before):
        yield table.decode(item, Run) if item.pk.startswith("runs#") else table.decode(item, Deployment)


def pending(before: datetime | None) -> Iterator[ConfiguredBlock]:
    """Schedules to be published again by `before`; all that are pending where that is None."""
    return map(configured_blocks.decode, _rows("pending", before))


def _rows(kind: str, before: datetime | None) -> Iterator[Item]:
    """The rows of all shards, a page at a time; a shard that can't be read now keeps nobody from the others."""
    for number in range(SHARDS):
        try:
            yield from _of_shard(f"{kind}#{number}", before)
        except Exception:
            log.exception("the index of shard %s#%d can't be read now", kind, number)


def _of_shard(shard: str, before: datetime | None) -> Iterator[Item]:
    condition = ByCheck.check_at <= before.isoformat() if before is not None else None
    start: dict[str, Any] | None = None
    while True:
        found = table.page(shard, condition=condition, limit=PAGE, start=start, index=Item.by_check)
        yield from found.items
        if found.next is None:
            return
        start = found.next
