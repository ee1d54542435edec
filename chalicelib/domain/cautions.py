"""What a person should know about a pattern before saving it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.cron.fields import DAY, HOUR, MINUTE, MONTH, WEEKDAY
from chalicelib.domain.crontab import ALIASES, EVERY_WEEKDAY, FIELDS, MONTH_LENGTHS, Cron, Field
from chalicelib.domain.phrases import MONTHS, WEEKDAYS, listed
from chalicelib.domain.timezones import zone

SINGLE = 5  # more days of the month than this are a stretch or a rhythm
SIZES = (60, 24, 31, 12, 7)
PERIODS = ("hour", "day", "month", "year", "week")
A_DAY = timedelta(days=1)  # no change of the clocks moves a run by more


def warnings(cron: Cron, zone_name: str, after: datetime, upcoming: Sequence[datetime]) -> list[str]:
    """One sentence for each surprise; `upcoming` are the next due minutes after `after`, in order."""
    found = [*_both_days(cron), *_short_months(cron), *_steps(cron)]
    return found + list(_clock_changes(cron, zone(zone_name), after, upcoming))


def _both_days(cron: Cron) -> Iterator[str]:
    if cron.has_every_day() or cron.weekdays == EVERY_WEEKDAY or not cron.existing_days():
        return
    if cron.day_or:
        yield (
            "Day of month and day of week are both given, so it runs on days that fit either of them, "
            "not only on those that fit both."
        )
    else:
        yield (
            "One of the two day fields begins with `*`, so it runs only on days that fit both of them; "
            "some other crons run on days that fit either."
        )


def _short_months(cron: Cron) -> Iterator[str]:
    """Only for single days: who writes 25-31 or every second day counts on short months."""
    if cron.has_every_day() or (cron.day_or and cron.weekdays == EVERY_WEEKDAY) or len(cron.days) > SINGLE:
        return
    for day in sorted(cron.days):
        if day >= 29 and (day - 1 not in cron.days or min(cron.days) >= 29):
            without = [MONTHS[month - 1] for month in sorted(cron.months) if MONTH_LENGTHS[month] < day]
            if without:
                yield f"There is no day {day} in {listed(without)}: nothing runs for it there."
            if day == 29 and 2 in cron.months:
                yield "February has a day 29 only in leap years: nothing runs for it in other years."


def _steps(cron: Cron) -> Iterator[str]:
    """A step written with `*` starts again with each hour, day, month or year."""
    fields = zip(ALIASES.get(cron.text, cron.text).split(), FIELDS, SIZES, PERIODS, strict=True)
    for item, field, size, period in fields:
        if item.startswith("*/") and "," not in item:
            step = int(item[2:])
            last = field.low + (size - 1) // step * step
            gap = field.low + size - last
            if step >= size:
                yield f"`{item}` leaves only {_place(field, field.low)}: a second step does not fit in the {period}."
            elif gap != step and _goes_on(cron, field):
                around = f"{_place(field, last)} is followed by {_place(field, field.low)}"
                yield f"`{item}` starts again with each {period}: {around}, a distance of {gap} and not {step}."


def _goes_on(cron: Cron, field: Field) -> bool:
    """Whether the next hour, day, month or year is one on which it runs too."""
    if field is MINUTE:
        return any((hour + 1) % 24 in cron.hours for hour in cron.hours)
    if field is HOUR:
        following = any(day + 1 in cron.days for day in cron.days)
        return following and any((day + 1) % 7 in cron.weekdays for day in cron.weekdays)
    if field is DAY:
        return len(cron.months) == 12
    return field is MONTH or cron.has_every_day()


def _place(field: Field, value: int) -> str:
    if field is WEEKDAY:
        return WEEKDAYS[value]
    return MONTHS[value - 1] if field is MONTH else f"{field.name.removesuffix('-of-month')} {value}"


def _clock_changes(cron: Cron, zone: ZoneInfo, after: datetime, upcoming: Sequence[datetime]) -> Iterator[str]:
    before = max([after, *(run - A_DAY for run in upcoming[:1])])
    for run in upcoming:
        since = run - A_DAY if _is_displaced(cron, run.astimezone(zone)) else before
        old, new = (moment.astimezone(zone).utcoffset() for moment in (since, run))
        if old != new and old is not None and new is not None:
            day = _change(zone, since, run)
            change = f"{day.day} {MONTHS[day.month - 1]} {day.year}, {_offset(old)} to {_offset(new)}"
            yield f"The clocks of {zone.key} change on {change}: {_effect(cron, old < new)}"
        before = run


def _is_displaced(cron: Cron, wall: datetime) -> bool:
    """Whether a run comes at a time that the pattern does not name: its own was skipped by the clocks."""
    named = cron.has_day(wall.month, wall.day, wall.isoweekday() % 7)
    return not (named and wall.hour in cron.hours and wall.minute in cron.minutes)


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The local day of the change of offset between the two."""
    old = before.astimezone(zone).utcoffset()
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after.astimezone(zone)


def _offset(offset: timedelta) -> str:
    hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
    return f"UTC{'-' if offset < timedelta() else '+'}{hours:02}:{minutes:02}"


def _effect(cron: Cron, forward: bool) -> str:
    if cron.follows_clock and forward:
        return "nothing runs in the time that is skipped."
    if cron.follows_clock:
        return "it runs in both passes of the time that comes twice."
    if forward:
        return "a run in the time that is skipped comes later by as much as is skipped."
    return "in the time that comes twice it runs in the first pass only."
