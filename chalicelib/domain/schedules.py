"""Schedules over time: which tick is due next, and which minutes are owed an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.domain import cron, crontab, timezones
from chalicelib.domain.configured_blocks import Configuration, ConfiguredBlock, RepeatSchedule

LATE = timedelta(minutes=25)


def is_due(schedule: RepeatSchedule, minute: datetime) -> bool:
    """Whether the schedule is due at this minute (aware, UTC): the gate of every tick."""
    return cron.due(crontab.parse(schedule.cron), timezones.zone(schedule.timezone), minute)


def following(schedule: RepeatSchedule, minute: datetime) -> datetime:
    """The first due minute after `minute`."""
    return cron.next_due(crontab.parse(schedule.cron), timezones.zone(schedule.timezone), minute)


def due_from(schedule: RepeatSchedule, first: datetime, end: datetime) -> Iterator[datetime]:
    """The due minutes from `first` on that lie before `end`."""
    pattern, zone = crontab.parse(schedule.cron), timezones.zone(schedule.timezone)
    return cron.due_minutes(pattern, zone, first, end)


def first_due(wanted: Configuration, present: ConfiguredBlock | None, now: datetime) -> datetime | None:
    """From which tick on a configuration is accounted for; what an unchanged pattern owes stays owed."""
    run = wanted.run
    if not isinstance(run, RepeatSchedule):
        return None
    before = present.schedule if present is not None else None
    unchanged = before is not None and (before.cron, before.timezone) == (run.cron, run.timezone)
    if present is not None and unchanged and present.next_due is not None:
        return present.next_due
    return following(run, now)
