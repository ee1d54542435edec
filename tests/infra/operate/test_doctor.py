from __future__ import annotations

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import boto3
import pytest
from botocore.validate import validate_parameters
from chalice.config import Config
from moto.cloudformation.models import cloudformation_backends

from infra import package
from infra.operate import doctor, quotas

BUILDS = ("L-9D07B6EF", quotas.SMALL)


@pytest.fixture
def packs(monkeypatch):
    """Packaging, which has tests of its own, is quick."""

    def quickly(stage, target, root=None):
        target.mkdir()
        (target / "deployment.zip").write_bytes(b"0" * 2_000_000)

    monkeypatch.setattr(package, "package", quickly)


class ServiceQuotas:
    """Answers ListServiceQuotas, which moto does not know, two quotas a page."""

    def __init__(self):
        self.values = {}
        self.denied = False
        shape = boto3.client("service-quotas").meta.service_model.operation_model("ListServiceQuotas").output_shape
        quota_service = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = quota_service.answer(asked)
                if status == 200:
                    validate_parameters(answer, shape)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, asked):
        if self.denied:
            return 400, {"__type": "AccessDeniedException", "Message": "not authorized to do that"}
        start = int(asked.get("NextToken", 0))
        of_service = self.values.get(asked["ServiceCode"], {})
        quotas_ = [{"QuotaCode": code, "QuotaName": name, "Value": value} for (code, name), value in of_service.items()]
        more = {"NextToken": str(start + 2)} if len(quotas_) > start + 2 else {}
        return 200, {"Quotas": quotas_[start : start + 2], **more}


@pytest.fixture
def allowed(operator, monkeypatch):
    """`allowed.values[service][code, name]` is what the account may have."""
    service = ServiceQuotas()
    monkeypatch.setenv("AWS_ENDPOINT_URL_SERVICE_QUOTAS", f"http://127.0.0.1:{service.server.server_port}")
    service.values = {
        "codebuild": {
            ("L-1", "Concurrently running builds for ARM/Small environment"): 1.0,
            ("L-2", quotas.LARGER["Medium"]): 3.0,
            BUILDS: 60.0,
        },
        "lambda": {(quotas.FUNCTIONS, "Concurrent executions"): 1000.0},
        "events": {(quotas.RULES, "Number of rules"): 300.0},
    }
    yield service
    service.server.shutdown()
    service.server.server_close()


def line(output, words):
    (found,) = [one for one in output.splitlines() if words in one]
    return found


def test_without_an_account_it_says_so_and_looks_at_what_it_can(nowhere, capsys):
    assert doctor.main(["dev"]) == 1
    output, errors = capsys.readouterr()
    assert errors == ""
    assert line(output, "Python 3.").startswith("  ok ")
    assert line(output, "The package can be made").startswith("  ok ")
    assert line(output, "There are no AWS credentials here. Sign in (`aws sso login").startswith("  bad ")
    assert line(output, "No Region is chosen. Set AWS_REGION").startswith("  bad ")
    assert "Not looked at without an account: the stack" in output
    assert output.splitlines()[-1] == "Not yet: 2 things to put right, marked bad."


def test_where_all_is_well_it_says_what_to_do_next(operator, packs, allowed):
    code, output, errors = operator.run("doctor")
    assert (code, errors) == (0, "")
    assert "The account is 123456789012, and you are arn:aws:sts::123456789012:user/moto" in output
    assert f"There is no stack {operator.stack} yet; it will be made" in output
    assert "Jobs at once: 60 (larger machines, for jobs with more memory: Medium 3)" in output
    assert "Functions at once: 1000" in output
    assert line(output, "of 300 rules; beyond, set ScheduleBackend to scheduler").startswith("  ok    Room for 2")
    assert output.splitlines()[-1] == "Yes: make deploy STAGE=dev"
    assert {one.split()[0] for one in output.splitlines()[1:-1]} == {"ok"}


@pytest.mark.parametrize(
    ("value", "told"),
    [(0.0, "no build at all here, so no job can run"), (1.0, "Jobs at once: 1; further ones wait as queued")],
)
def test_few_builds_are_told_with_where_to_raise_them(operator, packs, allowed, value, told):
    allowed.values["codebuild"][BUILDS] = value
    code, output, _ = operator.run("doctor")
    assert code == 0
    found = line(output, told)
    assert found.startswith("  look ")
    assert "https://us-east-1.console.aws.amazon.com/servicequotas/home/services/codebuild/quotas/L-9D07B6EF" in found


def test_few_functions_are_told(operator, packs, allowed):
    allowed.values["lambda"][quotas.FUNCTIONS, "Concurrent executions"] = 10.0
    assert line(operator.run("doctor")[1], "Lambda runs 10 functions at once").startswith("  look ")


