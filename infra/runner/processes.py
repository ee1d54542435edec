"""Runs one process with everything it starts, and ends all of it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

PROCESSES = Path("/proc")
PR_SET_CHILD_SUBREAPER = 36
LAST_WORDS_SECONDS = 1.0
STUBBORN_SECONDS = 10.0


class Ended(NamedTuple):
    """How a process ended: its exit code as a shell would say it, and whether its time was up."""

    code: int
    timed_out: bool


def adopt_orphans() -> None:
    """On Linux a process that leaves its parent (a daemon) becomes a child of this one, so that it can be found."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(root: int) -> list[int]:
    """Every living process below this one."""
    children: dict[int, list[int]] = {}
    for process, parent in _alive():
        children.setdefault(parent, []).append(process)
    found = list(children.get(root, ()))
    for process in found:
        found.extend(children.get(process, ()))
    return found


def _alive() -> list[tuple[int, int]]:
    if PROCESSES.exists():
        return [pair for name in os.listdir(PROCESSES) if name.isdigit() for pair in _stat(name)]  # noqa: PTH208
    try:
        with subprocess.Popen(["ps", "-axo", "pid=,ppid=,stat="], stdout=subprocess.PIPE, text=True) as listing:
            rows = [line.split() for line in listing.communicate()[0].splitlines()]
    except FileNotFoundError:
        return []  # neither /proc nor ps: a command's process group is all that can be ended
    alive = [(int(row[0]), int(row[1])) for row in rows if len(row) > 2 and not row[2].startswith("Z")]
    return [pair for pair in alive if pair[0] != listing.pid]


def _stat(process: str) -> list[tuple[int, int]]:
    try:
        text = (PROCESSES / process / "stat").read_bytes()
    except OSError:
        return []  # it ended while we looked
    state, parent = text.rpartition(b")")[2].split()[:2]
    return [] if state in b"ZX" else [(int(process), int(parent))]


def signal_all(processes: Sequence[int], number: int) -> None:
    """Sends a signal to each that is still there."""
    for process in processes:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, number)


def kill_descendants() -> None:
    """Kills whatever is below this process until nothing is; each look finds what was forked meanwhile."""
    until = time.monotonic() + STUBBORN_SECONDS
    while time.monotonic() < until:
        found = descendants(os.getpid())
        signal_all(found, signal.SIGKILL)
        reap(0)
        if not found:
            return
        time.sleep(0.002)


def watch_children() -> int:
    """A descriptor that turns readable whenever a child of this process ends."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    return reading


def reap(wanted: int) -> int | None:
    """Collects every child that has ended; the exit code of the wanted one if it is among them."""
    code = None
    while True:
        try:
            process, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return code
        if process == 0:
            return code
        if process == wanted:
            code = shell_code(status)


def shell_code(status: int) -> int:
    """The exit code that a shell reports: 128 and the signal's number for a killed process."""
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


class Running:
    """One process whose output is read until it and all its descendants have ended."""

    def __init__(
        self,
        argv: Sequence[str],
        env: Mapping[str, str],
        cwd: str,
        write: Callable[[bytes], None],
        descriptors: Sequence[int] = (),
    ) -> None:
        self._woken = watch_children()
        self._write = write
        self._process = subprocess.Popen(
            list(argv), env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True, pass_fds=descriptors,
        )  # fmt: skip
        assert self._process.stdout is not None
        self._output = self._process.stdout.fileno()
        self._open = True

    def wait(
        self, timeout: float | None = None, grace: float = 10.0, terminate: Callable[[], None] | None = None
    ) -> Ended:
        """Waits for the end; when the time is up asks the processes to end and kills them after the grace."""
        deadline = None if timeout is None else time.monotonic() + timeout
        timed_out, code = False, None
        while code is None:
            code = self._turn(deadline)
            if code is not None or deadline is None or time.monotonic() < deadline:
                continue
            if timed_out:
                self._kill()
            else:
                (terminate or self._terminate)()
            timed_out, deadline = True, time.monotonic() + grace
        self._process.returncode = code  # reaped here, not by Popen
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)  # where orphans go astray, those of its group are found
        kill_descendants()
        self._drain()
        return Ended(code, timed_out)

    def _turn(self, deadline: float | None) -> int | None:
        watched = [self._woken, self._output] if self._open else [self._woken]
        left = None if deadline is None else max(0.0, deadline - time.monotonic())
        readable = select.select(watched, [], [], left)[0]
        if self._output in readable:
            self._read()
        if self._woken not in readable:
            return None
        os.read(self._woken, 4096)
        return reap(self._process.pid)

    def _read(self) -> None:
        data = os.read(self._output, 65536)
        self._open = bool(data)
        self._write(data)

    def _terminate(self) -> None:
        self._signal(signal.SIGTERM)

    def _kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: int) -> None:
        """Signal the process, which is there to be ended even where no others can be listed, and all below it."""
        signal_all([*{self._process.pid, *descendants(os.getpid())}], number)

    def _drain(self) -> None:
        """Reads what is still in the pipe; not for long, should somebody who got away hold it open."""
        until = time.monotonic() + LAST_WORDS_SECONDS
        while self._open and select.select([self._output], [], [], max(0.0, until - time.monotonic()))[0]:
            self._read()
        if self._process.stdout is not None:
            self._process.stdout.close()
        os.close(self._woken)
        signal.set_wakeup_fd(-1)
