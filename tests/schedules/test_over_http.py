"""Pausing, history and activity as people and scripts see them."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.conftest import LocalStack
from tests.deployments import conftest as projects
from tests.deployments.conftest import aws, until

pytestmark = pytest.mark.ci

RUNNING = "echo begun >> $TRACE; sleep 600"
make_project, project, repository = projects.make_project, projects.project, projects.repository
UNSET = [{"name": "NOWHERE", "required": True}]


@pytest.fixture(scope="module", params=["rules", "scheduler"])
def stack(request, tmp_path_factory):
    """A stack whose clock these tests move, on either backend."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SCHEDULE_BACKEND", request.param)
        stack = LocalStack(tmp_path_factory.mktemp(request.param) / "state")
        stack.start()
    yield stack
    stack.kill()


@pytest.fixture
def hour(stack):
    """The beginning of an hour, and the clock is there."""
    return stack.to_an_hour()


def minute(hour, number):
    return f"{hour + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}"


def told(project, hostname="backup", query=""):
    rows = project.runs(hostname, query)
    return [(row["scheduled_at"], row["status"], row["reason"]) for row in sorted(rows, key=lambda row: row["id"])]


def pause(project, hostname="backup", **body):
    return project.post(f"{project.environment}/blocks/{hostname}/pause", body)


def test_a_pause_is_told_survives_a_deployment_and_ends(project, hour):
    project.scheduled("backup", "true", variables=UNSET)
    project.scheduled("other", "true", variables=UNSET)
    paused = pause(project, reason="the bank is closed", until=minute(hour, 3).replace("Z", "+00:00"))
    assert {"reason": "the bank is closed", "until": minute(hour, 3), "by": "admin"}.items() <= paused["paused"].items()
    assert paused["next_runs"][0]["utc"] == minute(hour, 3)
    project.stack.advance(60)
    project.service("web", "true")
    # A required value is missing, and that stops the deployment: not the pause.
    project.ask("POST", f"{project.environment}/deployments")
    assert project.get(f"{project.environment}/blocks/backup")["paused"] == paused["paused"]
    project.stack.advance(3 * 60)
    rested = "paused by admin: the bank is closed"
    unset = "required variables have no value: NOWHERE"
    assert told(project) == [
        (minute(hour, 1), "skipped", rested), (minute(hour, 2), "skipped", rested),
        (minute(hour, 3), "start_failed", unset), (minute(hour, 4), "start_failed", unset),
    ]  # fmt: skip
    assert project.get(f"{project.environment}/blocks/backup")["paused"] is None
    assert {row[1] for row in told(project, "other")} == {"start_failed"}


def test_a_pause_without_an_end_has_no_next_runs_until_it_is_resumed(project, hour):
    project.scheduled("backup", "true", variables=UNSET)
    paused = pause(project, reason="holidays")
    assert (paused["next_runs"], paused["paused"]["until"]) == ([], None)
    assert project.get(f"{project.environment}/activity")["next_ticks"] == []
    resumed = project.post(f"{project.environment}/blocks/backup/resume")
    assert (resumed["paused"], resumed["next_runs"][0]["utc"]) == (None, minute(hour, 1))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reason"),
        ({"reason": " "}, "reason"),
        ({"reason": "x", "until": "2020-01-01T00:00:00Z"}, "until"),
        ({"reason": "x", "until": "2099-01-01T00:00:00"}, "until"),
    ],
)
def test_a_pause_needs_a_reason_and_an_end_that_lies_ahead(project, body, field):
    project.scheduled("backup", "true", cron="0 0 1 1 *", variables=UNSET)
    status, answer = project.ask("POST", f"{project.environment}/blocks/backup/pause", body)
    assert (status, [error["field"] for error in answer["errors"]]) == (422, [field])


def test_what_has_no_schedule_can_not_be_paused(project):
    project.before("migrate", "true")
    assert "no Repeat Schedule" in project.refusal(
        "POST", f"{project.environment}/blocks/migrate/pause", {"reason": "x"}
    )


