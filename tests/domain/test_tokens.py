from __future__ import annotations

import re
import secrets
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from chalicelib.domain import tokens
from chalicelib.domain.tokens import Token
from tests.domain.examples import NOW

ID = "0123456789ab"
SECRET = secrets.token_urlsafe(32)
TOLD = tokens.text(ID, SECRET)
KEY = b"k" * 32
TOKEN = Token(
    id=ID, name="ci", role="deployer", digest=tokens.digest(KEY, TOLD), created_at=NOW, created_by="ada"
)


def test_the_id_is_read_from_the_text():
    assert tokens.id_in(TOLD) == ID


# Their secrets are random: ids name them, as every worker of a test run must collect the same tests.
NOT_TOKENS = {
    "empty": "",
    "a letter": "x",
    "an id": ID,
    "too long": TOLD + "x",
    "too short": TOLD[:-1],
    "after a space": " " + TOLD,
    "before a line end": TOLD + "\n",
    "upper case": TOLD.upper(),
    "another prefix": TOLD.replace("kinto_", "other_"),
    "not ASCII": "ä",
}
OTHER_TOKENS = {
    "another secret": tokens.text(ID, SECRET[::-1]),
    "another id": tokens.text("f" * 12, SECRET),
    "empty": "",
    "not ASCII": "ä",
}


@pytest.mark.parametrize("text", NOT_TOKENS.values(), ids=NOT_TOKENS)
def test_what_is_no_tokens_text_has_no_id(text):
    assert tokens.id_in(text) is None


def test_a_whole_token_is_no_id():
    assert [tokens.is_id(told) for told in (ID, TOLD, "", ID + "\n", ID.upper())] == [True, *[False] * 4]


def test_a_token_knows_its_text():
    assert tokens.is_of(TOKEN, KEY, TOLD)


@pytest.mark.parametrize("text", OTHER_TOKENS.values(), ids=OTHER_TOKENS)
def test_a_token_knows_no_other(text):
    assert not tokens.is_of(TOKEN, KEY, text)


def test_without_the_key_nobody_makes_a_hash_that_counts():
    assert not tokens.is_of(TOKEN, b"l" * 32, TOLD)
    assert tokens.digest(b"l" * 32, TOLD) != TOKEN.digest


def test_a_token_is_over_at_the_moment_at_which_it_expires():
    assert not tokens.is_over(TOKEN, NOW + timedelta(days=10000))
    expiring = msgspec.structs.replace(TOKEN, expires_at=NOW)
    assert not tokens.is_over(expiring, NOW - timedelta(microseconds=1))
    assert tokens.is_over(expiring, NOW)


def test_ids_sort_by_their_time_and_are_read_from_the_text():
    times = [NOW + timedelta(seconds=seconds) for seconds in (0, 1, 100, 10**6, 2 * 10**9)]
    ids = [tokens.new_id(at, chance) for at in times for chance in (0, 1, tokens.CHANCES - 1)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)
    assert [tokens.id_in(tokens.text(one, SECRET)) for one in ids] == ids


def test_the_pattern_for_secret_scanners_in_the_documentation_finds_tokens_and_nothing_else():
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    pattern = re.search(r"`(kinto_\S+)`", page)[1]
    assert re.findall(pattern, f"TOKEN={TOLD}\n") == [TOLD]
    assert not re.search(pattern, f"kinto_token kinto_{ID} {SECRET}")


def test_nothing_stored_tells_the_secret():
    assert SECRET not in msgspec.json.encode(TOKEN).decode()
