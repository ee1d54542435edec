"""IANA time zones from the tzdata package alone, so that a laptop and Lambda agree, and the offsets they use."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

ABBREVIATIONS = {
    "pst": "America/Los_Angeles",
    "pdt": "America/Los_Angeles",
    "cst": "America/Chicago",
    "cdt": "America/Chicago",
    "edt": "America/New_York",
    "mdt": "America/Denver",
    "bst": "Europe/London",
    "cest": "Europe/Berlin",
    "ist": "Asia/Kolkata",
    "jst": "Asia/Tokyo",
    "aest": "Australia/Sydney",
    "z": "UTC",
}
SAMPLE = timedelta(days=5)  # no zone has kept an offset for less since 1945


class ZoneError(ValueError):
    """A time zone that nobody knows; the message says what to write instead."""


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """The names that the tzdata package knows."""
    listed = resources.files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
    return frozenset(listed) - {"Factory"}


@lru_cache(maxsize=1024)
def zone(name: str) -> ZoneInfo:
    """The zone of this exact IANA name."""
    if name not in names():
        raise ZoneError(_unknown(name))
    file = resources.files("tzdata.zoneinfo").joinpath(*name.split("/"))
    with file.open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def _unknown(name: str) -> str:
    said = f"`{name if len(name) <= 60 else name[:57] + '...'}` is not an IANA time zone"
    close = _suggestion(name)
    if close:
        return f"{said}; write `{close}`"
    return f"{said}; write a name such as `Europe/London`, `America/New_York` or `UTC`"


def _suggestion(name: str) -> str | None:
    import difflib  # only for a mistake: not worth a cold start's time

    fixed = re.fullmatch(r"(?:UTC|GMT)?([+-])0?(\d\d?)(?::?00)?", name.strip(), re.IGNORECASE | re.ASCII)
    if fixed:  # the signs of these names are turned round
        opposite = f"Etc/GMT{'-' if fixed[1] == '+' else '+'}{int(fixed[2])}"
        return opposite if opposite in names() else None
    wanted = name.strip().casefold().replace(" ", "_")[:60]
    if wanted in ABBREVIATIONS:
        return ABBREVIATIONS[wanted]
    folded = {known.casefold(): known for known in sorted(names())}
    cities = {key.rpartition("/")[2]: known for key, known in folded.items() if "/" in key}
    for table in (folded, cities):
        close = [wanted] if wanted in table else difflib.get_close_matches(wanted, table, n=1, cutoff=0.8)
        if close:
            return table[close[0]]
    return None


@lru_cache(maxsize=256)
def _samples(year: int) -> tuple[datetime, ...]:
    """Moments of this year, and the days around it, so near together that no offset falls between two."""
    first = datetime(year, 1, 1, tzinfo=UTC) - timedelta(days=1)
    return tuple(first + SAMPLE * count for count in range(75))


@lru_cache(maxsize=8192)
def _year_offsets(zone: ZoneInfo, year: int) -> frozenset[timedelta | None]:
    return frozenset(moment.astimezone(zone).utcoffset() for moment in _samples(year))


@lru_cache(maxsize=8192)
def offsets(zone: ZoneInfo, first_year: int, last_year: int) -> tuple[int, ...]:
    """All offsets in whole minutes that the zone uses in these years, ascending."""
    return _minutes(_year_offsets(zone, year) for year in range(first_year, last_year + 1))


@lru_cache(maxsize=8192)
def offsets_from(zone: ZoneInfo, first: date, last_year: int) -> tuple[int, ...]:
    """All offsets in whole minutes that the zone uses from the first day to the end of the last year, ascending."""
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    moments = [start, *(moment for moment in _samples(first.year) if moment > start)]
    of_first_year = frozenset(moment.astimezone(zone).utcoffset() for moment in moments)
    return _minutes((of_first_year, *(_year_offsets(zone, year) for year in range(first.year + 1, last_year + 1))))


def _minutes(offsets: Iterable[frozenset[timedelta | None]]) -> tuple[int, ...]:
    used = frozenset[timedelta | None]().union(*offsets)
    return tuple(sorted({(offset or timedelta()) // timedelta(minutes=1) for offset in used}))
