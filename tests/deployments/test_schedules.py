from __future__ import annotations

import json
from datetime import timedelta

import pytest

from tests.conftest import LocalStack
from tests.deployments.conftest import aws, states, until
from tests.deployments.test_concurrency import HOLD, let_go

pytestmark = pytest.mark.ci

TELL = "echo $KINTO_TRIGGER $KINTO_SCHEDULED_AT >> $TRACE"


@pytest.fixture(scope="module")
def stack(tmp_path_factory):
    """A stack whose clock these tests move."""
    stack = LocalStack(tmp_path_factory.mktemp("clockwork") / "state")
    stack.start()
    yield stack
    stack.kill()


@pytest.fixture
def hour(stack):
    """The beginning of an hour, and the clock is there."""
    return stack.to_an_hour()


def minute(hour, number):
    return f"{hour + timedelta(minutes=number):%Y-%m-%dT%H:%M:%SZ}"


def later(project, minutes=1):
    """Lets minutes pass without waiting for what begins in them."""
    for _ in range(minutes):
        project.stack.advance(60, wait=False)


def history(project, hostname="backup"):
    """Its runs, oldest first."""
    return sorted(project.runs(hostname), key=lambda run: run["scheduled_at"])


def told(project):
    return [(run["status"], run["reason"]) for run in history(project)]


def test_a_schedule_runs_once_in_each_minute_that_is_due_and_in_no_other(project, hour):
    configured = project.scheduled("backup", TELL, cron="*/2 * * * *")
    assert (configured["badge"], configured["schedule_status"]) == ("REPEATS EVERY 2 MINUTES", "published")
    assert configured["next_runs"][0]["utc"] == minute(hour, 2)
    project.stack.advance(6 * 60 + 59)
    assert project.traced() == [f"schedule {minute(hour, number)}" for number in (2, 4, 6)]
    runs = history(project)
    assert [run["scheduled_at"] for run in runs] == [minute(hour, number) for number in (2, 4, 6)]
    assert {(run["trigger"], run["status"], run["by"]) for run in runs} == {("schedule", "succeeded", "schedule")}
    project.stack.advance(0)
    assert len(project.runs("backup")) == 3


def test_a_schedule_in_a_time_zone_runs_by_local_time_only(project, hour):
    # Days of the month AND of the week can't be said in one expression: the tick itself decides.
    local = hour + timedelta(minutes=5)
    other = (local.isoweekday() % 7 + 1) % 7
    project.scheduled("today", TELL, cron=f"5 {local.hour} */1 * {local.isoweekday() % 7}")
    project.scheduled("never", TELL, cron=f"5 {local.hour} */1 * {other}")
    project.stack.advance(10 * 60)
    assert [run["scheduled_at"] for run in history(project, "today")] == [minute(hour, 5)]
    assert project.runs("never") == []


def test_a_tick_that_is_delivered_again_runs_once(project, hour):
    project.scheduled("backup", TELL)
    project.stack.advance(60)
    events, functions = aws(project.stack, "events"), aws(project.stack, "lambda")
    rules = events.list_rules()["Rules"]
    (target,) = (
        target
        for rule in rules
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        if rule.get("Description", "").endswith(".backup") and rule["State"] == "ENABLED"
    )
    template = target["InputTransformer"]["InputTemplate"]
    payload = template.replace("<time>", json.dumps(minute(hour, 1)))
    for _ in range(3):
        answer = functions.invoke(FunctionName="Tick", Payload=payload)
        assert "FunctionError" not in answer, answer["Payload"].read()
    late = template.replace("<time>", json.dumps(minute(hour, 0)))
    functions.invoke(FunctionName="Tick", Payload=late)
    until(lambda: len(project.traced()) == 2)
    assert sorted(run["scheduled_at"] for run in project.runs("backup")) == [minute(hour, 0), minute(hour, 1)]
    assert len(project.traced()) == 2


def test_a_changed_schedule_fires_by_its_new_pattern_and_a_removed_one_not_at_all(project, hour):
    block = project.block("backup", {"type": "command", "command": TELL})
    project.configure("backup", block, run={"mode": "repeat_schedule", "cron": "*/2 * * * *"})
    project.stack.advance(3 * 60)
    project.configure("backup", block, run={"mode": "repeat_schedule", "cron": "5 * * * *"})
    project.stack.advance(4 * 60)
    project.configure("backup", block, run={"mode": "run_once", "phase": "post_deployment"})
    project.stack.advance(2 * 60)
    project.configure("backup", block, run={"mode": "repeat_schedule", "cron": "* * * * *"})
    project.call("DELETE", f"{project.environment}/blocks/backup")
    project.stack.advance(2 * 60)
    assert project.traced() == [f"schedule {minute(hour, number)}" for number in (2, 5)]


def test_an_overlapping_tick_is_skipped_by_default(project, hour):
    project.scheduled("backup", HOLD)
    later(project, 3)
    runs = history(project)
    reason = f"overlap: run {runs[0]['id']} is active"
    assert [run["status"] for run in runs[1:]] == ["skipped", "skipped"]
    assert {run["reason"] for run in runs[1:]} == {reason}
    let_go(project)
    project.finished(runs[0]["id"])
    project.stack.advance(60)
    assert [run["status"] for run in history(project)] == ["succeeded", "skipped", "skipped", "succeeded"]
    assert project.traced() == ["begun", "over"] * 2


