"""Why a pattern is refused: every message names the field, quotes the item and says what to write instead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from chalicelib.domain.cron.fields import DAY, FIELDS, MONTHS, ORDER, WEEKDAY, WEEKDAYS, Field


class CronError(ValueError):
    """A refused pattern; the message is for the person who wrote it."""

    def __init__(self, kind: str, message: str, field: Field | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.field = field.name if field else None


def together(errors: Sequence[CronError]) -> CronError:
    """What is wrong in several fields as one refusal, of the kind and the field of the first."""
    first = errors[0]
    first.args = (". ".join(map(str, errors)),)
    return first


def quote(text: str) -> str:
    """The item as it stands in a message, shortened when somebody pasted a page."""
    return f"`{text if len(text) <= 40 else text[:37] + '...'}`"


def alias(word: str, known: Iterable[str]) -> CronError:
    """An @word that is not one of the known, or one that does not stand alone."""
    if word in known:
        return CronError("refused_alias", f"{quote(word)} is a whole pattern; write nothing else beside it")
    if word.lower() in known:
        advice = f"write `{word.lower()}` in lower case"
    elif word.lower() == "@reboot":
        advice = "nothing starts here that could be rebooted; write when it shall run, such as `@daily`, or run it once"
    elif word.lower() == "@every":
        advice = "a pattern names times, not intervals; write `*/5 * * * *` for each fifth minute of the hour"
    else:
        advice = f"write one of {', '.join(known)}, or five fields: {ORDER}"
    return CronError("refused_alias", f"{quote(word)} is not a time; {advice}")


def field_count(words: Sequence[str], reads: Callable[[str], bool]) -> CronError:
    """Not five fields: perhaps another dialect."""
    text = " ".join(words)
    count = 0 if words == [""] else len(words)
    if text.lower().startswith("rate("):
        advice = "this is an AWS rate; write times, such as `*/5 * * * *` for each fifth minute of the hour"
    elif text.upper().startswith(("CRON(", "TZ=", "CRON_TZ=")) or count >= 6:
        advice = _without_extras(words, reads)
    else:
        advice = f"write five: {ORDER}, such as `0 8 * * *` for daily at 8:00"
    plural = "field" if count == 1 else "fields"
    return CronError("field_count", f"{quote(text)} has {count} {plural}; {advice}")


def _without_extras(words: Sequence[str], reads: Callable[[str], bool]) -> str:
    if words[0].upper().startswith(("TZ=", "CRON_TZ=")):
        return f"the time zone is a setting of its own; write the pattern alone, `{' '.join(words[1:])}`"
    plain = [word.removeprefix("cron(").removesuffix(")") for word in words]
    for written, five in _six_fields(plain):
        guess = _as_crontab(five)
        if reads(guess):
            return f"this is how {written} and Sunday as 1; write `{guess}`"
    return f"seconds and years have no field here; write five: {ORDER}, such as `0 8 * * *`"


def _six_fields(plain: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Whose six fields these are, by the place of `?`, and the five among them that crontab has too."""
    if len(plain) == 6 and "?" in (plain[2], plain[4]) and plain[5] == "*":
        yield "AWS writes it, with a year", plain[:5]
    if len(plain) == 6 and "?" in (plain[3], plain[5]) and plain[0] == "0":
        yield "Quartz writes it, with seconds", plain[1:]


def _as_crontab(five: list[str]) -> str:
    *others, weekdays = five
    fields = zip(FIELDS, [*others, _unix_weekdays(weekdays)], strict=True)
    return " ".join("*" if text == "?" else _to_the_end(field, text) for field, text in fields)


def _to_the_end(field: Field, text: str) -> str:
    """`5/15` goes on to the end of the field there."""
    start, slash, step = text.partition("/")
    number = field.number(start)
    if not slash or number is None:
        return text
    return f"*/{step}" if number == field.low else f"{start}-{field.high}/{step}"


def _unix_weekdays(text: str) -> str:
    """AWS counts Sunday as 1; names say the same in both."""
    return "".join(WEEKDAYS[int(char) - 1] if char in "1234567" else char for char in text)


def bad_step(field: Field, item: str, body: str) -> CronError:
    """A step that is zero or no number."""
    start = body if body == "*" or "-" in body else f"{body}-{field.high}"
    advice = f"the step is a whole number from 1; write `{start}/2`, or leave the step out"
    return CronError("bad_step", f"{field.name}: {quote(item)} has no usable step; {advice}", field)


