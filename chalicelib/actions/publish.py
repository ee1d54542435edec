"""Publishing a schedule: what is in EventBridge follows what the store says."""

from __future__ import annotations

import logging

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws import published
from chalicelib.call import Call
from chalicelib.domain import crontab, eventbridge, timezones
from chalicelib.domain.configured_blocks import ConfiguredBlock, schedule_id
from chalicelib.store import configured_blocks
from chalicelib.store.table import Raced, commit

log = logging.getLogger(__name__)


def publish(call: Call, configured: ConfiguredBlock) -> ConfiguredBlock:
    """Publish what the configuration says; what AWS refuses now stays `pending` and is tried again."""
    if configured.schedule_status is None and not configured.rules:
        return configured
    backend, wanted = published.backend(call.settings), entries(call, configured)
    try:
        for name, expression in wanted.items():
            backend.put(call.settings, name, expression, schedule_id(configured))
        backend.delete(call.settings, [name for name in configured.rules if name not in wanted])
    except (BotoCoreError, ClientError, RuntimeError) as error:
        log.warning("the schedule of %s is not published yet: %s", configured.uid, error)
        return configured
    done = msgspec.structs.replace(configured, rules=tuple(wanted), schedule_status="published" if wanted else None)
    try:
        commit(configured_blocks.amend(done))
    except Raced:
        return _again(call, done)
    return done


def _again(call: Call, done: ConfiguredBlock) -> ConfiguredBlock:
    """It was changed or removed while it was published: what is there now counts, and what was put here goes."""
    present = configured_blocks.get(done.environment_uid, done.hostname)
    if present is None or present.uid != done.uid:
        published.backend(call.settings).delete(call.settings, done.rules)
        return done
    return publish(call, msgspec.structs.replace(present, rules=tuple(dict.fromkeys(present.rules + done.rules))))


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
