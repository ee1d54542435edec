"""Publishing a schedule: the rules in EventBridge follow what the store says."""

from __future__ import annotations

import logging

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.aws import rules
from chalicelib.call import Call
from chalicelib.domain import crontab, eventbridge, timezones
from chalicelib.domain.configured_blocks import ConfiguredBlock, schedule_id
from chalicelib.store import configured_blocks
from chalicelib.store.table import Raced, commit

log = logging.getLogger(__name__)


def publish(call: Call, configured: ConfiguredBlock) -> ConfiguredBlock:
    """Make the rules say what the configuration says; what AWS refuses now stays `pending` and is tried again."""
    wanted = expressions(call, configured)
    if configured.schedule_status != "pending" and not configured.rules:
        return configured
    try:
        names = _put(call, configured, wanted)
        rules.delete([name for name in configured.rules if name not in names])
    except (BotoCoreError, ClientError, RuntimeError) as error:
        log.warning("rules of %s are not published yet: %s", configured.uid, error)
        return configured
    done = msgspec.structs.replace(configured, rules=names, schedule_status="published" if names else None)
    try:
        commit(configured_blocks.amend(done))
    except Raced:
        return configured
    return done


def _put(call: Call, configured: ConfiguredBlock, wanted: tuple[str, ...]) -> tuple[str, ...]:
    schedule, function = schedule_id(configured), call.settings.tick_function
    names = tuple(rules.name(call.settings.rule_prefix, schedule, text, function) for text in wanted)
    for name, expression in zip(names, wanted, strict=True):
        rules.put(name, expression, schedule, function)
    return names


def expressions(call: Call, configured: ConfiguredBlock) -> tuple[str, ...]:
    """The EventBridge expressions of its schedule; none where it has none."""
    schedule = configured.schedule
    if schedule is None:
        return ()
    pattern, zone = crontab.parse(schedule.cron), timezones.zone(schedule.timezone)
    return eventbridge.translate(pattern, zone, call.now).expressions


def withdraw(call: Call, configured: ConfiguredBlock) -> None:
    """Remove every rule that may carry its schedule, those it should have included."""
    schedule, function = schedule_id(configured), call.settings.tick_function
    names = {
        rules.name(call.settings.rule_prefix, schedule, text, function) for text in expressions(call, configured)
    }
    rules.delete(sorted(names.union(configured.rules)))
