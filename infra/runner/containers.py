"""Builds, fetches and runs container images through the `docker` command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from infra.runner.processes import Ended, Running
from infra.runner.source import CannotStart

IMAGE = re.compile(r"[a-z0-9][a-zA-Z0-9._/:@-]*\Z")
HOST = re.compile(r"[a-z0-9][a-z0-9.-]*(?::\d{1,5})?\Z")
USER = re.compile(r"[A-Za-z0-9._@:$+/][A-Za-z0-9._@:$+/-]*\Z")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
# The whole of AWS's own hosts and no longer ones: to these goes a password of the account's.
PRIVATE = re.compile(r"(?P<registry>(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z]{2,}(?:-[a-z0-9]+)+)"
                     r"\.amazonaws\.(?:com|com\.cn|eu))"
                     r"/(?P<name>[a-z0-9][a-z0-9._/-]*)(?::(?P<tag>\w[\w.-]*))?(?:@sha256:[0-9a-f]+)?\Z",
                     re.ASCII)  # fmt: skip
# Names that would steer the command line itself instead of only passing through its environment.
STEERING = re.compile(r"(?i)(PATH|HOME|TMPDIR|USER|LD_.*|DYLD_.*|DOCKER_.*|BUILDKIT_.*|BUILDX_.*|PODMAN_.*|CONTAINER.*"
                      r"|STORAGE_.*|XDG_.*|REGISTRY_.*|DBUS_.*|SSL_.*|GO.*|KINTO_CONTAINERS|.*_PROXY|AWS_ENDPOINT_URL|"
                      r"PYTHON.*)\Z")  # fmt: skip
FROM = re.compile(r"^[ \t]*FROM[ \t]+(?:--\S+[ \t]+)*(\S+)(?:[ \t]+AS[ \t]+(\S+))?", re.IGNORECASE | re.MULTILINE)
HUB = "docker.io"
LIMITED = "toomanyrequests"  # the code of the OCI distribution specification, as registries send it
NEVER = "0001-01-01T00:00:00"
ENGINE_SLACK_SECONDS = 15.0


class Facts(NamedTuple):
    """What the engine says about a container that ended."""

    code: int
    out_of_memory: bool
    never_ran: bool


def call(*arguments: str, stdin: str = "", env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """One command; its exit code, output and error output."""
    try:
        done = subprocess.run(
            arguments, input=stdin, env=env, capture_output=True, text=True, errors="replace", check=False
        )
    except FileNotFoundError:
        raise CannotStart(f"There is no `{arguments[0]}` command where the job was to run.") from None
    return done.returncode, done.stdout.strip(), done.stderr.strip()


def require_engine() -> None:
    """Says in time, and clearly, that there is nothing to run containers with."""
    code, _, said = call("docker", "version")
    if code:
        raise CannotStart(f"No container engine works here: install and start Docker or Podman ({_last(said)}).")


def check_name(image: str) -> None:
    """Refuses what is no image's name, above all what the engine would take for an option."""
    if not IMAGE.match(image):
        raise CannotStart(f"{image!r} is not the name of a container image.")


def login(image: str, known: Mapping[str, str] | None = None) -> None:
    """Shows the image's registry who we are: the stack's own by its role, another by the login that is `known`."""
    place = PRIVATE.match(image)
    if known:
        if not HOST.match(known["host"]) or not USER.match(known["username"]):
            raise CannotStart("The login that is kept for the image's registry can't be one.")
        _login(known["host"], known["username"], known["password"])
    elif place:
        code, password, said = call("aws", "ecr", "get-login-password", "--region", place["region"])
        if code:
            raise CannotStart(f"The image repository {place['registry']} did not let us in: {_last(said)}")
        _login(place["registry"], "AWS", password)


def _login(host: str, username: str, password: str) -> None:
    code, _, said = call("docker", "login", "--username", username, "--password-stdin", host, stdin=password)
    if code:
        raise CannotStart(f"The image repository {host} did not let us in: {_last(said)}")


def published_digest(image: str) -> str:
    """The digest under which the image's tag is in the stack's registry; empty if it isn't there."""
    place = PRIVATE.match(image)
    if not place or not place["tag"]:
        return ""
    code, digest, _ = call(
        "aws", "ecr", "describe-images", "--region", place["region"], "--registry-id", place["account"],
        "--repository-name", place["name"], "--image-ids", "imageTag=" + place["tag"],
        "--query", "imageDetails[0].imageDigest", "--output", "text",
    )  # fmt: skip
    return digest if not code and digest.startswith("sha256:") else ""


def build(folder: Path, dockerfile: Path, image: str, write: Callable[[bytes], None]) -> int:
    """Builds an image; the engine's exit code."""
    env = {**os.environ, "BUILDKIT_PROGRESS": "plain"}
    argv = ["docker", "build", "--file", str(dockerfile), "--tag", image, str(folder)]
    return Running(argv, env, str(folder), write).wait().code


def push(image: str) -> str:
    """Publishes an image; its digest."""
    code, said, error = call("docker", "push", image)
    digest = published_digest(image)
    if code and not digest:  # somebody else may have pushed the same tag first
        raise CannotStart(f"The image could not be pushed to the image repository: {_last(error or said)}")
    return digest


