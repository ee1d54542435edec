"""Which container engine works on this machine: Docker, or Podman."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

CONTAINERS_CONF = Path(__file__).with_name("containers.conf")
SYSTEMD = Path("/run/systemd/system")
PATIENCE_SECONDS = 20


class Engine(NamedTuple):
    """A program and what must be in its environment."""

    name: str
    program: str
    environment: dict[str, str]


def choose(remembered: Path, search: str) -> Engine | str:
    """The engine that works, found once and then remembered in a file; or why none does."""
    try:
        return Engine(*json.loads(remembered.read_text()))
    except (OSError, ValueError, TypeError):
        found = _find(search)
    if isinstance(found, Engine):
        fresh = remembered.with_name(f"{remembered.name}.{os.getpid()}")
        fresh.write_text(json.dumps(found))
        fresh.replace(remembered)
    return found


def _find(search: str) -> Engine | str:
    faults = []
    for name in ("docker", "podman"):
        program = shutil.which(name, path=search)
        if program is None:
            faults.append(f"{name} is not installed")
            continue
        engine = Engine(_true_name(name, program), program, _environment(name))
        fault = _fault(engine)
        if not fault:
            return engine
        faults.append(f"{name}: {fault}")
    return "; ".join(faults)


def _true_name(name: str, program: str) -> str:
    """Podman often comes with a `docker` of its own."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return "podman" if "podman" in said.lower() else name


def _environment(name: str) -> dict[str, str]:
    plain = sys.platform != "linux" or os.geteuid() != 0 or SYSTEMD.exists()
    if name == "docker" or plain or "CONTAINERS_CONF" in os.environ:
        return {}
    return {"CONTAINERS_CONF": str(CONTAINERS_CONF)}


def _fault(engine: Engine) -> str:
    try:
        done = subprocess.run(
            [engine.program, "info"], capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS,
            env={**os.environ, **engine.environment}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    return "" if done.returncode == 0 else (lines or ["it gave no reason"])[-1]
