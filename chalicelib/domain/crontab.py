"""The five-field crontab of vixie and cronie, read into sets of numbers."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from chalicelib.domain.cron.fields import FIELDS, CronError, Field, faults, values

MONTH_LENGTHS = {1: 31, 2: 29, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}
EVERY_DAY = frozenset(range(1, 32))
EVERY_WEEKDAY = frozenset(range(7))
LONGEST = 1000  # a pattern that lists every value of every field has about 420 characters

ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


class Cron(msgspec.Struct, frozen=True):
    """A pattern as sets; Sunday is 0.

    `day_or`: a day needs one of its two fields, else both. `follows_clock`: minute or hour begins with `*`.
    """

    text: str
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    day_or: bool
    follows_clock: bool

    def has_day(self, month: int, day: int, weekday: int) -> bool:
        """Whether it runs on this day; `weekday` counts from Sunday, 0."""
        if month not in self.months:
            return False
        if self.day_or:
            return day in self.days or weekday in self.weekdays
        return day in self.days and weekday in self.weekdays

    def existing_days(self) -> frozenset[int]:
        """Its days of the month that at least one of its months has."""
        longest = max(MONTH_LENGTHS[month] for month in self.months)
        return frozenset(day for day in self.days if day <= longest)

    def has_every_day(self) -> bool:
        """Whether its days of the month are all that its months have."""
        return len(self.existing_days()) == max(MONTH_LENGTHS[month] for month in self.months)


def parse(text: str) -> Cron:
    """Return the pattern's sets; raise CronError saying which fields are wrong and what to write instead."""
    if len(text) > LONGEST:
        raise CronError("unreadable", f"the pattern has {len(text)} characters; write at most {LONGEST}")
    words = text.split()
    fields = ALIASES[words[0]].split() if len(words) == 1 and words[0] in ALIASES else words
    wrong = [fault for field, part in zip(FIELDS, fields, strict=False) for fault in faults(field, part)]
    if len(fields) != len(FIELDS) or wrong:
        from chalicelib.domain.cron.advice import patterns  # only for a mistake: not worth a cold start's time

        raise patterns.refusal(text, wrong)
    return _checked(read(fields, words[0] if len(words) == 1 else " ".join(words).upper()))


def read(fields: Sequence[str], text: str) -> Cron:
    """Return the sets of five fields; raise Fault for the first wrong item."""
    minutes, hours, days, months, weekdays = map(values, FIELDS, fields)
    return Cron(
        text=text,
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=frozenset(value % 7 for value in weekdays),
        day_or=not (fields[2].startswith("*") or fields[4].startswith("*")),
        follows_clock=fields[0].startswith("*") or fields[1].startswith("*"),
    )


def fires(cron: Cron) -> bool:
    """Whether there is a day on which it runs."""
    return cron.day_or or bool(cron.existing_days())


def _checked(cron: Cron) -> Cron:
    if not fires(cron):
        from chalicelib.domain import refusals

        raise refusals.never_fires(cron.text, cron.days, cron.months)
    return cron


__all__ = ["ALIASES", "EVERY_DAY", "EVERY_WEEKDAY", "FIELDS", "MONTH_LENGTHS", "Cron", "CronError", "Field", "parse"]
