"""Ticks of schedules, and the watchdog."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

import msgspec
from chalice.app import Blueprint

from chalicelib.actions import missed, watch
from chalicelib.actions import reconcile as reconcile_action
from chalicelib.actions import tick as tick_action
from chalicelib.edge import call_by, logged, time_left

schedules = Blueprint(__name__)
log = logging.getLogger(__name__)


@schedules.lambda_function(name="tick")
@logged
def tick(event: dict[str, Any], context: object) -> None:
    """`{"schedule", "time"}`, by the rule's InputTransformer."""
    tick_action.tick(call_by("schedule"), event["schedule"], datetime.fromisoformat(event["time"]))


@schedules.lambda_function(name="watchdog")
@logged
def watchdog(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Every five minutes; `{"everything": true}` looks at what is not overdue too.

    Missed ticks and stuck runs come first: schedules that can't be published must not keep the time from them.
    """
    everything, has_time = event.get("everything") is True, time_left(context)
    written = missed.account_for_missed(call_by("watchdog"), has_time)
    if written:
        log.warning("missed ticks: %d", written)
    looked_at = watch.watch(call_by("watchdog"), everything, has_time)
    tried = watch.publish_pending(call_by("watchdog"), everything, has_time)
    return {"looked_at": looked_at, "missed": written, "pending": tried}


@schedules.lambda_function(name="reconcile")
@logged
def reconcile(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Once a day: what was found and put right; raises where something could not be, so that it is tried again."""
    result = reconcile_action.reconcile(call_by("reconcile"))
    if result.failed:
        raise RuntimeError(f"{len(result.failed)} steps failed, the first of them: {result.failed[0]}")
    return dict(msgspec.to_builtins(result))
