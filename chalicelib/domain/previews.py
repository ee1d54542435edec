"""What a schedule will do, told before and after it is saved."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from chalicelib.domain import crontab, eventbridge, timezones, wording
from chalicelib.domain.cron import occurrences
from chalicelib.domain.crontab import Cron

USUAL_COUNT = 5


class NextRun(msgspec.Struct, frozen=True):
    """One due minute, in UTC and by the clocks of the schedule's zone."""

    utc: datetime
    local: str


class Preview(msgspec.Struct, frozen=True):
    """A pattern in a zone: words, EventBridge expressions, the next due minutes, what to know before saving."""

    cron: str
    timezone: str
    description: str
    badge: str
    expressions: tuple[str, ...]
    gated: bool
    next_runs: tuple[NextRun, ...]
    warnings: tuple[str, ...]


def preview(pattern: str, timezone: str, after: datetime, now: datetime, count: int = USUAL_COUNT) -> Preview:
    """The preview with the first `count` due minutes strictly after `after`; raises CronError or ZoneError."""
    parsed, zone = crontab.parse(pattern), timezones.zone(timezone)
    translation = eventbridge.translate(parsed, zone, now)
    upcoming = _upcoming(parsed, zone, after, count)
    return Preview(
        cron=parsed.text,
        timezone=timezone,
        description=wording.describe(parsed, timezone),
        badge=wording.badge(parsed, timezone),
        expressions=translation.expressions,
        gated=translation.gated,
        next_runs=tuple(NextRun(minute, minute.astimezone(zone).isoformat()) for minute in upcoming),
        warnings=tuple(wording.warnings(parsed, timezone, after, upcoming)),
    )


def _upcoming(parsed: Cron, zone: ZoneInfo, after: datetime, count: int) -> list[datetime]:
    found: list[datetime] = []
    while len(found) < count:
        after = occurrences.next_due(parsed, zone, after)
        found.append(after)
    return found
