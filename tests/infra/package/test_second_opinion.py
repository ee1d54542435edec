"""The packaged zip itself on an emulator that shares no code with the laptop's: ministack.

It runs the real zip behind an API Gateway made of the template's own paths, in its own Python whatever the template's
Runtime says. It cannot run CodeBuild in Step Functions, checks no rights, and makes no gateway responses: none of that
is tried here.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime

import boto3
import pytest

from tests.infra.package import tools

pytestmark = [pytest.mark.ci, pytest.mark.processes]

STACK = "kinto-second"
START_SECONDS, CREATE_SECONDS = 60, 120
BLOCK = {
    "name": "Back up",
    "internal_name": "back-up",
    "flavor": "job",
    "source": {"type": "image", "image": "public.ecr.aws/docker/library/busybox:1.37", "command": "true"},
}
WEEKDAYS = "*/20 6 * * 1-5"


class Emulator:
    def __init__(self, url):
        self.url = url
        self.outputs = {}
        self.token = ""

    def client(self, service):
        return boto3.client(
            service, "us-east-1", endpoint_url=self.url, aws_access_key_id="test", aws_secret_access_key="test"
        )

    def invoke(self, function, payload):
        """What a function of the stack answers."""
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(payload))
        text = answer["Payload"].read()
        assert "FunctionError" not in answer, text
        return json.loads(text)

    def request(self, method, path, body=None):
        """Status and JSON of a request to the API, through the emulator's API Gateway."""
        request = urllib.request.Request(
            f"{self.url}/restapis/{self.outputs['RestAPIId']}/api/_user_request_{path}", method=method
        )
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def process(absent, tmp_path_factory):
    program, port = tools.program("ministack", absent), free_port()
    log = tmp_path_factory.mktemp("ministack") / "log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON", "KINTO_"))}
    with log.open("wb") as output:
        running = subprocess.Popen(
            [program], env={**kept, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)}, cwd=log.parent,
            stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    emulator = Emulator(f"http://127.0.0.1:{port}")
    try:
        wait(lambda: answers(emulator), START_SECONDS, lambda: log.read_text()[-3000:])
        yield emulator
    finally:
        running.terminate()
        try:
            running.wait(timeout=20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def answers(emulator):
    try:
        with urllib.request.urlopen(f"{emulator.url}/_ministack/health", timeout=5):
            return True
    except OSError:
        return False


def wait(condition, seconds, why):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)


@pytest.fixture(scope="module")
def emulator(process, packaged, transformed):
    """With the stack in it, and a token that the operator's function made."""
    s3, cloudformation = process.client("s3"), process.client("cloudformation")
    s3.create_bucket(Bucket="packages")
    s3.upload_file(str(packaged.zip_path), "packages", "deployment.zip")
    s3.put_object(Bucket="packages", Key="template.json", Body=json.dumps(transformed))
    template = f"{process.url}/packages/template.json"
    cloudformation.create_stack(StackName=STACK, TemplateURL=template, Capabilities=["CAPABILITY_IAM"])

    def told():
        return cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]

    wait(lambda: "IN_PROGRESS" not in told()["StackStatus"], CREATE_SECONDS, told)
    assert told()["StackStatus"] == "CREATE_COMPLETE", told()
    process.outputs = {one["OutputKey"]: one["OutputValue"] for one in told()["Outputs"]}
    made = process.invoke(process.outputs["MintToken"], {"name": "operator", "role": "admin"})
    process.token = made["secret"]
    return process


@pytest.fixture(scope="module")
def scheduled(emulator):
    """A block, a project, and the block in the project's environment with a schedule: all over HTTP."""
    assert emulator.request("POST", "/blocks", BLOCK)[0] == 201
    assert emulator.request("POST", "/projects", {"name": "Shop", "internal_name": "shop"})[0] == 201
    configured = {"block": "back-up", "run": {"mode": "repeat_schedule", "cron": WEEKDAYS, "timezone": "UTC"}}
    status, told = emulator.request("PUT", "/projects/shop/environments/default/blocks/nightly", configured)
    assert status in (200, 201), told
    return told


