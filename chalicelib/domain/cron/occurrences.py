"""When a pattern is due: in any time zone, to the minute, over every change of the clocks."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from chalicelib.domain.crontab import EVERY_DAY, EVERY_WEEKDAY, Cron, CronError, parse
from chalicelib.domain.timezones import ZoneError, offsets, zone

if TYPE_CHECKING:
    from croniter import croniter

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
HORIZON = 10  # years for which one look at the zone's offsets serves


def due(cron: Cron, zone: ZoneInfo, minute: datetime) -> bool:
    """Whether the pattern is due at this minute (aware, UTC), by the clocks of `zone`."""
    local = minute.astimezone(zone)
    if (cron.follows_clock or not local.fold) and _matches(cron, local):
        return True
    return not cron.follows_clock and _skipped_then(cron, zone, minute, local)


def _matches(cron: Cron, wall: datetime) -> bool:
    return (
        wall.minute in cron.minutes
        and wall.hour in cron.hours
        and cron.has_day(wall.month, wall.day, wall.isoweekday() % 7)
    )


def _skipped_then(cron: Cron, zone: ZoneInfo, minute: datetime, local: datetime) -> bool:
    """Whether a matching wall time that the clocks jumped over comes at this minute.

    It comes at the instant given by the offset before the jump. No jump is longer than a day.
    """
    before = (minute - DAY).astimezone(zone).utcoffset()
    after = local.utcoffset()
    if before is None or after is None or before >= after:
        return False
    wall = (minute + before).replace(tzinfo=zone, fold=0)
    return wall.utcoffset() == before and wall.replace(fold=1).utcoffset() == after and _matches(cron, wall)


def next_due(cron: Cron, zone: ZoneInfo, after: datetime) -> datetime:
    """The first due minute strictly after this moment."""
    return next(_walk(cron, zone, _floor(after), forward=True))


def previous_due(cron: Cron, zone: ZoneInfo, before: datetime) -> datetime:
    """The last due minute strictly before this moment."""
    return next(_walk(cron, zone, _ceiling(before), forward=False))


def due_minutes(cron: Cron, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[datetime]:
    """Every due minute from `start` (included) to `end` (not included), in order."""
    return takewhile(lambda minute: minute < end, _walk(cron, zone, _ceiling(start) - MINUTE, forward=True))


def _floor(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _ceiling(moment: datetime) -> datetime:
    return _floor(moment + MINUTE - timedelta(microseconds=1))


def _walk(cron: Cron, zone: ZoneInfo, start: datetime, *, forward: bool) -> Iterator[datetime]:
    """Due minutes beyond `start`, without end."""
    last = start
    while True:
        year = start.year + (HORIZON if forward else -HORIZON)
        end = datetime(year, 1, 1, tzinfo=UTC)
        for minute in _candidates(cron, offsets(zone, min(start.year, year), max(start.year, year)), start, forward):
            if minute > end if forward else minute < end:
                break
            if minute != last and due(cron, zone, minute):
                yield minute
                last = minute
        start = end


def _candidates(cron: Cron, offsets: tuple[int, ...], start: datetime, forward: bool) -> Iterator[datetime]:
    """Minutes at which clocks at one of these offsets show a matching time: all due minutes, and a few more."""
    streams = [_matching(cron, start, offset * MINUTE, forward) for offset in offsets]
    return heapq.merge(*streams, reverse=not forward) if len(streams) > 1 else streams[0]


def _matching(cron: Cron, start: datetime, offset: timedelta, forward: bool) -> Iterator[datetime]:
    walls = copy(_croniter(cron))
    walls.set_current(start + offset)
    step = walls.get_next if forward else walls.get_prev
    while True:
        yield step(datetime) - offset


@lru_cache(maxsize=1024)
def _croniter(cron: Cron) -> croniter:
    """Reads the canonical form once; whoever iterates takes a copy."""
    from croniter import croniter  # its import would lengthen every cold start

    return croniter(_canonical(cron), datetime(2026, 1, 1, tzinfo=UTC), day_or=cron.day_or)


def _canonical(cron: Cron) -> str:
    """The sets as ascending lists, a full set as `*`: what croniter reads rightly, unlike a user's text."""
    days, weekdays = cron.existing_days(), cron.weekdays
    if cron.day_or and (days == EVERY_DAY or weekdays == EVERY_WEEKDAY):
        days, weekdays = EVERY_DAY, EVERY_WEEKDAY
    fields = zip((cron.minutes, cron.hours, days or EVERY_DAY, cron.months, weekdays), (60, 24, 31, 12, 7), strict=True)
    return " ".join("*" if len(values) == size else ",".join(map(str, sorted(values))) for values, size in fields)


__all__ = ["Cron", "CronError", "ZoneError", "due", "due_minutes", "next_due", "parse", "previous_due", "zone"]
