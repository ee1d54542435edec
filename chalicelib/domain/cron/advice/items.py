"""What to write instead of one item of a field, such as `H/10`, `22-2` or `sunday`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chalicelib.domain.cron.advice import look_alikes
from chalicelib.domain.cron.fields import DAY, FIELDS, MONTH, MONTHS, WEEKDAY, WEEKDAYS, Fault, Field, faults

_HASH = re.compile(r"H(?:\((\w+)-(\w+)\))?(?:/(\d{1,4}))?", re.IGNORECASE | re.ASCII)
_WORD = re.compile(r"[A-Za-z]{3,9}", re.ASCII)
_FULL_NAMES = (
    *("JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE", "JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER"),
    *("DECEMBER", "SUNDAYS", "MONDAYS", "TUESDAYS", "WEDNESDAYS", "THURSDAYS", "FRIDAYS", "SATURDAYS"),
)


def corrected(field: Field, item: str) -> str | None:
    """Return what reads as `item` was meant; None where that is unknown or can't be written."""
    return next((text for text in _meanings(field, item) if text != item and not faults(field, text)), None)


def _meanings(field: Field, item: str) -> list[str]:
    plain = look_alikes.plain(item).replace(" ", "")
    short = _WORD.sub(lambda word: _short(field, word[0]), plain)
    return ["*" if plain == "?" else plain, hashed(field, plain) or "", short, around(field, short) or ""]


def _short(field: Field, word: str) -> str:
    """Return the three letters of a longer name: `sunday`, `sept`, `thurs`."""
    is_name = word[:3].upper() in field.names and any(name.startswith(word.upper()) for name in _FULL_NAMES)
    return word[:3].upper() if is_name else word


def hashed(field: Field, item: str) -> str | None:
    """Return what Jenkins's `H`, `H/10` or `H(0-2)` may stand for: a value or a step of one's own."""
    match = _HASH.fullmatch(item)
    if match is None:
        return None
    first, last, step = match.groups()
    if step is not None and int(step) > len(field.all):
        return None
    if first is None:
        return f"*/{step}" if step else str(field.low)
    return f"{first}-{last}/{step}" if step else first


def around(field: Field, item: str) -> str | None:
    """Return a range that goes over the end of its field, such as `22-2`, as a list that does not."""
    if [fault.kind for fault in faults(field, item)] != ["backwards_range"]:
        return None
    body, _, step = item.partition("/")
    first, last = body.split("-")
    low, high = (field.number(text) or 0 for text in (first, last))
    if field is not WEEKDAY and int(step or 1) == 1 and first.upper() not in field.names:
        return f"{_range(low, field.high)},{_range(field.low, high)}"
    size = 7 if field is WEEKDAY else field.high - field.low + 1
    numbers = [field.low + (value - field.low) % size for value in range(low, high + size + 1, int(step or 1))]
    return ",".join(name(field, number) if first.upper() in field.names else str(number) for number in numbers)


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def name(field: Field, number: int) -> str:
    """Return the name of a month or weekday."""
    return next(name for name, value in field.names.items() if value == number)


def from_start(field: Field, item: str) -> tuple[str, str]:
    """Return the two readings of `5/15`: each 15 from 5 to the end of the field, or 5 alone."""
    start, _, step = item.partition("/")
    first = "0" if field is WEEKDAY and field.number(start) == field.high else start
    last = 6 if field is WEEKDAY else field.high
    end = name(field, last) if first.upper() in field.names else str(last)
    return f"{first}-{end}/{step}", start


def with_step(field: Field, item: str) -> str:
    """Return the item with a usable step."""
    body = item.partition("/")[0]
    if faults(field, body):
        body = "*"
    return f"{body if body == '*' or '-' in body else f'{body}-{field.high}'}/2"


