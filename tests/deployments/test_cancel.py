from __future__ import annotations

import random
import socket
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import PRIVATE_HOST
from tests.deployments.conftest import PATIENCE_SECONDS, by_hostname, living, states, until
from tests.deployments.points import written

pytestmark = pytest.mark.ci

WAITS = "sh -c 'trap \"\" TERM; echo begun $KINTO_DEPLOYMENT >> $TRACE; sleep 300; :' "


@pytest.fixture
def mark():
    """What the command lines of a test's own processes hold."""
    return uuid.uuid4().hex


def phases(project, waiting, mark):
    """A job in each phase; the one of `waiting` goes on until it is killed, in the first deployment only."""
    waits = f"[ $KINTO_DEPLOYMENT != 1 ] || {WAITS} {mark}"
    for add, phase in ((project.before, "before"), (project.service, "web"), (project.after, "after")):
        add(phase, waits if phase == waiting else f"echo {phase} $KINTO_DEPLOYMENT >> $TRACE")


@pytest.mark.parametrize(
    ("waiting", "ended", "changed"),
    [
        ("before", {"before": "cancelled", "web": "skipped", "after": "skipped"}, ""),
        ("web", {"before": "succeeded", "web": "cancelled", "after": "skipped"}, ""),
        ("after", {"before": "succeeded", "web": "succeeded", "after": "cancelled"}, "; changed by then: web"),
    ],
)
def test_a_deployment_is_cancelled_in_each_phase(project, mark, waiting, ended, changed):
    phases(project, waiting, mark)
    number = project.start()
    project.wait_for("begun 1")
    assert living(mark)

    project.cancel(number)

    deployment = project.ended(number)
    assert (deployment["status"], deployment["reason"]) == ("cancelled", f"cancelled by admin{changed}")
    assert states(deployment) == ended
    assert living(mark) == []
    for hostname, state in ended.items():
        if state == "skipped":
            assert "cancelled by admin" in by_hostname(deployment)[hostname]["reason"]
    assert project.get(project.environment)["status"] == "cancelled"
    assert "nothing to cancel" in project.refusal("POST", f"{project.environment}/deployments/1/cancel")
    # Its locks are free: all of it can run again at once.
    again = project.deploy()
    assert (again["number"], again["status"]) == (2, "deployed")
    assert project.ran("before", command="true")["status"] == "succeeded"
    assert project.deployment(1) == deployment


def test_a_deployment_is_cancelled_while_it_is_prepared(project):
    project.before("migrate", "echo migrate >> $TRACE")
    with socket.create_server((PRIVATE_HOST, 0)) as silent:
        silent.settimeout(PATIENCE_SECONDS)
        url = f"https://{PRIVATE_HOST}:{silent.getsockname()[1]}/repository"
        block = project.block("api", {"type": "command", "command": "true"}, "service", {"url": url})
        project.configure("api", block)
        number = project.start()
        asking = silent.accept()[0]
        cancelled = project.cancel(number)
        assert (cancelled["status"], cancelled["reason"]) == ("cancelled", "cancelled by admin")
        asking.close()
    project.call("DELETE", f"{project.environment}/blocks/api")
    assert project.deploy()["status"] == "deployed"
    assert project.traced() == ["migrate"]
    assert project.deployment(1) == cancelled


def test_a_run_is_cancelled_with_all_that_it_started(project, mark):
    project.before("migrate", f"(setsid {WAITS} {mark} &); {WAITS} {mark}")
    run_id = project.run("migrate")
    until(lambda: len(project.traced()) == 2)
    cancelled = project.post(f"/runs/{run_id}/cancel")
    assert (cancelled["status"], cancelled["reason"]) == ("cancelled", "cancelled by admin")
    assert cancelled["attempts"][0]["status"] == "cancelled"
    assert living(mark) == []
    assert project.ran("migrate", command="true")["status"] == "succeeded"
    assert project.get(f"/runs/{run_id}") == cancelled
    assert "cancelled already" in project.refusal("POST", f"/runs/{run_id}/cancel")


