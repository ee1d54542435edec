"""Tokens over HTTP: made, told, limited, revoked."""

from __future__ import annotations

import itertools
import re
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.actors import ACTORS

NUMBERS = itertools.count()
FIELDS = {"id", "name", "role", "projects", "created_at", "created_by", "expires_at", "last_used_at"}


def made(stack, **instead):
    status, _, answer = stack.request("POST", "/tokens", {"name": "made", "role": "viewer", **instead})
    assert status == 201, answer
    return answer


def asked(stack, token, method, path, body=None):
    status, _, answer = stack.request(method, path, body, {"Authorization": f"Bearer {token['secret']}"})
    return status, answer


def a_project(stack):
    name = f"token-project-{next(NUMBERS)}"
    assert stack.request("POST", "/projects", {"name": name})[0] == 201
    return name


def listed(stack, path, limit=100):
    items, cursor = [], ""
    while cursor is not None:
        status, _, page = stack.request("GET", f"{path}?limit={limit}{cursor and f'&cursor={cursor}'}")
        assert status == 200, page
        items += page["items"]
        cursor = page["next"]
    return items


def errors(answer):
    return {error["field"]: error["message"] for error in answer["errors"]}


def test_a_new_token_tells_its_secret_once(stack):
    token = made(stack, name="Ada", role="deployer")
    assert token.keys() == FIELDS | {"secret"}
    assert re.fullmatch(r"kinto_[0-9a-z]{12}_[0-9A-Za-z_-]{43}", token["secret"])
    assert (token["name"], token["role"], token["projects"], token["expires_at"]) == ("Ada", "deployer", None, None)
    assert (token["created_by"], token["last_used_at"]) == ("admin", None)
    (found,) = [one for one in listed(stack, "/tokens") if one["id"] == token["id"]]
    assert found == {name: token[name] for name in FIELDS}


def test_a_key_for_repeats_does_not_keep_the_secret(stack):
    key = {"Idempotency-Key": "tokens"}
    answers = [stack.request("POST", "/tokens", {"name": "x", "role": "viewer"}, key) for _ in range(2)]
    assert [status for status, _, _ in answers] == [201, 201]
    assert answers[0][2]["secret"] != answers[1][2]["secret"]


def test_tokens_are_listed_newest_first(stack):
    ids = []
    for _ in range(3):
        ids.append(made(stack)["id"])
        stack.advance(1)
    found = [one["id"] for one in listed(stack, "/tokens", limit=2) if one["id"] in ids]
    assert found == ids[::-1]


def test_a_token_is_told_about_itself(stack):
    project = a_project(stack)
    token = made(stack, name="me", projects=[project])
    status, told = asked(stack, token, "GET", "/me")
    assert status == 200
    assert told.keys() == FIELDS
    assert (told["id"], told["name"], told["role"], told["projects"]) == (token["id"], "me", "viewer", [project])
    assert datetime.fromisoformat(told["last_used_at"]) == datetime.fromisoformat(stack.now()).replace(microsecond=0)


def test_a_revoked_token_is_refused_from_then_on(stack):
    token = made(stack)
    assert asked(stack, token, "GET", "/blocks")[0] == 200
    assert stack.request("DELETE", f"/tokens/{token['id']}")[0] == 204
    assert asked(stack, token, "GET", "/blocks")[0] == 401
    assert stack.request("DELETE", f"/tokens/{token['id']}")[0] == 404


def test_an_expired_token_is_refused_and_still_listed(stack):
    end = datetime.fromisoformat(stack.now()) + timedelta(seconds=2)
    token = made(stack, expires_at=end.isoformat())
    assert asked(stack, token, "GET", "/blocks")[0] == 200
    stack.advance(2)
    assert asked(stack, token, "GET", "/blocks")[0] == 401
    assert token["id"] in {one["id"] for one in listed(stack, "/tokens")}


