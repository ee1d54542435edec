"""Drives the whole product down every path of its state machines; prints each state's inputs as the emulator had them.

A process of its own (`python -m tests.infra.machine_paths FOLDER`), since the emulator is one for a process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import boto3

from infra.local import process
from infra.local.options import Options
from infra.local.web import listen

SHOP = "/projects/shop/environments/default"


class Api:
    def __init__(self, url, token):
        self.url, self.token = url, token

    def __call__(self, method, path, body=None):
        request = urllib.request.Request(self.url + path, method=method)
        request.add_header("Authorization", f"Bearer {self.token}")
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read() or b"null")


def drive(api, folder):
    """Jobs that succeed, fail and are retried, wait for the lock, have no image yet; a service; a job afterwards."""
    once = {"retries": {"count": 1, "backoff_seconds": 0}}
    after = {"run": {"mode": "run_once", "phase": "post_deployment"}}
    sleep = {"type": "command", "command": "sleep 4"}
    sources = {
        "migrate": ("job", {"type": "command", "command": "exit 1"}, {}),
        "waits": ("job", sleep, {}),
        "web": ("service", {"type": "command", "command": "true"}, {}),
        "smoke": ("job", {"type": "command", "command": "true"}, after),
    }
    for name, (flavor, source, _) in sources.items():
        repository = {"url": folder.as_uri()}
        api("POST", "/blocks", {"name": name, "flavor": flavor, "repository": repository, "source": source})
    api("POST", "/projects", {"name": "shop"})
    for name, (_, _, more) in sources.items():
        if name != "migrate":
            api("PUT", f"{SHOP}/blocks/{name}", {"block": name, **more})
    api("POST", f"{SHOP}/blocks/waits/runs", {})
    time.sleep(0.3)
    deploy(api)
    api("PUT", f"{SHOP}/blocks/migrate", {"block": "migrate", **once})
    deploy(api)
    docker = {"type": "dockerfile", "dockerfile": "Dockerfile"}
    repository = {"url": folder.as_uri()}
    api("POST", "/blocks", {"name": "image", "repository": repository, "source": docker})
    api("PUT", f"{SHOP}/blocks/image", {"block": "image"})
    deploy(api)
    api("POST", "/projects", {"name": "other"})
    other = "/projects/other/environments/default"
    api("PUT", f"{other}/blocks/image", {"block": "image", **once})
    run = api("POST", f"{other}/blocks/image/runs", {})["id"]
    until(lambda: api("GET", f"/runs/{run}")["status"] not in ("queued", "running"))


    for number, (block, more) in enumerate((("waits", {}), ("long", {}), ("waits", after))):
        stop(api, folder, f"stopped-{number}", block, more)


def stop(api, folder, project, block, more):
    """A run that is cancelled in its phase, so that its execution ends without a result."""
    if block == "long":
        source = {"type": "command", "command": "sleep 30"}
        told = {"name": "long", "flavor": "service", "repository": {"url": folder.as_uri()}, "source": source}
        api("POST", "/blocks", told)
    where = f"/projects/{project}/environments/default"
    api("POST", "/projects", {"name": project})
    api("PUT", f"{where}/blocks/{block}", {"block": block, **more})
    api("POST", f"{where}/deployments")

    def running():
        phases = api("GET", f"{where}/deployments/1")["phases"]
        return [run["id"] for runs in phases.values() for run in runs if run["status"] == "running"]

    until(running)
    api("POST", f"/runs/{running()[0]}/cancel")
    until(lambda: api("GET", where)["latest"]["status"] != "running")


def deploy(api):
    api("POST", f"{SHOP}/deployments")
    until(lambda: api("GET", SHOP)["latest"]["status"] != "running")


def until(holds):
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def inputs():
    """`{machine: {state: [inputs]}}` of all executions."""
    states = boto3.client("stepfunctions")
    found = {}
    for machine in states.list_state_machines()["stateMachines"]:
        of_machine = found.setdefault(machine["name"].removeprefix("kinto-local-"), {})
        for execution in states.list_executions(stateMachineArn=machine["stateMachineArn"])["executions"]:
            history = states.get_paginator("get_execution_history")
            for page in history.paginate(executionArn=execution["executionArn"]):
                for event in page["events"]:
                    if told := event.get("stateEnteredEventDetails"):
                        of_machine.setdefault(told["name"], []).append(json.loads(told["input"]))
    return found


def main(folder):
    repository = folder / "repository"
    repository.mkdir(parents=True)
    who = "-c user.name=test -c user.email=test@localhost commit -q --allow-empty -m one"
    for command in ("init -q -b main", who):
        subprocess.run(["git", *command.split()], cwd=repository, check=True)
    with ExitStack() as undo:
        bound = undo.enter_context(listen(0))
        token = process.start(Options(0, folder / "state", False, "real"), bound, undo)
        drive(Api(f"http://127.0.0.1:{bound.getsockname()[1]}", token), repository)
        print(json.dumps(inputs()), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