def pull(image: str, known: Mapping[str, str] | None = None) -> str:
    """Makes sure that the image is here, with the login for its registry if one is `known`; its digest."""
    check_name(image)
    found = _digest(image)
    if found is None:
        require_engine()
        login(image, known)
        code, said, error = call("docker", "pull", "--quiet", image)
        if code:
            raise CannotStart(_why_no_image(image, error or said, known is not None))
        found = _digest(image)
    return found or ""


def _digest(image: str) -> str | None:
    code, text, _ = call("docker", "image", "inspect", "--format", "{{.Id}} {{json .RepoDigests}}", image)
    if code:
        return None
    identity, _, digests = text.partition(" ")
    known = json.loads(digests or "[]") or ["@sha256:" + identity.rpartition(":")[2]]
    return str(known[0]).rpartition("@")[2]


def _why_no_image(image: str, said: str, has_login: bool) -> str:
    """The engine's words, and advice by what is known of the image: engines word a refusal differently."""
    host = registry(image)
    official = host == HUB and "/" not in image.removeprefix(f"{HUB}/").removeprefix("library/")
    login_helps = not (has_login or official or PRIVATE.match(image))
    private = f" If it is private, keep a login for {host} in the stack's credentials." if login_helps else ""
    return f"The image {image} can't be pulled: {_last(said)}.{private}{advice(said, [image])}"


def registry(image: str) -> str:
    """The host of an image's registry, by the rule that all engines share."""
    host, slash, _ = image.partition("/")
    return host if slash and ("." in host or ":" in host or host == "localhost") else HUB


def base_images(dockerfile: str) -> list[str]:
    """The images that a Docker File begins with; not its own stages, nor names with arguments in them."""
    stages, images = {"scratch"}, list[str]()
    for image, stage in FROM.findall(dockerfile):
        if image not in stages and IMAGE.match(image):
            images.append(image)
        stages.add(stage)
    return images


def advice(said: str, images: Sequence[str]) -> str:
    """What helps against the commonest troubles with registries, for images that were needed; empty for others."""
    if LIMITED in said.lower():
        return " Docker Hub's rate limit is reached: public.ecr.aws/docker/library has its official images without one."
    short = [image for image in images if registry(image) == HUB and not image.startswith(f"{HUB}/")]
    if not short or _digest(short[0]) or _completes_names():
        return ""
    return f" Write the image's full name: {HUB}/{short[0] if '/' in short[0] else f'library/{short[0]}'}."


def _completes_names() -> bool:
    """Whether an image needs no registry in its name: with Podman only where its settings list some to search."""
    code, text, _ = call("docker", "info", "--format", "{{json .Registries}}")
    return bool(code) or "search" in (json.loads(text) or {})  # Docker itself has no such list


def create(image: str, command: str | None, variables: Mapping[str, str], memory_mb: int, files: Path) -> str:
    """A container that is ready to start; its name. Values never appear in the process list."""
    check_name(image)
    for key, value in variables.items():
        if not NAME.match(key) or "\0" in value:
            raise CannotStart(f"{key!r} can't be a variable of a container.")
    name = f"kinto-{os.urandom(6).hex()}"
    passed = {key: value for key, value in variables.items() if not STEERING.match(key)}
    filed = {key: value for key, value in variables.items() if STEERING.match(key)}
    argv = ["docker", "create", "--name", name, "--memory", f"{memory_mb}m", "--memory-swap", f"{memory_mb}m"]
    argv += [word for key in passed for word in ("--env", key)]
    argv += _environment_file(files / name, filed)
    argv += ["--entrypoint", "sh", image, "-c", command] if command is not None else [image]
    code, _, said = call(*argv, env={**os.environ, **passed})
    (files / name).unlink(missing_ok=True)
    if code:
        raise CannotStart(f"The container could not be created: {_last(said)}")
    return name


def _environment_file(path: Path, variables: Mapping[str, str]) -> list[str]:
    if not variables:
        return []
    several = [key for key, value in variables.items() if "\n" in value]
    if several:
        raise CannotStart(f"The variable {several[0]} can't have more than one line in a container.")
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.writelines(f"{key}={value}\n" for key, value in variables.items())
    return ["--env-file", str(path)]


def run(name: str, write: Callable[[bytes], None], timeout: float, grace: float) -> tuple[Ended, Facts]:
    """Runs a created container to its end."""
    argv = ["docker", "start", "--attach", name]

    def stop() -> None:
        silent = [(os.POSIX_SPAWN_OPEN, descriptor, os.devnull, os.O_WRONLY, 0) for descriptor in (1, 2)]
        command = ["docker", "stop", "-t", str(round(grace)), name]
        os.posix_spawnp("docker", command, os.environ, file_actions=silent)

    ended = Running(argv, os.environ, os.getcwd(), write).wait(timeout, grace + ENGINE_SLACK_SECONDS, stop)  # noqa: PTH109
    if ended.timed_out:
        call("docker", "kill", name)  # no harm if it has ended
    return ended, _facts(name)


def _facts(name: str) -> Facts:
    code, text, said = call("docker", "container", "inspect", "--format", "{{json .State}}", name)
    if code:
        raise CannotStart(f"The container engine lost the container: {_last(said)}")
    state: dict[str, Any] = json.loads(text)
    never_ran = str(state.get("StartedAt", "")).startswith(NEVER)
    return Facts(int(state["ExitCode"]), bool(state.get("OOMKilled")), never_ran)


def remove(name: str) -> None:
    """Leaves nothing of a container."""
    call("docker", "rm", "--force", "--volumes", name)


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1][-300:] if lines else "it gave no reason"
