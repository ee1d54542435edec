"""kill -9 at random instants under a load of edits, deployments, runs and ticks; then all must be as it was told."""

from __future__ import annotations

import http.client
import os
import random
import threading
import time
from datetime import datetime, timedelta

import pytest

from tests.deployments.conftest import FINAL, GOING, Project, living, until

OVERLAPS = ("skip", "queue", "replace", "allow")
# While the load goes on, some jobs fail: at their first attempt, or in every third deployment.
SOMETIMES = "[ ! -e $TRACE.wild ] || "
CUT_OFF = (OSError, http.client.HTTPException)


class Client:
    """Sends requests one after another until the stack is gone; remembers what was answered."""

    def __init__(self, project, chance):
        self.project, self.chance = project, random.Random(chance.random())
        self.begin()

    def begin(self):
        pass

    def work(self):
        try:
            while True:
                self.step()
        except CUT_OFF:
            return

    def step(self):
        raise NotImplementedError

    def check(self):
        raise NotImplementedError


class Edits(Client):
    """Counts up in a variable of a configured block, and in the name of a block."""

    def begin(self):
        self.told, self.tried = [0, 0], [0, 0]

    def step(self):
        which = self.chance.randrange(2)
        self.tried[which] = self.told[which] + 1
        self.write(which, str(self.tried[which]))
        self.told[which] = self.tried[which]

    def write(self, which, text):
        if which:
            self.project.call("PATCH", f"/blocks/edited-{self.project.name}", {"name": text})
            return
        self.project.configure("edited", f"edited-{self.project.name}", **counted(text))

    def check(self):
        configured = self.project.get(f"{self.project.environment}/blocks/edited")
        block = self.project.get(f"/blocks/edited-{self.project.name}")
        for which, found in enumerate((int(configured["variables"][-1]["value"]), int(block["name"]))):
            assert self.told[which] <= found <= self.tried[which]
            self.told[which] = self.tried[which] = found


class Deployments(Client):
    """Starts deployments and rollbacks, and cancels some."""

    def begin(self):
        self.numbers = set()

    def step(self):
        what = self.chance.choice(("", "", "rollback", "cancel"))
        number = self.chance.choice(sorted(self.numbers)[-3:] or [1])
        path = f"{self.project.environment}/deployments"
        status, answer = self.project.ask("POST", f"{path}/{number}/{what}" if what else path)
        assert status in (200, 202, 404, 409), answer
        if status == 202:
            self.numbers.add(answer["number"])
        time.sleep(self.chance.uniform(0, 0.4))

    def check(self):
        found = all_pages(self.project, f"{self.project.environment}/deployments?limit=100")
        assert self.numbers <= {one["number"] for one in found}
        assert [one["number"] for one in found] == list(range(len(found), 0, -1))
        assert {one["status"] for one in found} <= FINAL
        assert all(one["reason"] for one in found if one["status"] != "deployed")


class Runs(Client):
    """Starts runs by hand, and cancels some."""

    def begin(self):
        self.ids = set()

    def step(self):
        path = f"{self.project.environment}/blocks/edited/runs"
        status, answer = self.project.ask("POST", path, {"force": self.chance.random() < 0.3})
        assert status in (202, 409), answer
        if status == 202:
            self.ids.add(answer["id"])
            if self.chance.random() < 0.3:
                self.project.ask("POST", f"/runs/{answer['id']}/cancel")
        time.sleep(self.chance.uniform(0, 0.4))

    def check(self):
        for run_id in self.ids:
            run = self.project.get(f"/runs/{run_id}")
            assert run["status"] not in GOING
            assert run["status"] == "succeeded" or run["reason"]
        self.ids.clear()


