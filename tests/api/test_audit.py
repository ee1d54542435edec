"""The audit: every call that changes something writes an entry, and only then."""

from __future__ import annotations

import itertools
import json
import subprocess
import time

import pytest

from tests.api.test_roles import ROUTES

NUMBERS = itertools.count()
CHANGING = {call for call in ROUTES if not call.startswith(("GET ", "HEAD "))}
# Stores nothing.
LOOKING = {"POST /schedules/preview"}

ENVIRONMENT = "/projects/{project}/environments/{environment}"
BLOCK = ENVIRONMENT + "/blocks/{hostname}"
DEPLOYMENT = ENVIRONMENT + "/deployments/{number}"
SCHEDULE = {"mode": "repeat_schedule", "cron": "0 0 1 1 *"}
SECRET = "hush-hush-1"
MASKED = {"name": "KEY", "value": SECRET, "masked": True}
FIELDS = {
    *("id", "at", "by", "from", "action", "project", "environment", "hostname", "block", "deployment", "run", "host"),
    *("token", "changes", "request_id"),
}


class Person:
    """Somebody with an admin token of their own, in a project of their own."""

    def __init__(self, stack, **token):
        self.stack = stack
        self.name = f"person-{next(NUMBERS)}"
        status, _, made = stack.request("POST", "/tokens", {"name": self.name, "role": "admin", **token})
        assert status == 201, made
        self.token = made

    def request(self, method, path, body=None, **headers):
        sent = {"Authorization": f"Bearer {self.token['secret']}", "User-Agent": "tests", **headers}
        return self.stack.request(method, path, body, sent)

    def does(self, method, path, body=None, **headers):
        status, _, answer = self.request(method, path, body, **headers)
        assert status < 300, answer
        return answer

    def audit(self, query=""):
        """All entries, newest first; this person's own if no query says which."""
        items, cursor = [], ""
        while cursor is not None:
            page = self.does("GET", f"/audit?limit=100{query or f'&by={self.name}'}{cursor and f'&cursor={cursor}'}")
            items += page["items"]
            cursor = page["next"]
        return items

    def actions(self, query=""):
        return [entry["action"] for entry in self.audit(query)]