def ambiguous_step(field: Field, item: str, start: str, step: str) -> CronError:
    """`5/15`: three dialects read it in three ways."""
    if field is WEEKDAY and field.number(start) == field.high:
        start = "0"
    last = str(min(field.high, 6) if field is WEEKDAY else field.high)
    end = _name(field, int(last)) if start.upper() in field.names else last
    advice = f"write `{start}-{end}/{step}` for every {step} from {start} on, or `{start}` alone"
    said = f"{field.name}: {quote(item)} means different things in different crons"
    return CronError("ambiguous_step", f"{said}; {advice}", field)


def backwards(field: Field, item: str, body: str, step: int) -> CronError:
    """`22-2`: goes over the end of the field."""
    first, _, last = body.partition("-")
    if field is not WEEKDAY and step == 1 and first.upper() not in field.names:
        instead = f"{first}-{field.high},{field.low}-{last}"
    else:
        instead = ",".join(_around(field, first, last, step))
    return CronError("backwards_range", f"{field.name}: {quote(item)} runs backwards; write `{instead}`", field)


def _around(field: Field, first: str, last: str, step: int) -> list[str]:
    low, high = (field.number(text) or 0 for text in (first, last))
    size = 7 if field is WEEKDAY else field.high - field.low + 1
    values = [field.low + (value - field.low) % size for value in range(low, high + size + 1, step)]
    return [_name(field, value) if first.upper() in field.names else str(value) for value in values]


def _name(field: Field, value: int) -> str:
    return next(name for name, number in field.names.items() if number == value)


def out_of_range(field: Field, item: str, text: str) -> CronError:
    """A number that the field does not have."""
    said = quote(item) if item == text else f"{quote(text)} in {quote(item)}"
    extra = {"minute 60": "; the full hour is 0", "hour 24": "; midnight is 0"}.get(f"{field.name} {text}", "")
    if field is WEEKDAY:
        extra = "; Sunday is 0 or 7"
    advice = f"write {field.low} to {field.high}{extra}"
    return CronError("out_of_range", f"{field.name}: {said} is out of range; {advice}", field)


def never_fires(text: str, days: Iterable[int], months: Iterable[int]) -> CronError:
    """No chosen month has one of the chosen days."""
    chosen = ", ".join(MONTHS[month - 1] for month in sorted(months))
    missing = f"there is no day {', '.join(map(str, sorted(days)))} in {chosen}"
    advice = "write a day that one of the months has, such as 28"
    return CronError("never_fires", f"{quote(text)} never runs: {missing}; {advice}")


def unreadable(field: Field, item: str, text: str) -> CronError:
    """Neither a number nor a name that the field knows."""
    return CronError("unreadable", f"{field.name}: {quote(item)} cannot be read; {_advice(field, item, text)}", field)


def _advice(field: Field, item: str, text: str) -> str:
    start = text[:3].upper()
    dialect = _dialect(field, item.upper(), text.upper())
    if dialect:
        return dialect
    if start in field.names:
        return f"write the first three letters, `{start}`"
    if start in MONTHS + WEEKDAYS:
        return f"names belong to the month and day-of-week fields; write {field.low} to {field.high} here"
    if text and not text.isascii():
        return f"only plain digits and letters are read; write {field.example}"
    if item.startswith("*") and item[1:].isdigit():
        return f"write `*/{item[1:]}` for a step, or `{item[1:]}`"
    if "-" in item and text == "":
        return f"write both ends of the range, such as `{field.low}-{field.high}`, or one number"
    return f"write a number from {field.low} to {field.high}, such as {field.example}, a range `a-b`, or `*`"


def _dialect(field: Field, item: str, text: str) -> str | None:
    """What people bring from AWS, Quartz and Jenkins."""
    if item == "?":
        return "`?` is AWS and Quartz; write `*`"
    if "#" in item:
        return "`#` (the n-th weekday of a month) is AWS and Quartz; write the weekday alone, such as FRI"
    if field is WEEKDAY and text.endswith("L"):
        return "`L` (the last weekday of a month) is AWS and Quartz; write the weekday alone, such as FRI"
    if field is DAY and (text in ("L", "LW") or item.startswith("L-")):
        return "`L` (the last day) is AWS and Quartz; write the day, such as 28, or 1 for the day after the last"
    if field is DAY and text.endswith("W"):
        return f"`W` (the nearest weekday) is AWS and Quartz; write the day alone, such as {text[:-1] or '15'}"
    if text == "H" or text.startswith("H("):
        return f"`H` is Jenkins, a value of its choice; write one of your own, such as {field.example}"
    if "~" in item:
        return f"`~` is a random value; write one of your own, such as {field.example}"
    return None
