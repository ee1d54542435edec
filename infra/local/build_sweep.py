"""What a stack that was killed together with its supervisors has left: processes, containers, folders."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from infra.local.build_process import environment_of, remove
from infra.local.supervise import remove_containers
from infra.runner.processes import signal_all

PATIENCE_SECONDS = 5.0


def kill_leftovers(directory: Path, builds: set[str]) -> None:
    """Kills the processes of these builds, and removes the folders of all, with their containers."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        found = list(processes_of(builds))
        if not found:
            break
        signal_all(found, signal.SIGKILL)
        time.sleep(0.01)
    for folder in directory.iterdir():
        if folder.is_dir() and folder.name != "bin":
            remove_containers(folder / "containers", environment_of(folder, directory))
            remove(folder)


def processes_of(builds: set[str]) -> Iterator[int]:
    """Processes that carry a build's id in their environment."""
    marks = {f"CODEBUILD_BUILD_ID={build}".encode() for build in builds}
    for entry in Path("/proc").iterdir() if Path("/proc/self/stat").exists() else ():
        if entry.name.isdigit() and int(entry.name) != os.getpid() and _belongs(entry, marks):
            yield int(entry.name)


def _belongs(process: Path, marks: set[bytes]) -> bool:
    try:
        return not marks.isdisjoint((process / "environ").read_bytes().split(b"\0"))
    except OSError:
        return False  # it has ended, or is somebody else's
