"""What to write instead of a whole pattern: an alias, an interval, another dialect, or one with something around it."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain import crontab, refusals
from chalicelib.domain.cron.advice import dialects, intervals, items, zones
from chalicelib.domain.cron.advice.surroundings import Bare, bare
from chalicelib.domain.cron.fields import FIELDS, ORDER, CronError, Fault, faults
from chalicelib.domain.refusals import MANUAL, quote

_NEVER = {"-", "never", "none", "manual", "disabled", "off", "@never", "@manual", "@none", "@reboot"}


def refusal(text: str, wrong: Sequence[Fault]) -> CronError:
    """Return why a text is refused; `wrong` are the faults of its fields, where it has five."""
    found, words = bare(text), text.split()
    alone = not (found.extras or found.zone or found.is_aws)
    if len(words) == len(FIELDS) == len(found.words) and alone:
        return refusals.of_fields(words, wrong)
    kind = "refused_alias" if text.lstrip().startswith("@") else "field_count"
    return CronError(kind, f"{_said(text, found)}; {_advice(found)}")


def _said(text: str, found: Bare) -> str:
    count = len(text.split())
    if found.extras or found.zone:
        return f"{quote(text.strip())} is not a pattern alone"
    if text.lstrip().startswith("@"):
        return f"{quote(text.strip())} is not a time"
    return f"{quote(text)} has {count} {'field' if count == 1 else 'fields'}"


def _advice(found: Bare) -> str:
    if found.others:
        return "a schedule has one pattern; add the block once for each, under another hostname"
    if intervals.is_interval(found.text):
        return intervals.advice(found.text)
    if len(found.words) == 1 or found.text.startswith("@"):
        return _word(found.words[0], found)
    if found.is_aws:
        return _dialect(dialects.aws(found.words), found)
    if len(found.words) == len(FIELDS):
        return _five(found.words, found)
    reading = dialects.guessed(found.words)
    if reading is not None:
        return _dialect(reading, found)
    if len(found.words) > len(FIELDS):
        return f"seconds and years have no field here; write five: {ORDER}, such as `0 8 * * *`"
    return _usual()


def _usual() -> str:
    return f"write five: {ORDER}, such as `0 8 * * *` for daily at 8:00"


def _word(word: str, found: Bare) -> str:
    """Say what to write instead of a single word, or of an alias with something behind it."""
    lower = word.lower()
    if lower in _NEVER:
        reboot = "nothing starts here that could be rebooted; " if lower == "@reboot" else ""
        return f"{reboot}write when it runs, such as `@daily`; {MANUAL}"
    alias = lower if lower.startswith("@") else f"@{lower}"
    if alias not in crontab.ALIASES:
        known = ", ".join(f"`{one}`" for one in crontab.ALIASES)
        return f"write one of {known}, or five fields: {ORDER}" if word.startswith("@") else _usual()
    if word == alias and len(found.words) > 1:
        return f"`{word}` is a whole pattern; write nothing else beside it"
    spelling = " in lower case" if word != lower else ""
    return f"{_extras(found)}write `{alias}`{spelling}{_zone(found)}"


def _dialect(reading: dialects.Reading, found: Bare) -> str:
    if reading.impossible is not None:
        return f"{reading.dialect}; {reading.impossible}"
    return _five(reading.fields, found, reading.dialect, reading.lost)


def _five(fields: Sequence[str], found: Bare, dialect: str = "", lost: Sequence[str] = ()) -> str:
    """Advise the five fields, corrected where they need it; or say what is wrong with them."""
    start = _extras(found) + (f"{dialect}; " if dialect else "")
    corrected = items.repaired(fields) if len(fields) == len(FIELDS) else None
    if corrected is None:
        wrong = [fault for field, part in zip(FIELDS, fields, strict=False) for fault in faults(field, part)]
        return f"{start}{refusals.of_fields(fields, wrong)}" if wrong else start + _usual()
    cron = crontab.read(corrected, " ".join(corrected))
    if not crontab.fires(cron):
        return f"{start}{refusals.never_fires(cron.text, cron.days, cron.months)}"
    end = f" ({'; '.join(lost)})" if lost else ""
    return f"{start}write `{cron.text}`{end}{_zone(found)}"


def _extras(found: Bare) -> str:
    return "".join(f"{extra}; " for extra in found.extras)


def _zone(found: Bare) -> str:
    if found.zone is None:
        return ""
    name = zones.spelled(found.zone)
    own = " and set the time zone in its own field"
    return f"{own}, to `{name}`" if name else own
