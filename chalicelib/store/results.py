"""The last result of each configured block, by environment: made and deleted with it."""

from __future__ import annotations

from typing import Any

from chalicelib.domain.configured_blocks import ConfiguredBlock
from chalicelib.domain.results import LastResult, before_the_first
from chalicelib.store import states, table
from chalicelib.store.items import Item
from chalicelib.store.table import Write


def get(environment_uid: str, uid: str) -> LastResult | None:
    """The last result of a configured block; None where it has been removed."""
    return table.get(_pk(environment_uid), uid, LastResult)


def all_of(environment_uid: str) -> list[LastResult]:
    """The last results of an environment (50 at most)."""
    return [table.decode(item, LastResult) for item in table.page(_pk(environment_uid)).items]


def create(configured: ConfiguredBlock) -> Write:
    """Put the row of a new configured block, which has no result yet."""
    return table.create(_pk(configured.environment_uid), configured.uid, before_the_first(configured))


def replace(last: LastResult) -> Write:
    """Put a result that follows the stored one; where it failed, the job is listed as failing."""
    return table.replace(_pk(last.environment_uid), last.uid, last, **_columns(last))


def unlist(last: LastResult) -> Write:
    """List a failing job no longer; its result is kept."""
    return table.replace(_pk(last.environment_uid), last.uid, last)


def delete(environment_uid: str, uid: str) -> Write:
    """Delete the row, with the configured block."""
    return Write("delete", Item(_pk(environment_uid), uid))


def _columns(last: LastResult) -> dict[str, Any]:
    if last.result is None or not last.is_failing:
        return {}
    return states.columns("failing", last.project, last.result)


def _pk(environment_uid: str) -> str:
    return f"results#{environment_uid}"
