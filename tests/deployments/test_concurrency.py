from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.deployments.conftest import by_hostname, states, until

pytestmark = pytest.mark.ci

HOLD = "echo begun >> $TRACE; until [ -e $TRACE.on ]; do sleep 0.05; done; echo over >> $TRACE"


def let_go(project):
    project.trace.with_name(project.trace.name + ".on").touch()


def at_once(count, ask):
    with ThreadPoolExecutor(count) as pool:
        return [each.result() for each in [pool.submit(ask) for _ in range(count)]]


def test_of_deployments_at_once_one_begins_and_the_others_are_told_which(project):
    project.service(text=HOLD)
    answers = at_once(6, lambda: project.ask("POST", f"{project.environment}/deployments"))
    assert sorted(status for status, _ in answers) == [202, 409, 409, 409, 409, 409]
    told = {answer["detail"] for status, answer in answers if status == 409}
    assert told == {f"Deployment 1 of {project.name}/default is running; wait for it or cancel it"}
    let_go(project)
    assert project.ended(1)["status"] == "deployed"
    assert project.traced() == ["begun", "over"]
    assert project.deploy()["number"] == 2


def test_while_a_deployment_runs_nothing_is_rolled_back_or_shut_down(project):
    project.service()
    project.deploy()
    project.before("migrate", HOLD)
    number = project.start()
    project.wait_for("begun")
    for path in (f"{project.environment}/deployments/1/rollback", f"{project.environment}/shutdown"):
        assert "Deployment 2" in project.refusal("POST", path)
    let_go(project)
    assert project.ended(number)["status"] == "deployed"


def test_what_cannot_be_started_is_refused_with_the_reason(project):
    told = project.refusal("POST", f"{project.environment}/deployments")
    assert told == f"Nothing is configured in {project.name}/default; add a KintoBlock first"
    project.service()
    told = project.refusal("POST", f"{project.environment}/blocks/web/runs", {})
    assert told == "web is a service; it runs in deployments only"


def test_one_run_at_a_time_unless_it_is_forced(project):
    project.before("migrate", HOLD)
    path = f"{project.environment}/blocks/migrate/runs"
    answers = at_once(4, lambda: project.ask("POST", path, {}))
    assert sorted(status for status, _ in answers) == [202, 409, 409, 409]
    active = next(answer["id"] for status, answer in answers if status == 202)
    told = {answer["detail"] for status, answer in answers if status == 409}
    assert told == {f"Run {active} of migrate is active; wait for it, cancel it or send force"}
    forced = project.ran("migrate", command="echo forced >> $TRACE", force=True)
    assert forced["status"] == "succeeded"
    # A forced run takes nobody's lock and gives none back.
    assert active in project.refusal("POST", path, {})
    let_go(project)
    assert project.finished(active)["status"] == "succeeded"
    assert sorted(project.traced()) == ["begun", "forced", "over"]
    assert {run["id"] for run in project.runs("migrate")} == {active, forced["id"]}


def test_a_job_of_a_deployment_waits_for_the_run_that_is_active(project):
    project.before("migrate", "echo deployed >> $TRACE")
    active = project.run("migrate", command=HOLD)
    project.wait_for("begun")
    number = project.start()

    def waiting():
        runs = by_hostname(project.deployment(number))
        return runs.get("migrate", {}).get("reason") and runs["migrate"]

    run = until(waiting)
    assert (run["status"], run["reason"]) == ("queued", f"overlap: waits for run {active}")
    let_go(project)
    assert project.ended(number)["status"] == "deployed"
    assert project.traced() == ["begun", "over", "deployed"]


