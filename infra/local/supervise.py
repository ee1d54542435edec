"""Keeps a build's processes together: runs its shell, and whatever happens leaves none of them behind."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

if not __package__:  # run as a script, by its path
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from infra.runner.processes import adopt_orphans, kill_descendants, reap, watch_children

STDIN = 0
CONTROL = 9  # a shell's redirections know one digit


def main() -> None:
    """Reads what to run; ends with the shell, or when the standard input closes: its owner stopped it or died."""
    request: dict[str, Any] = json.loads(sys.stdin.buffer.readline())
    if request["control"] != CONTROL:
        os.dup2(request["control"], CONTROL, inheritable=False)
        os.close(request["control"])
    adopt_orphans()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        attend(request, watch_children())
    finally:
        kill_descendants()
        remove_containers(Path(request["containers"]), request["environment"])


def attend(request: dict[str, Any], woken: int) -> None:
    """Runs the shell until it ends or nobody wants it any more."""
    shell = subprocess.Popen(
        ["sh", request["script"]], cwd=request["folder"], env=request["environment"], stdin=subprocess.DEVNULL,
        start_new_session=True, pass_fds=(CONTROL,),
    )  # fmt: skip
    os.close(CONTROL)
    shell.returncode = 0  # it is reaped here, not by Popen
    while True:
        readable = select.select([STDIN, woken], [], [])[0]
        if STDIN in readable and not os.read(STDIN, 1):
            return
        if woken in readable and os.read(woken, 4096) and reap(shell.pid) is not None:
            return


def remove_containers(noted: Path, environment: dict[str, str]) -> None:
    """Containers of a daemon are nobody's children; the build noted them."""
    names = noted.read_text().split() if noted.exists() else []
    if names:
        subprocess.run(
            ["docker", "rm", "--force", "--volumes", *names], env=environment, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip


if __name__ == "__main__":
    main()
