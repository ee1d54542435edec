"""The last step of an attempt, on the laptop's AWS."""

from __future__ import annotations

import pytest
from moto.codebuild.models import codebuild_backends

from chalicelib.actions import finish
from chalicelib.call import Call
from chalicelib.domain.runs import Attempt
from chalicelib.store import runs
from chalicelib.store.table import commit
from infra.local.persistence import ACCOUNT, REGION
from tests.domain import examples

REFUSED = {
    "Error": "CodeBuild.InvalidInputException",
    "Cause": "CodeBuild is not authorized to perform: sts:AssumeRole on service role",
}


@pytest.fixture(scope="module")
def call(embed):
    return Call(examples.NOW, "step functions", "admin", embed("Table").settings, lambda: "0" * 26)


@pytest.fixture
def built_run(call, request):
    """A stored run of a Docker File whose image build has succeeded, and whose own build has not started."""
    build_id = f"{call.settings.image_project}:11111111-2222-4333-8444-555555555555"
    exported = [{"name": "KINTO_OUTCOME", "value": "succeeded"}, {"name": "KINTO_EXIT_CODE", "value": "0"}]
    build = {"id": build_id, "buildStatus": "SUCCEEDED", "startTime": 1, "phases": []}
    build["exportedEnvironmentVariables"] = exported
    codebuild_backends[ACCOUNT][REGION].build_metadata_history[call.settings.image_project] = [build]
    run = examples.run(request.node.name.replace("_", "-"), attempts=(Attempt(number=1, builds=(build_id,)),))
    commit(runs.create(run, 90))
    return run


def test_refused_run_is_not_settled_by_its_image_build(call, built_run):
    assert finish.finish(call, built_run.id, "run", REFUSED)["next"] == "end"
    run = runs.get(built_run.id)
    assert (run.status, run.exit_code) == ("start_failed", None)
    assert run.reason == f"{REFUSED['Error']}: {REFUSED['Cause']}"


def test_image_build_in_the_cause_does_not_settle_the_run(call, built_run):
    image_build = built_run.attempts[0].builds[0]
    cause = f'{{"Build":{{"Arn":"arn:aws:codebuild:us-east-1:123456789012:build/{image_build}"}}}}'
    finish.finish(call, built_run.id, "run", {"Error": "States.TaskFailed", "Cause": cause})
    assert runs.get(built_run.id).status == "start_failed"


def test_image_build_still_ends_the_image_stage(call, built_run):
    image_build = built_run.attempts[0].builds[0]
    assert finish.finish(call, built_run.id, "image", {"build_id": image_build})["next"] == "run"
    assert runs.get(built_run.id).status == "queued"