@pytest.mark.parametrize(
    ("instead", "field", "words"),
    [
        ({"role": "owner"}, "role", '"admin", "deployer" or "viewer"'),
        ({"expires_at": "2001-01-01T00:00:00Z"}, "expires_at", "must be in the future"),
        ({"projects": []}, "projects", "at least 1"),
        ({"projects": ["nowhere-at-all"]}, "projects[0]", "there is no project nowhere-at-all"),
        ({"name": " "}, "name", "1 to 200 characters"),
        ({"name": "ci\u202e"}, "name", "must be one line without"),
        *(({"name": name}, "name", "must not be the name of a part of KintoBlocks") for name in (*ACTORS, " Operator")),
    ],
)
def test_what_is_wrong_with_a_token_is_told(stack, instead, field, words):
    status, _, answer = stack.request("POST", "/tokens", {"name": "x", "role": "viewer", **instead})
    assert status == 422, answer
    assert words in errors(answer)[field]


def test_a_token_that_expires_makes_none_that_lives_longer(stack):
    end = datetime.fromisoformat(stack.now()) + timedelta(days=1)
    token = made(stack, role="admin", expires_at=end.isoformat())
    for wanted in (None, (end + timedelta(seconds=1)).isoformat()):
        status, answer = asked(stack, token, "POST", "/tokens", {"name": "x", "role": "viewer", "expires_at": wanted})
        assert status == 422
        assert "your own token expires then" in errors(answer)["expires_at"]
    body = {"name": "x", "role": "admin", "expires_at": end.isoformat()}
    assert asked(stack, token, "POST", "/tokens", body)[0] == 201


def test_a_limited_token_lists_its_own_projects(stack):
    names = sorted(a_project(stack) for _ in range(3))
    token = made(stack, projects=names)
    found, cursor = [], ""
    while cursor is not None:
        status, page = asked(stack, token, "GET", f"/projects?limit=1{cursor and f'&cursor={cursor}'}")
        assert status == 200
        found += [project["internal_name"] for project in page["items"]]
        cursor = page["next"]
    assert found == names


def test_a_project_that_gets_the_name_of_one_that_is_gone_is_another(stack):
    name = a_project(stack)
    token = made(stack, projects=[name])
    assert asked(stack, token, "GET", f"/projects/{name}")[0] == 200
    assert stack.request("DELETE", f"/projects/{name}")[0] == 204
    assert stack.request("POST", "/projects", {"name": name})[0] == 201
    assert asked(stack, token, "GET", f"/projects/{name}")[0] == 404
    assert asked(stack, token, "GET", "/projects")[1]["items"] == []


def test_a_role_of_another_account_is_refused_with_all_other_errors(stack):
    environments = f"/projects/{a_project(stack)}/environments"
    role = {"role_arn": "arn:aws:iam::210987654321:role/kintoblocks/shop"}
    status, _, answer = stack.request("PATCH", f"{environments}/default", role)
    assert (status, list(errors(answer))) == (422, ["role_arn"])
    assert "this stack's own account, 123456789012" in errors(answer)["role_arn"]
    status, _, answer = stack.request("POST", environments, {"name": "日本語", **role})
    assert (status, set(errors(answer))) == (422, {"internal_name", "role_arn"})
    status, _, answer = stack.request("POST", environments, {"name": 7, **role})
    assert (status, set(errors(answer))) == (422, {"name", "role_arn"})
    assert len(stack.request("GET", environments.removesuffix("/environments"))[2]["environments"]) == 1


def test_a_limited_admin_gives_its_jobs_no_other_role(stack):
    name = a_project(stack)
    token = made(stack, role="admin", projects=[name])
    address = f"/projects/{name}/environments/default"
    role = {"role_arn": "arn:aws:iam::123456789012:role/kintoblocks/another"}
    status, answer = asked(stack, token, "PATCH", address, role)
    assert (status, answer["title"]) == (403, "Not allowed")
    assert stack.request("PATCH", address, role)[0] == 200
    assert asked(stack, token, "PATCH", address, {"name": "Renamed", **role})[0] == 200
    assert asked(stack, token, "PATCH", address, {"role_arn": None})[0] == 403
    environments = f"/projects/{name}/environments"
    assert asked(stack, token, "POST", environments, {"name": "Prod", **role})[0] == 403
    assert asked(stack, token, "POST", environments, {"name": "Prod"})[0] == 201
