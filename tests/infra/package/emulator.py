"""ministack with rights enforced, and the packaged stack in it."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

import boto3

STACK, REGION = "kinto-second", "us-east-1"
LAUNCHER = Path(__file__).with_name("ministack_with_rights.py")
START_SECONDS, CREATE_SECONDS = 60, 120
# A type that ministack takes for a mistake; nothing in the template refers to one.
UNKNOWN = "AWS::CloudWatch::CompositeAlarm"
# ministack's root user, who may do everything.
ROOT_KEYS = ("test", "test")


class Emulator:
    """The emulator's address; once the stack is in it, the stack's outputs and a token of an admin."""

    def __init__(self, url, outputs=None, token=""):
        self.url = url
        self.outputs = outputs or {}
        self.token = token

    def client(self, service, keys=ROOT_KEYS):
        return boto3.client(
            service, REGION, endpoint_url=self.url, aws_access_key_id=keys[0], aws_secret_access_key=keys[1]
        )

    def call(self, function, payload, keys=ROOT_KEYS):
        """Invoke a function; return its result, and whether it is an error."""
        answer = self.client("lambda", keys).invoke(FunctionName=function, Payload=json.dumps(payload))
        return json.loads(answer["Payload"].read()), "FunctionError" in answer

    def invoke(self, function, payload):
        """Return the result of a function of the stack, which must not be an error."""
        result, failed = self.call(function, payload)
        assert not failed, result
        return result

    def request(self, method, path, body=None):
        """Return status and JSON of a request to the API, through the emulator's API Gateway."""
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
            return error.code, json.loads(error.read() or b"null")


@contextlib.contextmanager
def started(program, folder):
    """Run ministack until the end of the block."""
    port, log = _free_port(), folder / "log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTHON", "KINTO_"))}
    with log.open("wb") as output:
        running = subprocess.Popen(
            [program.with_name("python"), LAUNCHER], cwd=folder,
            env={**kept, "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": str(port)},
            stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    emulator = Emulator(f"http://127.0.0.1:{port}")
    try:
        wait(lambda: _enforces(emulator), START_SECONDS, lambda: log.read_text()[-3000:])
        yield emulator
    finally:
        running.terminate()
        try:
            running.wait(timeout=20)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait()


def deploy(emulator, zip_path, template):
    """Make the stack from the translated template; fill in its outputs and a token from the operator's function."""
    s3, cloudformation = emulator.client("s3"), emulator.client("cloudformation")
    resources = {name: one for name, one in template["Resources"].items() if one["Type"] != UNKNOWN}
    s3.create_bucket(Bucket="packages")
    s3.upload_file(str(zip_path), "packages", "deployment.zip")
    s3.put_object(Bucket="packages", Key="template.json", Body=json.dumps({**template, "Resources": resources}))
    address = f"{emulator.url}/packages/template.json"
    cloudformation.create_stack(StackName=STACK, TemplateURL=address, Capabilities=["CAPABILITY_IAM"])

    def described():
        return cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]

    wait(lambda: "IN_PROGRESS" not in described()["StackStatus"], CREATE_SECONDS, described)
    assert described()["StackStatus"] == "CREATE_COMPLETE", described()
    emulator.outputs = {output["OutputKey"]: output["OutputValue"] for output in described()["Outputs"]}
    emulator.token = emulator.invoke(emulator.outputs["MintToken"], {"name": "operator", "role": "admin"})["secret"]


def wait(condition, seconds, why):
    """Wait for `condition`; fail with what `why` returns."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, why()
        time.sleep(0.1)


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _enforces(emulator):
    try:
        with urllib.request.urlopen(f"{emulator.url}/_ministack/health", timeout=5) as answer:
            health = json.loads(answer.read())
    except OSError:
        return False
    assert '"enabled"' in json.dumps(health), health
    return True
