"""The disk fills up while clients write, and then comes kill -9: what was acknowledged is there, and nothing else."""

from __future__ import annotations

import os
import random
import resource
import subprocess
import threading
import time
from contextlib import suppress

import pytest

from tests.deployments.conftest import Repository
from tests.infra.local.test_kills import Server, Writer, client

pytestmark = pytest.mark.ci

MB = 1 << 20
PATIENCE_SECONDS = 10
FREE = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


class LimitedFiles:
    """Files that a process cannot make larger: as good as a full disk, and it takes no root."""

    def __init__(self, folder):
        self.state = folder / "state"

    def fill(self, server, chance):
        log = self.state / "state.db-wal"
        size = chance.randrange(log.stat().st_size + 1) if log.exists() else 0
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def free(self, server):
        if server.process.poll() is None:
            resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, FREE)


class SmallDisk:
    """A file system of 8 MB of its own."""

    def __init__(self, folder):
        self.mounted = folder / "disk"
        self.mounted.mkdir(exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "none", self.mounted], check=True)
        self.state, self.ballast = self.mounted / "state", self.mounted / "ballast"

    def fill(self, _server, chance):
        """Leave a random rest, which the writers fill up."""
        size = 0
        with self.ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                size += file.write(bytes(4096))
        os.truncate(self.ballast, max(0, size - chance.choice([0, 4096, chance.randrange(MB // 4)])))

    def free(self, _server):
        self.ballast.unlink(missing_ok=True)

    def unmount(self):
        subprocess.run(["umount", "--lazy", self.mounted], check=True)


@pytest.fixture
def small_disk(tmp_path, absent):
    """`small_disk()`: an empty small disk each time."""
    if os.geteuid() != 0:
        absent("a small file system can be mounted by root only")
    disks = []

    def make():
        for disk in disks:
            disk.unmount()
        disks[:] = [SmallDisk(tmp_path)]
        return disks[0]

    yield make
    for disk in disks:
        disk.unmount()


def live(disk, moments, chance):
    """Processes on one disk, which fills up so many times in all, and is full when each is killed; the refusals."""
    writers = [kind() for kind in Writer.__subclasses__()]
    server = Server(disk.state)
    try:
        while moments > 0:
            server.begin()
            url = server.address()
            check(url, writers)
            times = min(moments, chance.randrange(1, 8))
            write_until_killed(server, url, disk, writers, times, chance)
            moments -= times
        server.begin()
        check(server.address(), writers)
    finally:
        server.kill()
    return sum(writer.refused for writer in writers)


def check(url, writers):
    for writer in writers:
        writer.check(client(writer.service, url))


def write_until_killed(server, url, disk, writers, times, chance):
    stopping, failures = threading.Event(), []

    def work(writer):
        try:
            writer.work(client(writer.service, url), stopping)
        except AssertionError as failure:
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(writer,)) for writer in writers]
    for thread in threads:
        thread.start()
    for _ in range(times):
        disk.free(server)
        wait_for(chance.randrange(1, 40), lambda: sum(writer.told for writer in writers))
        disk.fill(server, chance)
        wait_for(chance.randrange(1, 40), lambda: sum(writer.refused for writer in writers))
    server.kill()
    stopping.set()
    for thread in threads:
        thread.join()
    disk.free(server)
    assert failures == []


def wait_for(steps, count):
    """Return when so many steps were made, or never will be: a rest of the disk may do for a while."""
    first, deadline = count(), time.monotonic() + PATIENCE_SECONDS
    while count() < first + steps and time.monotonic() < deadline:
        time.sleep(0.001)


def seeded():
    seed = int(os.environ.get("KINTO_SEED") or random.randrange(10**9))
    print(f"KINTO_SEED={seed}")
    return random.Random(seed)


def test_files_that_cannot_grow_lose_nothing(tmp_path):
    disk = LimitedFiles(tmp_path)
    assert live(disk, 5, seeded()) > 0


def test_a_disk_that_fills_up_loses_nothing(small_disk):
    assert live(small_disk(), 10, seeded()) > 0


@pytest.mark.exhaustive
def test_a_disk_that_fills_up_200_times_loses_nothing(small_disk):
    chance = seeded()
    refused = 0
    for moments in range(20, 201, 20):
        refused += live(small_disk(), 20, chance)
        print(f"{moments} times full, {refused} writes refused", flush=True)
    assert refused > 200


def written(stack, repository):
    """Something of everything, to be changed, used and deleted."""
    source = {"repository": {"url": repository.url}, "source": {"type": "command", "command": "true"}}
    made = [
        stack.request("POST", "/blocks", {"name": "Job", **source}),
        stack.request("POST", "/projects", {"name": "Shop"}),
        stack.request("PUT", "/projects/shop/environments/default/blocks/job", {"block": "job"}),
    ]
    assert all(status < 300 for status, *_ in made), made
    return source


def calls(source):
    """A call of each kind of write."""
    environment = "/projects/shop/environments/default"
    return [
        ("POST", "/blocks", {"name": "Refused", **source}),
        ("PATCH", "/blocks/job", {"name": "Refused"}),
        ("POST", "/projects", {"name": "Refused"}),
        ("DELETE", f"{environment}/blocks/job", None),
        ("POST", f"{environment}/deployments", None),
        ("POST", f"{environment}/blocks/job/runs", {"force": True}),
        ("POST", "/tokens", {"name": "refused", "role": "viewer"}),
        ("PUT", "/credentials/example.org", {"secret": "refused"}),
        ("POST", "/_local/clock", {"advance_seconds": 60}),
    ]


def test_the_api_names_the_disk_until_a_write_succeeds_again(start_stack, tmp_path):
    stack = start_stack()
    source = written(stack, Repository(tmp_path / "repository"))
    everything = ["/blocks", "/projects", "/projects/shop/environments/default", "/tokens", "/credentials"]
    before = [stack.request("GET", path)[::2] for path in everything]
    resource.prlimit(stack.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    for call in calls(source):
        status, headers, body = stack.request(*call)
        assert status == 503, (call, body)
        assert f"Nothing can be stored in the state directory {stack.state_dir}: the disk at /" in body["detail"]
        assert headers["Retry-After"] == "5"
        assert [stack.request("GET", path)[::2] for path in everything] == before
    resource.prlimit(stack.process.pid, resource.RLIMIT_FSIZE, FREE)
    assert stack.request("POST", "/blocks", {"name": "Next", **source})[0] == 201
    stack.kill()
    stack.start()
    names = {block["name"] for block in stack.request("GET", "/blocks")[2]["items"]}
    assert names == {"Job", "Next"}
    assert [stack.request("GET", path)[::2] for path in everything[1:]] == before[1:]
