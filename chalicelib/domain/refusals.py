"""Why a pattern is refused: every message names the field, quotes the item and says what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from chalicelib.domain.cron.advice import items, look_alikes
from chalicelib.domain.cron.fields import MONTHS, WEEKDAY, CronError, Fault

MOST_SHOWN = 2  # wrong items of one field that a message names
MANUAL = 'for a job that only runs when somebody starts it, choose the run mode {"mode": "manual"}'


def of_fields(words: Sequence[str], wrong: Sequence[Fault]) -> CronError:
    """Return what is wrong in any of the five fields as one refusal, of the kind and field of the first."""
    sentences: list[str] = []
    for name, of_field in groupby(wrong, key=lambda fault: fault.field.name):
        faults = list(of_field)
        sentences += [message(fault) for fault in faults[:MOST_SHOWN]]
        if len(faults) > MOST_SHOWN:
            sentences.append(f"{name}: {len(faults) - MOST_SHOWN} more items are wrong")
    whole = items.repaired(list(words)) if len(wrong) > 1 else None
    if whole is not None:
        sentences.append(f"All together: `{' '.join(whole)}`")
    return CronError(wrong[0].kind, ". ".join(sentences), wrong[0].field.name)


def quote(text: str) -> str:
    """Return the text as it stands in a message, shortened when somebody pasted a page."""
    shown = look_alikes.visible(text).replace("`", "'")
    return f"`{shown if len(shown) <= 40 else shown[:37] + '...'}`"


def message(fault: Fault) -> str:
    """Say what is wrong with an item and what to write instead."""
    field, item = fault.field, fault.item
    said = f"{field.name}: {quote(item)}"
    match fault.kind:
        case "empty_item":
            return f"{said} has an empty item; take the extra comma out"
        case "bad_step":
            usable = items.with_step(field, item)
            return f"{said} has no usable step; the step is a whole number from 1; write `{usable}`, or leave it out"
        case "ambiguous_step":
            stepping, alone = items.from_start(field, item)
            start, _, step = item.partition("/")
            either = f"write `{stepping}` for every {step} from {start} on, or `{alone}` alone"
            return f"{said} means different things in different crons; {either}"
        case "backwards_range":
            return f"{said} runs backwards; write `{items.around(field, item)}`"
        case "out_of_range":
            return _out_of_range(fault)
        case "unreadable":
            return f"{said} cannot be read; {items.advice(fault)}"


def _out_of_range(fault: Fault) -> str:
    field, item, part = fault.field, fault.item, fault.part
    said = quote(item) if item == part else f"{quote(part)} in {quote(item)}"
    extra = {"minute 60": "; the full hour is 0", "hour 24": "; midnight is 0"}.get(f"{field.name} {part}", "")
    if field is WEEKDAY:
        extra = "; Sunday is 0 or 7"
    return f"{field.name}: {said} is out of range; write {field.low} to {field.high}{extra}"


def never_fires(text: str, days: Iterable[int], months: Iterable[int]) -> CronError:
    """Refuse a pattern none of whose months has one of its days."""
    chosen = ", ".join(MONTHS[month - 1] for month in sorted(months))
    missing = f"there is no day {', '.join(map(str, sorted(days)))} in {chosen}"
    advice = f"write a day that one of the months has, such as 28; {MANUAL}"
    return CronError("never_fires", f"{quote(text)} never runs: {missing}; {advice}")
