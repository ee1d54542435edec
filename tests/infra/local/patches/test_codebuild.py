from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime

import pytest
from moto.codebuild.models import CodeBuildBackend

from infra.local.patches import codebuild

SYNC = "arn:aws:states:::codebuild:startBuild.sync"
BUILD = {"Type": "Task", "Resource": SYNC, "Parameters": {"ProjectName": "project"}}


def with_project(cloud):
    client = cloud.client("codebuild")
    if "project" not in client.list_projects()["projects"]:
        client.create_project(
            name="project",
            source={"type": "NO_SOURCE", "location": "none"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={"type": "LINUX_CONTAINER", "image": "any", "computeType": "BUILD_GENERAL1_SMALL"},
            serviceRole="arn:aws:iam::123456789012:role/any",
        )
    return cloud


class Builds:
    """In the place of builds that run: each is what `status` says."""

    def __init__(self):
        self.status, self.stopped, self.looks = "IN_PROGRESS", [], 0

    def batch_get_builds(self, backend, ids):
        self.looks += 1
        end = {} if self.status == "IN_PROGRESS" else {"endTime": datetime(2026, 1, 1, tzinfo=UTC)}
        variables = [{"name": "KINTO_EXIT_CODE", "value": "1"}]
        build = {"id": ids[0], "buildStatus": self.status, "exportedEnvironmentVariables": variables, **end}
        return [build]

    def stop_build(self, backend, build_id):
        self.stopped.append(build_id)
        self.status = "STOPPED"
        return {"id": build_id, "buildStatus": "STOPPED"}


@pytest.fixture
def builds(monkeypatch):
    fake = Builds()
    monkeypatch.setattr(CodeBuildBackend, "batch_get_builds", lambda backend, ids: fake.batch_get_builds(backend, ids))
    monkeypatch.setattr(CodeBuildBackend, "stop_build", lambda backend, build_id: fake.stop_build(backend, build_id))
    return fake


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def test_a_state_waits_for_its_build_and_gets_it(aws):
    said = with_project(aws).output(BUILD)
    assert (said["Build"]["BuildStatus"], said["Build"]["ProjectName"]) == ("SUCCEEDED", "project")


def test_stock_moto_cannot_run_builds_from_a_state(stock):
    assert with_project(stock).ended(stock.start(BUILD))["status"] == "FAILED"


def test_a_build_that_fails_fails_its_state_with_the_build_as_the_cause(aws, builds):
    builds.status = "FAILED"
    ended = with_project(aws).ended(aws.start(BUILD))
    build = json.loads(ended["cause"])["Build"]
    assert (ended["error"], build["BuildStatus"]) == ("States.TaskFailed", "FAILED")
    assert build["EndTime"] == datetime(2026, 1, 1, tzinfo=UTC).timestamp() * 1000
    assert build["ExportedEnvironmentVariables"] == [{"Name": "KINTO_EXIT_CODE", "Value": "1"}]


def test_a_failed_build_is_caught(aws, builds):
    builds.status = "FAILED"
    catch = [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.error", "Next": "Caught"}]
    said = with_project(aws).output(Run={**BUILD, "Catch": catch, "End": True}, Caught={"Type": "Succeed"})
    assert json.loads(said["error"]["Cause"])["Build"]["BuildStatus"] == "FAILED"


@pytest.mark.parametrize("way", ["stop", "timeout", "sibling"])
def test_a_build_is_stopped_with_its_state(aws, builds, way):
    with_project(aws)
    if way == "timeout":
        execution = aws.start({**BUILD, "TimeoutSeconds": 1})
    elif way == "sibling":
        wait = {"Type": "Wait", "Seconds": 1, "Next": "F"}
        fails = {"StartAt": "W", "States": {"W": wait, "F": {"Type": "Fail"}}}
        runs = {"StartAt": "B", "States": {"B": {**BUILD, "End": True}}}
        execution = aws.start({"Type": "Parallel", "Branches": [fails, runs]})
    else:
        execution = aws.start(BUILD)
        until(lambda: builds.looks)
        aws.client("stepfunctions").stop_execution(executionArn=execution)
    assert until(lambda: builds.stopped)
    assert aws.ended(execution)["status"] == ("ABORTED" if way == "stop" else "FAILED")


def test_a_waiter_looks_at_once_when_a_worker_says_that_a_build_ended(aws, builds):
    execution = with_project(aws).start(BUILD)
    until(lambda: builds.looks > 5)
    builds.status = "SUCCEEDED"
    looks = builds.looks
    threading.Thread(target=codebuild.wake).start()
    assert aws.ended(execution)["status"] == "SUCCEEDED"
    assert builds.looks == looks + 1


def test_what_codebuild_refuses_is_an_error_of_its_name(aws):
    state = {**BUILD, "Parameters": {"ProjectName": "missing"}}
    assert with_project(aws).ended(aws.start(state))["error"] == "CodeBuild.ResourceNotFoundException"
