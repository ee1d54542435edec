"""IANA time zones from the tzdata package alone, so that a laptop and Lambda agree, and the offsets they use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

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
        from chalicelib.domain.cron.advice import zones  # only for a mistake: not worth a cold start's time

        raise ZoneError(zones.refusal(name))
    file = resources.files("tzdata.zoneinfo").joinpath(*name.split("/"))
    with file.open("rb") as data:
        return ZoneInfo.from_file(data, key=name)


def table(name: str) -> list[list[str]]:
    """Return the rows of one of the tables that come with tzdata."""
    text = resources.files("tzdata.zoneinfo").joinpath(name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@lru_cache(maxsize=1024)
def rule(name: str) -> str:
    """Return the rule that a zone's clocks follow from now on, such as `CET-1CEST,M3.5.0,M10.5.0/3`."""
    data = resources.files("tzdata.zoneinfo").joinpath(*name.split("/")).read_bytes()
    return data.rstrip(b"\n").rpartition(b"\n")[2].decode("ascii")


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
