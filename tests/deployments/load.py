"""Clients that go on changing a project until its stack is gone, and know afterwards what was acknowledged."""

from __future__ import annotations

import http.client
import random
import time
import uuid
from collections import Counter
from datetime import datetime, timedelta

from tests.deployments.conftest import FINAL, GOING, until

OVERLAPS = ("skip", "queue", "replace", "allow")
CUT_OFF = (OSError, http.client.HTTPException)


class Client:
    """Sends requests one after another; each change has a name, under which the audit tells it.

    `to_audit` are the names of what was acknowledged lately, `acknowledged` those before, `counts` how much of what.
    """

    def __init__(self, project, chance):
        self.project, self.chance = project, random.Random(chance.random())
        self.acknowledged, self.to_audit, self.counts = [], [], Counter()
        self.begin()

    def begin(self):
        pass

    def work(self):
        """Steps until the stack is gone; the first one is told that it is the first since a restart."""
        try:
            self.step(first=True)
            while True:
                self.step(first=False)
        except CUT_OFF:
            return

    def change(self, method, path, body=None, refused=()):
        """The answer to a change; None where it was refused with one of these states."""
        name = uuid.uuid4().hex
        status, answer = self.project.ask(method, path, body, User_Agent=name)
        if status in refused:
            return None
        assert status < 300, (method, path, status, answer)
        self.to_audit.append(name)
        self.counts["acknowledged writes"] += 1
        return answer or {}

    def step(self, first):
        raise NotImplementedError

    def check(self):
        """Once all is calm: whether everything is as it was acknowledged."""
        raise NotImplementedError


class Edits(Client):
    """Counts up: in a variable of a configured block, in the names of a block, a project and an environment."""

    def begin(self):
        name, environment = self.project.name, self.project.environment
        self.told, self.tried = [0] * 4, [0] * 4
        self.paths = [f"{environment}/blocks/edited", f"/blocks/edited-{name}", f"/projects/{name}", environment]

    def step(self, first):
        which = self.chance.randrange(4)
        self.tried[which] = self.told[which] + 1
        count = str(self.tried[which])
        body = configuration(self.project, count) if which == 0 else {"name": f"count {count}"}
        if self.change("PATCH" if which else "PUT", self.paths[which], body, refused=(412,)) is not None:
            self.told[which] = self.tried[which]

    def check(self):
        for which, path in enumerate(self.paths):
            answer = self.project.get(path)
            found = int((answer["name"] if which else answer["variables"][-1]["value"]).removeprefix("count "))
            assert self.told[which] <= found <= self.tried[which], (path, self.told, found, self.tried)
            self.told[which] = self.tried[which] = found


def configuration(project, count):
    """How the block `edited` is configured: under a schedule that is not due, with the count."""
    run = {"mode": "repeat_schedule", "cron": "0 0 1 1 *"}
    variables = [{"name": "TRACE", "value": str(project.trace)}, {"name": "COUNT", "value": count}]
    return {"block": f"edited-{project.name}", "run": run, "variables": variables}


class Comings(Client):
    """Makes a block, an environment and a configured block, and deletes them, again and again."""

    def begin(self):
        block, place = f"comes-{self.project.name}", f"/projects/{self.project.name}/environments"
        paths = (f"/blocks/{block}", f"{place}/comes", f"{place}/comes/blocks/comes")
        made = {"name": block, "source": {"type": "image", "image": "busybox:1.36"}}
        put = {"block": block, "run": {"mode": "repeat_schedule", "cron": "0 0 1 1 *"}}
        self.steps = [("POST", "/blocks", made, paths[0]), ("POST", place, {"name": "comes"}, paths[1])]
        self.steps += [("PUT", paths[2], put, paths[2])]
        self.steps += [("DELETE", path, None, path) for path in reversed(paths)]
        self.next, self.trying = 0, False

    def step(self, first):
        method, path, body, _ = self.steps[self.next]
        self.trying = True
        self.change(method, path, body)
        self.trying, self.next = False, (self.next + 1) % len(self.steps)

    def check(self):
        """A step that was cut off has been done or not; all before it have, and all between is as they left it."""
        method, _, _, path = self.steps[self.next]
        if self.trying and (self.project.ask("GET", path)[0] == 404) == (method == "DELETE"):
            self.next = (self.next + 1) % len(self.steps)
        self.trying = False
        there = {path: method != "DELETE" for method, _, _, path in self.steps[: self.next]}
        for path in {path for *_, path in self.steps}:
            assert self.project.ask("GET", path)[0] == (200 if there.get(path) else 404), (path, self.next)


class Tokens(Client):
    """Makes tokens and revokes them."""

    def begin(self):
        self.secrets, self.revoked, self.doubtful = {}, [], None

    def step(self, first):
        if len(self.secrets) > 3:
            self.doubtful = self.chance.choice(sorted(self.secrets))
            self.change("DELETE", f"/tokens/{self.doubtful}")
            self.revoked.append(self.secrets.pop(self.doubtful))
            self.doubtful = None
        made = self.change("POST", "/tokens", {"name": self.project.name, "role": "viewer"})
        self.secrets[made["id"]] = made["secret"]
        time.sleep(self.chance.uniform(0, 0.2))

    def check(self):
        if self.doubtful and self.state_of(self.secrets[self.doubtful]) == 401:
            self.revoked.append(self.secrets.pop(self.doubtful))
        self.doubtful = None
        assert {self.state_of(secret) for secret in self.secrets.values()} <= {200}
        assert {self.state_of(secret) for secret in self.revoked} <= {401}
        self.revoked.clear()

    def state_of(self, secret):
        return self.project.ask("GET", "/me", Authorization=f"Bearer {secret}")[0]


