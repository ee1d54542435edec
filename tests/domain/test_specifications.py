"""What a build is told: the specification, and a request that CodeBuild takes."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import botocore.session
import pytest
from botocore.validate import ParamValidator

from chalicelib.domain import specifications
from chalicelib.domain.blocks import Command, DockerFile, Image, Repository
from chalicelib.domain.specifications import Role
from chalicelib.domain.variables import Variable
from infra.runner.runner import whole
from tests.domain.examples import COMMIT, attempt, configuration, run, snapshot

SHAPE = botocore.session.get_session().get_service_model("codebuild").operation_model("StartBuild").input_shape


ROLE = "arn:aws:iam::123456789012:role/kintoblocks/shop"


def camel(value):
    """A request in Step Functions' PascalCase as the API itself has it."""
    if isinstance(value, dict):
        return {name[0].lower() + name[1:]: camel(inner) for name, inner in value.items()}
    return [camel(inner) for inner in value] if isinstance(value, list) else value


def variables_of(request):
    return {one["Name"]: one["Value"] for one in request["EnvironmentVariablesOverride"]}


def spec_of(request):
    return json.loads(whole(variables_of(request), "KINTO_SPEC"))


def run_request(what=None, variables=(), secrets=(), **told):
    return specifications.run_request("kinto-run", Role(ROLE), run(**told), what or snapshot(), variables, secrets)


def image_request(what=None, **told):
    what = what or snapshot(source=DockerFile(), image="r:1")
    return specifications.image_request("kinto-image", run(**told), what, ())


REQUESTS = [
    run_request(variables=[Variable("A", "b" * 9000)], secrets=["A" * 9000]),
    run_request(variables=[Variable("A", "é\n\"'")], secrets=["AAAA", "BBBB"]),
    run_request(snapshot(configuration=configuration(memory_mb=147456, timeout_seconds=86400))),
    image_request(),
]


@pytest.mark.parametrize("request_", REQUESTS)
def test_codebuild_takes_the_request(request_):
    told = camel(request_)
    assert set(told) <= set(SHAPE.members)
    assert ParamValidator().validate(told, SHAPE).generate_report() == ""


@pytest.mark.parametrize("request_", REQUESTS)
def test_sizes_and_types_are_ones_that_codebuild_knows(request_):
    assert request_["ComputeTypeOverride"] in SHAPE.members["computeTypeOverride"].enum
    kinds = SHAPE.members["environmentVariablesOverride"].member.members["type"].enum
    assert {variable["Type"] for variable in request_["EnvironmentVariablesOverride"]} <= set(kinds)
    assert 5 <= request_["TimeoutInMinutesOverride"] <= 2160


def test_only_what_differs_from_run_to_run_is_said():
    assert set(variables_of(run_request())) == {"KINTO_RUN_ID", "KINTO_SPEC", "KINTO_SECRETS"}
    assert variables_of(run_request())["KINTO_RUN_ID"] == run().id


def test_the_specification_of_a_command():
    what = snapshot(source=Command(command="sh migrate.sh", build="make"))
    assert spec_of(run_request(what, [Variable("A", "b")])) == {
        "stage": "run",
        "run_id": run().id,
        "repository": {"url": "https://example.org/shop/web", "commit": COMMIT, "folder": ""},
        "source": {"type": "command", "build": "make", "command": "sh migrate.sh"},
        "memory_mb": 128,
        "timeout_seconds": 300,
        "has_role": False,
        "variables": {
            "A": "b", "KINTO_PROJECT": "shop", "KINTO_ENVIRONMENT": "dev", "KINTO_BLOCK": "migrate",
            "KINTO_RUN_ID": run().id, "KINTO_TRIGGER": "manual", "KINTO_ATTEMPT": "0",
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        (
            snapshot(source=DockerFile(dockerfile="D", command="x"), image="r:1"),
            {"type": "dockerfile", "dockerfile": "D", "image": "r:1", "command": "x"},
        ),
        (
            snapshot(source=DockerFile(), image="r:1"),
            {"type": "dockerfile", "dockerfile": "Dockerfile", "image": "r:1", "command": None},
        ),
        (snapshot(source=Image(image="a:1"), repository=None), {"type": "image", "image": "a:1", "command": None}),
        (
            snapshot(source=Image(image="a:1", command="x"), repository=None, image="a@sha256:0"),
            {"type": "image", "image": "a@sha256:0", "command": "x"},
        ),
    ],
)
def test_the_specification_of_an_image(what, expected):
    assert spec_of(run_request(what))["source"] == expected


def test_a_published_image_has_no_repository():
    assert spec_of(run_request(snapshot(source=Image(image="a:1"), repository=None)))["repository"] is None


