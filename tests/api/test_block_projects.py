"""Which projects may use a block, over HTTP: set, seen, configured, refused."""

from __future__ import annotations

import itertools

import pytest

NUMBERS = itertools.count()
SOURCE = {"type": "command", "command": "true"}
MASKED = {"name": "KEY", "value": "hush", "masked": True}


class Stack:
    """The session's stack, with shorter words."""

    def __init__(self, stack):
        self.stack = stack

    def done(self, method, path, body=None):
        status, _, answer = self.stack.request(method, path, body)
        assert status < 300, answer
        return answer

    def project(self):
        return self.done("POST", "/projects", {"name": f"chosen-{next(NUMBERS)}"})["internal_name"]

    def block(self, *projects, **more):
        body = {"name": f"chosen-block-{next(NUMBERS):03}", "repository": {"url": "file:///nowhere"}, "source": SOURCE}
        return self.done("POST", "/blocks", {**body, "projects": list(projects), **more})["internal_name"]

    def asker(self, *projects, role="admin"):
        """What a token that is limited to these projects gets."""
        body = {"name": "limited", "role": role, "projects": list(projects)}
        secret = self.done("POST", "/tokens", body)["secret"]

        def ask(method, path, body=None):
            status, _, answer = self.stack.request(method, path, body, {"Authorization": f"Bearer {secret}"})
            return status, answer

        return ask


@pytest.fixture
def shared(stack):
    return Stack(stack)


def job(project, hostname="job"):
    return f"/projects/{project}/environments/default/blocks/{hostname}"


def listed(ask):
    names, cursor = [], ""
    while cursor is not None:
        status, page = ask("GET", f"/blocks?limit=3{cursor and f'&cursor={cursor}'}")
        assert status == 200, page
        names += [block["internal_name"] for block in page["items"]]
        cursor = page["next"]
    return names


def test_a_limited_token_sees_the_blocks_of_its_projects_only(shared):
    mine, other = shared.project(), shared.project()
    allowed, foreign, common = shared.block(mine, other), shared.block(other), shared.block(projects=None)
    nobodys = shared.block()
    ask = shared.asker(mine, role="viewer")
    names = listed(ask)
    assert {allowed, common} <= set(names)
    assert not {foreign, nobodys} & set(names)
    status, block = ask("GET", f"/blocks/{allowed}")
    assert (status, block["projects"]) == (200, [mine]), "other projects are not named"
    gone, hidden = ask("GET", "/blocks/nothing-here"), ask("GET", f"/blocks/{foreign}")
    assert (gone[0], hidden[0]) == (404, 404)
    assert hidden[1]["detail"].replace(foreign, "x") == gone[1]["detail"].replace("nothing-here", "x")
    assert shared.done("GET", f"/blocks/{allowed}")["projects"] == sorted([mine, other])
    assert shared.done("GET", f"/blocks/{common}")["projects"] is None
    assert shared.done("GET", f"/blocks/{nobodys}")["projects"] == []


def test_a_limited_token_configures_no_block_of_another_project(shared):
    mine, other = shared.project(), shared.project()
    foreign = shared.block(other, variables=[MASKED])
    ask = shared.asker(mine)
    for body in ({"block": foreign}, {"block": foreign, "memory_mb": "much"}):
        status, problem = ask("PUT", job(mine), body)
        assert status == 422
        told = {error["field"]: error["message"] for error in problem["errors"]}
        assert told["block"] == f"there is no block {foreign}; write the internal name of one"
        assert told.keys() - {"block"} == body.keys() - {"block"}
    assert ask("GET", job(mine))[0] == 404
    assert shared.asker(other)("PUT", job(other), {"block": foreign})[0] == 200


def test_nobody_configures_a_block_where_it_may_not_be_used(shared):
    mine, other = shared.project(), shared.project()
    block = shared.block(mine)
    status, _, problem = shared.stack.request("PUT", job(other), {"block": block, "timeout_seconds": 0})
    assert status == 422
    told = {error["field"]: error["message"] for error in problem["errors"]}
    assert told.keys() == {"block", "timeout_seconds"}
    assert f"{block} may not be used in the project {other};" in told["block"]
    both = shared.asker(mine, other)
    assert both("PUT", job(other), {"block": block})[0] == 422
    assert both("PUT", job(mine), {"block": block})[0] == 200


