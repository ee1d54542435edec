"""Which IANA time zone somebody meant: by the tables of tzdata and CLDR, or for a typo within one long word.

A name that is only spelled alike is another place, so it is not advised.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tzlocal.windows_tz import win_tz

from chalicelib.domain import timezones

# Of 32,568 names of towns, written behind their continent, this advises another time for three. A letter replaced by
# another, shorter words, or no continent: for dozens.
LONG = 7
MOST = 5  # names that a message has room for
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])0?(\d\d?)(?::?00)?", re.IGNORECASE | re.ASCII)
_ABBREVIATION = re.compile(r"[A-Za-z]{3,5}", re.ASCII)


def refusal(name: str) -> str:
    """Say that a name is no time zone, and what to write instead where that is certain."""
    said = f"`{name if len(name) <= 60 else name[:57] + '...'}` is not an IANA time zone"
    names = advice(name)
    if not names:
        return f"{said}; write a name such as `Europe/London`, `America/New_York` or `UTC`"
    quoted = [f"`{one}`" for one in names]
    if len(quoted) == 1:
        return f"{said}; write `{names[0]}`"
    return f"{said}; write the one you mean: {', '.join(quoted[:-1])} or {quoted[-1]}"


def spelled(name: str) -> str | None:
    """Return the one IANA name that `name` is, or stands for; None where there are several or none."""
    names = (name,) if name in timezones.names() else advice(name)
    return names[0] if len(names) == 1 else None


def advice(name: str) -> tuple[str, ...]:
    """Return the names to choose from, at most five; none where nothing is certain."""
    text = name.strip()[:60]
    if match := _OFFSET.fullmatch(text):  # the signs of these names are turned round
        opposite = f"Etc/GMT{'-' if match[1] == '+' else '+'}{int(match[2])}"
        return (opposite,) if opposite in timezones.names() else ()
    known = next((names for names in _known(text, folded(text)) if names), ())
    return known if len(known) <= MOST else ()


def _known(text: str, key: str) -> Iterator[tuple[str, ...]]:
    yield _one(one for one in timezones.names() if folded(one) == key)
    yield ("UTC",) if key == "z" else ()
    yield _abbreviations().get(text.upper(), ()) if _ABBREVIATION.fullmatch(text) else ()
    yield _windows(key)
    yield _countries().get(key, ())
    yield _regions().get(key.removesuffix("_time"), ())
    yield _one(one for one in timezones.names() if "/" in one and folded(one.rpartition("/")[2]) == key)
    yield _one(one for one in timezones.names() if _is_typo(key, folded(one)))


def folded(text: str) -> str:
    """Return a name without case, accents and the kind of its blanks."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return re.sub(r"[\s_]+", "_", "".join(char for char in letters if not unicodedata.combining(char)))


def _one(names: Iterable[str]) -> tuple[str, ...]:
    """Return one of the names if all of them mean the same, by preference one that the table of zones lists."""
    among = sorted(names, key=lambda name: (name not in _listed(), name))
    return tuple(among[:1]) if len({timezones.rule(name) for name in among}) == 1 else ()


@lru_cache(maxsize=1)
def _listed() -> dict[str, str]:
    """The zones of the world, in order, each with the code of its country."""
    return {row[2]: row[0] for row in timezones.table("zone.tab")}


@lru_cache(maxsize=1)
def _abbreviations() -> dict[str, tuple[str, ...]]:
    """What clocks call their time, and where: one zone for each rule that is in force from now on."""
    places: dict[str, tuple[str, ...]] = {}
    for row in timezones.table("zonenow.tab"):
        clocks = re.sub("<.*?>", "", timezones.rule(row[2]).split(",")[0])
        for word in dict.fromkeys(re.findall("[A-Za-z]{3,}", clocks)):
            places[word.upper()] = (*places.get(word.upper(), ()), row[2])
    return places


@lru_cache(maxsize=1)
def _regions() -> dict[str, tuple[str, ...]]:
    """What tzdata calls the regions of the rules that are in force from now on: `Eastern`, `United Kingdom`."""
    regions: dict[str, tuple[str, ...]] = {}
    for row in timezones.table("zonenow.tab"):
        key = folded(row[3].split(" (")[0])
        regions[key] = (*regions.get(key, ()), row[2])
    return regions


def _windows(key: str) -> tuple[str, ...]:
    return tuple(zone for name, zone in win_tz.items() if folded(name) == key and zone in timezones.names())[:1]


@lru_cache(maxsize=1)
def _countries() -> dict[str, tuple[str, ...]]:
    """The names of countries, as `Korea (South)`, `South Korea` or, where that is clear, as `Britain`."""
    named: dict[str, set[str]] = {}
    for code, name, *_ in timezones.table("iso3166.tab"):
        outer, _, inner = name.rstrip(")").partition(" (")
        for spelling in {name, outer, f"{inner} {outer}".strip()}:
            named.setdefault(folded(spelling), set()).add(code)
    return {key: _of_country(*codes) for key, codes in named.items() if len(codes) == 1}


def _of_country(code: str) -> tuple[str, ...]:
    """The zones of a country, one for each rule: that of the most people where tzdata says so, else the first."""
    names = [name for name, of in _listed().items() if of == code]
    rules = {timezones.rule(name): name for name in reversed(names)}
    rules |= {timezones.rule(row[2]): row[2] for row in timezones.table("zonenow.tab") if row[2] in names}
    return tuple(name for name in names if name in rules.values())


def _is_typo(key: str, known: str) -> bool:
    """Whether one word differs from a long word of a known name by one slip."""
    words, others = re.split("[/_-]", key), re.split("[/_-]", known)
    if len(words) != len(others) or not 0 < key.count("/") == known.count("/"):
        return False
    differing = [(word, other) for word, other in zip(words, others, strict=True) if word != other]
    return len(differing) == 1 and len(differing[0][1]) >= LONG and _one_slip(*differing[0])


def _one_slip(word: str, other: str) -> bool:
    """Whether one letter behind the first was added, left out, or swapped with the next."""
    if not (word.isalpha() and other.isalpha()) or word[0] != other[0]:
        return False
    same = next((at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    left, right = word[same:], other[same:]
    swapped = left[:2] == right[:2][::-1] and left[2:] == right[2:]
    return swapped or left[1:] == right or left == right[1:]
