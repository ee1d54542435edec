"""Projects on a running stack: blocks, environments and a git repository, made and watched through the HTTP API."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import subprocess
import time
import uuid
from pathlib import Path

import boto3
import pytest

PATIENCE_SECONDS = 60
FINAL = {"deployed", "deployed_with_failures", "failed", "cancelled"}
GOING = {"queued", "running"}
NUMBERS = itertools.count(1)


def until(condition, told=None):
    """What `condition` answers as soon as that is true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (answer := condition()):
        assert time.monotonic() < deadline, told() if told else "it did not happen"
        time.sleep(0.03)
    return answer


def living(mark):
    """The processes, this one excepted, whose command line holds `mark`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if mark.encode() in (entry / "cmdline").read_bytes() and b") Z " not in (entry / "stat").read_bytes():
                    found.append(int(entry.name))
    return found


def aws(stack, service):
    """A client of the stack's own AWS, which listens at a port that it tells nobody but its functions."""
    mine = set()
    for descriptor in Path(f"/proc/{stack.process.pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # it was closed while we looked
            mine.add(str(descriptor.readlink()))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ports = [int(row[1].split(":")[1], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in mine]
    (port,) = {port for port in ports if not stack.url.endswith(f":{port}")}
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    return boto3.client(service, endpoint_url=f"http://127.0.0.1:{port}", **keys)


class Repository:
    """A git repository in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.url = f"file://{folder}"
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.head = self.commit({"version": "one\n"})

    def git(self, *arguments):
        who = ("-c", "user.name=test", "-c", "user.email=test@example.org")
        done = subprocess.run(["git", *who, *arguments], cwd=self.folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self, files):
        """Commits these files, by path (bytes are programs); the commit."""
        for name, content in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            path.chmod(0o755 if isinstance(content, bytes) else 0o644)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a commit")
        self.head = self.git("rev-parse", "HEAD")
        return self.head


class Project:
    """A project with one environment; `trace` is a file into which jobs write by `$TRACE`."""

    def __init__(self, stack, repository, folder, policy=None):
        self.stack, self.repository = stack, repository
        self.name = f"p{next(NUMBERS)}-{uuid.uuid4().hex[:6]}"
        self.trace = folder / f"{self.name}.trace"
        self.environment = f"/projects/{self.name}/environments/default"
        self.post("/projects", {"name": self.name})
        if policy:
            self.call("PATCH", self.environment, {"on_post_deployment_failure": policy})

    def ask(self, method, path, body=None, **headers):
        """Status and answer."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        status, _, answer = self.stack.request(method, path, body, headers)
        return status, answer

    def call(self, method, path, body=None, **headers):
        """The answer to a request that must succeed."""
        status, answer = self.ask(method, path, body, **headers)
        assert status < 300, (method, path, status, answer)
        return answer

    def get(self, path):
        return self.call("GET", path)

    def post(self, path, body=None, **headers):
        return self.call("POST", path, body, **headers)

    def refusal(self, method, path, body=None, status=409, **headers):
        """The detail of a request that must be refused."""
        found, answer = self.ask(method, path, body, **headers)
        assert found == status, (found, answer)
        return answer["detail"]

    def block(self, name, source, flavor="job", repository=None, **more):
        """A block of this project's own; its internal name."""
        body = {"name": f"{name}-{self.name}", "flavor": flavor, "source": source, **more}
        if source["type"] != "image":
            body["repository"] = {"url": self.repository.url, **(repository or {})}
        return self.post("/blocks", body)["internal_name"]

    def configure(self, hostname, block, **configuration):
        """Puts a block into the environment; every job finds the trace."""
        variables = [{"name": "TRACE", "value": str(self.trace)}, *configuration.pop("variables", ())]
        body = {"block": block, "variables": variables, **configuration}
        return self.call("PUT", f"{self.environment}/blocks/{hostname}", body)

    def command(self, hostname, text, flavor="job", build=None, **configuration):
        """A block that is a command, configured under `hostname`."""
        source = {"type": "command", "command": text, **({"build": build} if build else {})}
        return self.configure(hostname, self.block(hostname, source, flavor), **configuration)

    def before(self, hostname, text, order=0, **more):
        """A pre-deployment job."""
        return self._once(hostname, text, "pre_deployment", order, more)

    def after(self, hostname, text, order=0, **more):
        """A post-deployment job."""
        return self._once(hostname, text, "post_deployment", order, more)

    def _once(self, hostname, text, phase, order, more):
        rollback = more.pop("run_on_rollback", False)
        run = {"mode": "run_once", "phase": phase, "order": order, "run_on_rollback": rollback}
        return self.command(hostname, text, run=run, **more)

    def service(self, hostname="web", text="echo $KINTO_BLOCK >> $TRACE", **more):
        return self.command(hostname, text, "service", **more)

    def scheduled(self, hostname, text, cron="* * * * *", overlap="skip", **more):
        return self.command(hostname, text, run={"mode": "repeat_schedule", "cron": cron, "overlap": overlap}, **more)

    def start(self, **headers):
        """Starts a deployment; its number."""
        return self.post(f"{self.environment}/deployments", **headers)["number"]

    def deployment(self, number):
        return self.get(f"{self.environment}/deployments/{number}")

    def ended(self, number):
        """The deployment once it has ended."""

        def end():
            found = self.deployment(number)
            return found if found["status"] in FINAL else None

        return until(end, lambda: json.dumps(self.deployment(number), indent=1))

    def deploy(self):
        return self.ended(self.start())

    def roll_back(self, number):
        return self.ended(self.post(f"{self.environment}/deployments/{number}/rollback")["number"])

    def cancel(self, number):
        return self.post(f"{self.environment}/deployments/{number}/cancel")

    def run(self, hostname, **body):
        """Starts a run; its id."""
        return self.post(f"{self.environment}/blocks/{hostname}/runs", body)["id"]

    def finished(self, run_id):
        """The run once it has ended."""

        def end():
            found = self.get(f"/runs/{run_id}")
            return found if found["status"] not in GOING else None

        return until(end, lambda: json.dumps(self.get(f"/runs/{run_id}"), indent=1))

    def ran(self, hostname, **body):
        return self.finished(self.run(hostname, **body))

    def runs(self, hostname, query=""):
        """The history of a hostname, newest first."""
        return self.get(f"{self.environment}/blocks/{hostname}/runs?limit=100{query}")["items"]

    def log(self, run_id):
        """All lines of a run that has ended."""
        lines, after = [], ""
        while True:
            page = self.get(f"/runs/{run_id}/logs{after}")
            lines += [line["text"] for line in page["lines"]]
            if page["complete"]:
                return lines
            after = f"?after={page['next']}"

    def traced(self):
        """What the jobs wrote, line by line."""
        return self.trace.read_text().splitlines() if self.trace.exists() else []

    def wait_for(self, text):
        """Waits until a job has written a line."""
        until(lambda: text in self.traced(), lambda: f"{text} is not in {self.traced()}")


def by_hostname(deployment):
    """The runs of a deployment."""
    return {run["hostname"]: run for runs in deployment["phases"].values() for run in runs}


def states(deployment):
    """The status of each of a deployment's runs."""
    return {hostname: run["status"] for hostname, run in by_hostname(deployment).items()}


@pytest.fixture(scope="session")
def repository(tmp_path_factory):
    """A repository that no test changes."""
    return Repository(tmp_path_factory.mktemp("repositories") / "shared")


@pytest.fixture
def own_repository(tmp_path):
    """A repository of the test's own."""
    return Repository(tmp_path / "repository")


@pytest.fixture
def make_project(stack, repository, tmp_path):
    """`make_project(repository=..., policy=...)`: projects of the test's own; those with schedules go afterwards."""
    made = []

    def make(repository=repository, policy=None, stack=stack):
        made.append(Project(stack, repository, tmp_path, policy))
        return made[-1]

    yield make
    for project in made:
        status, environment = project.ask("GET", project.environment)
        if status == 200 and any(one["schedule_status"] for one in environment["blocks"]):
            until(lambda project=project: project.ask("DELETE", f"/projects/{project.name}")[0] in (204, 404))


@pytest.fixture
def project(make_project):
    return make_project()