def test_the_folder_is_told():
    what = snapshot(repository=Repository(url="https://h/x", source_folder="web"))
    assert spec_of(run_request(what))["repository"]["folder"] == "web"


def test_a_manual_runs_own_command_goes_before_the_configured_one():
    assert spec_of(run_request(command="echo hi"))["source"]["command"] == "echo hi"


def test_an_image_is_built_without_the_jobs_variables():
    spec = spec_of(image_request())
    assert (spec["stage"], spec["variables"]) == ("image", {})


def test_masked_values_are_not_in_the_specification():
    request = run_request(variables=[Variable("S", "secret", masked=True)], secrets=["c2VhbGVk"])
    assert "secret" not in variables_of(request)["KINTO_SPEC"]
    assert variables_of(request)["KINTO_SECRETS"] == "c2VhbGVk"


@pytest.mark.parametrize("length", [0, 1, 4000, 4096, 4097, 32_000])
@pytest.mark.parametrize("letter", ["x", "é", "🐈", '"', "\n"])
def test_no_value_of_a_build_is_longer_than_codebuild_takes_and_none_is_cut_short(length, letter):
    secrets = ["A" * length, "BBBB"]
    request = run_request(variables=[Variable("LONG", letter * length)], secrets=secrets)
    told = variables_of(request)
    assert max(len(value.encode()) for value in told.values()) <= 4096
    assert spec_of(request)["variables"]["LONG"] == letter * length
    assert whole(told, "KINTO_SECRETS") == ",".join(secrets)


def test_what_a_state_machine_could_not_pass_on_is_too_large():
    assert not specifications.is_too_large({"run": run_request(secrets=["A" * 240_000])})
    assert specifications.is_too_large({"run": run_request(secrets=["A" * 250_000])})


def test_a_job_cannot_be_told_another_run_than_its_own():
    request = run_request(variables=[Variable("KINTO_RUN_ID", "forged")])
    assert spec_of(request)["variables"]["KINTO_RUN_ID"] == run().id


def test_a_scheduled_run_knows_its_minute_in_utc():
    at = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    assert specifications.told(run(trigger="schedule", scheduled_at=at))["KINTO_SCHEDULED_AT"] == "2026-11-22T08:00:00Z"


def test_a_deployments_run_knows_its_deployment_commit_and_attempt():
    told = specifications.told(run(deployment=7, commit=COMMIT, trigger="pre_deployment", attempts=(attempt(),)))
    expected = {"KINTO_DEPLOYMENT": "7", "KINTO_COMMIT": COMMIT, "KINTO_ATTEMPT": "1"}
    assert told.items() >= expected.items()


def test_what_is_not_known_is_not_told():
    assert not {"KINTO_SCHEDULED_AT", "KINTO_DEPLOYMENT", "KINTO_COMMIT"} & set(specifications.told(run()))


@pytest.mark.parametrize(
    ("memory", "size"),
    [
        (32, "SMALL"), (3072, "SMALL"), (3073, "MEDIUM"), (7168, "MEDIUM"), (7169, "LARGE"), (15360, "LARGE"),
        (15361, "XLARGE"), (73728, "XLARGE"), (73729, "2XLARGE"), (147456, "2XLARGE"),
    ],
)  # fmt: skip
def test_the_machine_is_the_smallest_that_the_job_fits_in(memory, size):
    assert specifications.compute_type(memory) == f"BUILD_GENERAL1_{size}"


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 61), (60, 61), (61, 62), (300, 65), (86400, 1500)])
def test_a_build_may_take_the_jobs_time_and_an_hour_for_the_rest(seconds, minutes):
    what = snapshot(configuration=configuration(timeout_seconds=seconds))
    assert run_request(what)["TimeoutInMinutesOverride"] == minutes


def test_a_specification_full_of_quotes_fits_the_state_of_an_execution():
    variables = [Variable(f"V{n}" + "x" * 120, '"' * 512) for n in range(64)]
    what = snapshot(source=Command(command='"' * 4096, build='"' * 4096))
    request = run_request(what, variables, secrets=["A" * 5600] * 9)
    told = json.dumps({"run": request, "image": image_request(what)}, ensure_ascii=False)
    assert len(told.encode()) < 256 * 1024


def test_a_run_is_given_its_role_and_an_image_build_none():
    assert run_request()["ServiceRoleOverride"] == ROLE
    assert "ServiceRoleOverride" not in specifications.image_request("kinto-image", run(), snapshot(), ())
    own = specifications.run_request("kinto-run", Role(ROLE, of_environment=True), run(), snapshot(), (), ())
    assert spec_of(own)["has_role"] is True
    assert spec_of(run_request())["has_role"] is False
