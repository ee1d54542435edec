"""`python -m tests.deployments.kills --seed N --kills 200`: a stack killed at random instants under load.

After each restart nothing acknowledged is lost, each change is in the audit once, each due minute has one row and ran
at most once, nothing goes on, no lock is taken, and neither a process nor a file is left.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import LocalStack
from tests.deployments.conftest import GOING, Project, Repository, until
from tests.deployments.load import OVERLAPS, Client, configuration, newest

# While the load goes on, some jobs fail: at their first attempt, or in every third deployment.
SOMETIMES = "[ ! -e $TRACE.wild ] || "
TICK = '[ -z "$KINTO_SCHEDULED_AT" ] || echo tick {hostname} $KINTO_SCHEDULED_AT >> $TRACE; '
AROUND = {"state", "state.output", "temporary", "trace", "repository"}
DATABASE = {"previous.db", "previous.new", "state.db", *(f"state.db-{name}" for name in ("mark", "shm", "wal"))}
IN_STATE = {"admin-token", "builds", "lock", "log", "log.1", "port", *DATABASE}


class Proof:
    """A stack with a busy project, in an empty folder; of one seed all is the same but the machine's own timing."""

    def __init__(self, folder, seed, clock="manual"):
        self.folder, self.chance = folder, random.Random(seed)
        self.stack = LocalStack(folder / "state", f"--clock={clock}")
        self.repository = Repository(folder / "repository")
        (folder / "temporary").mkdir()

    def kill(self, times, told=lambda number: None):
        """Kills it so often; how much was acknowledged meanwhile."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TMPDIR", str(self.folder / "temporary"))
            self.stack.start()
            try:
                self.begin()
                for number in range(times):
                    self.load_and_kill()
                    self.check()
                    told(number + 1)
                self.check_everything()
            finally:
                self.stack.kill()
        return sum((client.counts for client in self.clients), Counter(kills=times))

    def begin(self):
        self.project = busy_project(self.stack, self.repository, self.folder)
        self.clients = [kind(self.project, self.chance) for kind in Client.__subclasses__()]

    def load_and_kill(self):
        (wild := self.folder / "trace.wild").touch()
        with ThreadPoolExecutor(len(self.clients)) as pool:
            working = [pool.submit(client.work) for client in self.clients]
            time.sleep(self.chance.uniform(0.05, 3))
            self.stack.kill()
        for one in working:
            one.result()
        wild.unlink()
        while self.chance.random() < 0.25:  # killed while it starts: it reads its database, recovers or catches up
            self.stack.start(wait=False)
            time.sleep(self.chance.uniform(0.5, 4))
            self.stack.kill()
        self.stack.start()

    def check(self):
        until(lambda: not self.unsettled(), self.unsettled)
        self.check_audit()
        for client in self.clients:
            client.check()
        until(lambda: not self.processes(), self.processes)
        assert {path.name for path in self.folder.iterdir()} <= AROUND
        assert {path.name for path in self.stack.state_dir.iterdir()} <= IN_STATE
        assert [path.name for path in (self.stack.state_dir / "builds").iterdir() if path.name != "bin"] == []
        assert list((self.folder / "temporary").iterdir()) == []

    def unsettled(self):
        """What is queued or running."""
        running = self.project.get(f"{self.project.environment}/activity")["running"]
        latest = self.project.get(f"{self.project.environment}/deployments?limit=5")["items"]
        return [one for one in latest + running if one["status"] in GOING]

    def processes(self):
        """Those of jobs and builds: the folder's name is in what each of them is told."""
        return [pid for pid in told_of(str(self.folder)) if pid != self.stack.process.pid]

    def check_audit(self):
        """Each change that was acknowledged since the last time is told."""
        wanted = {name for client in self.clients for name in client.to_audit}
        for entry in newest(self.project, "/audit?limit=50"):
            if not wanted:
                break
            wanted.discard(entry["from"]["agent"])
        assert wanted == set()
        for client in self.clients:
            client.acknowledged += client.to_audit
            client.to_audit.clear()

    def check_everything(self):
        """Each change is told once; nobody holds a lock: a deployment and a run of each schedule succeed."""
        told = Counter(entry["from"]["agent"] for entry in newest(self.project, "/audit?limit=100"))
        assert {told[name] for client in self.clients for name in client.acknowledged} == {1}
        number = self.project.start()
        begun = [self.project.run(hostname) for hostname in ("edited", *OVERLAPS)]
        assert {self.project.finished(run_id)["status"] for run_id in begun} == {"succeeded"}
        assert self.project.ended(number)["status"] == "deployed"


def busy_project(stack, repository, folder):
    """Deploys with a retry and a job that sometimes fails; a job for runs by hand; a schedule of each policy."""
    project = Project(stack, repository, folder, policy="rollback")
    project.trace = folder / "trace"
    work = f"(setsid sh -c 'sleep 0.3; :' {project.name} &); sh -c 'sleep 0.1; :' {project.name}; "
    retries = {"count": 1, "backoff_seconds": 1}
    project.before("migrate", f"{work}{SOMETIMES}[ $KINTO_ATTEMPT = 2 ]", retries=retries)
    project.service(text=work)
    project.after("smoke", f"{work}{SOMETIMES}[ $((KINTO_DEPLOYMENT % 3)) != 0 ]")
    block = project.block("edited", {"type": "command", "command": work})
    for path, body in (
        (f"/blocks/{block}", {"name": "count 0"}),
        (f"/projects/{project.name}", {"name": "count 0"}),
        (project.environment, {"name": "count 0"}),
    ):
        project.call("PATCH", path, body)
    project.call("PUT", f"{project.environment}/blocks/edited", configuration(project, "0"))
    for overlap in OVERLAPS:
        project.scheduled(overlap, f"{TICK.format(hostname=overlap)}{work}{work}", overlap=overlap)
    return project


def told_of(text):
    """The processes in whose command line or environment `text` is, this one excepted."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):  # it has ended
                if text.encode() in (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes():
                    found.append(int(entry.name))
    return found


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.deployments.kills", description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=random.randrange(10**9))
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--clock", choices=["manual", "real"], default="manual")
    chosen = parser.parse_args()
    began, folder = time.monotonic(), Path(tempfile.mkdtemp(prefix="kills-"))
    print(f"seed {chosen.seed}, {chosen.kills} kills, {chosen.clock} clock, in {folder}", flush=True)

    def told(number):
        if number % 10 == 0:
            print(f"{number} kills in {(time.monotonic() - began) / 60:.1f} minutes", flush=True)

    counts = Proof(folder, chosen.seed, chosen.clock).kill(chosen.kills, told)
    print(", ".join(f"{count} {what}" for what, count in sorted(counts.items())), flush=True)
    shutil.rmtree(folder)  # what failed stays


if __name__ == "__main__":
    main()
