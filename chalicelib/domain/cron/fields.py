"""The five fields of crontab: their ranges, and the names that they know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
ORDER = "minute hour day-of-month month day-of-week"


class Field(msgspec.Struct, frozen=True):
    """One of the five fields: its name in messages, its range, the names it knows, an example of a value."""

    name: str
    low: int
    high: int
    all: frozenset[int]
    names: dict[str, int]
    example: str

    def number(self, text: str) -> int | None:
        """Return the number that a name or plain digits stand for, in range or not; None for anything else."""
        if text.upper() in self.names:
            return self.names[text.upper()]
        return int(text) if text.isascii() and text.isdigit() else None


def _field(name: str, low: int, high: int, names: Sequence[str], example: str) -> Field:
    numbers = {text: low + place for place, text in enumerate(names)}
    return Field(name, low, high, frozenset(range(low, high + 1)), numbers, example)


MINUTE = _field("minute", 0, 59, [], "0 or 30")
HOUR = _field("hour", 0, 23, [], "0 or 13")
DAY = _field("day-of-month", 1, 31, [], "1 or 15")
MONTH = _field("month", 1, 12, MONTHS, "6 or JUN")
WEEKDAY = _field("day-of-week", 0, 7, WEEKDAYS, "5 or FRI")
FIELDS = (MINUTE, HOUR, DAY, MONTH, WEEKDAY)

FaultKind = Literal["empty_item", "bad_step", "ambiguous_step", "backwards_range", "unreadable", "out_of_range"]


class CronError(ValueError):
    """A refused pattern; the message is for the person who wrote it."""

    def __init__(self, kind: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.field = field


class Fault(Exception):
    """What is wrong with one item of a field; `part` is the number or name in it that is meant."""

    def __init__(self, kind: FaultKind, field: Field, item: str, part: str = "") -> None:
        super().__init__(kind, field.name, item, part)
        self.kind: FaultKind = kind
        self.field, self.item, self.part = field, item, part


def values(field: Field, text: str) -> frozenset[int]:
    """Return the numbers that a field's text names; raise Fault for its first wrong item."""
    if text == "*":
        return field.all
    return frozenset(value for item in text.split(",") for value in span(field, item))


def faults(field: Field, text: str) -> list[Fault]:
    """Return what is wrong with the items of a field, each item once."""
    return [fault for item in dict.fromkeys(text.split(",")) if (fault := _fault(field, item, text)) is not None]


def _fault(field: Field, item: str, text: str) -> Fault | None:
    if not item:
        return Fault("empty_item", field, text)
    try:
        span(field, item)
    except Fault as fault:
        return fault
    return None


def span(field: Field, item: str) -> range:
    """Return the numbers of one item, such as `5`, `*/2` or `MON-FRI`; raise Fault."""
    body, slash, step = item.partition("/")
    first, last = _ends(field, item, body)
    if slash and not (step.isascii() and step.isdigit() and int(step)):
        raise Fault("bad_step", field, item)
    if slash and body != "*" and "-" not in body:
        raise Fault("ambiguous_step", field, item)
    if first > last:
        raise Fault("backwards_range", field, item)
    return range(first, last + 1, int(step or 1))


def _ends(field: Field, item: str, body: str) -> tuple[int, int]:
    if body == "*":
        return field.low, field.high
    first, dash, last = body.partition("-")
    low = _number(field, item, first)
    return low, _number(field, item, last) if dash else low


def _number(field: Field, item: str, text: str) -> int:
    number = field.number(text)
    if number is None:
        raise Fault("unreadable", field, item, text)
    if not field.low <= number <= field.high:
        raise Fault("out_of_range", field, item, text)
    return number
