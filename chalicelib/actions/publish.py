"""Publishing a schedule: what is in EventBridge follows what the store says."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws import published
from chalicelib.call import Call
from chalicelib.domain import crontab, eventbridge, timezones
from chalicelib.domain.configured_blocks import ConfiguredBlock, ScheduleStatus, Unpublished, schedule_id
from chalicelib.store import configured_blocks
from chalicelib.store.table import Raced, commit

log = logging.getLogger(__name__)

QUOTA = (
    "the account's quota of EventBridge rules is used up; have it raised, remove schedules, or deploy the stack with"
    " ScheduleBackend=scheduler ({})"
)
_REFUSED = (BotoCoreError, ClientError, RuntimeError)


def publish(call: Call, configured: ConfiguredBlock) -> ConfiguredBlock:
    """Publish what the configuration says; what AWS refuses now stays `pending` and is tried again."""
    if configured.schedule_status is None and not configured.rules:
        return configured
    backend, wanted = published.backend(call.settings), entries(call, configured)
    try:
        for name, expression in wanted.items():
            backend.put(call.settings, name, expression, schedule_id(configured))
        backend.delete(call.settings, [name for name in configured.rules if name not in wanted])
    except _REFUSED as error:
        log.warning("the schedule of %s is not published yet: %s", configured.uid, error)
        return _overtaken(call, _postponed(call, configured, error), wanted)
    status: ScheduleStatus | None = "published" if wanted else None
    done = msgspec.structs.replace(configured, rules=tuple(wanted), schedule_status=status, unpublished=None)
    try:
        commit(configured_blocks.amend(done))
    except Raced:
        return _overtaken(call, done, wanted)
    return done


def _postponed(call: Call, configured: ConfiguredBlock, error: Exception) -> ConfiguredBlock:
    """Note why the schedule is not published, and when to try again; a newer version is left alone."""
    answer = (getattr(error, "response", None) or {}).get("Error", {})
    attempts = configured.unpublished.attempts + 1 if configured.unpublished is not None else 1
    unpublished = Unpublished(answer.get("Code", type(error).__name__), str(error), attempts)
    reason = QUOTA.format(answer.get("Message")) if unpublished.is_quota else f"AWS refused it: {error}"
    unpublished = msgspec.structs.replace(unpublished, reason=reason[:500])
    postponed = msgspec.structs.replace(configured, schedule_status="pending", unpublished=unpublished)
    try:
        commit(configured_blocks.postpone(postponed, call.now + unpublished.retry_in))
    except Raced:
        return configured
    return postponed


def _overtaken(call: Call, known: ConfiguredBlock, put: Iterable[str]) -> ConfiguredBlock:
    """Where it was changed or removed meanwhile, what is there now counts, and what was `put` for before goes."""
    present = configured_blocks.get(known.environment_uid, known.hostname)
    if present is not None and present.uid != known.uid:
        present = None
    if present is not None and present.version == known.version:
        return known
    wanted = entries(call, present) if present is not None else {}
    try:
        published.backend(call.settings).delete(call.settings, [name for name in put if name not in wanted])
    except _REFUSED as error:
        log.warning("what was published of %s is left to reconcile: %s", known.uid, error)
    # Whoever wants again what was deleted just now may have published it before.
    return publish(call, present) if present is not None else known


def entries(call: Call, configured: ConfiguredBlock) -> dict[str, str]:
    """The names and expressions that carry its schedule; none where it has none."""
    schedule = configured.schedule
    if schedule is None:
        return {}
    pattern, zone = crontab.parse(schedule.cron), timezones.zone(schedule.timezone)
    expressions = eventbridge.translate(pattern, zone, call.now).expressions
    return {published.name(call.settings, configured, text): text for text in expressions}


def withdraw(call: Call, configured: ConfiguredBlock) -> None:
    """Remove everything that may carry its schedule, what it should have included."""
    names = set(entries(call, configured)).union(configured.rules)
    published.backend(call.settings).delete(call.settings, sorted(names))
