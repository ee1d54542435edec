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


def kill_leftovers(directory: Path) -> None:
    """Kill the processes of builds that have a folder here, and remove their containers and folders."""
    folders = [folder for folder in directory.iterdir() if folder.is_dir() and folder.name != "bin"]
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        leftovers = list(processes_of({folder.name for folder in folders}))
        if not leftovers:
            break
        signal_all(leftovers, signal.SIGKILL)
        time.sleep(0.01)
    for folder in folders:
        remove_containers(folder / "containers", environment_of(folder, directory))
        remove(folder)


def processes_of(names: set[str]) -> Iterator[int]:
    """Yield the processes that carry the id of one of these builds in their environment, which ends with its name."""
    for entry in Path("/proc").iterdir() if names and Path("/proc/self/stat").exists() else ():
        if entry.name.isdigit() and int(entry.name) != os.getpid() and _belongs(entry, names):
            yield int(entry.name)


def _belongs(process: Path, names: set[str]) -> bool:
    try:
        variables = (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return False  # it has ended, or is somebody else's
    ids = (variable for variable in variables if variable.startswith(b"CODEBUILD_BUILD_ID="))
    return any(build.rpartition(b":")[2].decode(errors="replace") in names for build in ids)
