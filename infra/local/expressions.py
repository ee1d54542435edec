"""When an AWS schedule expression fires: read from AWS's documentation, sharing nothing with what wrote the expression.

Forms that AWS does not document are refused, so that what passes here need not rely on anybody's kindness.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
MONTHS = {name: number for number, name in enumerate(MONTH_NAMES, 1)}
WEEKDAYS = {"SUN": 1, "MON": 2, "TUE": 3, "WED": 4, "THU": 5, "FRI": 6, "SAT": 7}
LONGEST = 256
UNITS = {"minute": 1, "hour": 60, "day": 24 * 60}
REFUSAL = "Parameter ScheduleExpression is not valid."

DayTest = Callable[[date], bool]


class InvalidExpression(ValueError):
    """What PutRule would refuse."""


@dataclass(frozen=True)
class Cron:
    """cron(minutes hours day-of-month month day-of-week year), in UTC."""

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    is_day: DayTest

    def matches(self, minute: datetime) -> bool:
        """Whether it fires in this minute (aware)."""
        moment = minute.astimezone(UTC)
        return moment.minute in self.minutes and moment.hour in self.hours and self.has_day(moment.date())

    def has_day(self, day: date) -> bool:
        """Whether it fires on this day, UTC."""
        return day.year in self.years and day.month in self.months and self.is_day(day)

    def next_after(self, minute: datetime) -> datetime | None:
        """The first minute after this one; None where its years are over."""
        start = minute.astimezone(UTC)
        day = start.date()
        while day.year <= max(self.years):
            if self.has_day(day):
                for moment in self._times(day):
                    if moment > start:
                        return moment
            day = day + timedelta(days=1) if day.month in self.months else _next_month(day)
        return None

    def _times(self, day: date) -> list[datetime]:
        times = (time(hour, minute, tzinfo=UTC) for hour in sorted(self.hours) for minute in sorted(self.minutes))
        return [datetime.combine(day, moment) for moment in times]


@dataclass(frozen=True)
class Rate:
    """rate(value unit): every so many minutes since its creation."""

    minutes: int
    created: datetime

    def matches(self, minute: datetime) -> bool:
        """Whether it fires in this minute (aware)."""
        passed = (minute - self.created) // timedelta(minutes=1)
        return passed > 0 and passed % self.minutes == 0

    def next_after(self, minute: datetime) -> datetime | None:
        """The first minute after this one."""
        passed = max((minute - self.created) // timedelta(minutes=self.minutes), 0)
        return self.created + timedelta(minutes=self.minutes * (passed + 1))


Expression = Cron | Rate
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse(expression: str, created: datetime = EPOCH) -> Expression:
    """The expression's times, or InvalidExpression; a rate counts from the minute of `created`."""
    if len(expression) > LONGEST:
        raise InvalidExpression(REFUSAL)
    cron = re.fullmatch(r"cron\((\S.*\S)\)", expression, re.ASCII)
    if cron and len(fields := cron[1].split()) == 6:
        return _cron(*fields)
    rate = re.fullmatch(r"rate\(([1-9]\d*) (minute|hour|day)(s?)\)", expression, re.ASCII)
    if rate and (rate[3] == "s") == (rate[1] != "1"):
        return Rate(int(rate[1]) * UNITS[rate[2]], created.replace(second=0, microsecond=0))
    raise InvalidExpression(REFUSAL)


def _cron(minute: str, hour: str, day: str, month: str, weekday: str, year: str) -> Cron:
    if (day == "?") == (weekday == "?"):
        raise InvalidExpression(REFUSAL)
    return Cron(
        minutes=_values(minute, 0, 59),
        hours=_values(hour, 0, 23),
        months=_values(month, 1, 12, MONTHS),
        years=_values(year, 1970, 2199),
        is_day=_month_day_test(day) if weekday == "?" else _weekday_test(weekday),
    )


def _values(text: str, low: int, high: int, names: dict[str, int] | None = None) -> frozenset[int]:
    """`*`, a list of numbers and ranges, or one step."""
    body, slash, step = text.partition("/")
    if slash and not (_digits(step) and 1 <= int(step) <= high and "," not in body):
        raise InvalidExpression(REFUSAL)
    items = [_range(item, low, high, names or {}, open_end=bool(slash)) for item in body.split(",")]
    if body != "*" and "*" in body:
        raise InvalidExpression(REFUSAL)
    return frozenset(value for first, last in items for value in range(first, last + 1, int(step or 1)))


def _range(item: str, low: int, high: int, names: dict[str, int], open_end: bool) -> tuple[int, int]:
    if item == "*":
        return low, high
    first, dash, last = item.partition("-")
    start = _number(first, low, high, names)
    end = _number(last, low, high, names) if dash else high if open_end else start
    if start > end:
        raise InvalidExpression(REFUSAL)
    return start, end


def _number(text: str, low: int, high: int, names: dict[str, int]) -> int:
    if not (text in names or (_digits(text) and low <= int(text) <= high)):
        raise InvalidExpression(REFUSAL)
    return names[text] if text in names else int(text)


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _month_day_test(text: str) -> DayTest:
    if text == "L":
        return lambda day: day.day == _last_day(day)
    if text.endswith("W"):
        wanted = _number(text[:-1], 1, 31, {})
        return lambda day: wanted <= _last_day(day) and day.day == _nearest_workday(day.replace(day=wanted))
    days = _values(text, 1, 31)
    return lambda day: day.day in days


def _weekday_test(text: str) -> DayTest:
    if "/" in text:
        raise InvalidExpression(REFUSAL)
    if text == "L":
        return lambda day: _weekday(day) == 7
    name, hash_sign, place = text.partition("#")
    if hash_sign:
        weekday, week = _number(name, 1, 7, WEEKDAYS), _number(place, 1, 5, {})
        return lambda day: _weekday(day) == weekday and (day.day + 6) // 7 == week
    if text.endswith("L"):
        last = _number(text[:-1], 1, 7, {})
        return lambda day: _weekday(day) == last and day.day > _last_day(day) - 7
    weekdays = _values(text, 1, 7, WEEKDAYS)
    return lambda day: _weekday(day) in weekdays


def _weekday(day: date) -> int:
    """Sunday is 1."""
    return (day.weekday() + 1) % 7 + 1


def _last_day(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest_workday(day: date) -> int:
    """Of the same month, which it never leaves."""
    if day.weekday() == calendar.SATURDAY:
        return day.day - 1 if day.day > 1 else 3
    if day.weekday() == calendar.SUNDAY:
        return day.day + 1 if day.day < _last_day(day) else day.day - 2
    return day.day


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
