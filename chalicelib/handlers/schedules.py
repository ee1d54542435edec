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
from chalicelib.edge import call_by, logged

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
    """Every five minutes; `{"everything": true}` looks at what is not overdue too."""
    looked_at = watch.watch(call_by("watchdog"), event.get("everything") is True)
    written = missed.account_for_missed(call_by("watchdog"))
    if written:
        log.warning("missed ticks: %d", written)
    return {"looked_at": looked_at, "missed": written}


@schedules.lambda_function(name="reconcile")
@logged
def reconcile(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Once a day: what was found and put right; raises where something could not be, so that it is tried again."""
    result = reconcile_action.reconcile(call_by("reconcile"))
    if result.failed:
        raise RuntimeError(f"{len(result.failed)} steps failed, the first of them: {result.failed[0]}")
    return dict(msgspec.to_builtins(result))
