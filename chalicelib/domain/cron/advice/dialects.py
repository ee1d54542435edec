"""Six and seven fields, as AWS, Quartz, Spring and others write them, read as five."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

import msgspec

from chalicelib.domain import crontab
from chalicelib.domain.cron.advice import intervals, items
from chalicelib.domain.cron.fields import DAY, FIELDS, HOUR, MINUTE, MONTHS, WEEKDAYS, Field

_YEAR = re.compile(r"\d{4}(?:-\d{4})?(?:/\d+)?(?:,\d{4}(?:-\d{4})?)*|\*(?:/\d+)?", re.ASCII)
_EVERY_YEAR = ("*", "?", "*/1", "1970-2199", "1970/1")
_SIZES = {MINUTE.name: (60, 1), HOUR.name: (24, 60), DAY.name: (31, 1440)}
SECONDS = "seconds have no field here"
YEARS = "years have no field here"


class Reading(msgspec.Struct, frozen=True):
    """Five fields, how they were written, and why they don't mean the same (`lost`) or can't be said at all."""

    fields: tuple[str, ...]
    dialect: str
    lost: tuple[str, ...] = ()
    impossible: str | None = None


def aws(words: Sequence[str]) -> Reading:
    """Read the fields of AWS's `cron(...)`: Sunday is 1, and a year comes last."""
    five, year = words[:5], words[5:]
    dialect = "this is how AWS writes it, with a year and Sunday as 1"
    if len(words) not in (5, 6):
        return Reading(tuple(words), dialect, impossible=f"AWS has six fields there, and these are {len(words)}")
    fields = _from_one(five)
    if "*" not in (fields[2], fields[4]):
        either = [(*fields[:2], fields[2], fields[3], "*"), (*fields[:2], "*", *fields[3:])]
        quoted = [f"`{text}`" for text in map(_pattern, either) if text is not None]
        which = "AWS takes only one of the two day fields"
        return Reading(fields, dialect, impossible=f"{which}; write {' or '.join(quoted)}" if quoted else which)
    return Reading(fields, dialect, _years(year), _too_wide(fields))


def guessed(words: Sequence[str]) -> Reading | None:
    """Read six or seven fields without a wrapper: their `?`, year and seconds show whose they are."""
    if len(words) == 7 and _YEAR.fullmatch(words[6]):
        quartz = guessed(words[:6]) if "?" in (words[3], words[5]) else _seconds_first(words[:6])
        lost = (*quartz.lost, *_years(words[6:])) if quartz else ()
        return msgspec.structs.replace(quartz, lost=lost) if quartz else None
    if len(words) != 6:
        return None
    if "?" in (words[2], words[4]):
        return aws(words)
    if "?" in (words[3], words[5]):
        fields = _from_one(words[1:])
        dialect = "this is how Quartz writes it, with seconds and Sunday as 1"
        return Reading(fields, dialect, _lost_seconds(words[0]), _too_wide(fields))
    return _without_marks(words)


def _without_marks(words: Sequence[str]) -> Reading | None:
    first, last = _seconds_first(words), _year_last(words)
    if last is not None and (words[5][:1].isdigit() or _pattern(first.fields) is None):
        return last
    return first if all(map(_is_cron, words)) else None


def _is_cron(word: str) -> bool:
    """Whether a word looks like a field, readable or not."""
    letters = [text.upper() for text in re.findall("[A-Za-z]+", word)]
    known = all(text in ("L", "W", "LW", "H") or text[:3] in (*MONTHS, *WEEKDAYS) for text in letters)
    return known and re.fullmatch(r"[\w*/,\-?#()]+", word, re.ASCII) is not None


def _seconds_first(words: Sequence[str]) -> Reading:
    fields = tuple(map(_to_the_end, FIELDS, words[1:]))
    lost = _lost_seconds(words[0])
    if not (fields[2].startswith("*") or fields[4].startswith("*")):
        lost += ("with both day fields it runs on days that fit either of them",)
    dialect = f"{SECONDS}: this is how Spring, node-cron and others write it, with the seconds first"
    return Reading(fields, dialect, lost, _too_wide(fields))


def _year_last(words: Sequence[str]) -> Reading | None:
    if not _YEAR.fullmatch(words[5]) or _pattern(words[:5]) is None:
        return None
    return Reading(tuple(words[:5]), "the last of these is a year", _years(words[5:]))


def _pattern(words: Sequence[str]) -> str | None:
    """Return five fields, corrected where they need it, as a pattern; None where they are none that runs."""
    fields = items.repaired(words)
    return " ".join(fields) if fields is not None and crontab.fires(crontab.read(fields, "")) else None


def _years(year: Sequence[str]) -> tuple[str, ...]:
    if not year or year[0] in _EVERY_YEAR:
        return ()
    return (f"{YEARS}, so it runs in every year",)


def _lost_seconds(seconds: str) -> tuple[str, ...]:
    if seconds.isdigit() and int(seconds) == 0:
        return ()
    if seconds.isascii() and seconds.isdigit():
        return ("seconds have no field here, so it runs on the whole minute",)
    return ("a schedule runs at most once a minute, and not on several seconds of one",)


def _too_wide(fields: Sequence[str]) -> str | None:
    """Say so where a step is wider than its field: `*/90` is not every 90 minutes."""
    for field, text in zip(FIELDS, fields, strict=True):
        size, unit = _SIZES.get(field.name, (0, 0))
        match = re.fullmatch(r"[*0]/(\d{1,6})", text, re.ASCII)
        if match and size and int(match[1]) > size:
            return intervals.impossible(Fraction(int(match[1]) * unit))
    return None


def _from_one(five: Sequence[str]) -> tuple[str, ...]:
    """Return five fields in which Sunday was 1 and `?` a `*`."""
    *others, weekdays = ("*" if text == "?" else text for text in five)
    return tuple(map(_to_the_end, FIELDS, [*others, ",".join(map(_weekday, weekdays.split(",")))]))


def _weekday(item: str) -> str:
    numbers = re.split("[/#]", item)[0]
    return re.sub(r"\d+", lambda number: _weekday_name(number[0]), numbers) + item[len(numbers) :]


def _weekday_name(number: str) -> str:
    return WEEKDAYS[int(number) - 1] if number in ("1", "2", "3", "4", "5", "6", "7") else number


def _to_the_end(field: Field, text: str) -> str:
    """Return a field in which `5/15` goes on to its end, and a step of 1 is none."""
    return ",".join(_item_to_the_end(field, item) for item in text.split(","))


def _item_to_the_end(field: Field, item: str) -> str:
    start, slash, step = item.partition("/")
    number = field.number(start)
    if not slash or (number is None and start != "*"):
        return item
    if number == field.low or start == "*":
        return "*" if step == "1" else f"*/{step}"
    if number is not None and not field.low <= number <= field.high:
        return item
    stepping, _ = items.from_start(field, item)
    return stepping.removesuffix("/1")