@pytest.mark.parametrize(("most", "mark", "code"), [(3.0, "bad", 1), (20.0, "look", 0)])
def test_little_room_for_rules_is_told(operator, packs, allowed, most, mark, code):
    allowed.values["events"][quotas.RULES, "Number of rules"] = most
    found, output, _ = operator.run("doctor")
    assert found == code
    assert f"  {mark:<5} " in line(output, f"of {int(most)} rules" if code == 0 else f"of {int(most)}.")


def test_quotas_that_may_not_be_read_hinder_nothing(operator, packs, allowed):
    allowed.denied = True
    code, output, _ = operator.run("doctor")
    assert code == 0
    assert line(output, "The quotas of codebuild can't be read").startswith("  look ")
    assert "of 300 rules (if nobody has raised or lowered it)" in output


def test_quotas_that_are_not_listed_are_told(operator, packs, allowed):
    allowed.values = {}
    code, output, _ = operator.run("doctor")
    assert code == 0
    assert "does not tell how many builds may run at once" in output
    assert "does not tell how many functions may run at once" in output


def test_a_stack_that_cannot_be_updated_is_bad(operator, packs, allowed):
    assert operator.run("deploy")[0] == 0
    assert f"The stack {operator.stack} is CREATE_COMPLETE; it will be updated" in operator.run("doctor")[1]
    backend = cloudformation_backends["123456789012"]["us-east-1"]
    next(one for one in backend.stacks.values() if one.name == operator.stack).status = "ROLLBACK_COMPLETE"
    code, output, _ = operator.run("doctor")
    assert code == 1
    assert line(output, "is ROLLBACK_COMPLETE and can't be updated any more").startswith("  bad ")


def test_a_table_that_was_left_is_told(operator, packs, allowed):
    assert operator.run("deploy")[0] == 0
    assert operator.run("destroy", "--yes")[0] == 0
    assert line(operator.run("doctor")[1], f"has left the table {operator.stack}-table").startswith("  ok ")


def test_logs_of_the_gateway_need_its_role(operator):
    present = {"Parameters": [{"ParameterKey": "AccessLogs", "ParameterValue": "true"}]}
    assert doctor._log_role(operator.stage, present)[0] == "bad"
    assert doctor._log_role(operator.stage, None)[0] == "ok"


def test_a_package_that_cannot_be_made_is_bad(operator, allowed, monkeypatch):
    def cannot(stage, target, root=None):
        raise package.CannotPackage("msgspec 0.22.0 is not to be had.")

    monkeypatch.setattr(package, "package", cannot)
    code, output, _ = operator.run("doctor")
    assert code == 1
    assert "  bad   The package can't be made. msgspec 0.22.0 is not to be had." in output


@pytest.mark.parametrize(("version", "mark"), [((3, 10), "bad"), ((3, 11), "ok"), ((3, 14), "ok"), ((3, 15), "bad")])
def test_lambda_runs_the_python_that_packages(version, mark):
    found, words = doctor._python(version)
    assert found == mark
    assert f"Python 3.{version[1]}" in words


def test_every_supported_python_is_a_runtime_of_lambda_and_supported_everywhere():
    (major, oldest), (_, newest) = doctor.SUITABLE
    versions = [f"{major}.{minor}" for minor in range(oldest, newest + 1)]
    runtimes = boto3.client("lambda").meta.service_model.shape_for("Runtime").enum
    assert {f"python{version}" for version in versions} <= set(runtimes)
    makefile = Path("Makefile").read_text()
    assert f"({major}, {oldest}) <= sys.version_info[:2] <= ({major}, {newest})" in makefile
    assert " ".join(f"python{version}" for version in reversed(versions)) in makefile
    assert f"Python {versions[0]} to {versions[-1]}" in makefile
    assert f'requires-python = ">={versions[0]},<{major}.{newest + 1}"' in Path("pyproject.toml").read_text()
    for page in ("README.md", "docs/aws.md"):
        assert f"Python {versions[0]} to {versions[-1]}" in Path(page).read_text()


def test_chalice_packages_for_the_python_that_runs_it():
    version = ".".join(map(str, sys.version_info[:2]))
    assert Config().lambda_python_version == f"python{version}"


def test_a_wrong_name_and_a_profile_that_is_not_there_are_told(packs, nowhere, monkeypatch, capsys):
    assert doctor.main(["dev", "--stack", "No"]) == 1
    assert "No can't be a stack's name" in capsys.readouterr().out
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert doctor.main(["dev"]) == 1
    assert "nobody" in line(capsys.readouterr().out, "Look at AWS_PROFILE")


def test_what_the_template_makes_of_rules_is_counted(operator, packs, allowed):
    own = sum("AWS::Events::Rule" in one for one in Path("infra/resources.yaml").read_text().splitlines())
    present = len(boto3.client("events").list_rules()["Rules"])
    assert f"Room for {300 - own - present} schedules: {present} of 300" in operator.run("doctor")[1]