def test_it_answers_health_through_the_gateway(emulator):
    status, body = emulator.request("GET", "/health")
    assert (status, body["status"]) == (200, "ok")


def test_it_describes_itself(emulator):
    status, body = emulator.request("GET", "/openapi.json")
    assert (status, body["openapi"][:3]) == (200, "3.1")


def test_it_serves_the_console_from_the_package(emulator, packaged):
    stage = f"{emulator.url}/restapis/{emulator.outputs['RestAPIId']}/api/_user_request_/"
    console = packaged.unpacked / "chalicelib" / "console"
    for path in ("index.html", *(f"assets/{file.name}" for file in console.glob("assets/*"))):
        with urllib.request.urlopen(stage + path.removesuffix("index.html"), timeout=60) as answer:
            assert answer.read() == (console / path).read_bytes()
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_request_without_a_token_is_refused_by_our_own_code(emulator):
    stranger = Emulator(emulator.url)
    stranger.outputs = emulator.outputs
    status, body = stranger.request("GET", "/blocks")
    assert (status, body["status"]) == (401, 401)


def test_what_was_created_is_there(emulator, scheduled):
    assert [block["internal_name"] for block in emulator.request("GET", "/blocks")[1]["items"]] == ["back-up"]
    assert [project["internal_name"] for project in emulator.request("GET", "/projects")[1]["items"]] == ["shop"]
    assert scheduled["schedule_status"] == "published"


def test_its_rule_says_when_and_carries_the_minute(emulator, scheduled):
    rules = emulator.client("events")
    (rule,) = rules.list_rules(NamePrefix=f"{STACK}-s-")["Rules"]
    assert rule["ScheduleExpression"] == "cron(0/20 6 ? * MON-FRI *)"
    assert [rule["ScheduleExpression"]] == scheduled["expressions"]
    assert rule["State"] == "ENABLED"
    (target,) = rules.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"].endswith(f":function:{STACK}-tick")
    assert target["InputTransformer"]["InputPathsMap"] == {"time": "$.time"}
    template = target["InputTransformer"]["InputTemplate"]
    assert template.endswith('"time": <time>}')
    assert json.loads(template.replace("<time>", '"2026-11-23T06:20:00Z"'))["schedule"].endswith(".nightly")
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 600
    assert target["DeadLetterConfig"]["Arn"].endswith(f":{STACK}-dead-letters")


def test_a_tick_becomes_one_row(emulator, scheduled):
    """Of a schedule that rests, since nothing here could run the job."""
    place = "/projects/shop/environments/default/blocks/nightly"
    assert emulator.request("POST", f"{place}/pause", {"reason": "nothing can run here"})[0] == 200
    rules = emulator.client("events")
    (rule,) = rules.list_rules(NamePrefix=f"{STACK}-s-")["Rules"]
    (target,) = rules.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    due = datetime.fromisoformat(next_due(scheduled))
    payload = target["InputTransformer"]["InputTemplate"].replace("<time>", f'"{due:%Y-%m-%dT%H:%M:%SZ}"')
    for _ in range(2):
        emulator.invoke(f"{STACK}-tick", json.loads(payload))
    status, history = emulator.request("GET", f"{place}/runs")
    assert status == 200
    (run,) = history["items"]
    assert (run["trigger"], run["status"]) == ("schedule", "skipped")
    assert "nothing can run here" in run["reason"]


def next_due(scheduled):
    first = scheduled["next_runs"][0]
    told = first["utc"] if isinstance(first, dict) else first
    assert datetime.fromisoformat(told) > datetime.now(UTC)
    return told


def test_reconcile_finds_nothing_to_do(emulator, scheduled):
    assert emulator.invoke(emulator.outputs["Reconcile"], {})["steps"] == []


def test_what_is_removed_leaves_no_rule(emulator, scheduled):
    place = "/projects/shop/environments/default/blocks/nightly"
    assert emulator.request("DELETE", place)[0] == 204
    assert emulator.client("events").list_rules(NamePrefix=f"{STACK}-s-")["Rules"] == []
