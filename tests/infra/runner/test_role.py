"""Whose credentials a job sees: its environment's role's, where that names one, and nobody's else."""

from __future__ import annotations

import json
import os

import pytest

from infra.runner.runner import Work

BUILD = {
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x",
    "AWS_REGION": "eu-west-1",
    "AWS_SECRET_ACCESS_KEY": "never",
    "CODEBUILD_BUILD_ARN": "never",
    "HOME": "/root",
}


@pytest.fixture
def environment(tmp_path):
    def environment(**told):
        spec = {"stage": "run", "run_id": "r", "source": {"type": "command", "command": "true"}, **told}
        sink = os.open(os.devnull, os.O_WRONLY)
        try:
            work = Work({**BUILD, "KINTO_SPEC": json.dumps(spec), "KINTO_RUNNER": str(tmp_path)}, sink)
            return work.job_environment()
        finally:
            os.close(sink)

    return environment


def test_a_job_of_an_environment_with_a_role_gets_that_roles_credentials(environment):
    assert environment(has_role=True, variables={"A": "b"}) == {
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/x",
        "AWS_REGION": "eu-west-1",
        "HOME": "/root",
        "A": "b",
    }


@pytest.mark.parametrize("told", [{}, {"has_role": False}])
def test_a_job_without_a_role_of_its_own_gets_no_credentials(environment, told):
    assert environment(**told) == {"HOME": "/root"}
