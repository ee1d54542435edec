"""The five-field crontab of vixie and cronie, read into sets of numbers."""

from __future__ import annotations

import re

import msgspec

from chalicelib.domain import refusals
from chalicelib.domain.cron.fields import FIELDS, Field
from chalicelib.domain.refusals import CronError

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
    """The pattern's sets, or CronError saying which fields are wrong and what to write instead."""
    words = _words(text)
    fields = words if len(words) == 5 else _alias(words)
    minutes, hours, days, months, weekdays = _sets(fields)
    cron = Cron(
        text=" ".join(words) if len(words) == 1 else " ".join(words).upper(),
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=frozenset(value % 7 for value in weekdays),
        day_or=not (fields[2].startswith("*") or fields[4].startswith("*")),
        follows_clock=fields[0].startswith("*") or fields[1].startswith("*"),
    )
    if not cron.day_or and not cron.existing_days():
        raise refusals.never_fires(cron.text, cron.days, cron.months)
    return cron


def _words(text: str) -> list[str]:
    if len(text) > LONGEST:
        raise CronError("unreadable", f"the pattern has {len(text)} characters; write at most {LONGEST}")
    return re.split("[ \t]+", text.strip(" \t\r\n"))


def _alias(words: list[str]) -> list[str]:
    if len(words) == 1 and words[0] in ALIASES:
        return ALIASES[words[0]].split()
    if words[0].startswith("@"):
        raise refusals.alias(words[0], list(ALIASES))
    raise refusals.field_count(words, _reads)


def _reads(text: str) -> bool:
    try:
        parse(text)
    except CronError:
        return False
    return True


def _sets(fields: list[str]) -> list[frozenset[int]]:
    """The values of each field; raises CronError with what is wrong in any of them."""
    found, errors = [], []
    for field, text in zip(FIELDS, fields, strict=True):
        try:
            found.append(_values(field, text))
        except CronError as error:
            errors.append(error)
    if errors:
        raise refusals.together(errors)
    return found


def _values(field: Field, text: str) -> frozenset[int]:
    if text == "*":
        return field.all
    return frozenset(value for item in text.split(",") for value in _item(field, item, text))


def _item(field: Field, item: str, text: str) -> range:
    if not item:
        raise CronError("empty_item", f"{field.name}: `{text}` has an empty item; take the extra comma out", field)
    body, slash, step = item.partition("/")
    first, last = _span(field, item, body)
    if slash and not (step.isascii() and step.isdigit() and int(step)):
        raise refusals.bad_step(field, item, body)
    if slash and body != "*" and "-" not in body:
        raise refusals.ambiguous_step(field, item, body, step)
    if first > last:
        raise refusals.backwards(field, item, body, int(step or 1))
    return range(first, last + 1, int(step or 1))


def _span(field: Field, item: str, body: str) -> tuple[int, int]:
    if body == "*":
        return field.low, field.high
    first, dash, last = body.partition("-")
    low = _number(field, item, first)
    return low, _number(field, item, last) if dash else low


def _number(field: Field, item: str, text: str) -> int:
    number = field.number(text)
    if number is None:
        raise refusals.unreadable(field, item, text)
    if not field.low <= number <= field.high:
        raise refusals.out_of_range(field, item, text)
    return number


__all__ = ["ALIASES", "EVERY_DAY", "EVERY_WEEKDAY", "FIELDS", "MONTH_LENGTHS", "Cron", "CronError", "Field", "parse"]
