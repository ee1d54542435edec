"""The console's build: its packages, the types of the API, and what is served, each made anew only when it changed."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from infra.console import node

ROOT = Path(__file__).parents[2]
# Packages run nothing while they are installed, and are installed also where NODE_ENV says production.
CLEAN_INSTALL = ("ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


class CannotBuild(Exception):
    """Why there is no console; the text is for a person."""


def build(root: Path = ROOT) -> bool:
    """Make chalicelib/console/ what its sources say; whether there was something to do. Raises CannotBuild."""
    built = root / "chalicelib" / "console"
    stamp = built / ".built"  # Vite empties the folder first: what is half built has no stamp
    seen = stamp.read_text().split() if stamp.exists() else []
    sources, code = list(_sources(root)), [root / "app.py", *sorted(root.glob("chalicelib/**/*.py"))]
    quick = _digest(root, [*sources, *code])
    if seen[:1] == [quick]:
        return False
    document = _document(root)
    whole = _digest(root, [*sources, document])
    if seen[1:] != [whole]:
        npm = prepare(root)
        _quietly(root, npm, "The console can't be built", "run", "--silent", "build")
    stamp.write_text(f"{quick}\n{whole}\n")
    return seen[1:] != [whole]


def prepare(root: Path = ROOT) -> node.Npm:
    """Install the console's packages and make the types of the API; raises CannotBuild."""
    try:
        npm = node.npm()
    except node.NoNode as error:
        raise CannotBuild(str(error)) from error
    _install(root, npm)
    document, types = _document(root), root / "console" / "src" / "api" / "schema.d.ts"
    if not types.exists() or types.stat().st_mtime_ns < document.stat().st_mtime_ns:
        _quietly(root, npm, "The types of the API can't be made", "run", "--silent", "types")
    return npm


@contextlib.contextmanager
def alone(root: Path = ROOT) -> Iterator[None]:
    """`make up` in one terminal and `make test` in another don't build at once."""
    (root / "out").mkdir(exist_ok=True)
    with (root / "out" / "console.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sources(root: Path) -> Iterator[Path]:
    made = {root / "console" / "node_modules", root / "console" / "src" / "api" / "schema.d.ts"}
    for path in sorted((root / "console").iterdir()):
        if path not in made:
            yield from (one for one in ([path] if path.is_file() else sorted(path.rglob("*"))) if one not in made)


def _digest(root: Path, paths: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for path in paths:
        if path.is_file():
            found.update(f"{path.relative_to(root)}\0".encode())
            found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def _document(root: Path) -> Path:
    """The API as the code has it now, as OpenAPI; the file is touched only when it changes."""
    from app import app
    from chalicelib.api import meta, openapi

    path = root / "out" / "openapi.json"
    text = json.dumps(openapi.document(app, meta.TITLE, meta.VERSION), indent=1) + "\n"
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return path


def _install(root: Path, npm: node.Npm) -> None:
    packages = root / "console" / "node_modules"
    stamp = packages / ".installed"  # `npm ci` begins by removing all of it
    wanted = _digest(root, [root / "console" / "package-lock.json"])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    print("Installing the console's packages", flush=True)
    _quietly(root, npm, "No packages for the console (is an npm registry in reach?)", *CLEAN_INSTALL)
    stamp.write_text(wanted)


def _quietly(root: Path, npm: node.Npm, failure: str, *arguments: str) -> None:
    """What npm says is told only where it fails."""
    done = subprocess.run(
        [*npm.command, *arguments], cwd=root / "console", env=npm.environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise CannotBuild(f"{failure}:\n{done.stdout.strip()}")
