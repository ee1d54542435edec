"""What happens inside a build: `prepare` fetches and builds, `run` runs the job, each tells the shell how it went."""

from __future__ import annotations

import base64
import json
import os
import shlex
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.runner import confined, containers
from infra.runner.memory import out_of_memory_kills
from infra.runner.output import Log
from infra.runner.processes import Running, adopt_orphans
from infra.runner.source import CannotStart, fetch

LOG_DESCRIPTOR = 3
GRACE_SECONDS = 10.0
LONGEST_REASON = 500
KILLED = 137
# What belongs to the build and is none of the job's business.
OF_ROLE = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_REGION", "AWS_DEFAULT_REGION")
OURS = ("KINTO_", "AWS_", "ECS_", "CODEBUILD_")

Outcome = dict[str, str]


class Work:
    """One build: its specification, its secrets, its log and a private folder."""

    def __init__(self, environment: Mapping[str, str], descriptor: int) -> None:
        self.spec: dict[str, Any] = json.loads(whole(environment, "KINTO_SPEC"))
        self.source: dict[str, Any] = self.spec["source"]
        self.folder = Path(environment["KINTO_RUNNER"])
        self.stage = "source"
        self._environment = environment
        self.variables: dict[str, str] = {}
        self.token: str | None = None
        self.log = Log(descriptor)
        secrets = self._secrets(whole(environment, "KINTO_SECRETS"))
        masked: dict[str, str] = secrets.get("variables") or {}
        self.token = secrets.get("token")
        self.variables = {**self._of_role(), **self.spec.get("variables", {}), **masked}
        self.registry: dict[str, str] | None = secrets.get("registry")
        self.log = Log(descriptor, [*masked.values(), self.token or "", (self.registry or {}).get("password", "")])

    def _of_role(self) -> dict[str, str]:
        """Where a job whose environment names a role of its own gets that role's credentials; others get none."""
        names = OF_ROLE if self.spec.get("has_role") else ()
        return {name: self._environment[name] for name in names if name in self._environment}

    def _secrets(self, ciphertexts: str) -> dict[str, Any]:
        """What was encrypted for this run; KMS takes 4,096 bytes at a time, so it may come in pieces."""
        if not ciphertexts:
            return {}
        text = b"".join(self._decrypted(piece) for piece in ciphertexts.split(","))
        found: dict[str, Any] = json.loads(text)
        return found

    def _decrypted(self, ciphertext: str) -> bytes:
        blob = self.folder / "secrets"
        blob.write_bytes(base64.b64decode(ciphertext))
        code, text, said = containers.call(
            "aws", "kms", "decrypt", "--ciphertext-blob", f"fileb://{blob}", "--encryption-context",
            f"run={self.spec['run_id']}", "--output", "text", "--query", "Plaintext",
        )  # fmt: skip
        blob.unlink()
        if code:
            self.log.say(said)
            raise CannotStart("The masked variables could not be decrypted (see the log).")
        return base64.b64decode(text)

    def job_environment(self) -> dict[str, str]:
        """What a command sees: the machine's own environment without ours, and its variables."""
        kept = {name: value for name, value in self._environment.items() if not name.startswith(OURS)}
        if "KINTO_JOB_PATH" in self._environment:
            kept["PATH"] = self._environment["KINTO_JOB_PATH"]
        if "CODEBUILD_BUILD_ID" in self._environment:
            kept["CODEBUILD_BUILD_ID"] = self._environment["CODEBUILD_BUILD_ID"]
        return {**kept, **self.variables}

    def now(self) -> str:
        """The time, moved as the environment asks where the clock is not the real one."""
        moved = time.time() + float(self._environment.get("KINTO_CLOCK_OFFSET") or 0)
        return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moved)) + f".{int(moved % 1 * 1000):03d}Z"

    def start_failed(self, reason: str) -> Outcome:
        """The outcome of a job that never began."""
        self.log.say(f"Not started: {reason}")
        return {"KINTO_STAGE": self.stage, "KINTO_OUTCOME": "start_failed", "KINTO_REASON": self.log.clean(reason)}

    def last_lines(self) -> str:
        """The end of what was said so far, for a reason."""
        lines = [line.strip() for line in self.log.last if line.strip()][-3:]
        told = " / ".join(lines)
        if len(told) > 300:
            told = "… " + (told[-300:].partition(" ")[2] or told[-300:])
        return told or "no output"