class Deployments(Client):
    """Starts deployments and rollbacks, and cancels some."""

    def begin(self):
        self.numbers, self.cancelled, self.known = set(), {}, 0

    def step(self, first):
        path = f"{self.project.environment}/deployments"
        what = "" if first else self.chance.choice(("", "", "rollback", "cancel"))
        number = self.chance.choice(sorted(self.numbers)[-3:] or [1])
        # At first nothing is deployed, and nobody can hold the environment's lock.
        refused = () if first else (404, 409)
        answer = self.change("POST", f"{path}/{number}/{what}" if what else path, refused=refused)
        if answer is not None and what == "cancel":
            self.cancelled[number] = answer["status"]
            self.counts["cancelled deployments"] += 1
        elif answer is not None:
            self.numbers.add(answer["number"])
            self.counts["rollbacks" if what else "deployments"] += 1
        time.sleep(self.chance.uniform(0, 0.4))

    def check(self):
        found = {}
        for one in newest(self.project, f"{self.project.environment}/deployments?limit=20"):
            if one["number"] <= self.known:
                break
            found[one["number"]] = one
        last = max(found, default=self.known)
        assert {number for number in self.numbers if number > self.known} <= found.keys()
        assert sorted(found) == list(range(self.known + 1, last + 1))
        assert {one["status"] for one in found.values()} <= FINAL
        assert all(one["reason"] for one in found.values() if one["status"] != "deployed")
        assert {number: self.project.deployment(number)["status"] for number in self.cancelled} == self.cancelled
        self.known = last
        self.cancelled.clear()


class Runs(Client):
    """Starts runs by hand, and cancels some."""

    def begin(self):
        self.told = {}

    def step(self, first):
        path = f"{self.project.environment}/blocks/edited/runs"
        force = not first and self.chance.random() < 0.3
        run = self.change("POST", path, {"force": force}, refused=() if first else (409,))
        if run is not None:
            self.told[run["id"]] = None
            self.counts["runs by hand"] += 1
            if self.chance.random() < 0.3:
                answer = self.change("POST", f"/runs/{run['id']}/cancel", refused=(409,))
                self.told[run["id"]] = answer and answer["status"]
        time.sleep(self.chance.uniform(0, 0.4))

    def check(self):
        for run_id, status in self.told.items():
            run = self.project.get(f"/runs/{run_id}")
            assert run["status"] not in GOING
            assert status in (None, run["status"])
            assert run["status"] == "succeeded" or run["reason"]
        self.told.clear()


class Ticks(Client):
    """Moves the clock minute by minute, where it can be moved; a job of each policy is due each minute."""

    def begin(self):
        self.now, self.whole = "", {}

    def step(self, first):
        if "--clock=real" in self.project.stack.options:
            time.sleep(0.1)
            self.project.stack.now()
            return
        self.now = self.project.stack.advance(60, wait=False)["now"]
        time.sleep(self.chance.uniform(0, 0.8))

    def check(self):
        assert self.project.stack.now() >= self.now
        for overlap in OVERLAPS:
            until(lambda overlap=overlap: self.is_whole(overlap), lambda overlap=overlap: self.rows(overlap))
        lines = Counter(line for line in self.project.traced() if line.startswith("tick "))
        assert [line for line, count in lines.items() if count > 1] == []
        self.counts["ticks that ran"] = len(lines)

    def is_whole(self, overlap):
        """Whether each minute that was not seen to yet has exactly one row, and each that succeeded its line."""
        rows, last = self.rows(overlap), minute(self.project.stack.now())
        minutes = [minute(row["scheduled_at"]) for row in rows]
        assert len(set(minutes)) == len(minutes)
        seen = self.whole.get(overlap) or min(minutes, default=last) - timedelta(minutes=1)
        if any(row["status"] in GOING for row in rows):
            return False
        if minutes != [last - timedelta(minutes=ago) for ago in range((last - seen) // timedelta(minutes=1))]:
            return False
        ran = {minute(line.split()[2]) for line in self.project.traced() if line.startswith(f"tick {overlap} ")}
        assert {minute(row["scheduled_at"]) for row in rows if row["status"] == "succeeded"} <= ran
        self.whole[overlap] = last
        self.counts["ticks"] += len(rows)
        return True

    def rows(self, overlap):
        """The rows of the minutes that were not seen to yet, newest first."""
        found, seen = [], self.whole.get(overlap)
        path = f"{self.project.environment}/blocks/{overlap}/runs?trigger=schedule&limit=20"
        for row in newest(self.project, path):
            if seen and minute(row["scheduled_at"]) <= seen:
                break
            found.append(row)
        return found


def minute(text):
    return datetime.fromisoformat(text).replace(second=0, microsecond=0)


def newest(project, path):
    """The items of a list, page by page."""
    cursor = ""
    while cursor is not None:
        page = project.get(f"{path}{cursor}")
        yield from page["items"]
        cursor = page["next"] and f"&cursor={page['next']}"
