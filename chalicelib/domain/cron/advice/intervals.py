"""Intervals (`rate(2 hours)`, `@every 1h30m`, `every 5 minutes`) as patterns, where a pattern can say them."""

from __future__ import annotations

import re
from fractions import Fraction

_UNITS = {
    **dict.fromkeys(("ns", "us", "µs", "μs", "ms"), Fraction(1, 1000)),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), Fraction(1)),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), Fraction(60)),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), Fraction(3600)),
    **dict.fromkeys(("d", "day", "days"), Fraction(86400)),
    **dict.fromkeys(("w", "week", "weeks"), Fraction(7 * 86400)),
}
_INTERVAL = re.compile(r"(?:rate\s*\(\s*(?P<rate>[^()]*?)\s*\)?|@?every[\s_]+(?P<every>.*))", re.IGNORECASE | re.DOTALL)
_PART = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)?\s*([a-zµμ]+)\s*", re.ASCII | re.IGNORECASE)
DAY = 1440
WEEK = 7 * DAY


def is_interval(text: str) -> bool:
    """Whether a text is written as an interval."""
    return _INTERVAL.fullmatch(text) is not None


def minutes(text: str) -> Fraction | None:
    """Return an interval in minutes; None where it can't be read."""
    match = _INTERVAL.fullmatch(text)
    body = (match["rate"] or match["every"] or "") if match else ""
    total, at = Fraction(0), 0
    while at < len(body):
        part = _PART.match(body, at)
        if part is None or part[2].lower() not in _UNITS:
            return None
        total += Fraction(part[1] or 1) * _UNITS[part[2].lower()]
        at = part.end()
    return total / 60 if total else None


def pattern(interval: Fraction) -> str | None:
    """Return the pattern that is due each `interval` minutes, counted from midnight; None where there is none."""
    whole = int(interval)
    if whole != interval:
        return None
    if whole < 60 and 60 % whole == 0:
        return "* * * * *" if whole == 1 else f"*/{whole} * * * *"
    if whole == 60:
        return "0 * * * *"
    if whole < DAY and whole % 60 == 0 and DAY % whole == 0:
        return f"0 */{whole // 60} * * *"
    return {DAY: "0 0 * * *", WEEK: "0 0 * * 0"}.get(whole)


def advice(text: str) -> str:
    """Say what to write instead of an interval, or why no pattern means the same."""
    interval = minutes(text)
    if interval is None:
        return "a pattern names times, not intervals; write five fields, such as `*/5 * * * *` for every five minutes"
    instead = pattern(interval)
    if instead is not None:
        return f"a pattern names times, not intervals; write `{instead}`, which counts from midnight"
    return impossible(interval)


def impossible(interval: Fraction) -> str:
    """Say why no pattern is due each `interval` minutes."""
    if interval < 1:
        return "a schedule runs at most once a minute: write `* * * * *` for that"
    if interval.denominator != 1:
        return "a schedule runs on whole minutes, which these are not, so it can't be said in one pattern"
    every = f"every {_spoken(int(interval))} can't be said in one pattern"
    if interval < DAY:
        return f"{every}: each hour and each day starts again, so only what divides 60 minutes or 24 hours fits"
    return f"{every}: the days start again with each month"


def _spoken(whole: int) -> str:
    for size, unit in ((DAY, "days"), (60, "hours")):
        if whole % size == 0:
            return f"{whole // size} {unit}"
    return f"{whole} minutes"
