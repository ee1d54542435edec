"""The five fields of crontab: their ranges, and the names that they know."""

from __future__ import annotations

from collections.abc import Sequence

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