class Ticks(Client):
    """Moves the clock minute by minute."""

    def begin(self):
        self.now = ""

    def step(self):
        self.now = self.project.stack.advance(60, wait=False)["now"]
        time.sleep(self.chance.uniform(0, 0.8))

    def check(self):
        assert self.project.stack.now() >= self.now
        for overlap in OVERLAPS:
            until(lambda overlap=overlap: self.is_whole(overlap), lambda overlap=overlap: self.minutes(overlap))

    def is_whole(self, overlap):
        """Whether each minute has exactly one run."""
        minutes = self.minutes(overlap)
        last = datetime.fromisoformat(self.project.stack.now()).replace(second=0, microsecond=0)
        assert len(set(minutes)) == len(minutes)
        return not minutes or minutes == [last - timedelta(minutes=ago) for ago in range(len(minutes))]

    def minutes(self, overlap):
        runs = all_pages(self.project, f"{self.project.environment}/blocks/{overlap}/runs?trigger=schedule&limit=100")
        return [datetime.fromisoformat(run["scheduled_at"]) for run in runs]


def all_pages(project, path):
    found, cursor = [], ""
    while cursor is not None:
        page = project.get(f"{path}{cursor}")
        found += page["items"]
        cursor = page["next"] and f"&cursor={page['next']}"
    return found


def counted(text):
    """A schedule that is not due, with the count."""
    run = {"mode": "repeat_schedule", "cron": "0 0 1 1 *"}
    return {"run": run, "variables": [{"name": "COUNT", "value": text}]}


def busy_project(stack, repository, folder):
    """Deploys with a retry and a job that sometimes fails; a job for runs by hand; a schedule of each policy."""
    project = Project(stack, repository, folder, policy="rollback")
    work = f"(setsid sh -c 'sleep 0.3; :' {project.name} &); sh -c 'sleep 0.1; :' {project.name}; "
    retries = {"count": 1, "backoff_seconds": 1}
    project.before("migrate", f"{work}{SOMETIMES}[ $KINTO_ATTEMPT = 2 ]", retries=retries)
    project.service(text=work)
    project.after("smoke", f"{work}{SOMETIMES}[ $((KINTO_DEPLOYMENT % 3)) != 0 ]")
    block = project.block("edited", {"type": "command", "command": work})
    project.call("PATCH", f"/blocks/{block}", {"name": "0"})
    project.configure("edited", block, **counted("0"))
    for overlap in OVERLAPS:
        project.scheduled(overlap, f"{work}{work}", overlap=overlap)
    return project


def loaded_and_killed(project, clients, chance):
    (wild := project.trace.with_name(f"{project.trace.name}.wild")).touch()
    threads = [threading.Thread(target=client.work) for client in clients]
    for thread in threads:
        thread.start()
    time.sleep(chance.uniform(0.05, 1.6))
    project.stack.kill()
    for thread in threads:
        thread.join()
    wild.unlink()
    while chance.random() < 0.25:  # killed while it starts: it reads its journal, recovers or catches up then
        project.stack.start(wait=False)
        time.sleep(chance.uniform(0.5, 4))
        project.stack.kill()
    project.stack.start()


def unsettled(project):
    blocks = [one["hostname"] for one in project.get(project.environment)["blocks"]]
    latest = project.get(f"{project.environment}/deployments?limit=5")["items"]
    runs = [run for hostname in blocks for status in GOING for run in project.runs(hostname, f"&status={status}")]
    return [one for one in latest + runs if one["status"] in GOING]


@pytest.mark.ci
def test_thirty_kills_under_load_lose_nothing(start_stack, repository, tmp_path):
    seed = int(os.environ.get("KINTO_SEED") or random.randrange(10**9))
    print(f"KINTO_SEED={seed}")
    chance = random.Random(seed)
    project = busy_project(start_stack(), repository, tmp_path)
    clients = [kind(project, chance) for kind in Client.__subclasses__()]
    for _ in range(int(os.environ.get("KINTO_KILLS") or 30)):
        loaded_and_killed(project, clients, chance)
        until(lambda: not unsettled(project), lambda: unsettled(project))
        for client in clients:
            client.check()
        assert living(project.name) == []
        number = project.start()
        assert project.ran("edited")["status"] == "succeeded"
        assert project.ended(number)["status"] == "deployed"
