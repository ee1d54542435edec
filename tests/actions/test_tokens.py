"""Tokens from their making to their end, on the laptop's AWS."""

from __future__ import annotations

import itertools
import logging
from datetime import timedelta

import msgspec
import pytest

from chalicelib.actions import tokens
from chalicelib.aws import keys
from chalicelib.call import Call
from chalicelib.domain.problems import Invalid, NotFound
from chalicelib.store import table
from chalicelib.store import tokens as stored
from chalicelib.store.items import Item
from tests.domain.examples import NOW


@pytest.fixture(scope="module")
def embedded(embed):
    return embed("Table", "TokenKey", "TokenKeyAlias")


@pytest.fixture
def call(embedded):
    names = map(str, itertools.count())
    return Call(NOW, "ada", "admin", embedded.settings, lambda: next(names))


def made(call, **instead):
    return tokens.create(call, **{"name": "ci", "role": "viewer", "projects": None, "expires_at": None, **instead})


def secret_of(token, told):
    return told.removeprefix(f"kinto_{token.id}_")  # a secret may hold any number of _ itself


def find(call, told, later=timedelta()):
    return tokens.find(call.settings.token_key, told, NOW + later)


def test_a_token_is_found_by_its_text_alone(call):
    token, told = made(call)
    assert find(call, told).id == token.id
    for wrong in (told[:-1] + ("a" if told[-1] != "a" else "b"), told.replace(token.id, "0" * 12), token.id, "", "ä"):
        assert find(call, wrong) is None


def test_text_that_is_no_token_costs_no_read(embedded, call):
    with embedded.requests() as requests:
        assert find(call, "kinto_x") is None
    assert requests == []


def test_kms_is_asked_once_in_a_process(embedded, call):
    _, told = made(call)
    asked = []
    note = lambda model, **_: asked.append(model.name)  # noqa: E731  # unregistered by the same object
    events = keys.client("kms").meta.events
    events.register("before-call.kms", note)
    keys.derived.cache_clear()
    for _ in range(3):
        assert find(call, told) is not None
    events.unregister("before-call.kms", note)
    assert asked == ["GenerateMac"]


def test_the_secret_is_nowhere_in_the_table_and_its_hash_is_none_that_can_be_made_without_the_key(call):
    token, told = made(call)
    row = table.row("tokens", token.id)
    assert secret_of(token, told) not in row.data
    assert tokens.rules.digest(b"", told) not in row.data


def test_an_expired_token_is_not_found(call):
    _, told = made(call, expires_at=NOW + timedelta(hours=1))
    assert find(call, told, timedelta(minutes=59)) is not None
    assert find(call, told, timedelta(hours=1)) is None


def test_a_revoked_token_is_not_found_from_then_on(call):
    token, told = made(call)
    tokens.revoke(call, token.id)
    assert find(call, told) is None
    with pytest.raises(NotFound):
        tokens.revoke(call, token.id)


def test_the_use_of_a_token_is_written_once_a_minute(embedded, call):
    token, told = made(call)
    with embedded.requests() as requests:
        for seconds in (0, 1, 59, 60, 61):
            find(call, told, timedelta(seconds=seconds))
    assert requests.count("UpdateItem") == 2
    assert stored.get(token.id).last_used_at == NOW + timedelta(seconds=60)


def test_a_use_that_can_not_be_noted_does_not_fail_the_request(call, caplog):
    token, told = made(call)

    def fail(model, **_):
        raise ConnectionError("cut")

    events = Item._get_connection().connection.client.meta.events
    events.register("before-call.dynamodb.UpdateItem", fail)
    with caplog.at_level(logging.WARNING):
        assert find(call, told).id == token.id
    events.unregister("before-call.dynamodb.UpdateItem", fail)
    assert "is not noted" in caplog.text
    assert secret_of(token, told) not in caplog.text


def test_two_tokens_of_one_moment_and_chance_get_two_ids(call, monkeypatch):
    chances = iter([7, 7, 8])
    monkeypatch.setattr(tokens.secrets, "randbelow", lambda most: next(chances))
    assert made(call)[0].id != made(call)[0].id


@pytest.mark.parametrize(
    ("name", "role"), [("", "admin"), (" ", "admin"), ("x" * 201, "admin"), (None, "admin"), ("x", "root")]
)
def test_the_operator_too_gives_a_token_a_name_and_a_role(call, name, role):
    with pytest.raises(msgspec.ValidationError):
        tokens.mint(call, name, role, None)


@pytest.mark.parametrize("name", ["watchdog", "Operator", "step functions", "a\nb", "a\u202eb"])
def test_the_operator_too_gives_no_misleading_name(call, name):
    with pytest.raises(Invalid) as caught:
        tokens.mint(call, name, "admin", None)
    assert [error.field for error in caught.value.errors] == ["name"]


def test_a_token_of_the_operator_may_have_its_name(call):
    assert tokens.mint(call, "operator", "admin", None)[0].name == "operator"
