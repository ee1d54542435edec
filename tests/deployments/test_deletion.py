from __future__ import annotations

import pytest

from tests.deployments.test_concurrency import HOLD, let_go

pytestmark = pytest.mark.ci


def parts(project):
    """What can be deleted, from the smallest to the largest."""
    return {
        "configured block": f"{project.environment}/blocks/migrate",
        "environment": project.environment,
        "project": f"/projects/{project.name}",
    }


@pytest.mark.parametrize("part", ["configured block", "environment", "project"])
@pytest.mark.parametrize("active", ["run", "deployment"])
def test_what_is_active_is_not_deleted_until_it_has_ended(project, part, active):
    project.before("migrate", HOLD)
    path = parts(project)[part]
    if active == "run":
        named = run_id = project.run("migrate")
    else:
        number = project.start()
        named = "Deployment 1"
    project.wait_for("begun")
    if (part, active) == ("configured block", "deployment"):
        named = project.deployment(1)["phases"]["pre_deployment"][0]["id"]
    assert named in project.refusal("DELETE", path)
    assert project.get(f"{project.environment}/blocks/migrate")["hostname"] == "migrate"
    let_go(project)
    ended = project.finished(run_id) if active == "run" else project.ended(number)
    assert ended["status"] in ("succeeded", "deployed")

    project.call("DELETE", path)

    project.refusal("GET", path, status=404)
    project.refusal("GET", f"{project.environment}/blocks/migrate", status=404)


def test_a_failed_attempt_to_delete_leaves_the_environment_usable(project):
    project.before("migrate", HOLD)
    run_id = project.run("migrate")
    project.refusal("DELETE", project.environment)
    let_go(project)
    project.finished(run_id)
    assert project.deploy()["status"] == "deployed"
    assert project.ran("migrate")["status"] == "succeeded"


def test_a_block_that_is_configured_is_not_deleted_and_its_places_are_told(project):
    project.before("migrate", "true")
    block = f"/blocks/migrate-{project.name}"
    assert f"{project.name}/default/migrate" in project.refusal("DELETE", block)
    project.call("DELETE", f"{project.environment}/blocks/migrate")
    project.call("DELETE", block)
    project.refusal("GET", block, status=404)


def test_a_hostname_used_again_inherits_nothing(project):
    secret = [{"name": "SECRET", "value": "hunter2-hunter2", "masked": True}]
    text = "echo ${SECRET:-none} $(echo $SECRET | wc -c) >> $TRACE"
    project.before("migrate", text, variables=secret, timeout_seconds=99)
    project.deploy()
    old = project.runs("migrate")[0]["id"]
    project.call("DELETE", f"{project.environment}/blocks/migrate")
    block = f"migrate-{project.name}"

    again = project.configure("migrate", block)

    assert (again["timeout_seconds"], again["version"]) == (300, 1)
    assert project.runs("migrate") == []
    assert project.get(f"/runs/{old}")["status"] == "succeeded"
    changes = project.get(f"{project.environment}/changes")
    assert [one["hostname"] for one in changes["added"]] == ["migrate"]
    assert [one["hostname"] for one in changes["removed"]] == ["migrate"]
    body = {"block": block, "variables": [{"name": "SECRET", "masked": True}]}
    project.refusal("PUT", f"{project.environment}/blocks/migrate", body, status=422)
    project.ran("migrate")
    assert project.traced()[-1] == "none 1"


@pytest.mark.parametrize("part", ["environment", "project"])
def test_a_name_used_again_inherits_nothing(project, part):
    project.service()
    project.scheduled("backup", "echo backup >> $TRACE")
    project.deploy()
    project.call("DELETE", parts(project)[part])
    if part == "project":
        project.post("/projects", {"name": project.name})
    else:
        project.post(f"/projects/{project.name}/environments", {"name": "default"})

    environment = project.get(project.environment)

    assert (environment["status"], environment["blocks"]) == ("not_deployed", [])
    assert (environment["current"], environment["latest"]) == (None, None)
    assert project.get(f"{project.environment}/deployments")["items"] == []
    project.stack.advance(120)
    assert project.traced() == [f"web-{project.name}"]
    project.configure("web", f"web-{project.name}")
    assert project.deploy()["number"] == 1