def test_the_history_of_a_hostname_says_why_each_tick_did_not_run(project, hour):
    project.scheduled("backup", "true", variables=UNSET)
    project.stack.advance(60)
    pause(project, reason="holidays")
    project.stack.advance(60)
    project.post(f"{project.environment}/blocks/backup/resume")
    lose(project)
    project.stack.advance(33 * 60)
    project.run("backup")
    until(lambda: len(project.runs("backup", "&status=start_failed")) == 2)
    rows = told(project)
    assert [row[1] for row in rows if row[0]][:3] == ["start_failed", "skipped", "missed"]
    missed = project.runs("backup", "&status=missed")
    assert {row["reason"] for row in missed} == {"nobody delivered this tick within 25 minutes"}
    assert [row["scheduled_at"] for row in missed] == [minute(hour, number) for number in range(2 + len(missed), 2, -1)]
    assert len(missed) >= 5
    assert [row["status"] for row in project.runs("backup", "&status=skipped")] == ["skipped"]
    assert [row["trigger"] for row in project.runs("backup", "&trigger=manual")] == ["manual"]
    assert {row["trigger"] for row in project.runs("backup", "&trigger=schedule")} == {"schedule"}
    assert project.runs("backup", "&status=start_failed&trigger=manual")[0]["trigger"] == "manual"
    assert project.runs("backup", "&status=succeeded") == []
    activity = project.get(f"{project.environment}/activity")
    assert [row["id"] for row in activity["missed"]] == [row["id"] for row in missed[:25]]
    assert {row["status"] for row in activity["failures"]} == {"start_failed"}


def test_the_backend_that_was_chosen_carries_the_schedules(project, request):
    project.scheduled("backup", "true", cron="0 0 1 1 *", variables=UNSET)
    backend = request.node.callspec.params["stack"]
    rules = aws(project.stack, "events").list_rules(NamePrefix="kinto-local-s-")["Rules"]
    entries = aws(project.stack, "scheduler").list_schedules(GroupName="kinto-local")["Schedules"]
    assert (bool(rules), bool(entries)) == (backend == "rules", backend == "scheduler")


def lose(project):
    """Somebody deletes what carries the schedule."""
    configured = project.get(f"{project.environment}/blocks/backup")
    assert configured["schedule_status"] == "published"
    events, scheduler = aws(project.stack, "events"), aws(project.stack, "scheduler")
    for rule in events.list_rules(NamePrefix="kinto-local-s-")["Rules"]:
        if rule["Description"].endswith(".backup"):
            events.remove_targets(Rule=rule["Name"], Ids=["tick"])
            events.delete_rule(Name=rule["Name"])
    for one in scheduler.list_schedules(GroupName="kinto-local")["Schedules"]:
        scheduler.delete_schedule(Name=one["Name"], GroupName="kinto-local")


def test_reconcile_brings_back_what_somebody_deleted(project, hour):
    project.scheduled("backup", "true", variables=UNSET)
    lose(project)
    project.stack.advance(60)
    assert told(project) == []
    answer = aws(project.stack, "lambda").invoke(FunctionName="Reconcile", Payload="{}")
    found = json.loads(answer["Payload"].read())
    assert ([step.rpartition(": ")[2] for step in found["steps"]], found["failed"]) == (["it is missing"], [])
    project.stack.advance(60)
    assert [row[0] for row in told(project)] == [minute(hour, 2)]


def test_activity_tells_what_runs_what_failed_and_what_comes(project, hour):
    project.scheduled("backup", RUNNING, cron="*/30 * * * *")
    project.scheduled("report", "true", cron="15 * * * *", variables=UNSET)
    project.scheduled("later", "true", cron="0 0 1 1 *", variables=UNSET)
    project.stack.advance(16 * 60)
    run = project.run("backup")
    project.wait_for("begun")
    activity = project.get(f"{project.environment}/activity")
    assert [row["id"] for row in activity["running"]] == [run]
    assert [(row["hostname"], row["status"]) for row in activity["failures"]] == [("report", "start_failed")]
    assert activity["missed"] == []
    assert [(tick["hostname"], tick["at"]) for tick in activity["next_ticks"]][:2] == [
        ("backup", minute(hour, 30)), ("report", minute(hour, 75)),
    ]  # fmt: skip
    assert f"Run {run} of backup is active" in project.refusal("POST", f"{project.environment}/blocks/backup/runs", {})
    project.post(f"/runs/{run}/cancel")
    project.post(f"{project.environment}/shutdown")
    assert project.get(f"{project.environment}/activity")["next_ticks"] == []
