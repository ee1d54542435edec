"""Many clients at once: one deployment runs, no edit is lost, and everybody gets an answer."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.deployments.conftest import aws, until

pytestmark = pytest.mark.ci

DEPLOYERS = 200
EDITORS = 50
TRIES = 4
ANSWER_SECONDS = 60


def at_once(project, method, path, bodies):
    """Status and answer of each of these requests: every connection is open, and all are sent, before any is read."""
    headers = {"Authorization": f"Bearer {project.stack.token}", "Content-Type": "application/json"}
    place = project.stack.url.removeprefix("http://")
    with contextlib.ExitStack() as stack:
        to = [http.client.HTTPConnection(place, timeout=ANSWER_SECONDS) for _ in bodies]
        for connection in to:
            stack.enter_context(contextlib.closing(connection)).connect()
        for connection, body in zip(to, bodies, strict=True):
            connection.request(method, path, json.dumps(body), headers)
        answers = [connection.getresponse() for connection in to]
        return [(answer.status, json.loads(answer.read())) for answer in answers]


def told(project, query):
    """The audit's entries, oldest first."""
    entries, cursor = [], ""
    while cursor is not None:
        page = project.get(f"/audit?{query}&limit=100{cursor}")
        entries += page["items"]
        cursor = page["next"] and f"&cursor={page['next']}"
    return entries[::-1]


def test_of_two_hundred_clients_that_deploy_at_once_one_does(project):
    project.before("migrate", "echo begun >> $TRACE; while [ ! -e $TRACE.go ]; do sleep 0.1; done")
    deployments = f"{project.environment}/deployments"

    answers = at_once(project, "POST", deployments, [{}] * DEPLOYERS)

    project.wait_for("begun")
    assert Counter(status for status, _ in answers) == {202: 1, 409: DEPLOYERS - 1}
    assert [answer["number"] for status, answer in answers if status == 202] == [1]
    running = f"Deployment 1 of {project.name}/default is running; wait for it or cancel it"
    assert {answer["detail"] for status, answer in answers if status == 409} == {running}
    project.trace.with_name(f"{project.trace.name}.go").touch()
    assert project.ended(1)["status"] == "deployed"
    assert [one["number"] for one in project.get(deployments)["items"]] == [1]
    assert project.traced() == ["begun"]
    started = [one for one in told(project, f"project={project.name}") if one["action"] == "deployment.start"]
    assert [one["deployment"] for one in started] == [1]
    assert project.deploy()["number"] == 2


def test_fifty_clients_edit_one_block_and_every_acknowledged_edit_was_on_the_version_it_named(project):
    block = f"/blocks/{project.block('edited', {'type': 'command', 'command': 'true'})}"
    created = project.get(block)

    def edits(editor):
        """(the version it named, the version it made, the name it found, the name it gave) of what was acknowledged."""
        made = []
        for number in range(TRIES):
            found = project.get(block)
            name = f"{editor} {number}"
            status, answer = project.ask("PATCH", block, {"name": name}, If_Match=f'"{found["version"]}"')
            assert status in (200, 412), answer
            if status == 200:
                made.append((found["version"], answer["version"], found["name"], answer["name"]))
        return made

    with ThreadPoolExecutor(EDITORS) as pool:
        made = sorted(edit for edits_ in pool.map(edits, range(EDITORS)) for edit in edits_)

    first = created["version"]
    assert TRIES <= len(made) < EDITORS * TRIES  # nobody who tries again loses always; some named what was over
    assert [named for named, *_ in made] == list(range(first, first + len(made)))
    assert all(new == named + 1 for named, new, _, _ in made)
    names = [created["name"], *(name for *_, name in made)]
    assert [(old, new) for _, _, old, new in made] == list(itertools.pairwise(names))
    assert (project.get(block)["version"], project.get(block)["name"]) == (first + len(made), names[-1])
    changes = [one["changes"] for one in told(project, f"block={created['internal_name']}")][1:]
    wanted = [[{"field": "name", "from": old, "to": new}] for old, new in itertools.pairwise(names)]
    assert changes == wanted


def test_fifty_clients_configure_one_block_at_once_and_what_is_there_is_what_one_of_them_sent(project):
    block = project.block("report", {"type": "command", "command": "true"})
    path = f"{project.environment}/blocks/report"
    bodies = [body(block, minute) for minute in range(EDITORS)]
    before, acknowledged = expressions(project.stack), []
    for _ in range(2):  # where it is not there yet, and where it is
        answers = at_once(project, "PUT", path, bodies)
        statuses = Counter(status for status, _ in answers)
        assert statuses.keys() <= {200, 201, 412}, [answer for status, answer in answers if status >= 500]
        sent = [one for one, (status, _) in zip(bodies, answers, strict=True) if status < 300]
        present = project.get(path)
        assert [present["run"]["cron"], present["variables"][-1]["value"]] in [
            [one["run"]["cron"], one["variables"][-1]["value"]] for one in sent
        ]
        acknowledged += sent
    until(lambda: project.get(path)["schedule_status"] == "published", lambda: project.get(path))
    assert sorted(expressions(project.stack) - before) == sorted(present["expressions"])
    written = [one for one in told(project, f"project={project.name}") if one["hostname"] == "report"]
    assert len(written) == len(acknowledged)
    actions = Counter(one["action"] for one in written)
    assert actions == {"configured_block.create": 1, "configured_block.change": len(written) - 1}


def body(block, minute):
    run = {"mode": "repeat_schedule", "cron": f"{minute} 4 7 11 *"}
    return {"block": block, "run": run, "variables": [{"name": "MINUTE", "value": str(minute)}]}


def expressions(stack):
    """What EventBridge has rules for."""
    rules = aws(stack, "events").list_rules()["Rules"]
    return {rule["ScheduleExpression"] for rule in rules if "ScheduleExpression" in rule}


def test_environments_that_are_added_at_once_are_all_there_and_none_beyond_what_a_project_may_have(project):
    path = f"/projects/{project.name}"
    answers = at_once(project, "POST", f"{path}/environments", [{"name": f"e{number}"} for number in range(60)])

    assert Counter(status for status, _ in answers) == {201: 49, 409: 11}
    full = f"{project.name} has 50 environments, as many as a project may have"
    assert {answer["detail"] for status, answer in answers if status == 409} == {full}
    made = {answer["internal_name"] for status, answer in answers if status == 201}
    assert {one["internal_name"] for one in project.get(path)["environments"]} == {"default", *made}
