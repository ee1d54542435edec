from __future__ import annotations

import itertools

from tests.deployments.conftest import by_hostname, states


def step(name, meanwhile=""):
    return f"echo {name} begin $(date +%s%N) >> $TRACE; {meanwhile}echo {name} end $(date +%s%N) >> $TRACE"


def meets(own, other):
    """A part of a job that ends only when another job has come as far: the two are side by side."""
    look = f"[ -e $TRACE.{other} ] && break; sleep 0.02"
    return f"touch $TRACE.{own}; for i in $(seq 500); do {look}; done; [ -e $TRACE.{other} ] || exit 9; "


def times(project):
    lines = [line.split() for line in project.traced()]
    return {(name, word): int(at) for name, word, at in lines}


def test_waves_go_one_after_another_and_the_jobs_of_a_wave_side_by_side(project):
    project.before("late", step("late"), order=10)
    project.before("one", step("one", meets("one", "two")), order=1)
    project.before("two", step("two", meets("two", "one")), order=1)
    project.service("api", step("api", meets("api", "web")))
    project.service("web", step("web", meets("web", "api")))
    project.after("smoke", step("smoke", meets("smoke", "report")))
    project.after("report", step("report", meets("report", "smoke")))
    project.after("cleaning", step("cleaning"), order=3)

    deployment = project.deploy()

    assert deployment["status"] == "deployed", deployment
    at = times(project)
    waves = [["one", "two"], ["late"], ["api", "web"], ["smoke", "report"], ["cleaning"]]
    assert {name for name, _ in at} == {name for wave in waves for name in wave}
    for before, after in itertools.pairwise(waves):
        assert max(at[name, "end"] for name in before) < min(at[name, "begin"] for name in after)
    told = {phase: [run["hostname"] for run in runs] for phase, runs in deployment["phases"].items()}
    assert told["pre_deployment"] == ["one", "two", "late"]
    assert told["deployment"] == ["api", "web"]
    assert told["post_deployment"] == ["report", "smoke", "cleaning"]
    orders = {phase: [run["order"] for run in runs] for phase, runs in deployment["phases"].items()}
    assert orders == {"pre_deployment": [1, 1, 10], "deployment": [None, None], "post_deployment": [0, 0, 3]}


def test_a_deployment_leaves_schedules_alone(project):
    project.service()
    project.scheduled("backup", "echo backup >> $TRACE", cron="0 3 * * *")
    deployment = project.deploy()
    assert states(deployment) == {"web": "succeeded"}
    assert [change["hostname"] for change in deployment["changes"]["added"]] == ["backup", "web"]
    assert project.runs("backup") == []


def test_a_job_knows_what_it_is(project):
    project.before("migrate", "env | grep ^KINTO_ | sort")
    run = by_hostname(project.deploy())["migrate"]
    assert project.log(run["id"]) == [
        "KINTO_ATTEMPT=1",
        f"KINTO_BLOCK=migrate-{project.name}",
        f"KINTO_COMMIT={project.repository.head}",
        "KINTO_DEPLOYMENT=1",
        "KINTO_ENVIRONMENT=default",
        f"KINTO_PROJECT={project.name}",
        f"KINTO_RUN_ID={run['id']}",
        "KINTO_TRIGGER=pre_deployment",
    ]
    assert run["commit"] == project.repository.head


def test_deployments_are_numbered_and_the_last_good_one_is_current(project):
    project.service()
    assert [project.deploy()["number"], project.deploy()["number"]] == [1, 2]
    environment = project.get(project.environment)
    assert environment["status"] == "deployed"
    assert (environment["current"]["number"], environment["latest"]["number"]) == (2, 2)
    listed = project.get(f"{project.environment}/deployments")["items"]
    assert [deployment["number"] for deployment in listed] == [2, 1]
