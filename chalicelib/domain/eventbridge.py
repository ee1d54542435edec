"""A pattern and its time zone as EventBridge cron expressions: exact in one or two, else one superset to be gated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from chalicelib.domain import daysets
from chalicelib.domain.crontab import Cron
from chalicelib.domain.dayrules import DayRule, best_rule, exact_rules, numbers
from chalicelib.domain.daysets import DaySet
from chalicelib.domain.timezones import offsets_from

YEARS = 5  # offsets that a zone takes up later are met by publishing again
LATEST = timedelta(days=7)  # ticks of the last days may still come, at the offsets of then


class Translation(msgspec.Struct, frozen=True):
    """The expressions, one rule each.

    `gated`: they fire more often than the pattern, and the tick asks. `dedupe`: both may fire in the same minute.
    """

    expressions: tuple[str, ...]
    gated: bool
    dedupe: bool


class Box(msgspec.Struct, frozen=True):
    """Each of these minutes of each of these hours (UTC) on each day of any part."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    parts: tuple[DaySet, ...]


def translate(cron: Cron, zone: ZoneInfo, now: datetime) -> Translation:
    """The expressions for `cron` by the clocks of `zone`, right for the five years from `now` on."""
    used = offsets_from(zone, (now - LATEST).date(), now.year + YEARS)
    parts = daysets.parts(cron)
    boxes = _boxes(cron, parts, used)
    same_at_all = cron.follows_clock and all(_boxes(cron, parts, (offset,)) == boxes for offset in used)
    return (_exact(boxes) if len(used) == 1 or same_at_all else None) or _superset(boxes)


def _exact(boxes: tuple[Box, ...]) -> Translation | None:
    if len(boxes) > 2:
        return None
    rules = [exact_rules(box.parts, 2 // len(boxes)) for box in boxes]
    if None in rules:
        return None
    pairs = [(box, rule) for box, found in zip(boxes, rules, strict=True) for rule in found or ()]
    overlap = len(boxes) == 1 and len(pairs) == 2 and bool(pairs[0][1].days & pairs[1][1].days)
    return Translation(tuple(_render(box.minutes, box.hours, rule) for box, rule in pairs), gated=False, dedupe=overlap)


def _superset(boxes: tuple[Box, ...]) -> Translation:
    minutes = {minute for box in boxes for minute in box.minutes}
    hours = {hour for box in boxes for hour in box.hours}
    days = 0
    for box in boxes:
        for part in box.parts:
            days |= part
    return Translation((_render(minutes, hours, best_rule(days)),), gated=True, dedupe=False)


def _render(minutes: Iterable[int], hours: Iterable[int], rule: DayRule) -> str:
    return f"cron({numbers(minutes, 0, 59)} {numbers(hours, 0, 23)} {rule.text} *)"


def _boxes(cron: Cron, parts: tuple[DaySet, ...], used: Iterable[int]) -> tuple[Box, ...]:
    """The pattern's UTC times at any of these offsets, apart by the days on which they come."""
    moved = {shift: tuple(daysets.shifted(part, shift) for part in parts) for shift in (-1, 0, 1)}
    boxes: dict[tuple[tuple[tuple[int, ...], tuple[DaySet, ...]], ...], list[int]] = {}
    for row, minutes in _rows(cron, used).items():
        boxes.setdefault(tuple(_hours_by_days(row, moved)), []).extend(minutes)
    return tuple(
        Box(tuple(sorted(minutes)), hours, days) for columns, minutes in boxes.items() for hours, days in columns
    )


def _rows(cron: Cron, used: Iterable[int]) -> dict[int, list[int]]:
    """Minutes of the UTC hour by their hours: bit 24 is hour 0 of the same day, bits 0 to 23 are the day before."""
    hours = sum(1 << hour for hour in cron.hours)
    rows: dict[int, int] = {}
    for offset in used:
        for minute in cron.minutes:
            carry, utc = divmod(minute - offset, 60)
            rows[utc] = rows.get(utc, 0) | hours << 24 + carry
    minutes: dict[int, list[int]] = {}
    for utc, row in rows.items():
        minutes.setdefault(row, []).append(utc)
    return minutes


def _hours_by_days(
    row: int, moved: dict[int, tuple[DaySet, ...]]
) -> Iterator[tuple[tuple[int, ...], tuple[DaySet, ...]]]:
    """The hours of a row, grouped by the days on which they come."""
    hours: dict[tuple[DaySet, ...], list[int]] = {}
    days: dict[int, tuple[DaySet, ...]] = {}
    for hour in range(24):
        shifts = row >> hour & (1 << 48 | 1 << 24 | 1)
        if shifts:
            if shifts not in days:
                days[shifts] = _union(moved, [shift for shift in (-1, 0, 1) if shifts >> 24 * (shift + 1) & 1])
            hours.setdefault(days[shifts], []).append(hour)
    for chosen, group in hours.items():
        yield tuple(group), chosen


def _union(moved: dict[int, tuple[DaySet, ...]], shifts: list[int]) -> tuple[DaySet, ...]:
    first, *others = (moved[shift] for shift in shifts)
    for other in others:
        first = tuple(one | two for one, two in zip(first, other, strict=True))
    return first
