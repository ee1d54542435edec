"""Builds for real: the laptop's AWS with its build worker, and small git repositories."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.config import Config
from moto.codebuild.models import CodeBuildBackend
from moto.codebuild.responses import CodeBuildResponse

from infra.local.aws import EmbeddedAws
from infra.local.builds import BuildWorker
from infra.local.persistence.database import Database
from infra.runner.buildspec import HERE, compose

ACCOUNT, REGION = "123456789012", "us-east-1"
ROOT = Path(__file__).parents[2]
REPOSITORY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/kinto-test"
PATIENCE_SECONDS = 60


class Result(NamedTuple):
    """A build that has ended."""

    build: dict[str, Any]
    exports: dict[str, str]
    lines: list[str]

    @property
    def outcome(self):
        return self.exports.get("KINTO_OUTCOME")

    @property
    def reason(self):
        return self.exports.get("KINTO_REASON")


class Bench:
    """The build worker behind a real API, on projects with the real buildspecs."""

    def __init__(self, folder: Path, minute_seconds: float = 60.0):
        self.folder, self.events = folder, []
        self.aws = EmbeddedAws(Database(None))
        self.now = lambda: datetime.now(UTC)
        self.aws.now = lambda: self.now()
        self.aws.start()
        self.worker = BuildWorker(
            folder, self._emit, lambda: self.now(), minute_seconds=minute_seconds
        )
        self._stock = {kind: dict(vars(kind)) for kind in (CodeBuildResponse, CodeBuildBackend)}
        self.worker.install()
        clients = {
            name: boto3.client(name, config=Config(max_pool_connections=60))
            for name in ("codebuild", "logs", "kms", "ecr")
        }
        self.codebuild, self.logs, self.kms, self.ecr = clients.values()
        for name in ("run", "image"):
            self.project(f"kinto-{name}", compose(HERE / f"{name}.buildspec.yml"))

    def _emit(self, source, detail_type, detail):
        self.events.append((source, detail_type, detail))

    def project(self, name, buildspec, minutes=60):
        self.codebuild.create_project(
            name=name,
            source={"type": "NO_SOURCE", "location": "none", "buildspec": buildspec},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"},
            serviceRole=f"arn:aws:iam::{ACCOUNT}:role/build",
            timeoutInMinutes=minutes,
        )

    def start(self, spec, secrets="", project="kinto-run", **more):
        variables = {"KINTO_SPEC": spec if isinstance(spec, str) else json.dumps(spec), "KINTO_SECRETS": secrets}
        given = [{"name": name, "value": value} for name, value in variables.items()]
        answer = self.codebuild.start_build(projectName=project, environmentVariablesOverride=given, **more)
        return answer["build"]["id"]

    def build(self, build_id):
        return self.codebuild.batch_get_builds(ids=[build_id])["builds"][0]

    def wait(self, build_id):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (build := self.build(build_id))["buildComplete"]:
            assert time.monotonic() < deadline, (build, self.lines(build))
            time.sleep(0.01)
        exports = {variable["name"]: variable["value"] for variable in build["exportedEnvironmentVariables"]}
        return Result(build, exports, self.lines(build))

    def run(self, spec, secrets="", **more):
        return self.wait(self.start(spec, secrets, **more))

    def lines(self, build):
        place = {"logGroupName": build["logs"]["groupName"], "logStreamName": build["logs"]["streamName"]}
        found, token = [], {}
        while True:
            try:
                page = self.logs.get_log_events(**place, startFromHead=True, limit=10000, **token)
            except self.logs.exceptions.ResourceNotFoundException:
                return []
            if not page["events"]:
                return found
            found += [event["message"].removesuffix("\n") for event in page["events"]]
            token = {"nextToken": page["nextForwardToken"]}

    def wait_for_line(self, build_id, text):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not any(text in line for line in self.lines(self.build(build_id))):
            assert time.monotonic() < deadline, self.lines(self.build(build_id))
            time.sleep(0.01)

    def seal(self, run_id, variables=None, token=None):
        """The ciphertext of a run's secrets."""
        if not hasattr(self, "key"):
            self.key = self.kms.create_key()["KeyMetadata"]["KeyId"]
        plain = json.dumps({"variables": variables or {}, "token": token}).encode()
        sealed = self.kms.encrypt(KeyId=self.key, Plaintext=plain, EncryptionContext={"run": run_id})
        import base64

        return base64.b64encode(sealed["CiphertextBlob"]).decode()

    def close(self):
        self.worker.stop_all()
        self.aws.stop()
        for kind, stock in self._stock.items():  # other tests of this process use moto's own builds
            for name, value in vars(kind).copy().items():
                if stock.get(name) is not value:
                    setattr(kind, name, stock[name]) if name in stock else delattr(kind, name)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    bench = Bench(tmp_path_factory.mktemp("builds"))
    yield bench
    bench.close()


