"""Keeps a command away from the build that runs it: it sees no processes but its own, no engine and no disks."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.runner.processes import shell_code

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
CLONE_NEWNS, CLONE_NEWPID = 0x20000, 0x20000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    *(1, 2, 4, 8, 32),
    *(0x1000, 0x4000, 0x40000),
)
MNT_DETACH = 2
CAP_SYS_ADMIN = 21
# What root keeps in an ordinary container, but for making devices; it can't mount, nor trace others.
KEPT = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 29, 31}
ENGINES = ("/run/docker.sock", "/var/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock")
MEMORY = ("/dev/mem", "/dev/kmem", "/dev/port", "/dev/kmsg")
KERNEL = ("/proc/sys", "/proc/sysrq-trigger", "/proc/irq", "/proc/bus", "/sys")


def undumpable() -> None:
    """On Linux nobody of the same user can look into this process or take its descriptors from now on."""
    if sys.platform == "linux":
        _libc().prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def is_possible() -> bool:
    """Whether this process may keep others in namespaces of their own: root of the machine, as in CodeBuild."""
    try:
        told = Path("/proc/self/status").read_text()
    except OSError:
        return False
    rights = next((int(line.split()[1], 16) for line in told.splitlines() if line.startswith("CapEff:")), 0)
    return os.geteuid() == 0 and bool(rights >> CAP_SYS_ADMIN & 1)


def works(archive: Path) -> bool:
    """Whether the machine lets others be confined, by trying it: a job shall not fail for want of it."""
    if not archive.exists() or not is_possible():
        return False
    trial = Prepared(archive, ["/bin/sh", "-c", "exit 0"], {}, confine=True)
    try:
        return not subprocess.run(
            trial.argv, env=trial.env, pass_fds=trial.descriptors, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, check=False,
        ).returncode  # fmt: skip
    finally:
        trial.close()


class Prepared:
    """A command ready for Popen: itself, or the runner that confines it and is told its environment by a file."""

    def __init__(self, archive: Path, argv: Sequence[str], env: Mapping[str, str], confine: bool) -> None:
        self.argv, self.env, self.descriptors = list(argv), dict(env), tuple[int, ...]()
        self._file: Any = None
        if confine:
            # What the job's variables say (LD_PRELOAD) shall not be true of what confines it.
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
            self._file.write(json.dumps(dict(env)).encode("utf-8", "surrogateescape"))
            self._file.flush()
            self._file.seek(0)
            self.descriptors = (self._file.fileno(),)
            self.argv = [sys.executable, "-IS", str(archive), "confine", str(self._file.fileno()), *argv]
            self.env = {"PATH": os.environ.get("PATH", os.defpath)}

    def close(self) -> None:
        """Once it has begun."""
        if self._file is not None:
            self._file.close()


def main(descriptor: str, *argv: str) -> None:
    """Runs a command confined and ends as it ended; the environment of the command is read from the descriptor."""
    with os.fdopen(int(descriptor), encoding="utf-8", errors="surrogateescape") as file:
        env = json.load(file)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is meant for the command, whose end is waited for
    _checked(_libc().unshare(CLONE_NEWNS | CLONE_NEWPID))
    first = os.fork()
    if first == 0:
        _first(argv, env)
    os._exit(shell_code(os.waitpid(first, 0)[1]))


def _first(argv: Sequence[str], env: dict[str, str]) -> None:
    """The first process among the command's: whatever is left ends with it, and it ends with its parent."""
    _libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    undumpable()
    _mount()
    command = os.fork()
    if command == 0:
        _become(argv, env)
    while True:
        ended, status = os.waitpid(-1, 0)
        if ended == command:
            os._exit(shell_code(status))


def _mount() -> None:
    """The command's own /proc instead of ours, not above it; no engine, no disks; the kernel to read only."""
    _do("none", "/", None, MS_REC | MS_PRIVATE)
    _checked(_libc().umount2(b"/proc", MNT_DETACH))
    _do("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    for path in {*ENGINES, *MEMORY, *(entry.path for entry in os.scandir("/dev"))}:
        with contextlib.suppress(OSError):
            mode = os.stat(path, follow_symlinks=path in ENGINES).st_mode  # noqa: PTH116
            if stat.S_ISSOCK(mode) or stat.S_ISBLK(mode) or path in MEMORY:
                _do("/dev/null", os.path.realpath(path), None, MS_BIND)
    for path in KERNEL:
        if os.path.exists(path):  # noqa: PTH110
            _do(path, path, None, MS_BIND | MS_REC)
            _do("none", path, None, MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)


def _become(argv: Sequence[str], env: dict[str, str]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for right in range(64):
        if right not in KEPT:
            _libc().prctl(PR_CAPBSET_DROP, right, 0, 0, 0)  # beyond the last one it answers an error
    os.execvpe(argv[0], list(argv), env)


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _do(what: str, where: str, kind: str | None, flags: int) -> None:
    _checked(_libc().mount(what.encode(), where.encode(), kind.encode() if kind else None, flags, None))


def _checked(answer: int) -> None:
    if answer:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
