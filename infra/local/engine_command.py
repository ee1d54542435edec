"""The `docker` of builds on the laptop: the engine that works, with the stack's image repository played by it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from infra.local import wire
from infra.local.engine import Engine, choose

OURS = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com[a-z.]*/(?P<name>[^:@]+):(?P<tag>[^@]+)\Z")
OURS_HOST = re.compile(r"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com[a-z.]*")
MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def main(arguments: list[str]) -> int:
    """Does one command, or becomes the engine that does it."""
    engine = choose(Path(os.environ["KINTO_ENGINE"]), os.environ["KINTO_JOB_PATH"])
    if isinstance(engine, str):
        print(engine, file=sys.stderr)
        return 1
    os.environ.update(engine.environment, PATH=os.environ["KINTO_JOB_PATH"])
    image = OURS.match(arguments[-1]) if arguments else None
    match arguments[:1]:
        case ["login"] if OURS_HOST.fullmatch(arguments[-1]):
            print("Login Succeeded")
            return 0
        case ["push"] if image:
            return _push(engine, arguments[-1], image["name"], image["tag"])
        case ["pull"] if image:
            return _pull(engine, arguments[-1], image["name"], image["tag"])
        case ["create"]:
            _note(arguments[arguments.index("--name") + 1])
        case ["start"] if engine.name == "podman":
            _enter(arguments[-1])
        case ["container"] if engine.name == "podman":
            return _inspect(engine, arguments)
        case ["rm"]:
            return _remove(engine, arguments)
    return _become(engine, arguments)


def _become(engine: Engine, arguments: list[str]) -> int:
    os.execv(engine.program, [engine.program, *arguments])


def _ask(engine: Engine, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([engine.program, *arguments], capture_output=True, text=True, check=False)


def _digest(engine: Engine, image: str) -> str | None:
    """What tells one image from another: the digest if the engine made one, else the image's id."""
    answer = _ask(engine, "image", "inspect", image)
    if answer.returncode:
        return None
    facts: dict[str, Any] = json.loads(answer.stdout)[0]
    return str(facts.get("Digest") or "sha256:" + facts["Id"].removeprefix("sha256:"))


def _push(engine: Engine, image: str, name: str, tag: str) -> int:
    digest = _digest(engine, image)
    if digest is None:
        print(f"There is no image {image} on this machine", file=sys.stderr)
        return 1
    layer = {"digest": digest, "size": 0, "mediaType": MANIFEST}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": layer, "layers": [layer]}
    request = {"repositoryName": name, "imageTag": tag, "imageDigest": digest, "imageManifest": json.dumps(manifest)}
    try:
        wire.call("ecr", "PutImage", request)
    except wire.Refused as refused:
        if refused.code != "ImageAlreadyExistsException":
            print(refused, file=sys.stderr)
            return 1
    return 0


def _pull(engine: Engine, image: str, name: str, tag: str) -> int:
    """The engine's own storage is the repository; what was removed there must be built again."""
    if _digest(engine, image) is not None:
        return 0
    wire.call("ecr", "BatchDeleteImage", {"repositoryName": name, "imageIds": [{"imageTag": tag}]})
    print("it is no longer on this machine; the next run builds it again", file=sys.stderr)
    return 1


def _names() -> Path:
    return Path(os.environ["KINTO_CONTAINERS"])


def _note(name: str) -> None:
    """Writes the container down before it is there, so that whoever cleans up finds it."""
    with _names().open("a") as file:
        file.write(name + "\n")


def _enter(name: str) -> None:
    """Podman 4 leaves the note of a kill for want of memory in the folder where it was called, not where it looks."""
    folder = _names().with_name(name)
    folder.mkdir(exist_ok=True)
    os.chdir(folder)


def _inspect(engine: Engine, arguments: list[str]) -> int:
    answer = _ask(engine, *arguments)
    if answer.returncode:
        print(answer.stderr, end="", file=sys.stderr)
        return answer.returncode
    state = json.loads(answer.stdout)
    state["OOMKilled"] = bool(state.get("OOMKilled")) or (_names().with_name(arguments[-1]) / "oom").exists()
    print(json.dumps(state))
    return 0


def _remove(engine: Engine, arguments: list[str]) -> int:
    answer = _ask(engine, *arguments)
    for name in arguments[1:]:
        shutil.rmtree(_names().with_name(name), ignore_errors=True)
    kept = [name for name in _names().read_text().split() if name not in arguments] if _names().exists() else []
    _names().write_text("".join(name + "\n" for name in kept))
    print(answer.stderr, end="", file=sys.stderr)
    return answer.returncode