def advice(fault: Fault) -> str:
    """Say what to write instead of an item that can't be read."""
    field, item, part = fault.field, fault.item, fault.part
    if hashed(field, look_alikes.plain(item)):
        return _own_value(field, item)
    if look_alikes.plain(item) != item:
        return _plain_characters(field, item)
    if instead := corrected(field, item):
        return "`?` is AWS and Quartz; write `*`" if item == "?" else f"{_why(field, item)}write `{instead}`"
    if dialect := _foreign(field, item.upper(), part.upper()):
        return dialect
    return _usual(field, item, part)


def _why(field: Field, item: str) -> str:
    return "names have three letters; " if _short(field, part := re.split("[-/]", item)[0]) != part else ""


def _own_value(field: Field, item: str) -> str:
    instead = corrected(field, item)
    if instead is None:
        return f"`H` is Jenkins, a value of its choice; write one of your own, such as {field.example}"
    if "/" in item:
        return f"`H` is Jenkins, a value of its choice; write `{instead}`"
    return f"`H` is Jenkins, a value of its choice; write one of your own, such as `{instead}`"


def _plain_characters(field: Field, item: str) -> str:
    instead = corrected(field, item) or field.example
    shown = f"`{instead}`" if instead != field.example else instead
    return f"only plain digits, letters and signs are read, and it has {look_alikes.named(item)}; write {shown}"


def _foreign(field: Field, item: str, part: str) -> str | None:
    """What people bring from AWS and Quartz, and five fields can't say."""
    here = "is AWS and Quartz and can't be said here"
    if item == "?":
        return "`?` is AWS and Quartz; write `*`"
    if "#" in item:
        return f"`#` (the n-th weekday of a month) {here}; write the weekday, such as `{_named(item)}`, for all of them"
    if field is WEEKDAY and part.endswith("L"):
        return f"`L` (the last weekday of a month) {here}; write the weekday, such as `{_named(item)}`, for all of them"
    if field is DAY and (part in ("L", "LW") or item.startswith("L-")):
        return f"`L` (the last day) {here}; write a day, such as `28`, or `1` for the day after the last"
    if field is DAY and part.endswith("W"):
        day = part[:-1] if not faults(DAY, part[:-1]) else "15"
        return f"`W` (the nearest weekday) {here}; write the day alone, such as `{day}`"
    if "~" in item:
        return f"`~` is a random value; write one of your own, such as {field.example}"
    return None


def _named(item: str) -> str:
    return item[:3] if item[:3] in WEEKDAYS else "FRI"


def _usual(field: Field, item: str, part: str) -> str:
    if part[:3].upper() in (*MONTHS, *WEEKDAYS) and part.isalpha() and field not in (MONTH, WEEKDAY):
        return f"names belong to the month and day-of-week fields; write {field.low} to {field.high} here"
    if item.startswith("*") and not faults(field, instead := f"*/{item[1:]}"):
        alone = f", or `{item[1:]}`" if not faults(field, item[1:]) else ""
        return f"write `{instead}` for a step{alone}"
    if "-" in item and part == "":
        return f"write both ends of the range, such as `{field.low}-{field.high}`, or one number"
    some = f"write a number from {field.low} to {field.high}, such as {field.example}"
    return f"{some}, a range such as `{field.low}-{field.high}`, or `*`"


def repaired(words: Sequence[str]) -> list[str] | None:
    """Return five fields in which each wrong item is corrected; None where one can't be, or there are not five."""
    if len(words) != len(FIELDS):
        return None
    fields = [_repaired(field, text) for field, text in zip(FIELDS, words, strict=True)]
    # Jenkins needs both day fields to fit, crontab only one.
    hashes = any(_HASH.fullmatch(item) for at in (2, 4) for item in words[at].split(","))
    if hashes and not any((fields[at] or "*").startswith("*") for at in (2, 4)):
        return None
    return None if None in fields else [text for text in fields if text is not None]


def _repaired(field: Field, text: str) -> str | None:
    items = [item if not faults(field, item) else corrected(field, item) for item in text.split(",") if item]
    return None if None in items or not items else ",".join(item for item in items if item is not None)
