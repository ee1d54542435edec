"""Sets of days as the day, month and weekday fields of an EventBridge expression, in forms that AWS documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import msgspec

from chalicelib.domain.cron.fields import MONTHS, WEEKDAYS
from chalicelib.domain.daysets import DAY, LAST_DAY, LAST_WEEK, MONTH, WEEK, WEEKDAY, DaySet, keys, union


class DayRule(msgspec.Struct, frozen=True):
    """The three fields in the order of AWS, and the days that they choose."""

    text: str
    days: DaySet


def best_rule(days: DaySet) -> DayRule:
    """The rule that chooses all of these days, and as few others as one rule can."""
    return min(_rules(days), key=lambda rule: rule.days.bit_count())


def exact_rules(parts: tuple[DaySet, ...], at_most: int) -> tuple[DayRule, ...] | None:
    """One or two rules that together choose the days of the parts and no others; None where there are none such."""
    days = parts[0] | parts[-1]
    single = _exact([days])
    if single or at_most == 1:
        return single
    splits = [parts] if len(parts) == 2 else _splits(days)
    return next(filter(None, map(_exact, splits)), None)


def _exact(pieces: Sequence[DaySet]) -> tuple[DayRule, ...] | None:
    rules = tuple(best_rule(piece) for piece in pieces)
    return rules if all(rule.days == piece for rule, piece in zip(rules, pieces, strict=True)) else None


def _rules(days: DaySet) -> Iterator[DayRule]:
    """Rules that choose at least these days; of two that choose the same, the plainer comes first."""
    chosen = keys(MONTH, days)
    months, name = union(MONTH, chosen), _names(chosen, MONTHS, 1)
    yield DayRule(f"* {name} ?", months)
    month_days, weekdays = keys(DAY, days), keys(WEEKDAY, days)
    yield DayRule(f"{numbers(month_days, 1, 31)} {name} ?", union(DAY, month_days) & months)
    if not days & ~LAST_DAY:
        yield DayRule(f"L {name} ?", LAST_DAY & months)
    yield DayRule(f"? {name} {_names(weekdays, WEEKDAYS, 0)}", union(WEEKDAY, weekdays) & months)
    if len(weekdays) == 1:
        yield from (rule for rule in _of_month(days, weekdays[0], months, name) if rule.days == days)


def _of_month(days: DaySet, weekday: int, months: DaySet, name: str) -> Iterator[DayRule]:
    """The n-th or the last such weekday of a month."""
    for week in keys(WEEK, days):
        yield DayRule(f"? {name} {WEEKDAYS[weekday]}#{week}", WEEKDAY[weekday] & WEEK[week] & months)
    yield DayRule(f"? {name} {weekday + 1}L", WEEKDAY[weekday] & LAST_WEEK & months)


def _splits(days: DaySet) -> Iterator[list[DaySet]]:
    """Ways to see the days as two pieces, each of which may be a rule."""
    yield from _pairs([days & LAST_DAY, days & ~LAST_DAY])
    yield from _pairs([days & WEEK[week] for week in keys(WEEK, days)])
    yield from _pairs([days & WEEKDAY[day] for day in keys(WEEKDAY, days)])
    by_days: dict[tuple[int, ...], DaySet] = {}
    for month in keys(MONTH, days):
        of_month = days & MONTH[month]
        month_days = keys(DAY, of_month)
        by_days[month_days] = by_days.get(month_days, 0) | of_month
    yield from _pairs(list(by_days.values()))


def _pairs(pieces: list[DaySet]) -> Iterator[list[DaySet]]:
    if len(pieces) == 2 and all(pieces):
        yield pieces


def numbers(values: Iterable[int], low: int, high: int) -> str:
    """A field of numbers: `*`, a list with ranges, or one step over a range where that is shorter."""
    ordered = sorted(values)
    if len(ordered) == high - low + 1:
        return "*"
    listed = ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in _runs(ordered))
    steps = {after - before for before, after in pairwise(ordered)}
    if len(ordered) < 3 or len(steps) != 1 or steps == {1}:
        return listed
    step, first, last = steps.pop(), ordered[0], ordered[-1]
    stepped = f"{first}/{step}" if last + step > high else f"{first}-{last}/{step}"
    return min(listed, stepped, key=len)


def _names(values: Sequence[int], names: Sequence[str], low: int) -> str:
    """A field of names; the first name stands for `low`."""
    if len(values) == len(names):
        return "*"
    runs = ([names[value - low] for value in run] for run in _runs(values))
    return ",".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else run[0] for run in runs)


def _runs(ordered: Sequence[int]) -> list[list[int]]:
    """Values that follow one another, three or more together, else each alone."""
    runs: list[list[int]] = []
    for value in ordered:
        if runs and value == runs[-1][-1] + 1:
            runs[-1].append(value)
        else:
            runs.append([value])
    return [part for run in runs for part in ([run] if len(run) > 2 else [[value] for value in run])]
