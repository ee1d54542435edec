from __future__ import annotations

import boto3
import pytest

from chalicelib.aws import builds

GONE = "kinto-local-run:8745a7a9-c340-456a-9166-edf953571bee"


@pytest.fixture(scope="module")
def project(embed):
    return embed("RunProject", "RunRole", "RunLogs").settings.run_project


def test_the_facts_of_a_build_are_those_of_codebuild(project):
    build_id = boto3.client("codebuild").start_build(projectName=project)["build"]["id"]
    facts = builds.facts(build_id)
    assert facts["id"] == build_id
    assert "buildStatus" in facts


def test_of_a_build_that_nobody_knows_there_are_none(project):
    assert builds.facts(GONE) is None


def test_stopping_what_is_not_there_is_harmless(project):
    builds.stop(GONE)
