from __future__ import annotations

import json
from datetime import timedelta
from typing import get_args

import msgspec
import pytest

from chalicelib.domain import audit
from chalicelib.domain.compare import FieldChange
from chalicelib.domain.configured_blocks import Pause
from chalicelib.domain.credentials import TOKEN, Credentials
from chalicelib.domain.tokens import Token
from chalicelib.domain.variables import Variable
from tests.domain import examples
from tests.domain.examples import NOW

KEY = Variable(name="KEY", masked=True)


def changed(old, **new):
    return [(one.field, one.old, one.new) for one in audit.changes(old, msgspec.structs.replace(old, **new))]


def a_token(**told):
    return Token(id="1", name="ci", role="viewer", digest="the-digest", created_at=NOW, created_by="ada", **told)


def test_nothing_that_a_person_said_differs_in_what_the_product_notes():
    block = examples.block()
    later = NOW + timedelta(days=1)
    assert changed(block, updated_at=later, version=7) == []


def test_a_masked_value_is_told_as_changed_by_its_stamp_alone():
    block = examples.block(variables=(KEY,), masked_values={"KEY": "stamp-1"})
    assert changed(block, masked_values={"KEY": "stamp-2"}) == [("variables.KEY", "(masked)", "(masked)")]
    assert changed(block, masked_values={"KEY": "stamp-1"}) == []
    assert changed(block, masked_values={"KEY": "stamp-1", TOKEN: "t"}) == [("repository.token", None, "(masked)")]
    assert "stamp" not in json.dumps(msgspec.to_builtins(audit.changes(None, block)))


def test_a_plain_value_that_is_masked_now_is_not_told_any_more():
    block = examples.block(variables=(Variable(name="KEY", value="plain"),))
    told = changed(block, variables=(KEY,), masked_values={"KEY": "stamp"})
    assert told == [("variables.KEY", "plain", "(masked)")]


def test_a_variable_that_becomes_required_is_told():
    block = examples.block(variables=(Variable(name="A", value="1"),))
    told = changed(block, variables=(Variable(name="A", value="1", required=True),))
    assert told == [("variables.A.required", None, True)]


def test_a_pause_is_told_by_its_reason():
    configured = examples.configured()
    assert changed(configured, pause=Pause(reason="quiet", by="ada", at=NOW)) == [("pause.reason", None, "quiet")]


def test_a_token_is_told_without_its_hash():
    told = audit.changes(None, a_token(projects={"shop": "uid-1"}))
    assert FieldChange("projects", None, ["shop"]) in told
    assert "digest" not in json.dumps(msgspec.to_builtins(told))


def test_credentials_are_told_without_the_secret():
    old = Credentials(host="h", stamp="one", by="ada", updated_at=NOW, version=1)
    assert changed(old, stamp="two", version=2) == [("secret", "(masked)", "(masked)")]
    assert changed(old, version=2) == []


@pytest.mark.parametrize(
    ("thing", "names"),
    [
        (examples.block(), {"block"}),
        (examples.configured(), {"project", "project_uid", "environment", "hostname", "block"}),
        (a_token(), {"token"}),
        (Credentials(host="h", by="ada", updated_at=NOW), {"host"}),
    ],
)
def test_an_entry_is_about_what_the_addresses_name(thing, names):
    told = msgspec.structs.asdict(audit.subject(thing))
    assert {name for name, value in told.items() if value is not None} == names


def test_actions_are_a_thing_and_a_verb():
    assert all(action.count(".") == 1 for action in get_args(audit.Action))
