"""A pattern in words, read from its sets and never from its text, so that the words are true."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from chalicelib.domain.cautions import warnings
from chalicelib.domain.crontab import EVERY_WEEKDAY, MONTH_LENGTHS, Cron
from chalicelib.domain.phrases import MONTHS, WEEKDAYS, interval, listed, one_run, series

FEW = 6  # times of day that are named one by one
BRIEF = 3  # values that a badge has room for


def describe(cron: Cron, zone_name: str) -> str:
    """When the pattern is due, in plain English."""
    days, around = _days(cron), _around_the_clock(cron, zone_name)
    if around:
        text = _times(cron, around) + (f", {days}" if days != "every day" else "")
    else:
        text = f"{_times(cron, around)} {days}"
    if text == "every minute":
        return text
    return f"{text} (UTC)" if zone_name == "UTC" else f"{text} ({zone_name} time)"


def _around_the_clock(cron: Cron, zone_name: str) -> bool:
    """Whether it runs in every hour that comes: hours that are listed run once where the clocks show one twice."""
    return len(cron.hours) == 24 and (cron.follows_clock or zone_name == "UTC")


def _times(cron: Cron, around: bool) -> str:
    minutes, hours = sorted(cron.minutes), sorted(cron.hours)
    if len(minutes) == 60:
        return "every minute" if around else _whole_hours(hours)
    if len(minutes) * len(hours) <= FEW:
        return f"at {listed([f'{hour:02}:{minute:02}' for hour in hours for minute in minutes])}"
    places = f"minute{'s' if len(minutes) > 1 else ''} {series(minutes)}"
    if not around:
        return f"at {places} of the hour{'s' if len(hours) > 1 else ''} {series(hours)}"
    step = interval(minutes, 60)
    if len(minutes) == 1:
        return f"every hour, at {places}"
    return f"every {step} minutes, at {places} of every hour" if step else f"at {places} of every hour"


def _whole_hours(hours: Sequence[int]) -> str:
    if one_run(hours):
        return f"every minute from {hours[0]:02}:00 to {hours[-1]:02}:59"
    return f"every minute of the hours {series(hours)}"


def _days(cron: Cron) -> str:
    every_day, every_weekday = cron.has_every_day(), cron.weekdays == EVERY_WEEKDAY
    if (cron.day_or and (every_day or every_weekday)) or (every_day and every_weekday):
        return f"every day{_within(cron.months)}"
    by_weekday = f"on every {_weekdays(cron.weekdays)}{_within(cron.months)}"
    if every_day or not cron.existing_days():
        return by_weekday
    by_day = _by_day(cron)
    if cron.day_or:
        return f"{by_day}, and {by_weekday}"
    return by_day if every_weekday else f"{by_day}, but only on a {_any_of(cron.weekdays)}"


def _by_day(cron: Cron) -> str:
    days = cron.existing_days()
    having = [month for month in cron.months if MONTH_LENGTHS[month] >= min(days)]
    return f"on {_month_days(days)} of {_months(having if len(cron.months) < 12 else cron.months)}"


def _month_days(days: Iterable[int]) -> str:
    return f"day{'s' if len(set(days)) > 1 else ''} {series(sorted(days))}"


def _weekdays(weekdays: Iterable[int]) -> str:
    week = _week(weekdays)
    if len(week) > 2 and one_run(week):
        return f"day from {WEEKDAYS[week[0] % 7]} to {WEEKDAYS[week[-1] % 7]}"
    return listed([WEEKDAYS[day % 7] for day in week])


def _any_of(weekdays: Iterable[int]) -> str:
    return listed([WEEKDAYS[day % 7] for day in _week(weekdays)], "or")


def _week(weekdays: Iterable[int]) -> list[int]:
    """From Monday, 1, to Sunday, 7: the week as people read it."""
    return sorted(day or 7 for day in weekdays)


def _months(months: Iterable[int]) -> str:
    return "the month" if len(set(months)) == 12 else _month_names(months)


def _within(months: Iterable[int]) -> str:
    return "" if len(set(months)) == 12 else f" in {_month_names(months)}"


def _month_names(months: Iterable[int]) -> str:
    ordered = sorted(months)
    if len(ordered) > 2 and one_run(ordered):
        return f"{MONTHS[ordered[0] - 1]} to {MONTHS[ordered[-1] - 1]}"
    return listed([MONTHS[month - 1] for month in ordered])


def badge(cron: Cron, zone_name: str) -> str:
    """The few words on a job's card; where there are none that are true, the pattern itself."""
    words = _interval_badge(cron, zone_name)
    if words and " AT " not in words:
        return f"REPEATS {words}"
    city = "" if zone_name == "UTC" else f" ({zone_name.rpartition('/')[2].replace('_', ' ').upper()})"
    return f"REPEATS {words or _clock_badge(cron) or cron.text}{city}"


def _interval_badge(cron: Cron, zone_name: str) -> str | None:
    minutes, hours = sorted(cron.minutes), sorted(cron.hours)
    if _days(cron) != "every day":
        return None
    if _around_the_clock(cron, zone_name):
        step = interval(minutes, 60)
        if len(minutes) == 1:
            return "HOURLY" if minutes == [0] else f"HOURLY AT :{minutes[0]:02}"
        return {None: None, 1: "EVERY MINUTE"}.get(step, f"EVERY {step} MINUTES")
    step = interval(hours, 24) if hours[0] == 0 and minutes == [0] else None
    if step and len(hours) > 1 and zone_name == "UTC":  # elsewhere a day may have 23 hours
        return f"EVERY {step} HOURS"
    return None


def _clock_badge(cron: Cron) -> str | None:
    days = _day_badge(cron)
    if not days or len(cron.minutes) * len(cron.hours) > BRIEF:
        return None
    times = [f"{hour}:{minute:02}" for hour in sorted(cron.hours) for minute in sorted(cron.minutes)]
    return f"{days} AT {', '.join(times)}"


def _day_badge(cron: Cron) -> str | None:
    days, week = sorted(cron.existing_days()), _week(cron.weekdays)
    if _days(cron) == "every day":
        return "DAILY"
    if cron.day_or or (len(week) < 7 and not cron.has_every_day()):
        return None
    if len(week) == 7 and len(cron.months) == 1 and len(days) == 1:
        return f"EVERY {days[0]} {_month_names(cron.months).upper()}"
    if len(cron.months) < 12:
        return None
    if len(week) < 7:
        return _week_badge(week)
    return f"MONTHLY ON {_month_days(days).upper()}" if len(days) == 1 else None


def _week_badge(week: list[int]) -> str | None:
    if week in ([1, 2, 3, 4, 5], [6, 7]):
        return "WEEKDAYS" if len(week) == 5 else "WEEKENDS"
    if len(week) == 1:
        return f"{WEEKDAYS[week[0] % 7].upper()}S"
    return ", ".join(WEEKDAYS[day % 7][:3].upper() for day in week) if len(week) <= BRIEF else None


__all__ = ["badge", "describe", "warnings"]