def test_a_job_of_a_deployment_waits_no_longer_than_it_may_run(start_stack, make_project):
    project = make_project(stack=start_stack())
    project.before("migrate", "echo deployed >> $TRACE", timeout_seconds=30)
    project.service()
    active = project.run("migrate", command=HOLD)
    project.wait_for("begun")
    number = project.start()
    until(lambda: by_hostname(project.deployment(number)).get("migrate", {}).get("reason"))
    project.stack.advance(31, wait=False)
    deployment = project.ended(number)
    run = by_hostname(deployment)["migrate"]
    assert (run["status"], run["reason"]) == ("failed", f"overlap: waited 30 s for run {active}")
    assert states(deployment)["web"] == "skipped"
    let_go(project)
    assert project.finished(active)["status"] == "succeeded"
    assert project.deploy()["status"] == "deployed"


def test_a_deployment_that_is_cancelled_while_its_job_waits_leaves_the_lock_to_its_holder(project):
    project.before("migrate", "echo deployed >> $TRACE")
    active = project.run("migrate", command=HOLD)
    project.wait_for("begun")
    number = project.start()
    until(lambda: by_hostname(project.deployment(number)).get("migrate", {}).get("reason"))
    assert project.cancel(number)["status"] == "cancelled"
    assert active in project.refusal("POST", f"{project.environment}/blocks/migrate/runs", {})
    let_go(project)
    assert project.finished(active)["status"] == "succeeded"
    assert project.deploy()["status"] == "deployed"
    assert project.traced() == ["begun", "over", "deployed"]


def test_jobs_of_different_environments_do_not_wait_for_each_other(project):
    project.post(f"/projects/{project.name}/environments", {"name": "other"})
    block = project.block("migrate", {"type": "command", "command": HOLD})
    project.configure("migrate", block)
    first = project.run("migrate")
    project.wait_for("begun")
    project.environment = f"/projects/{project.name}/environments/other"
    project.configure("migrate", block)
    assert project.ran("migrate", command="true")["status"] == "succeeded"
    let_go(project)
    assert project.finished(first)["status"] == "succeeded"


def test_a_deployment_asked_for_again_by_the_same_key_is_the_same(project):
    project.service()
    path = f"{project.environment}/deployments"
    first = project.post(path, Idempotency_Key=f"one-{project.name}")
    again = project.post(path, Idempotency_Key=f"one-{project.name}")
    assert again == first
    project.ended(1)
    assert project.post(path, Idempotency_Key=f"one-{project.name}") == first
    assert project.post(path, Idempotency_Key=f"two-{project.name}")["number"] == 2
    project.ended(2)
    assert len(project.get(path)["items"]) == 2


def test_deployments_of_one_key_at_once_are_one_deployment(project):
    project.service()
    path = f"{project.environment}/deployments"
    answers = at_once(5, lambda: project.ask("POST", path, Idempotency_Key=f"same-{project.name}"))
    assert {status for status, _ in answers} <= {202, 409}
    assert {answer["number"] for status, answer in answers if status == 202} == {1}
    project.ended(1)
    assert len(project.get(path)["items"]) == 1


def test_a_run_asked_for_again_by_the_same_key_is_the_same(project):
    project.before("migrate", "echo ran >> $TRACE")
    path, key = f"{project.environment}/blocks/migrate/runs", f"key-{project.name}"
    first = project.post(path, {"reason": "once"}, Idempotency_Key=key)
    assert project.post(path, {"reason": "once"}, Idempotency_Key=key)["id"] == first["id"]
    assert "another request" in project.refusal("POST", path, {"reason": "another"}, Idempotency_Key=key)
    project.finished(first["id"])
    assert project.post(path, {"reason": "once"}, Idempotency_Key=key)["id"] == first["id"]
    assert len(project.runs("migrate")) == 1
    assert project.traced() == ["ran"]


def test_a_refusal_is_not_kept_for_its_key(project):
    project.service(text=HOLD)
    number = project.start()
    path = f"{project.environment}/deployments"
    project.refusal("POST", path, Idempotency_Key=f"later-{project.name}")
    let_go(project)
    project.ended(number)
    assert project.post(path, Idempotency_Key=f"later-{project.name}")["number"] == 2
    project.ended(2)
