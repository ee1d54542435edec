"""The run mode `manual`: a job that runs only when somebody starts it."""

from __future__ import annotations

import pytest

from tests.conftest import LocalStack
from tests.deployments.conftest import states

pytestmark = pytest.mark.ci


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A stack whose clock these tests move."""
    stack = LocalStack(tmp_path_factory.mktemp("manual") / "state")
    stack.start()
    yield stack
    stack.kill()


def test_deployments_leave_a_manual_job_alone(project):
    configured = project.command("reindex", "echo $KINTO_TRIGGER $KINTO_COMMIT >> $TRACE", run={"mode": "manual"})
    assert (configured["run"], configured["badge"]) == ({"mode": "manual"}, "RUNS MANUALLY")
    assert configured["description"] == "only when somebody starts it"
    assert (configured["next_runs"], configured["expressions"], configured["schedule_status"]) == ([], [], None)
    project.before("migrate", "true")
    (added,) = [one for one in project.get(f"{project.environment}/changes")["added"] if one["hostname"] == "reindex"]
    assert {"field": "run.mode", "from": None, "to": "manual"} in added["fields"]
    deployment = project.deploy()
    assert (deployment["status"], states(deployment)) == ("deployed", {"migrate": "succeeded"})
    project.stack.advance(24 * 3600)
    assert (project.runs("reindex"), project.traced()) == ([], [])


def test_a_manual_job_runs_when_somebody_starts_it(project, repository):
    project.command("reindex", "echo $KINTO_TRIGGER $KINTO_COMMIT >> $TRACE", run={"mode": "manual"})
    project.deploy()
    run = project.ran("reindex")
    assert (run["status"], run["trigger"]) == ("succeeded", "manual")
    assert project.traced() == [f"manual {repository.head}"]


def test_a_rollback_leaves_a_manual_job_alone(project):
    project.command("reindex", "echo again >> $TRACE", run={"mode": "manual"})
    project.deploy()
    project.deploy()
    assert states(project.roll_back(1)) == {}
    assert project.traced() == []


def test_a_schedule_that_becomes_manual_stops(project):
    block = project.scheduled("backup", "echo $KINTO_TRIGGER >> $TRACE")["block"]
    project.stack.advance(60)
    configured = project.configure("backup", block, run={"mode": "manual"})
    assert (configured["badge"], configured["schedule_status"]) == ("RUNS MANUALLY", None)
    project.stack.advance(600)
    assert project.traced() == ["schedule"]
    detail = project.refusal("POST", f"{project.environment}/blocks/backup/pause", {"reason": "holidays"})
    assert "schedule" in detail


def test_a_manual_run_mode_takes_nothing_else(project):
    block = project.block("odd", {"type": "command", "command": "true"})
    body = {"block": block, "run": {"mode": "manual", "cron": "* * * * *"}}
    status, answer = project.ask("PUT", f"{project.environment}/blocks/odd", body)
    assert status == 422
    assert [error["field"] for error in answer["errors"]] == ["run.cron"]
    body = {"block": block, "run": {"mode": "by_hand"}}
    status, answer = project.ask("PUT", f"{project.environment}/blocks/odd", body)
    assert status == 422
    assert '"manual"' in answer["errors"][0]["message"]


def test_a_pattern_that_never_runs_is_refused_with_the_manual_run_mode(project):
    status, answer = project.ask("POST", "/schedules/preview", {"cron": "0 0 31 2 *"})
    assert status == 422
    assert '{"mode": "manual"}' in answer["errors"][0]["message"]


def test_every_error_of_a_preview_comes_at_once(project):
    body = {"cron": "TZ=Europe/Paris\n30 6 * * * # daily", "timezone": "MSK"}
    status, answer = project.ask("POST", "/schedules/preview", body)
    assert status == 422
    messages = {error["field"]: error["message"] for error in answer["errors"]}
    assert "write `30 6 * * *` and set the time zone in its own field, to `Europe/Paris`" in messages["cron"]
    assert "write `Europe/Moscow`" in messages["timezone"]
