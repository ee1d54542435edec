"""The demo: a project made and deployed through the HTTP API, told as it happens."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.local import demo_repository

Say = Callable[[str], None]

ENVIRONMENT = "/projects/shop/environments/default"
JOBS: tuple[tuple[str, str, str, dict[str, Any] | None], ...] = (
    ("migrate", "job", "python3 migrate.py", {"mode": "run_once", "phase": "pre_deployment"}),
    ("web", "service", "python3 deploy.py", None),
    ("smoke-test", "job", "python3 smoke_test.py", {"mode": "run_once", "phase": "post_deployment"}),
    ("back-up", "job", "python3 back_up.py", {"mode": "repeat_schedule", "cron": "* * * * *"}),
)
PHASES = {"pre_deployment": "before", "deployment": "deploy", "post_deployment": "after"}
FIRST_TICK_SECONDS = 75


class Refused(Exception):
    """The API answered with a problem."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status


class Api:
    """The HTTP API as a script sees it."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._token = url, token

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        """The answer; raises Refused."""
        request = urllib.request.Request(self._url + path, method=method)
        request.add_header("Authorization", f"Bearer {self._token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            raise Refused(error.code, json.loads(error.read())["detail"]) from None


def run(url: str, token: str, state_dir: Path, say: Say) -> None:
    """Make what is missing of the demo, deploy it if it never was, and say what to try next; never again if removed."""
    api, folder = Api(url, token), state_dir.resolve() / "demo"
    there, deployed_once = _exists(api, ENVIRONMENT), folder / "deployed-once"
    if deployed_once.exists() and not there:
        say("\nThe demo was removed, and is not made again")
        return
    if not there or api("GET", ENVIRONMENT)["current"] is None:
        say("\nThe demo: a small shop with jobs around its deployment")
        _make(api, folder, say)
        if not _deploy(api, say):
            return
        _await_first_tick(api, url, say)
    else:
        say(f"\nThe demo goes on: shop/default is {api('GET', ENVIRONMENT)['status'].replace('_', ' ')}")
    deployed_once.touch()
    _say_next(url, state_dir, folder, say)


def _exists(api: Api, path: str) -> bool:
    try:
        api("GET", path)
    except Refused as refused:
        if refused.status == 404:
            return False
        raise
    return True


def _make(api: Api, folder: Path, say: Say) -> None:
    commit = demo_repository.write(folder / "repository")
    say(f"  repository  {folder / 'repository'} at {commit[:7]}")
    repository = {"url": (folder / "repository").as_uri(), "branch": "main"}
    for name, flavor, command, _ in JOBS:
        if not _exists(api, f"/blocks/{name}"):
            source = {"type": "command", "command": command}
            api("POST", "/blocks", {"name": name, "flavor": flavor, "repository": repository, "source": source})
    if not _exists(api, "/projects/shop"):
        api("POST", "/projects", {"name": "Shop", "description": "The demo"})
    for name, _, _, mode in JOBS:
        variables = [{"name": "DATA_DIR", "value": str(folder / "data")}]
        api("PUT", f"{ENVIRONMENT}/blocks/{name}", {"block": name, "run": mode, "variables": variables})
    for block in api("GET", ENVIRONMENT)["blocks"]:
        say(f"  {block['flavor']:<11} {block['hostname']:<11} {block['badge'] or 'DEPLOYED'}")


def _deploy(api: Api, say: Say) -> bool:
    try:
        number = api("POST", f"{ENVIRONMENT}/deployments")["number"]
    except Refused as refused:
        latest = api("GET", ENVIRONMENT)["latest"]
        if refused.status != 409 or latest is None:
            raise
        number = latest["number"]
    say(f"\n  deployment {number} of shop/default")
    deployment = _follow(api, number, say)
    took = _seconds(deployment["started_at"], deployment["finished_at"])
    say(f"  deployment {number} is {deployment['status']} after {took}")
    if deployment["reason"]:
        say(f"  because {deployment['reason']}")
    return bool(deployment["status"] == "deployed")


def _follow(api: Api, number: int, say: Say) -> Any:
    told: dict[str, str] = {}
    while True:
        deployment = api("GET", f"{ENVIRONMENT}/deployments/{number}")
        for phase, run_ in _runs(deployment):
            if told.get(run_["id"]) == run_["status"] or run_["status"] == "queued":
                continue
            told[run_["id"]] = run_["status"]
            _say_run(api, PHASES[phase], run_, say)
        if deployment["status"] != "running":
            return deployment
        time.sleep(0.1)


def _runs(deployment: Any) -> Iterator[tuple[str, Any]]:
    return ((phase, run_) for phase, runs in deployment["phases"].items() for run_ in runs)


def _say_run(api: Api, phase: str, run_: Any, say: Say) -> None:
    if run_["status"] == "running":
        say(f"    {phase:<7} {run_['hostname']:<11} running")
        return
    exit_code = "" if run_["exit_code"] is None else f"  exit code {run_['exit_code']}"
    took = _seconds(run_["started_at"], run_["finished_at"])
    say(f"    {phase:<7} {run_['hostname']:<11} {run_['status']:<10} {took}{exit_code}")
    for line in api("GET", f"/runs/{run_['id']}/logs")["lines"][-3:]:
        say(f"            {'':<11} | {line['text']}")


def _await_first_tick(api: Api, url: str, say: Say) -> None:
    with urllib.request.urlopen(f"{url}/_local/clock") as answer:
        if json.loads(answer.read())["mode"] == "manual":
            return
    due = datetime.fromisoformat(api("GET", f"{ENVIRONMENT}/blocks/back-up")["next_runs"][0]["utc"])
    say(f"\n  back-up repeats every minute; it is due at {due.astimezone():%H:%M}")
    deadline = time.monotonic() + FIRST_TICK_SECONDS
    while time.monotonic() < deadline:
        ended = api("GET", f"{ENVIRONMENT}/blocks/back-up/runs?status=succeeded&limit=1")["items"]
        if ended:
            _say_run(api, "tick", ended[0], say)
            return
        time.sleep(0.5)


def _seconds(start: str | None, end: str | None) -> str:
    if start is None or end is None:
        return "0.0 s"
    return f"{(datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds():.1f} s"


def _say_next(url: str, state_dir: Path, folder: Path, say: Say) -> None:
    say(f"""
Try next (in another terminal):
  TOKEN=$(cat {state_dir}/admin-token)
  curl -H "Authorization: Bearer $TOKEN" {url}{ENVIRONMENT}
  curl -H "Authorization: Bearer $TOKEN" {url}{ENVIRONMENT}/blocks/back-up/runs
  change {folder / "repository"}/migrate.py, commit, and deploy again:
  curl -H "Authorization: Bearer $TOKEN" -X POST {url}{ENVIRONMENT}/deployments
  the README's walk shows the rest: run now, cancel, roll back""")
