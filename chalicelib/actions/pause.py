"""Pausing and resuming a schedule: its ticks go on, and each is written down as skipped."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from chalicelib.actions import audit
from chalicelib.call import Call
from chalicelib.domain.audit import Action
from chalicelib.domain.configured_blocks import ConfiguredBlock, Pause, paused_at
from chalicelib.domain.problems import Conflict, FieldError, Invalid, Stale
from chalicelib.store import configured_blocks
from chalicelib.store.table import Raced, commit


def pause(call: Call, configured: ConfiguredBlock, reason: str, until: datetime | None) -> ConfiguredBlock:
    """The schedule paused, or paused for another reason or time; raises Conflict where there is no schedule."""
    _must_repeat(configured)
    until = until.astimezone(UTC) if until is not None else None
    if until is not None and until <= call.now:
        raise Invalid([FieldError("until", f"must be in the future; now is {call.now:%Y-%m-%dT%H:%M:%SZ}")])
    return _put(call, "schedule.pause", configured, Pause(reason=reason, until=until, by=call.by, at=call.now))


def resume(call: Call, configured: ConfiguredBlock) -> ConfiguredBlock:
    """The schedule with its pause ended now; one that is not paused stays as it is.

    The pause is kept: what was due in it, and is accounted for later, was not missed.
    """
    _must_repeat(configured)
    present = paused_at(configured, call.now)
    if present is None:
        return configured
    return _put(call, "schedule.resume", configured, msgspec.structs.replace(present, until=call.now))


def _must_repeat(configured: ConfiguredBlock) -> None:
    if configured.schedule is None:
        raise Conflict(f"{configured.hostname} has no Repeat Schedule; only schedules can be paused")


def _put(call: Call, action: Action, configured: ConfiguredBlock, wanted: Pause) -> ConfiguredBlock:
    new = msgspec.structs.replace(configured, pause=wanted, updated_at=call.now)
    before, after = (msgspec.structs.replace(one, pause=paused_at(one, call.now)) for one in (configured, new))
    try:
        commit(configured_blocks.replace(new), *audit.writes(call, action, before, after))
    except Raced:
        raise Stale(f"{configured.hostname} was changed by somebody else just now; read it again") from None
    return msgspec.structs.replace(new, version=configured.version + 1)
