"""What stands around a pattern that was copied from somewhere: quotes, a key, a comment, a time zone, a command."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from chalicelib.domain.cron.advice import items, look_alikes
from chalicelib.domain.cron.fields import FIELDS

_ZONE_LINE = re.compile(r"(?:export\s+)?(?:CRON_)?TZ\s*=\s*(['\"]?):?([\w/+-]+)\1[\s;]*", re.IGNORECASE | re.ASCII)
_COMMENT = re.compile(r"(?:^|\s)(?:#|//)(?!\d).*$")
_LABEL = re.compile(r"(?:-\s+)?['\"]?[A-Za-z_][\w.-]{1,40}['\"]?\s*(?::|=>?)\s+(?=\S)|-\s+(?=['\"\w@*])", re.ASCII)
_TIGHT_LABEL = re.compile(r"['\"]?[A-Za-z_][\w.-]{1,40}['\"]?[:=](?=['\"*\d@])", re.ASCII)
_SNOWFLAKE = re.compile(r"USING\s+CRON\s+", re.IGNORECASE)
_AWS = re.compile(r"cron\s*\(", re.IGNORECASE)
_QUOTES = "'\"`"
_BLANKS = re.compile(r"\s*(,)\s*|(?<=\w)\s*(-)\s*(?=\w)|(?<=[\w*])\s*(/)\s*(?=\d)", re.ASCII)
_ZONE = re.compile(r"\(?([A-Z][A-Za-z_]*(?:/[\w+-]+){0,2}|[A-Z]{3,5}(?:[+-]\d{1,2})?)\)?", re.ASCII)


class Bare(msgspec.Struct, frozen=True):
    """A pattern's own words, without what stood around them; `extras` say what that was."""

    words: tuple[str, ...]
    extras: tuple[str, ...] = ()
    zone: str | None = None
    is_aws: bool = False
    others: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words as one text."""
        return " ".join(self.words)


def bare(text: str) -> Bare:
    """Take everything from a text that is not its pattern."""
    lines, extras, zone = _lines(text)
    body, more, is_aws = _unwrapped(lines[0] if lines else "")
    if lines and len(lines) > 1:
        joined = " ".join(lines)
        if _count(lines[0]) != len(FIELDS) and lines[0][:1] != "@":
            body, more, is_aws = _unwrapped(joined)
            lines = [joined]
    words, beside, own_zone = _without_rest(body.split())
    return Bare(
        words=tuple(words),
        extras=tuple(dict.fromkeys((*extras, *more, *beside))),
        zone=own_zone or zone,
        is_aws=is_aws,
        others=tuple(lines[1:]),
    )


def _count(line: str) -> int:
    return len(line.split())


def _lines(text: str) -> tuple[list[str], list[str], str | None]:
    """Return the lines that hold patterns, and the zone that a line of its own names."""
    lines: list[str] = []
    extras: list[str] = []
    zone: str | None = None
    for line in text.splitlines():
        plain = _visible(line, extras)
        if match := _ZONE_LINE.match(plain):
            zone, plain = match[2], plain[match.end() :]
        without = _COMMENT.sub("", plain).strip()
        if without != plain.strip():
            extras.append("leave the comment out")
        if without:
            lines.append(without)
    return lines, extras, zone


def _visible(line: str, extras: list[str]) -> str:
    """Return a line in plain characters, and note what could not be seen in it."""
    plain = look_alikes.plain(line).strip()
    if hidden := [char for char in line if look_alikes.is_invisible(char)]:
        apart = look_alikes.plain(line.translate({ord(char): " " for char in hidden})).strip()
        instead = len(plain.split()) != len(FIELDS) == len(apart.split())
        name = look_alikes.named("".join(hidden))
        extras.append(f"write a blank instead of {name}" if instead else f"leave out {name}, which can't be seen")
        plain = apart if instead else plain
    if "\\*" in plain:
        extras.append("leave the backslashes out")
    return plain.replace("\\*", "*")


def _unwrapped(text: str) -> tuple[str, list[str], bool]:
    """Return the text without quotes, keys and `cron(...)`, and whether it was in that."""
    extras, is_aws, before = [], False, None
    while text != before:
        before = text
        for extra, shorter in _layers(text):
            if shorter != text:
                text = shorter
                extras.append(extra)
                break
        if match := _AWS.match(text):
            text, is_aws = text[match.end() :].strip(), True
            text = text[:-1] if text.count(")") > text.count("(") and text.endswith(")") else text
    return text, extras, is_aws


def _layers(text: str) -> Iterator[tuple[str, str]]:
    yield "leave out what ends the line", text.rstrip(";, ") or text
    yield "leave the quotes out", text[1:-1].strip() if text[:1] in _QUOTES and text[-1:] == text[:1] else text
    yield "leave the quotes out", text.strip(_QUOTES) if sum(map(text.count, _QUOTES)) == 1 else text
    label = _LABEL.match(text) or _TIGHT_LABEL.match(text) or _SNOWFLAKE.match(text)
    yield "leave the key out", text[label.end() :].strip() if label else text


def _without_rest(words: list[str]) -> tuple[list[str], list[str], str | None]:
    """Return the words of the pattern, what followed it, and the zone among that."""
    size = len(FIELDS)
    joined = _BLANKS.sub(lambda sign: sign[0].strip(), " ".join(words)).split()
    if len(words) > size and len(joined) <= size + 1 and _is_pattern(joined[:size]) and len(joined) < len(words):
        _, beside, zone = _without_rest(joined) if len(joined) > size else (joined, [], None)
        return joined[:size], ["a list or range has no blanks in it", *beside], zone
    if len(words) <= size or not _is_pattern(words[:size]):
        return words, [], None
    match = _ZONE.fullmatch(words[size])
    if match and not _is_cron(words[size]):
        more = ["leave the command out"] if len(words) > size + 1 else []
        return words[:size], more, match[1]
    if not any(_is_cron(word) for word in words[size:]):
        return words[:size], ["leave out what follows it"], None
    return words, [], None


def _is_pattern(words: list[str]) -> bool:
    return items.repaired(words) is not None


def _is_cron(word: str) -> bool:
    """Whether a word may be a sixth field: a weekday, a year or one of their signs."""
    return word[:1] in "?*0123456789" or items.repaired(["*", "*", "*", "*", word]) is not None or word in ("L", "W")
