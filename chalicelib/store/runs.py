"""Runs, by configured block and time; indexes for a status, an environment's open runs and the watchdog."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pynamodb.expressions.condition import Condition

from chalicelib.domain import runs
from chalicelib.domain.results import of_run
from chalicelib.domain.runs import Run
from chalicelib.store import states, table
from chalicelib.store.items import Item
from chalicelib.store.table import Write

SHARDS = 8
PAGE = 500
NEWEST = 10
_BAD = ("failed", "timed_out", "out_of_memory", "start_failed", "interrupted")


def get(run_id: str) -> Run | None:
    """The run of this id; None also for text that is no run's id."""
    try:
        uid, rest = runs.address(run_id)
    except ValueError:
        return None
    return table.get(_pk(uid), rest, Run)


def get_many(run_ids: Iterable[str]) -> dict[str, Run]:
    """The runs of these ids that exist."""
    keys = [(_pk(uid), rest) for uid, rest in map(runs.address, run_ids)]
    return {run.id: run for run in table.get_many(keys, Run)}


def history(
    uid: str, now: datetime, limit: int, start: Mapping[str, Any] | None, status: str | None, trigger: str | None
) -> tuple[list[Run], dict[str, Any] | None]:
    """A page of a configured block's runs, newest first; a status is asked of its index, a trigger filters."""
    live = Item.expires > int(now.timestamp())
    condition = live & Item.data.contains(f'"trigger":"{trigger}"') if trigger else live
    by_status = Item.by_status if status else None
    pk = f"{uid}#{status}" if status else _pk(uid)
    found = table.page(pk, limit=limit, start=start, newest_first=True, filter=condition, index=by_status)
    return [table.decode(item, Run) for item in found.items], found.next


def since(uid: str, at: datetime, suffix: str) -> Run | None:
    """Return the run of a configured block whose id has a time from `at` on and ends with `suffix`."""
    after, ends = Item.sk >= f"{at:%Y%m%dT%H%M%S%f}", Item.data.contains(f'-{suffix}"')
    start: Mapping[str, Any] | None = None
    while True:
        found = table.page(_pk(uid), limit=PAGE, start=start, condition=after, filter=ends)
        if found.items or found.next is None:
            return table.decode(found.items[0], Run) if found.items else None
        start = found.next


def newer_success(run: Run, now: datetime) -> Run | None:
    """Return a run of the same job, as it is configured, for a later time than this one's, that has succeeded."""
    succeeded, _ = history(run.uid, now, NEWEST, None, "succeeded", None)
    due = run.scheduled_at or run.created_at
    later = (one for one in succeeded if (one.scheduled_at or one.created_at) > due)
    return next((one for one in later if one.command is None and not one.variables), None)


def open_in(environment_uid: str, limit: int) -> list[Run]:
    """The runs of an environment that are not final, newest first."""
    return _in_environment(f"{environment_uid}#open", limit)


def failed_in(environment_uid: str, now: datetime, limit: int) -> list[Run]:
    """The last runs of an environment that ended badly, newest first."""
    return _in_environment(f"{environment_uid}#failed", limit, Item.expires > int(now.timestamp()))


def missed_in(environment_uid: str, now: datetime, limit: int) -> list[Run]:
    """The last ticks of an environment that were missed, newest first."""
    return _in_environment(f"{environment_uid}#missed", limit, Item.expires > int(now.timestamp()))


def _in_environment(key: str, limit: int, live: Condition | None = None) -> list[Run]:
    found = table.page(key, limit=limit, newest_first=True, filter=live, index=Item.by_environment)
    return [table.decode(item, Run) for item in found.items]


def open_of(environment_uid: str, uid: str) -> list[Run]:
    """The runs of one configured block that are not final, newest first.

    Asked of one index partition at once: a run on its way from queued to running is in none of two asked in turn.
    """
    key, own = f"{environment_uid}#open", Item.status_key.startswith(f"{uid}#")
    found = table.page(key, newest_first=True, filter=own, index=Item.by_environment)
    return [table.decode(item, Run) for item in found.items]


def create(run: Run, history_days: int) -> Write:
    """Put a new run; its condition is that there is none of this id."""
    uid, rest = runs.address(run.id)
    return table.create(_pk(uid), rest, run, **_columns(run, history_days))


def replace(run: Run, history_days: int) -> Write:
    """Put the next version of a run."""
    uid, rest = runs.address(run.id)
    return table.replace(_pk(uid), rest, run, **_columns(run, history_days))


def _columns(run: Run, history_days: int) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "expires": int((run.created_at + timedelta(days=history_days)).timestamp()),
        "status_key": f"{run.uid}#{run.status}",
    }
    if not run.is_final:
        columns |= {"environment_key": f"{run.environment_uid}#open", "at": run.id.split("-", 1)[1]}
        columns |= {"check_shard": shard(run.id), "check_at": run.check_at.isoformat()}
        columns |= states.columns("running", run.project, of_run(run))
    elif run.status in _BAD or run.status == "missed":
        at = run.scheduled_at if run.status == "missed" else run.finished_at
        kind = "missed" if run.status == "missed" else "failed"
        columns["environment_key"] = f"{run.environment_uid}#{kind}"
        columns["at"] = f"{(at or run.created_at).isoformat()}#{run.id}"
    return columns


def shard(name: str, kind: str = "check") -> str:
    """The watchdog's partition for a run or deployment, or with the kind `pending` for a schedule."""
    return f"{kind}#{zlib.crc32(name.encode()) % SHARDS}"


def _pk(uid: str) -> str:
    return f"runs#{uid}"