@pytest.fixture
def person(stack):
    return Person(stack)


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("repository")
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for arguments in (["init", "-q", "-b", "main"], [*who, "commit", "-q", "--allow-empty", "-m", "one"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    return f"file://{folder}"


def steps(names, repository):
    """(call, body, action, what the entry must name) in an order in which each changes something."""
    url = {"url": repository, "token": SECRET}
    block = {"name": names["block"], "repository": url, "source": {"type": "command", "command": "sleep 60"}}
    place = ("project", "environment")
    job = (*place, "hostname", "block")
    yield "POST /blocks", block, "block.create", ("block",)
    yield "PATCH /blocks/{block}", {"name": "Other"}, "block.change", ("block",)
    yield "POST /projects", {"name": names["project"]}, "project.create", ("project",)
    yield "PATCH /projects/{project}", {"description": "d"}, "project.change", ("project",)
    yield f"POST {ENVIRONMENT.rpartition('/')[0]}", {"name": names["environment"]}, "environment.create", place
    yield f"PATCH {ENVIRONMENT}", {"name": "Live"}, "environment.change", place
    configured = {"block": names["block"], "run": SCHEDULE, "variables": [MASKED]}
    yield f"PUT {BLOCK}", configured, "configured_block.create", job
    yield f"PUT {BLOCK}", configured | {"memory_mb": 256}, "configured_block.change", job
    yield f"POST {BLOCK}/pause", {"reason": "quiet"}, "schedule.pause", job
    yield f"POST {BLOCK}/resume", None, "schedule.resume", job
    yield f"POST {ENVIRONMENT}/deployments", None, "deployment.start", (*place, "deployment")
    yield "settled", None, None, ()
    yield f"POST {DEPLOYMENT}/rollback", None, "deployment.rollback", (*place, "deployment")
    yield "settled", None, None, ()
    yield f"PUT {BLOCK}-now", {"block": names["block"]}, "configured_block.create", (*place, "block")
    yield f"POST {ENVIRONMENT}/deployments", None, "deployment.start", (*place, "deployment")
    yield "begun", None, None, ()
    yield f"POST {ENVIRONMENT}/deployments/3/cancel", None, "deployment.cancel", (*place, "deployment")
    yield "settled", None, None, ()
    yield f"POST {BLOCK}/runs", {"reason": "test"}, "run.start", (*job, "run")
    yield "POST /runs/{run}/cancel", None, "run.cancel", (*job, "run")
    yield "settled", None, None, ()
    yield f"POST {ENVIRONMENT}/shutdown", None, "environment.shutdown", place
    yield f"DELETE {BLOCK}", None, "configured_block.delete", job
    yield f"DELETE {BLOCK}-now", None, "configured_block.delete", (*place, "block")
    yield f"DELETE {ENVIRONMENT}", None, "environment.delete", place
    yield "DELETE /projects/{project}", None, "project.delete", ("project",)
    yield "DELETE /blocks/{block}", None, "block.delete", ("block",)
    yield "PUT /credentials/{host}", {"secret": SECRET}, "credentials.create", ("host",)
    yield "PUT /credentials/{host}", {"secret": f"{SECRET}-again"}, "credentials.change", ("host",)
    yield "DELETE /credentials/{host}", None, "credentials.delete", ("host",)
    yield "POST /tokens", {"name": "made", "role": "viewer"}, "token.create", ("token",)
    yield "DELETE /tokens/{token}", None, "token.delete", ("token",)


def wait(person, names, until):
    """Waits until a run has `begun`, or until nothing of the environment is active (`settled`)."""
    deadline = time.monotonic() + 60
    address = ENVIRONMENT.format(**names)
    while True:
        active = [run["status"] for run in person.does("GET", f"{address}/activity")["running"]]
        deploying = person.does("GET", address)["status"] == "running"
        if "running" in active if until == "begun" else not active and not deploying:
            return
        assert time.monotonic() < deadline, f"not {until}: {active}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def driven(stack, repository):
    """Every step with the entries that it wrote."""
    person, number = Person(stack), next(NUMBERS)
    names = {
        "block": f"audit-block-{number}", "project": f"audit-project-{number}", "environment": "live",
        "hostname": "job", "number": "1", "host": "audit.example",
    }  # fmt: skip
    done, known = [], 0
    for call, body, action, about in steps(names, repository):
        if action is None:
            wait(person, names, until=call)
            continue
        method, path = call.split(" ", 1)
        answer = person.does(method, path.format(**names), body)
        if action in ("run.start", "token.create"):
            names["run" if action == "run.start" else "token"] = answer["id"]
        entries = person.audit()
        done.append((call, action, about, dict(names), entries[: len(entries) - known]))
        known = len(entries)
    return person, done


def test_every_call_that_can_change_something_is_driven(driven):
    told = {call.replace("{hostname}-now", "{hostname}").replace("/3/", "/{number}/") for call, *_ in driven[1]}
    assert told == CHANGING - LOOKING


def test_every_change_writes_its_entry_that_says_who_and_what(driven):
    person, done = driven
    for call, action, about, names, entries in done:
        inside = ["environment.delete"] if action == "project.delete" else []
        assert [entry["action"] for entry in entries] == [action, *inside], call
        entry = entries[0]
        assert entry.keys() == FIELDS
        assert entry["by"] == {"id": person.token["id"], "name": person.name}
        assert entry["from"] == {"address": "127.0.0.1", "agent": "tests"}
        assert entry["request_id"]
        for name in about:
            told = entry["deployment"] and str(entry["deployment"]) if name == "deployment" else entry[name]
            assert told == names[name] if name in names else told, (call, name, entry)


def test_no_secret_is_in_any_entry(driven):
    _, done = driven
    assert SECRET not in json.dumps([entries for *_, entries in done])
    (created,) = [entries[0] for _, action, *_, entries in done if action == "block.create"]
    assert {"field": "repository.token", "from": None, "to": "(masked)"} in created["changes"]


def test_changes_are_told_field_by_field(driven):
    told = {(call, action): entries[0]["changes"] for call, action, *_, entries in driven[1]}
    assert told["PATCH /blocks/{block}", "block.change"][0]["to"] == "Other"
    # The masked value was sent again with it, and is the same.
    assert told[f"PUT {BLOCK}", "configured_block.change"] == [{"field": "memory_mb", "from": 128, "to": 256}]
    assert told[f"POST {BLOCK}/pause", "schedule.pause"] == [{"field": "pause.reason", "from": None, "to": "quiet"}]
    assert told[f"POST {BLOCK}/resume", "schedule.resume"] == [{"field": "pause.reason", "from": "quiet", "to": None}]
    assert told["PUT /credentials/{host}", "credentials.change"] == [
        {"field": "secret", "from": "(masked)", "to": "(masked)"}
    ]
    deleted = {change["field"]: change for change in told[f"DELETE {BLOCK}", "configured_block.delete"]}
    assert deleted["run.cron"] == {"field": "run.cron", "from": "0 0 1 1 *", "to": None}


def test_deleting_a_project_tells_of_everything_in_it(person):
    block, project = f"audit-deep-{next(NUMBERS)}", f"audit-deep-{next(NUMBERS)}"
    person.does("POST", "/blocks", {"name": block, "source": {"type": "image", "image": "alpine"}})
    person.does("POST", "/projects", {"name": project})
    person.does("PUT", f"/projects/{project}/environments/default/blocks/job", {"block": block})
    person.does("DELETE", f"/projects/{project}")
    told = ["project.delete", "environment.delete", "configured_block.delete", "configured_block.create"]
    assert person.actions(f"&project={project}") == [*told, "project.create"]


def test_what_is_refused_or_changes_nothing_is_no_entry(person):
    name = f"audit-{next(NUMBERS)}"
    person.does("POST", "/projects", {"name": name})
    address = f"/projects/{name}"
    before = person.actions()
    assert person.request("POST", "/projects", {"name": name})[0] == 409
    assert person.request("PATCH", address, {"name": 1})[0] == 422
    assert person.request("PATCH", address, {"name": "x"}, **{"If-Match": '"99"'})[0] == 412
    assert person.request("DELETE", f"{address}-gone")[0] == 404
    assert person.request("POST", f"{address}/environments/default/deployments")[0] == 409
    assert person.request("PATCH", address, {"name": name})[0] == 200
    person.does("POST", f"{address}/environments/default/shutdown")
    person.does("POST", f"{address}/environments/default/shutdown")
    assert person.actions() == ["environment.shutdown", *before]


def test_a_repeat_under_the_same_key_is_no_second_entry(person):
    body, key = {"name": f"audit-{next(NUMBERS)}"}, {"Idempotency-Key": f"audit-{next(NUMBERS)}"}
    for _ in range(3):
        person.does("POST", "/projects", body, **key)
    assert person.actions() == ["project.create"]


def test_entries_are_found_by_project_block_and_person(stack, person):
    other, number = Person(stack), next(NUMBERS)
    block, projects = f"audit-find-{number}", [f"audit-find-{number}-{letter}" for letter in "ab"]
    person.does("POST", "/blocks", {"name": block, "source": {"type": "image", "image": "alpine"}})
    for who, project in zip((person, other), projects, strict=True):
        who.does("POST", "/projects", {"name": project})
        who.does("PUT", f"/projects/{project}/environments/default/blocks/job", {"block": block})
    other.does("PUT", f"/projects/{projects[1]}/environments/default/blocks/other", {"block": block})
    configured = "configured_block.create"
    assert person.actions(f"&block={block}") == [configured, configured, configured, "block.create"]
    assert person.actions(f"&project={projects[0]}") == [configured, "project.create"]
    assert person.actions(f"&project={projects[1]}&hostname=job&environment=default") == [configured]
    assert person.actions(f"&block={block}&by={person.name}") == [configured, "block.create"]
    assert person.actions(f"&project={projects[1]}&by={person.name}") == []
    assert person.audit(f"&by={other.token['id']}") == person.audit(f"&by={other.name}")
    assert person.request("GET", "/audit?by=")[0] == 422


def test_the_whole_audit_is_told_newest_first_page_by_page(person):
    wanted = []
    person.stack.advance(1)
    for _ in range(5):
        wanted.append(person.does("POST", "/projects", {"name": f"audit-{next(NUMBERS)}"})["internal_name"])
        person.stack.advance(1)
    found, cursor = [], ""
    while len(found) < 5:
        page = person.does("GET", f"/audit?limit=2{cursor and f'&cursor={cursor}'}")
        assert len(page["items"]) == 2
        found += page["items"]
        cursor = page["next"]
    assert [entry["project"] for entry in found[:5]] == wanted[::-1]
    assert len({entry["id"] for entry in found}) == len(found)


def test_a_limited_admin_reads_of_its_own_projects_alone(stack, person):
    mine, others = (f"audit-limited-{next(NUMBERS)}" for _ in range(2))
    for project in (mine, others):
        person.does("POST", "/projects", {"name": project})
    limited = Person(stack, projects=[mine])
    limited.does("PATCH", f"/projects/{mine}", {"description": "changed"})
    assert limited.actions() == ["project.change"]
    assert limited.actions(f"&project={mine}") == ["project.change", "project.create"]
    assert limited.audit(f"&project={others}") == []
    everything = limited.does("GET", "/audit?limit=100")["items"]
    assert {entry["project"] for entry in everything} == {mine}
    person.does("DELETE", f"/projects/{mine}")
    person.does("POST", "/projects", {"name": mine})
    former = ["project.delete", "environment.delete", "project.change", "project.create"]
    assert limited.actions(f"&project={mine}") == former, "what has the same name now is another project"


def test_a_cursor_of_another_list_is_refused(person):
    for _ in range(2):
        person.does("POST", "/projects", {"name": f"audit-{next(NUMBERS)}"})
    cursor = person.does("GET", f"/audit?limit=1&by={person.name}")["next"]
    assert person.request("GET", f"/audit?limit=1&cursor={cursor}")[0] == 422


def test_the_operators_tokens_are_told_too(person):
    (entry, *_) = [one for one in person.audit("&by=operator") if one["action"] == "token.create"]
    assert entry["by"] == {"id": None, "name": "operator"}
    assert entry["from"] == {"address": None, "agent": None}
    assert {"field": "role", "from": None, "to": "admin"} in entry["changes"]