@pytest.fixture
def make_bench(tmp_path):
    """Benches of the test's own."""
    made = []

    def make(**more):
        made.append(Bench(more.pop("folder", tmp_path / "builds"), **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def command(text, **more):
    """The specification of a command."""
    source = {"type": "command", "build": more.pop("build", None), "command": text}
    return {**specification(source), **more}


def specification(source, **more):
    spec = {
        "stage": "run", "run_id": str(uuid.uuid4()), "repository": None, "source": source,
        "memory_mb": 128, "timeout_seconds": 30, "variables": {},
    }  # fmt: skip
    return {**spec, **more}


class Repository:
    """A small git repository."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")
        self.commits = []

    @property
    def url(self):
        return f"file://{self.folder}"

    def git(self, *arguments):
        who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
        done = subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, files):
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(text, bytes):
                path.write_bytes(text)
                path.chmod(0o755)
            else:
                path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a commit")
        self.commits.append(self.git("rev-parse", "HEAD"))
        return self.commits[-1]

    def at(self, commit, folder=""):
        return {"url": self.url, "commit": commit, "folder": folder}


@pytest.fixture
def repository(tmp_path):
    return Repository(tmp_path / "repository")


def marked(*marks):
    """The living processes whose command line holds all of these texts, this one excepted."""
    if not Path("/proc/self").exists():
        rows = subprocess.run(["ps", "-axww", "-o", "pid=,stat=,command="], capture_output=True, text=True, check=True)
        found = [line.split(None, 2) for line in rows.stdout.splitlines() if all(mark in line for mark in marks)]
        return [int(row[0]) for row in found if not row[1].startswith("Z") and int(row[0]) != os.getpid()]
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _bears(entry, marks)]


def _bears(process, marks):
    try:
        text = (process / "cmdline").read_bytes()
        return (
            int(process.name) != os.getpid()
            and all(mark.encode() in text for mark in marks)
            and b") Z " not in (process / "stat").read_bytes()
        )
    except OSError:
        return False


def until(condition, seconds=PATIENCE_SECONDS):
    """Waits for something to become true."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return answer


def threads():
    return {thread.name for thread in threading.enumerate()}


KILLED = """
import sys, time
from pathlib import Path
from tests.infra.conftest import Bench

folder = Path(sys.argv[1])
bench = Bench(folder / "builds")
print(bench.start((folder / "spec").read_text()), flush=True)
time.sleep(99)
"""


def killed_stack(folder, spec, mark, also_supervisor=False):
    """A stack of which nothing but its folder is left; the id of the build that it ran."""
    (folder / "spec").write_text(json.dumps(spec))  # not in the command line: the mark is in it
    stack = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    build_id = stack.stdout.readline().strip()
    until(lambda: marked(mark))
    supervisors = marked("infra/local/supervise.py", str(folder)) if also_supervisor else []
    for process in (stack.pid, *supervisors):
        os.kill(process, signal.SIGKILL)
    stack.wait()
    stack.stdout.close()
    return build_id
