"""`?search=` of blocks and projects."""

from __future__ import annotations

import uuid
from urllib.parse import quote

import pytest


@pytest.fixture
def mark():
    """A word that no other test has."""
    return f"w{uuid.uuid4().hex[:10]}"


def project(stack, name, **more):
    status, _, made = stack.request("POST", "/projects", {"name": name, **more})
    assert status == 201, made
    return made["internal_name"]


def block(stack, name):
    body = {"name": name, "source": {"type": "image", "image": "alpine:3"}}
    assert stack.request("POST", "/blocks", body)[0] == 201


def listed(stack, path, headers=None):
    """All names of a list, page after page."""
    names, cursor = [], ""
    while True:
        status, _, page = stack.request("GET", path + cursor, headers=headers)
        assert status == 200, page
        names += [one["name"] for one in page["items"]]
        if page["next"] is None:
            return names
        cursor = f"&cursor={page['next']}"


@pytest.mark.parametrize(("path", "create"), [("/blocks", block), ("/projects", project)])
def test_search_finds_names_whatever_their_case(stack, mark, path, create):
    for name in (f"Nightly {mark}", f"Hourly {mark}", f"Nightly {mark} two"):
        create(stack, name)
    assert listed(stack, f"{path}?search={mark.upper()}%20nightly") == [f"Nightly {mark}", f"Nightly {mark} two"]
    assert listed(stack, f"{path}?search=nightly-{mark}&limit=1") == [f"Nightly {mark}", f"Nightly {mark} two"]
    assert listed(stack, f"{path}?search={mark}x") == []


@pytest.mark.parametrize("path", ["/blocks", "/projects"])
@pytest.mark.parametrize(
    ("search", "message"),
    [
        ("", "must not be empty"),
        ("   ", "must not be empty"),
        ("x" * 201, "at most 200 characters"),
        ("a\nb", "none of them a control character"),
        ("a\x7f", "none of them a control character"),
        ("a\x00", "U+0000"),
    ],
)
def test_invalid_search_is_refused(stack, path, search, message):
    status, _, answer = stack.request("GET", f"{path}?search={quote(search)}")
    assert status == 422, answer
    (error,) = answer["errors"]
    assert error["field"] == "search"
    assert message in error["message"]


def test_cursor_of_another_search_is_refused(stack, mark):
    for number in range(2):
        project(stack, f"{mark} {number}")
    following = stack.request("GET", f"/projects?search={mark}&limit=1")[2]["next"]
    assert stack.request("GET", f"/projects?search={mark}&limit=1&cursor={following}")[0] == 200
    status, _, answer = stack.request("GET", f"/projects?search=other&limit=1&cursor={following}")
    assert (status, answer["errors"][0]["field"]) == (422, "cursor")


def test_limited_token_finds_only_its_own_projects(stack, mark):
    own = [project(stack, f"Own {mark} {letter}") for letter in "abc"]
    project(stack, f"Other {mark}")
    body = {"name": mark, "role": "viewer", "projects": own}
    secret = stack.request("POST", "/tokens", body)[2]["secret"]
    headers = {"Authorization": f"Bearer {secret}"}
    assert listed(stack, f"/projects?search={mark}&limit=1", headers) == [f"Own {mark} {letter}" for letter in "abc"]
    assert listed(stack, f"/projects?search={mark}-b&limit=1", headers) == [f"Own {mark} b"]
    assert listed(stack, f"/projects?search=other%20{mark}", headers) == []