def test_cancelling_one_run_of_a_deployment_stops_what_follows(project, mark):
    project.before("migrate", f"{WAITS} {mark}")
    project.before("beside", "echo beside >> $TRACE")
    project.service()
    number = project.start()
    project.wait_for("begun 1")
    migrate = by_hostname(project.deployment(number))["migrate"]
    project.post(f"/runs/{migrate['id']}/cancel")
    deployment = project.ended(number)
    assert deployment["status"] == "failed"
    assert deployment["reason"] == "Pre-deployment job did not succeed: migrate (cancelled)"
    assert states(deployment) == {"migrate": "cancelled", "beside": "succeeded", "web": "skipped"}
    assert living(mark) == []


def test_a_run_is_cancelled_between_two_attempts(project):
    project.before("migrate", "exit 1", retries={"count": 3, "backoff_seconds": 3000})
    run_id = project.run("migrate")
    waiting = until(lambda: (run := project.get(f"/runs/{run_id}"))["attempts"] and run["reason"] and run)
    assert waiting["status"] == "queued"
    assert waiting["reason"] == "attempt 1 of 4 ended failed; the next begins in 3000 s"
    assert project.post(f"/runs/{run_id}/cancel")["status"] == "cancelled"
    assert project.ran("migrate", command="true")["status"] == "succeeded"


def test_cancelling_a_deployment_ends_a_job_that_waits_for_its_next_attempt(project):
    project.before("migrate", "exit 1", retries={"count": 3, "backoff_seconds": 3000})
    number = project.start()
    until(lambda: "migrate" in (runs := by_hostname(project.deployment(number))) and runs["migrate"]["reason"])
    deployment = project.cancel(number)
    assert (deployment["status"], states(deployment)) == ("cancelled", {"migrate": "cancelled"})
    assert project.ran("migrate", command="true")["status"] == "succeeded"


def test_cancelling_at_any_instant_leaves_nothing_running_and_all_locks_free(make_project, mark):
    chance = random.Random(11)
    projects = [make_project() for _ in range(6)]
    for project in projects:
        phases(project, None, mark)
        text = f"sh -c 'sleep 0.4; echo again $KINTO_DEPLOYMENT >> $TRACE' {mark}"
        project.before("again", text, retries={"count": 1, "backoff_seconds": 1})

    def cancelled(project, number, seconds):
        time.sleep(seconds)
        status, answer = project.ask("POST", f"{project.environment}/deployments/{number}/cancel")
        assert status in (200, 409), answer
        return project.ended(number)

    for number in range(1, 6):
        with ThreadPoolExecutor(len(projects)) as pool:
            begun = [project.start() for project in projects]
            assert set(begun) == {number}
            waits = [chance.uniform(0, 4) for _ in projects]
            ended = list(pool.map(cancelled, projects, begun, waits))
        assert {deployment["status"] for deployment in ended} <= {"cancelled", "deployed"}
        for deployment in ended:
            told = states(deployment)
            assert set(told.values()) <= {"succeeded", "cancelled", "skipped"}, told
            if deployment["status"] == "cancelled":
                assert all(run["reason"] for run in by_hostname(deployment).values() if run["status"] != "succeeded")
        until(lambda: not living(mark))
    for project in projects:
        assert project.deploy()["status"] == "deployed"
        assert project.ran("again", command="true")["status"] == "succeeded"


def test_a_run_that_has_just_been_started_can_be_cancelled(project):
    project.before("migrate", "sleep 300")
    for _ in range(3):
        assert project.post(f"/runs/{project.run('migrate')}/cancel")["status"] == "cancelled"
    assert project.ran("migrate", command="true")["status"] == "succeeded"


def test_a_deployment_cancelled_while_its_runs_are_laid_out_leaves_none_queued(project):
    for number in range(20):
        project.before(f"job-{number}", "sleep 300")
    number = project.start()
    written(project.stack, project.name, "#queued")
    assert project.cancel(number)["status"] == "cancelled"
    activity = f"{project.environment}/activity"
    until(lambda: not project.get(activity)["running"], lambda: project.get(activity)["running"])
    assert set(states(project.deployment(number)).values()) <= {"skipped", "cancelled"}
