"""Schedules over time: which tick is due next, and which minutes are owed an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

from chalicelib.domain import crontab, timezones
from chalicelib.domain.configured_blocks import ConfiguredBlock, Former, Pause, RepeatSchedule, paused_at
from chalicelib.domain.cron import occurrences

LATE = timedelta(minutes=25)
EVENT_LATE = timedelta(minutes=2)
MINUTE = timedelta(minutes=1)
MOMENT = timedelta.resolution
NEVER = datetime.max.replace(tzinfo=UTC)


def deciding(configured: ConfiguredBlock, minute: datetime) -> RepeatSchedule | None:
    """The schedule that decides of this minute: the present one, or the one that was changed after it."""
    return next((former.schedule for former in configured.former if minute < former.until), configured.schedule)


def is_due(schedule: RepeatSchedule, minute: datetime) -> bool:
    """Whether the schedule is due at this minute (aware, UTC): the gate of every tick."""
    return occurrences.due(crontab.parse(schedule.cron), timezones.zone(schedule.timezone), minute)


def following(configured: ConfiguredBlock, minute: datetime) -> datetime:
    """The first due minute after `minute`."""
    return next(due_from(configured, minute + MOMENT, NEVER))


def due_from(configured: ConfiguredBlock, first: datetime, end: datetime) -> Iterator[datetime]:
    """The due minutes from `first` on that lie before `end`, by the schedules of their times."""
    for former in configured.former:
        yield from _due(former.schedule, first, min(former.until, end))
        first = max(first, former.until)
    if configured.schedule is not None:
        yield from _due(configured.schedule, first, end)


def _due(schedule: RepeatSchedule, first: datetime, end: datetime) -> Iterator[datetime]:
    pattern, zone = crontab.parse(schedule.cron), timezones.zone(schedule.timezone)
    return occurrences.due_minutes(pattern, zone, first, end)


def renewed(new: ConfiguredBlock, present: ConfiguredBlock | None, now: datetime) -> ConfiguredBlock:
    """The new version with what it owes an account: the ticks of its schedule, and those still owed by the one before.

    Who has no schedule any more owes nothing and is not paused.
    """
    wanted = new.schedule
    if wanted is None:
        return msgspec.structs.replace(new, former=(), next_due=None, pause=None)
    before = present.schedule if present is not None else None
    if present is None or before is None or present.next_due is None:
        new = msgspec.structs.replace(new, former=())
        return msgspec.structs.replace(new, next_due=following(new, now))
    owed = present.next_due
    if _times(before) == _times(wanted):
        return _owing(msgspec.structs.replace(new, former=present.former), owed)
    new = msgspec.structs.replace(new, former=(*present.former, Former(before, now)))
    return _owing(new, following(new, min(owed - MOMENT, now)))


def _owing(configured: ConfiguredBlock, next_due: datetime | None) -> ConfiguredBlock:
    """With its next tick, and of its former schedules only those that have ticks from there on."""
    former = tuple(one for one in configured.former if next_due is not None and one.until > next_due)
    return msgspec.structs.replace(configured, former=former, next_due=next_due)


def _times(schedule: RepeatSchedule) -> tuple[str, str]:
    return schedule.cron, schedule.timezone


def held_by(configured: ConfiguredBlock, minute: datetime, now: datetime) -> Pause | None:
    """The pause that holds the tick of `minute`, come only now: the present one, or one that was on at the minute."""
    pause = paused_at(configured, minute)
    if pause is None or paused_at(configured, now) is not None:
        return pause
    return pause if minute + MINUTE > pause.at else None


def awake_after(configured: ConfiguredBlock, now: datetime) -> datetime | None:
    """The moment after which its ticks run: now, or just before its pause ends; None where nobody knows."""
    pause = paused_at(configured, now)
    if pause is None:
        return now
    return pause.until - MOMENT if pause.until is not None else None
