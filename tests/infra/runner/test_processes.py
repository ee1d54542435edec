from __future__ import annotations

import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from infra.runner import processes
from tests.infra.conftest import marked, until

pytestmark = pytest.mark.processes

ROOT = Path(__file__).parents[3]
RUN = """
import os, sys
from pathlib import Path
from infra.runner import processes
processes.PROCESSES = Path(sys.argv[1])
ended = processes.Running(["sh", "-c", sys.argv[2]], os.environ, "/", lambda data: os.write(1, data)).wait(1, 0.3)
print(ended.code, ended.timed_out)
"""


def run(text, listing):
    done = subprocess.run(
        [sys.executable, "-c", RUN, listing, text], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split()


@pytest.fixture(params=["/proc", "/nothing"])
def listing(request, absent):
    """Where processes are listed: by the kernel, or by ps on machines without /proc."""
    if request.param == "/nothing" and shutil.which("ps") is None:
        absent("ps is not installed (package procps)")
    return request.param


def test_processes_are_found_through_the_kernel_or_through_ps(monkeypatch, listing):
    monkeypatch.setattr(processes, "PROCESSES", Path(listing))
    child = subprocess.Popen(["sh", "-c", "sleep 50 & wait"], start_new_session=True)
    found = until(lambda: len(processes.descendants(child.pid)) == 1 and processes.descendants(child.pid))
    processes.signal_all([child.pid, *found], 9)
    child.wait()
    assert child.pid not in processes.descendants(1)


def test_a_tree_ends_with_its_root_and_at_its_timeout(listing):
    mark = f"mark-{uuid.uuid4()}"
    assert run(f"(sleep 999; : {mark}) & (sh -c 'sleep 999; : {mark}' &); echo on; exit 4", listing) == [
        "on",
        "4",
        "False",
    ]
    assert run(f"trap '' TERM; (sleep 999; : {mark}) & wait; sleep 999", listing)[-2:] == ["137", "True"]
    until(lambda: not marked(mark))


def test_process_group_ends_without_proc_and_ps(monkeypatch, tmp_path):
    mark = f"mark-{uuid.uuid4()}"
    shell, sleep = shutil.which("sh"), shutil.which("sleep")
    python = sys.executable
    monkeypatch.setenv("PATH", str(tmp_path))
    program = RUN.replace('["sh",', f"[{shell!r},")
    text = f"({sleep} 60; : {mark}) & echo on; {sleep} 60"
    done = subprocess.run(
        [python, "-c", program, "/nothing", text], cwd=ROOT, capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout.split() == ["on", "143", "True"]
    until(lambda: not marked(mark))


def test_sending_a_signal_to_nobody_is_no_fault():
    processes.signal_all([2**22 + 1], 9)