def test_of_overlapping_ticks_one_may_wait(project, hour):
    project.scheduled("backup", HOLD, overlap="queue")
    later(project, 3)
    runs = history(project)
    assert [run["status"] for run in runs][1:] == ["queued", "skipped"]
    let_go(project)
    assert [project.finished(run["id"])["status"] for run in runs] == ["succeeded", "succeeded", "skipped"]
    assert project.traced() == ["begun", "over"] * 2
    later(project)
    assert project.finished(history(project)[-1]["id"])["status"] == "succeeded"


def test_a_waiting_tick_can_be_cancelled_and_leaves_its_place(project, hour):
    project.scheduled("backup", HOLD, overlap="queue")
    later(project, 2)
    first, second = history(project)
    assert project.post(f"/runs/{second['id']}/cancel")["status"] == "cancelled"
    later(project)
    let_go(project)
    assert project.finished(first["id"])["status"] == "succeeded"
    assert project.finished(history(project)[2]["id"])["status"] == "succeeded"
    assert project.traced() == ["begun", "over"] * 2


def test_an_overlapping_tick_replaces_the_active_run(project, hour):
    project.scheduled("backup", "echo $KINTO_SCHEDULED_AT >> $TRACE; " + HOLD, overlap="replace")
    later(project)
    project.wait_for("begun")
    later(project)
    first, second = history(project)
    assert first["status"] == "cancelled"
    assert first["reason"] == f"cancelled by run {second['id']}, which replaces it"
    let_go(project)
    assert project.finished(second["id"])["status"] == "succeeded"
    assert project.traced() == [minute(hour, 1), "begun", minute(hour, 2), "begun", "over"]


def test_overlapping_ticks_run_side_by_side_where_that_is_allowed(project, hour):
    project.scheduled("backup", HOLD, overlap="allow")
    later(project, 2)
    until(lambda: project.traced() == ["begun", "begun"], project.traced)
    let_go(project)
    assert [project.finished(run["id"])["status"] for run in history(project)] == ["succeeded"] * 2


def test_while_an_environment_is_shut_down_its_ticks_are_skipped_until_it_is_deployed(project, hour):
    project.scheduled("backup", TELL)
    project.service("web", "true")
    assert project.deploy()["status"] == "deployed"
    assert project.post(f"{project.environment}/shutdown")["status"] == "shutdown"
    assert project.post(f"{project.environment}/shutdown")["status"] == "shutdown"
    project.stack.advance(2 * 60)
    assert told(project) == [("skipped", "shutdown")] * 2
    assert not any(one["next_runs"] for one in project.get(project.environment)["blocks"])
    assert project.get(f"{project.environment}/blocks/backup")["next_runs"] == []
    assert project.traced() == []
    # A person may still run it.
    assert project.ran("backup")["status"] == "succeeded"
    assert project.deploy()["status"] == "deployed"
    assert project.get(project.environment)["status"] == "deployed"
    assert project.get(f"{project.environment}/blocks/backup")["next_runs"]
    project.stack.advance(60)
    assert project.traced() == ["manual", f"schedule {minute(hour, 3)}"]


def test_a_running_job_survives_a_deployment(project, hour):
    project.scheduled("backup", HOLD)
    project.service("web", "true")
    later(project)
    project.wait_for("begun")
    deployment = project.deploy()
    assert (deployment["status"], states(deployment)) == ("deployed", {"web": "succeeded"})
    (run,) = history(project)
    assert run["status"] == "running"
    let_go(project)
    assert project.finished(run["id"])["status"] == "succeeded"


def test_a_scheduled_run_uses_the_code_that_is_deployed_or_else_the_head(make_project, own_repository, hour):
    project = make_project(own_repository)
    project.scheduled("backup", "cat version >> $TRACE")
    own_repository.commit({"version": "two\n"})
    project.stack.advance(60)
    project.deploy()
    own_repository.commit({"version": "three\n"})
    project.stack.advance(60)
    project.deploy()
    project.stack.advance(60)
    assert project.traced() == ["two", "two", "three"]


def test_a_scheduled_job_without_a_required_value_is_told_as_not_started(project, hour):
    project.scheduled("backup", TELL, variables=[{"name": "HOST", "required": True}])
    project.stack.advance(60)
    assert told(project) == [("start_failed", "required variables have no value: HOST")]


def test_a_scheduled_job_is_tried_again_and_its_history_can_be_filtered(project, hour):
    project.scheduled("backup", "[ $KINTO_ATTEMPT = 2 ]", retries={"count": 1, "backoff_seconds": 0})
    project.stack.advance(60)
    project.run("backup", command="exit 1")
    until(lambda: project.runs("backup", "&status=failed"))
    assert [run["trigger"] for run in project.runs("backup", "&status=failed")] == ["manual"]
    (scheduled,) = project.runs("backup", "&trigger=schedule")
    assert (scheduled["status"], len(scheduled["attempts"])) == ("succeeded", 2)
    assert project.runs("backup", "&status=skipped") == []
