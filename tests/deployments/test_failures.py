from __future__ import annotations

import pytest

from tests.deployments.conftest import Repository, by_hostname, states

SAY = "echo $KINTO_DEPLOYMENT {} >> $TRACE"


def say(word):
    return SAY.format(word)


def test_a_failing_pre_deployment_job_leaves_all_that_follows_unrun(project):
    project.service(text=say("web"))
    project.deploy()
    project.before("migrate", "exit 3", order=1)
    project.before("beside", f"sleep 0.5; {say('beside')}", order=1)
    project.before("later", say("later"), order=2)
    project.after("smoke", say("smoke"))

    deployment = project.deploy()

    why = "Pre-deployment job did not succeed: migrate (exit code 3)"
    assert (deployment["status"], deployment["reason"]) == ("failed", why)
    runs = by_hostname(deployment)
    assert (runs["migrate"]["status"], runs["migrate"]["exit_code"]) == ("failed", 3)
    assert runs["beside"]["status"] == "succeeded"
    for hostname in ("later", "web", "smoke"):
        assert (runs[hostname]["status"], runs[hostname]["reason"]) == ("skipped", why)
        assert runs[hostname]["attempts"] == []
    assert project.traced() == ["1 web", "2 beside"]
    environment = project.get(project.environment)
    assert (environment["status"], environment["current"]["number"]) == ("failed", 1)


def test_a_failing_service_is_told_with_those_that_changed(project):
    project.service("api", say("api"))
    project.service("slow", f"sleep 1; {say('slow')}")
    project.service("web", f"{say('web')}; exit 1")
    project.after("smoke", say("smoke"))

    deployment = project.deploy()

    assert deployment["status"] == "failed"
    assert deployment["reason"] == "Service did not succeed: web (exit code 1); changed: api, slow"
    assert states(deployment) == {"api": "succeeded", "slow": "succeeded", "web": "failed", "smoke": "skipped"}
    assert by_hostname(deployment)["smoke"]["reason"] == "Service did not succeed: web (exit code 1)"
    assert sorted(project.traced()) == ["1 api", "1 slow", "1 web"]
    assert project.get(project.environment)["current"] is None


def test_a_failing_service_beside_none_that_changed_says_so(project):
    project.service(text="exit 1")
    assert project.deploy()["reason"].endswith("; no service was changed")


@pytest.mark.ci
@pytest.mark.parametrize(("policy", "status"), [("keep", "deployed_with_failures"), ("fail", "failed")])
def test_a_failing_post_deployment_job_ends_the_deployment_as_the_environment_says(make_project, policy, status):
    project = make_project(policy=policy)
    project.service(text=say("web"))
    project.after("smoke", "exit 1", order=1)
    project.after("report", say("report"), order=2)

    deployment = project.deploy()

    why = "Post-deployment job did not succeed: smoke (exit code 1)"
    assert (deployment["status"], deployment["reason"]) == (status, why)
    assert states(deployment) == {"web": "succeeded", "smoke": "failed", "report": "skipped"}
    assert by_hostname(deployment)["report"]["reason"] == why
    assert project.traced() == ["1 web"]
    environment = project.get(project.environment)
    assert (environment["status"], environment["current"]["number"]) == (status, 1)


@pytest.mark.ci
def test_without_a_good_deployment_there_is_nothing_to_roll_back_to(make_project):
    project = make_project(policy="rollback")
    project.service(text=say("web"))
    project.after("smoke", "exit 1")
    deployment = project.deploy()
    assert deployment["status"] == "failed"
    assert deployment["reason"].endswith("smoke (exit code 1); nothing to roll back to")
    assert project.get(project.environment)["latest"]["number"] == 1
    project.call("DELETE", f"{project.environment}/blocks/smoke")
    assert project.deploy()["status"] == "deployed"


@pytest.mark.ci
def test_a_failing_post_deployment_job_rolls_back_to_the_last_good_deployment_once(make_project, own_repository):
    project = make_project(own_repository, policy="rollback")
    project.before("migrate", say("migrate"))
    project.before("unlock", say("unlock"), run_on_rollback=True)
    project.service(text="echo $KINTO_DEPLOYMENT $(cat version) >> $TRACE")
    project.after("smoke", f"{say('smoke')}; [ $(cat version) = one ]")
    project.after("check", f"{say('check')}; [ $KINTO_DEPLOYMENT = 1 ]", order=1, run_on_rollback=True)
    assert project.deploy()["status"] == "deployed"
    own_repository.commit({"version": "two\n"})

    failed = project.deploy()
    rolled_back = project.ended(3)

    assert failed["status"] == "failed"
    assert failed["reason"].endswith("smoke (exit code 1); rolling back to deployment 1 by deployment 3")
    assert (rolled_back["kind"], rolled_back["rollback_of"]) == ("rollback", 1)
    assert (rolled_back["automatic"], rolled_back["by"]) == (True, "automatic rollback")
    assert failed["automatic"] is False
    # Its own failing job does not roll back again.
    assert rolled_back["status"] == "failed"
    assert states(rolled_back) == {"unlock": "succeeded", "web": "succeeded", "check": "failed"}
    assert [line for line in project.traced() if line.startswith("3")] == ["3 unlock", "3 one", "3 check"]
    environment = project.get(project.environment)
    assert (environment["latest"]["number"], environment["current"]["number"]) == (3, 3)
    assert project.deploy()["number"] == 4