def whole(environment: Mapping[str, str], name: str) -> str:
    """A text that may have come in pieces: NAME, NAME_2, NAME_3."""
    pieces = [environment.get(name, "")]
    while (piece := environment.get(f"{name}_{len(pieces) + 1}")) is not None:
        pieces.append(piece)
    return "".join(pieces)


def prepare(work: Work) -> Outcome:
    """Everything before the job's own process."""
    ready = {"folder": os.getcwd(), "image": "", "digest": ""}  # noqa: PTH109
    kind, stage = work.source["type"], work.spec["stage"]
    if work.spec.get("repository") and (kind == "command" or stage == "image"):
        checkout = work.folder / "checkout"
        ready["folder"] = str(fetch(work.spec["repository"], work.token, checkout, work.log.write))
    work.stage = "image"
    if stage == "image":
        digest = build_image(work, Path(ready["folder"]))
        return {"KINTO_STAGE": "image", "KINTO_OUTCOME": "succeeded", "KINTO_IMAGE_DIGEST": digest}
    if kind == "command":
        build_command(work, ready["folder"])
    else:
        ready["image"] = work.source["image"]
        if work.registry:
            # The login goes with the build's folder, whichever engine wrote it.
            os.environ["DOCKER_CONFIG"] = str(work.folder)
            os.environ["REGISTRY_AUTH_FILE"] = str(work.folder / "config.json")
        ready["digest"] = containers.pull(ready["image"], work.registry)
    (work.folder / "ready.json").write_text(json.dumps(ready))
    return {"KINTO_STAGE": "run", "KINTO_IMAGE_DIGEST": ready["digest"]}


def build_image(work: Work, folder: Path) -> str:
    """Builds and publishes the image of a Docker File, unless it is published already."""
    image, name = str(work.source["image"]), str(work.source.get("dockerfile") or "Dockerfile")
    containers.check_name(image)
    found = containers.published_digest(image)
    if found:
        return found
    if "\0" in name:
        raise CannotStart(f"The Docker File {name!r} can't be one.")
    dockerfile = Path(os.path.realpath(folder / name))
    root = Path(os.path.realpath(work.folder / "checkout"))
    if root not in dockerfile.parents:
        raise CannotStart(f"The Docker File {name!r} leads out of the repository.")
    if not dockerfile.is_file():
        raise CannotStart(f"There is no Docker File {name!r} in the source folder.")
    containers.require_engine()
    containers.login(image)
    code = containers.build(folder, dockerfile, image, work.log.write)
    work.log.end()
    if code:
        needed = containers.base_images(dockerfile.read_text(errors="replace"))
        advice = containers.advice("\n".join(work.log.last), needed)
        raise CannotStart(f"The image could not be built: {work.last_lines()}{advice}")
    return containers.push(image)


def build_command(work: Work, folder: str) -> None:
    """The optional build command of a `command` source."""
    command = work.source.get("build")
    if not command:
        return
    ended = _begun(work, command, folder).wait()
    work.log.end()
    if ended.code:
        raise CannotStart(f"The build command ended with exit code {ended.code}: {work.last_lines()}")


def run(work: Work) -> Outcome:
    """The job's own process, under its limits."""
    work.stage = "run"
    ready: dict[str, str] = json.loads((work.folder / "ready.json").read_text())
    outcome = run_container(work, ready["image"]) if ready["image"] else run_command(work, ready["folder"])
    return {"KINTO_STAGE": "run", "KINTO_IMAGE_DIGEST": ready["digest"], **outcome}


