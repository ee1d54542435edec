"""Internal names, display names and other short texts: how they are spelt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from msgspec import Meta

from chalicelib.domain.problems import FieldError, Invalid

RULE = "2 to 48 lower-case letters, digits and hyphens; starts with a letter, ends with a letter or digit"

# Control characters and line separators; characters that are not shown, or that change the order in which text is
# read. The joiners U+200C and U+200D are left out: Persian, Indic scripts and emoji need them.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
_LINE_ENDS = str.maketrans("\r\n\t", "   ")


def check_line(text: str) -> None:
    """Raise ValueError where `text` is more than one line, or would not be shown as it is stored."""
    if found := _UNSAFE.search(text):
        raise ValueError(
            f"must be one line without control, invisible or text direction characters, such as U+{ord(found[0]):04X}"
        )


def check_lines(text: str) -> None:
    """Raise ValueError where one of the lines of `text` would not be shown as it is stored."""
    if found := _UNSAFE.search(text.translate(_LINE_ENDS)):
        raise ValueError(
            f"must not contain control, invisible or text direction characters, such as U+{ord(found[0]):04X}"
        )


InternalName = Annotated[
    str,
    Meta(
        min_length=2,
        max_length=48,
        pattern="^[a-z][a-z0-9-]*[a-z0-9]$",
        description=RULE,
        examples=["test-job"],
    ),
]
DisplayName = Annotated[
    str,
    Meta(
        min_length=1, max_length=200, pattern=r"\S", description="1 to 200 characters", extra={"check": check_line}
    ),
]
Reason = Annotated[
    str,
    Meta(
        min_length=1, max_length=500, pattern=r"\S", description="1 to 500 characters", extra={"check": check_line}
    ),
]

Search = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$",
        description="words of the name or the internal name: 1 to 200 characters, none of them a control character",
        examples=["nightly"],
    ),
]

_VALID = re.compile(r"[a-z][a-z0-9-]{0,46}[a-z0-9]")


def is_valid(name: str) -> bool:
    """Whether `name` keeps the rule of internal names."""
    return _VALID.fullmatch(name) is not None


def chosen(internal_name: str | None, name: str) -> str:
    """The internal name that was given, or the one that `name` gives; raises Invalid where it gives none."""
    found = internal_name or from_name(name)
    if found is None:
        raise Invalid(errors({"internal_name": internal_name, "name": name}))
    return found


def errors(told: Mapping[str, Any]) -> list[FieldError]:
    """Where `name` and `internal_name` are both told: whether they give an internal name."""
    if not told.keys() >= {"name", "internal_name"} or told["internal_name"] or from_name(told["name"]):
        return []
    return [FieldError("internal_name", f"{told['name']!r} gives none; write one of {RULE}")]


def searchable(name: str, internal_name: str) -> str:
    """Return the text in which a search looks for its words: both names, without regard to case."""
    return f"{_folded(name)}\n{internal_name}"


def search_words(search: str) -> tuple[str, ...]:
    """Return the different words of a search, as `searchable` spells them; all of them must be in it."""
    return tuple(dict.fromkeys(_folded(search).split()))


def matches(words: Iterable[str], name: str, internal_name: str) -> bool:
    """Whether a search for these words finds what has these names."""
    text = searchable(name, internal_name)
    return all(word in text for word in words)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def from_name(name: str) -> str | None:
    """The internal name that a display name gives (`Test-Job` gives `test-job`); None where it gives none."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    candidate = re.sub(r"[^a-z0-9]+", "-", plain).strip("-").lstrip("0123456789-")[:48].rstrip("-")
    return candidate if is_valid(candidate) else None
