"""Secrets of blocks and hosts, on the laptop's AWS: kept encrypted, used for the one run, told to nobody."""

from __future__ import annotations

import json

import pytest

from chalicelib.actions import blocks, credentials, secrets
from chalicelib.call import Call
from chalicelib.domain.blocks import Command, Repository
from chalicelib.domain.problems import NotFound, Stale
from chalicelib.store import secrets as stored
from tests.domain import examples

URL = "https://git.example.org/shop"


@pytest.fixture(scope="module")
def settings(embed):
    return embed("Table", "Key", "KeyAlias", "TokenKey", "TokenKeyAlias").settings


@pytest.fixture
def call(settings):
    names = (f"id{number:024}" for number in range(100))
    return Call(examples.NOW, "ada", "admin", settings, lambda: f"{next(names)}")


def block(call, name, token=None, url=URL):
    repository = Repository(url=url, token=token)
    source = Command(command="true")
    return blocks.create(
        call, name=name, internal_name=name, flavor="job", repository=repository, source=source, values=()
    )


def changed(call, before, forget=False, **fields):
    from msgspec.structs import replace

    repository = replace(before.repository, **fields)
    return blocks.change(call, before, replace(before, repository=repository), forget)


def test_a_token_of_a_block_is_kept_encrypted_and_found_for_its_runs(call):
    made = block(call, "own", "t0ken-of-block")
    assert made.has_token
    assert made.repository.token is None
    assert "t0ken" not in json.dumps(stored.get(made.uid))
    assert credentials.token(call, made) == "t0ken-of-block"
    blocks.delete(call, made)


def test_a_token_stays_while_the_host_does_and_goes_with_it(call):
    made = block(call, "moves", "t0ken")
    made = changed(call, made, branch="next")
    assert credentials.token(call, made) == "t0ken"
    made = changed(call, made, url="https://elsewhere.example.org/shop")
    assert not made.has_token
    assert credentials.token(call, made) is None
    blocks.delete(call, made)


def test_a_token_is_replaced_and_forgotten_when_asked(call):
    made = block(call, "rotates", "first")
    made = changed(call, made, token="second")
    assert credentials.token(call, made) == "second"
    made = changed(call, made, forget=True, token=None)
    assert credentials.token(call, made) is None
    assert stored.get(made.uid) == {}
    blocks.delete(call, made)


def test_the_stack_has_one_token_for_all_repositories_of_a_host_but_those_with_their_own(call):
    plain, own = block(call, "plain"), block(call, "special", "own")
    credentials.put(call, "git.example.org", None, "of-the-host")
    assert credentials.token(call, plain) == "of-the-host"
    assert credentials.token(call, own) == "own"
    credentials.put(call, "git.example.org", None, "rotated")
    assert credentials.token(call, plain) == "rotated"
    credentials.delete(call, "git.example.org")
    assert credentials.token(call, plain) is None
    with pytest.raises(NotFound):
        credentials.delete(call, "git.example.org")
    for made in (plain, own):
        blocks.delete(call, made)


def test_the_login_of_a_registry_is_for_its_images_alone(call):
    credentials.put(call, "ghcr.io", "ada", "s3cret")
    assert credentials.registry(call, "ghcr.io/owner/name:1") == {
        "host": "ghcr.io",
        "username": "ada",
        "password": "s3cret",
    }
    assert credentials.registry(call, "docker.io/owner/name:1") is None
    credentials.delete(call, "ghcr.io")


def test_credentials_are_changed_and_forgotten_only_in_the_version_that_was_seen(call):
    host = "git2.example.org"
    with pytest.raises(Stale):
        credentials.put(call, host, None, "one", if_match=1)
    first = credentials.put(call, host, None, "one", if_match=0)
    for late in (lambda: credentials.put(call, host, None, "other", if_match=0),
                 lambda: credentials.put(call, host, None, "other", if_match=first.version + 1),
                 lambda: credentials.delete(call, host, if_match=first.version + 1)):  # fmt: skip
        with pytest.raises(Stale):
            late()
    assert credentials.token(call, block(call, "behind", url=f"https://{host}/x")) == "one"
    second = credentials.put(call, host, None, "two", if_match=first.version)
    assert second.version == first.version + 1
    credentials.delete(call, host, if_match=second.version)


def test_keeping_a_value_beside_a_new_one_decrypts_nothing(call, monkeypatch):
    from chalicelib.aws import keys
    from chalicelib.store.table import commit

    commit(*secrets.write(call, "owner-1", {"A": "one", "B": "two"}, ()))
    with monkeypatch.context() as guarded:
        guarded.setattr(keys, "decrypt", lambda *_: pytest.fail("the API may not decrypt"))
        commit(*secrets.write(call, "owner-1", {"B": "new"}, ["A"]))
    assert secrets.read(call, "owner-1", ["A", "B", "C"]) == {"A": "one", "B": "new"}
