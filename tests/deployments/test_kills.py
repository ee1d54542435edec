"""kill -9 of the whole stack at each point of a deployment or run, and a restart on what it left."""

from __future__ import annotations

import pytest

from tests.conftest import LocalStack
from tests.deployments import points
from tests.deployments.conftest import GOING, living, states, until
from tests.deployments.points import Mortal

pytestmark = [pytest.mark.ci, pytest.mark.processes]


@pytest.fixture(scope="module")
def phoenix(tmp_path_factory):
    """A stack that is killed by one test after another, each with a project of its own."""
    stack = LocalStack(tmp_path_factory.mktemp("kills") / "state")
    stack.start()
    yield stack
    stack.kill()


def recovered(project, expected=None):
    """After a restart: what was acknowledged is there, nothing goes on, everything says how it ended."""
    for path, answer in project.told.items():
        assert without_next_runs(project.get(path)) == without_next_runs(answer)
    until(lambda: not project.unsettled(), project.unsettled)
    for path in project.begun:
        assert project.get(path)["status"] not in GOING
    assert living(project.name) == []
    for one in project.deployments() + project.all_runs():
        assert one["status"] in ("succeeded", "deployed") or one["reason"], one
        assert one["finished_at"]
    for run in project.all_runs():
        project.log(run["id"])
    if expected is not None:
        assert states(project.deployment(project.deployments()[0]["number"])) == expected


def without_next_runs(answer):
    return {name: value for name, value in answer.items() if name != "next_runs"}


def works(*projects):
    """The next deployment and the next run of each job succeed: nobody holds a lock any more."""
    for project in projects:
        if project.silent:
            project.call("DELETE", f"{project.environment}/blocks/api")
    numbers = [project.start() for project in projects]
    for project, number in zip(projects, numbers, strict=True):
        deployment = project.ended(number)
        assert deployment["status"] == "deployed", deployment
    begun = [(project, project.run("migrate")) for project in projects if "migrate" in hostnames(project)]
    for project, run_id in begun:
        assert project.finished(run_id)["status"] == "succeeded"


def hostnames(project):
    return [one["hostname"] for one in project.get(project.environment)["blocks"]]


def killed(stack, *projects):
    stack.kill()
    for project in projects:
        project.calm()
    stack.start()


def test_a_kill_at_many_points_at_once_and_another_during_the_recovery_lose_nothing(phoenix, repository, tmp_path):
    projects = [Mortal(phoenix, repository, tmp_path) for _ in points.AT_ONCE]
    expected = [point(project) for point, project in zip(points.AT_ONCE, projects, strict=True)]
    phoenix.kill()
    phoenix.start(wait=False)
    points.written(phoenix, projects[0].name, "#interrupted")
    killed(phoenix, *projects)
    for project, states_ in zip(projects, expected, strict=True):
        recovered(project, states_)
    waited = next(project for project in projects if "backup" in hostnames(project))
    assert [run["status"] for run in waited.runs("backup")] == ["succeeded", "interrupted"]
    works(*projects)


def test_ctrl_c_interrupts_the_run_and_fails_the_deployment(phoenix, repository, tmp_path):
    project = Mortal(phoenix, repository, tmp_path)
    expected = points.during_a_pre_deployment_job(project)
    assert phoenix.terminate() == 0
    assert living(project.name) == []
    project.calm()
    phoenix.start()
    recovered(project, expected)
    deployment = project.deployments()[0]
    assert deployment["status"] == "failed"
    assert "Pre-deployment job did not succeed: migrate (interrupted)" in deployment["reason"]
    works(project)


def test_a_deployment_whose_end_nobody_was_told_leaves_no_run_behind(start_stack, repository, tmp_path):
    stack = start_stack()
    project = Mortal(stack, repository, tmp_path)
    points.while_it_lays_out_its_runs(project)
    stack.kill()
    stack.start(wait=False)
    points.written(stack, '"ABORTED"')
    killed(stack, project)
    recovered(project)
    works(project)


@pytest.mark.parametrize("point", points.ALL)
def test_a_kill_loses_nothing(phoenix, repository, tmp_path, point):
    project = Mortal(phoenix, repository, tmp_path)
    expected = point(project)
    killed(phoenix, project)
    recovered(project, expected)
    works(project)