@pytest.mark.ci
def test_a_rollback_that_succeeds_ends_deployed(make_project):
    project = make_project(policy="rollback")
    project.service(text=say("web"))
    project.after("smoke", f"{say('smoke')}; [ $KINTO_DEPLOYMENT = 1 ]")
    project.deploy()
    project.deploy()
    assert project.ended(3)["status"] == "deployed"
    assert project.traced() == ["1 web", "1 smoke", "2 web", "2 smoke", "3 web"]
    assert project.get(project.environment)["status"] == "deployed"


@pytest.mark.ci
@pytest.mark.parametrize("missing", ["branch", "tag", "repository"])
def test_what_is_not_in_the_repository_fails_before_anything_runs(project, tmp_path, missing):
    project.before("migrate", say("migrate"))
    project.service(text=say("web"))
    nowhere = f"file://{tmp_path}/nowhere"
    refs = {"branch": "gone", "tag": "v9"}
    where = {"url": nowhere} if missing == "repository" else {}
    block = project.block("api", {"type": "command", "command": say("api")}, "service", where)
    more = {"ref": {missing: refs[missing]}} if missing in refs else {}
    project.configure("api", block, **more)

    deployment = project.deploy()

    assert deployment["status"] == "failed"
    assert deployment["reason"].startswith("api: ")
    assert (refs.get(missing) or nowhere) in deployment["reason"]
    assert project.traced() == []
    assert set(states(deployment).values()) <= {"skipped"}
    assert project.get(project.environment)["current"] is None
    project.call("DELETE", f"{project.environment}/blocks/api")
    assert project.deploy()["status"] == "deployed"


def test_a_commit_that_the_repository_never_had_is_told_by_the_run(project):
    project.service(ref={"commit": "0" * 40})
    run = by_hostname(project.deploy())["web"]
    assert run["status"] == "start_failed"
    assert "has no commit 0000" in run["reason"]


def test_everything_that_cannot_be_resolved_is_told_at_once(make_project, tmp_path):
    project = make_project(Repository(tmp_path / "empty" / "repository"))
    project.before("migrate", "true", ref={"branch": "gone"})
    project.service(ref={"tag": "v1"})
    reason = project.deploy()["reason"]
    assert "migrate: " in reason
    assert "web: " in reason


@pytest.mark.ci
@pytest.mark.parametrize("code", [0, 1, 3, 137])
def test_exit_codes_are_told_as_they_are(project, code):
    project.before("migrate", f"exit {code}")
    run = by_hostname(project.deploy())["migrate"]
    assert (run["status"], run["exit_code"]) == ("succeeded" if code == 0 else "failed", code)
    assert run["reason"] is None if code == 0 else f"exit code {code}" in run["reason"]


@pytest.mark.ci
def test_a_job_killed_by_a_signal_is_failed_with_the_shells_code(project):
    project.before("migrate", "kill -9 $$")
    run = by_hostname(project.deploy())["migrate"]
    assert (run["status"], run["exit_code"]) == ("failed", 137)


@pytest.mark.ci
def test_a_build_command_that_fails_is_told_with_its_last_lines(project):
    project.before("migrate", "echo never >> $TRACE", build="echo compiling; echo 'missing: frobnicate'; exit 2")
    deployment = project.deploy()
    run = by_hostname(deployment)["migrate"]
    assert (run["status"], run["exit_code"]) == ("start_failed", None)
    assert "missing: frobnicate" in run["reason"]
    assert deployment["status"] == "failed"
    assert project.traced() == []


@pytest.mark.ci
def test_a_source_folder_that_is_not_there_is_told(project):
    block = project.block("api", {"type": "command", "command": "true"}, "service", {"source_folder": "no/where"})
    project.configure("api", block)
    run = by_hostname(project.deploy())["api"]
    assert run["status"] == "start_failed"
    assert "no/where" in run["reason"]