def test_a_limited_token_changes_no_block(shared):
    mine = shared.project()
    block = shared.block(mine)
    ask = shared.asker(mine)
    assert ask("PATCH", f"/blocks/{block}", {"projects": None})[0] == 403
    assert ask("POST", "/blocks", {"name": "x", "source": SOURCE, "projects": [mine]})[0] == 403
    assert ask("DELETE", f"/blocks/{block}")[0] == 403


def test_all_that_is_wrong_with_a_block_is_told_with_its_projects(shared):
    mine = shared.project()
    body = {"name": "x" * 3, "source": SOURCE, "projects": [mine, "nowhere-a", "nowhere-b"]}
    status, _, problem = shared.stack.request("POST", "/blocks", body)
    assert status == 422
    assert {error["field"] for error in problem["errors"]} == {"repository", "projects[1]", "projects[2]"}
    block = shared.block(mine)
    for patch in ({"projects": ["nowhere-a"]}, {"projects": ["nowhere-a"], "name": 7}):
        status, _, problem = shared.stack.request("PATCH", f"/blocks/{block}", patch)
        assert status == 422
        told = {error["field"]: error["message"] for error in problem["errors"]}
        assert told["projects[0]"] == "there is no project nowhere-a; give the internal name of one"
        assert len(told) == len(patch)
    status, _, problem = shared.stack.request("PATCH", f"/blocks/{block}", {"projects": ["Not A Name"]})
    assert (status, [error["field"] for error in problem["errors"]]) == (422, ["projects[0]"])


def test_a_project_that_uses_a_block_is_named_where_it_would_lose_it(shared):
    mine, other = shared.project(), shared.project()
    block = shared.block(projects=None)
    shared.done("PUT", job(mine), {"block": block})
    shared.done("PUT", job(other, "nightly"), {"block": block})
    status, _, problem = shared.stack.request("PATCH", f"/blocks/{block}", {"projects": [mine]})
    assert status == 409
    place = f"{other}/default/nightly"
    assert problem["detail"] == (
        f"{block} is configured in {place}; remove it there first, or keep the project"
    )
    assert shared.done("GET", f"/blocks/{block}")["projects"] is None
    shared.done("DELETE", job(other, "nightly"))
    changed = shared.done("PATCH", f"/blocks/{block}", {"projects": [mine]})
    assert changed["projects"] == [mine]
    assert shared.done("PATCH", f"/blocks/{block}", {"name": "Renamed"})["projects"] == [mine]
    assert shared.done("PATCH", f"/blocks/{block}", {"projects": None})["projects"] is None


def test_a_project_made_again_inherits_nothing(shared):
    mine = shared.project()
    block = shared.block(mine)
    shared.done("DELETE", f"/projects/{mine}")
    assert shared.done("GET", f"/blocks/{block}")["projects"] == []
    shared.done("POST", "/projects", {"name": mine})
    assert shared.done("GET", f"/blocks/{block}")["projects"] == []
    assert block not in listed(shared.asker(mine))
    assert shared.stack.request("PUT", job(mine), {"block": block})[0] == 422
    assert shared.done("PATCH", f"/blocks/{block}", {"name": "Renamed"})["projects"] == []
    assert shared.done("PATCH", f"/blocks/{block}", {"projects": [mine]})["projects"] == [mine]
    assert block in listed(shared.asker(mine))
    (change,) = shared.done("GET", f"/audit?block={block}")["items"][0]["changes"]
    assert change["field"] == f"projects.{mine}"
    assert change["from"] not in (None, change["to"]), "another project of that name"


@pytest.mark.ci
def test_a_rollback_takes_no_block_that_was_lost(shared):
    mine, other = shared.project(), shared.project()
    image = {"type": "image", "image": "127.0.0.1/none:1"}
    body = {"name": f"lost-{next(NUMBERS)}", "flavor": "service", "source": {**image, "command": "true"}}
    block = shared.done("POST", "/blocks", body)["internal_name"]
    environment = f"/projects/{mine}/environments/default"
    shared.done("PUT", job(mine), {"block": block})
    number = shared.done("POST", f"{environment}/deployments")["number"]
    while shared.done("GET", f"{environment}/deployments/{number}")["status"] == "running":
        pass
    shared.done("DELETE", job(mine))
    shared.done("PATCH", f"/blocks/{block}", {"projects": [other]})
    status, _, problem = shared.stack.request("POST", f"{environment}/deployments/{number}/rollback")
    assert status == 409
    assert f"job: the block {block} may no longer be used in this project" in problem["detail"]