def run_command(work: Work, folder: str) -> Outcome:
    """A command as processes of this machine."""
    kills, started = out_of_memory_kills(), work.now()
    running = _begun(work, work.source["command"], folder)
    ended = running.wait(float(work.spec["timeout_seconds"]), float(work.spec.get("grace_seconds", GRACE_SECONDS)))
    work.log.end()
    starved = ended.code == KILLED and out_of_memory_kills() > kills
    return _ended(work, started, ended.code, ended.timed_out, starved)


def _begun(work: Work, command: str, folder: str) -> Running:
    """A command of the job's, which has begun; where that is possible it can't get at this build."""
    adopt_orphans()
    archive = work.folder / "runner.pyz"
    argv = ["/bin/sh", "-c", command]
    prepared = confined.Prepared(archive, argv, work.job_environment(), confined.works(archive))
    try:
        return Running(prepared.argv, prepared.env, folder, work.log.write, prepared.descriptors)
    finally:
        prepared.close()


def run_container(work: Work, image: str) -> Outcome:
    """A container of an image."""
    name = containers.create(
        image, work.source.get("command"), work.variables, int(work.spec["memory_mb"]), work.folder
    )
    try:
        started = work.now()
        grace = float(work.spec.get("grace_seconds", GRACE_SECONDS))
        ended, facts = containers.run(name, work.log.write, float(work.spec["timeout_seconds"]), grace)
        work.log.end()
    finally:
        containers.remove(name)
    if facts.never_ran:
        raise CannotStart(f"The container could not start: {work.last_lines()}")
    return _ended(work, started, facts.code, ended.timed_out, facts.out_of_memory and facts.code != 0)


def _ended(work: Work, started: str, code: int, timed_out: bool, starved: bool) -> Outcome:
    outcome, reason = _verdict(work, code, timed_out, starved)
    return {
        "KINTO_OUTCOME": outcome, "KINTO_EXIT_CODE": str(code), "KINTO_REASON": reason,
        "KINTO_STARTED_AT": started, "KINTO_FINISHED_AT": work.now(),
    }  # fmt: skip


def _verdict(work: Work, code: int, timed_out: bool, starved: bool) -> tuple[str, str]:
    if timed_out:
        return "timed_out", f"It ran longer than its timeout of {work.spec['timeout_seconds']} s and was ended."
    if starved:
        return "out_of_memory", f"It needed more than its {work.spec['memory_mb']} MB of memory and was killed."
    if code == 0:
        return "succeeded", ""
    killed = f" (killed by signal {code - 128})" if 128 < code < 160 else ""
    return "failed", f"It ended with exit code {code}{killed}."


NAMES = (
    "KINTO_STAGE", "KINTO_OUTCOME", "KINTO_EXIT_CODE", "KINTO_REASON",
    "KINTO_STARTED_AT", "KINTO_FINISHED_AT", "KINTO_IMAGE_DIGEST",
)  # fmt: skip


def exports(outcome: Outcome) -> str:
    """The outcome as the shell's assignments."""
    texts = {name: " ".join(outcome.get(name, "").split()) for name in NAMES}
    texts["KINTO_REASON"] = shorten(texts["KINTO_REASON"])
    return "".join(f"export {name}={shlex.quote(text)}\n" for name, text in texts.items())


def shorten(text: str) -> str:
    """A reason that isn't longer than one may be."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return plain if len(plain) <= LONGEST_REASON else plain[: LONGEST_REASON - 1] + "…"


def main(step: str, *more: str) -> None:
    """One step of the build; its outcome goes to the standard output, which nothing else reaches."""
    if step == "confine":
        confined.main(*more)
    confined.undumpable()
    told = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # the shell evaluates it: nobody else may write to it
    work: Work | None = None
    try:
        work = Work(os.environ, LOG_DESCRIPTOR)
        outcome = {"prepare": prepare, "run": run}[step](work)
    except CannotStart as reason:
        if work is None:
            outcome = {"KINTO_STAGE": "source", "KINTO_OUTCOME": "start_failed", "KINTO_REASON": str(reason)}
        else:
            work.log.end()
            outcome = work.start_failed(str(reason))
    os.write(told, exports(outcome).encode())
