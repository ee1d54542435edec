from __future__ import annotations

import secrets

import msgspec
import pytest

from chalicelib.domain import tokens
from chalicelib.domain.tokens import Token
from tests.domain.examples import NOW

ID = "0123456789ab"
SECRET = secrets.token_urlsafe(32)
TOLD = tokens.text(ID, SECRET)
TOKEN = Token(id=ID, name="ci", role="deployer", digest=tokens.digest(TOLD), created_at=NOW)


def test_the_id_is_read_from_the_text():
    assert tokens.id_in(TOLD) == ID


@pytest.mark.parametrize(
    "told",
    ["", "x", ID, TOLD + "x", TOLD[:-1], " " + TOLD, TOLD + "\n", TOLD.upper(), TOLD.replace("kinto_", "other_"), "ä"],
)
def test_what_is_no_tokens_text_has_no_id(told):
    assert tokens.id_in(told) is None


def test_a_token_knows_its_text():
    assert tokens.is_of(TOKEN, TOLD)


@pytest.mark.parametrize("told", [tokens.text(ID, SECRET[::-1]), tokens.text("f" * 12, SECRET), "", "ä"])
def test_a_token_knows_no_other(told):
    assert not tokens.is_of(TOKEN, told)


def test_nothing_stored_tells_the_secret():
    assert SECRET not in msgspec.json.encode(TOKEN).decode()
