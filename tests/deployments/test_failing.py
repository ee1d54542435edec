"""Failing and running projects over HTTP: `GET /projects?status=`, on a stack that really runs the jobs."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.ci


def listed(project, query="status=failing", token=None):
    """The project's own entry in the list, page after page; None where it has none."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    cursor = ""
    while True:
        page = project.call("GET", f"/projects?{query}{cursor}", **headers)
        for one in page["items"]:
            if one["internal_name"] == project.name:
                return one
        if page["next"] is None:
            return None
        cursor = f"&cursor={page['next']}"


def reasons(project, *more, **told):
    one = listed(project, *more, **told)
    return [(reason["hostname"], reason["status"]) for reason in one["reasons"]] if one else None


def test_failing_job_and_deployment_are_listed_until_they_recover(project):
    flag = project.trace.with_suffix(".good")
    project.before("migrate", f"test -e {flag} || exit 3")
    project.service()
    assert reasons(project) is None
    assert project.deploy()["status"] == "failed"
    entry = listed(project)
    deployment, job = entry["reasons"]
    assert (deployment["environment"], deployment["deployment"], deployment["status"]) == ("default", 1, "failed")
    assert (deployment["hostname"], deployment["run"]) == (None, None)
    assert (job["hostname"], job["status"], job["exit_code"]) == ("migrate", "failed", 3)
    assert project.get(f"/runs/{job['run']}")["status"] == "failed"
    assert not entry["more_reasons"]

    flag.touch()
    assert project.deploy()["status"] == "deployed"
    assert reasons(project) is None


def test_rollback_ends_the_failed_deployment_but_not_the_failing_job(project):
    flag = project.trace.with_suffix(".bad")
    project.service()
    project.after("check", f"test ! -e {flag}")
    assert project.deploy()["status"] == "deployed"
    flag.touch()
    assert project.deploy()["status"] == "deployed_with_failures"
    assert reasons(project) == [(None, "deployed_with_failures"), ("check", "failed")]
    assert project.roll_back(1)["status"] == "deployed"
    assert reasons(project) == [("check", "failed")]
    project.call("DELETE", f"{project.environment}/blocks/check")
    assert reasons(project) is None


def test_shutdown_hides_what_fails_and_a_deployment_shows_it_again(project):
    project.service()
    project.scheduled("report", "exit 1", "0 0 1 1 *")
    project.deploy()
    project.ran("report")
    assert reasons(project) == [("report", "failed")]
    project.post(f"{project.environment}/shutdown")
    assert reasons(project) is None
    project.deploy()
    assert reasons(project) == [("report", "failed")]


def test_deleted_environment_and_project_leave_the_list(project):
    project.scheduled("report", "exit 1", "0 0 1 1 *")
    project.ran("report")
    assert reasons(project) == [("report", "failed")]
    project.call("DELETE", project.environment)
    assert reasons(project) is None
    project.call("DELETE", f"/projects/{project.name}")
    project.post("/projects", {"name": project.name})
    assert reasons(project) is None


def test_running_jobs_and_deployments_are_listed(project):
    gate = project.trace.with_suffix(".gate")
    project.before("migrate", f"echo begun >> $TRACE; while [ ! -e {gate} ]; do sleep 0.05; done")
    number = project.start()
    project.wait_for("begun")
    assert (None, "running") in reasons(project, "status=running")
    assert ("migrate", "running") in reasons(project, "status=running")
    gate.touch()
    project.ended(number)
    assert reasons(project, "status=running") is None


def test_status_goes_with_search_pages_and_limited_tokens(make_project):
    failing, other, calm = [make_project() for _ in range(3)]
    for project in (failing, other):
        project.scheduled("report", "exit 1", "0 0 1 1 *")
        project.ran("report")
    assert reasons(failing, f"status=failing&search={failing.name.upper()}&limit=1") == [("report", "failed")]
    assert listed(other, f"status=failing&search={failing.name}") is None
    assert listed(failing, f"search={failing.name}")["reasons"] == []

    body = {"name": failing.name, "role": "viewer", "projects": [failing.name, calm.name]}
    token = failing.post("/tokens", body)["secret"]
    assert reasons(failing, token=token) == [("report", "failed")]
    assert reasons(failing, "status=failing&limit=1", token=token) == [("report", "failed")]
    assert listed(other, token=token) is None
    assert listed(calm, token=token) is None


def test_another_status_is_refused(project):
    assert project.ask("GET", "/projects?status=broken")[0] == 422
