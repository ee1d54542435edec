"""The build worker in CodeBuild's place: runs the projects' buildspecs for real, as processes of this machine."""

from __future__ import annotations

import copy
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from moto.codebuild.exceptions import InvalidInputException, ResourceNotFoundException

from infra.local import build_record, build_requests, build_sweep, buildspec_script
from infra.local.build_log import BuildLog
from infra.local.build_process import BuildProcess, prepare_shared
from infra.local.build_record import Record
from infra.local.buildspec_script import BuildSpec
from infra.local.patches.codebuild import wake

log = logging.getLogger(__name__)

KEPT_BUILDS = 2_000
MINUTE_SECONDS = 60.0
STOP_SECONDS = 2.0


class _Running:
    """A build that has not ended: its processes, its thread, and why it is being ended if it is."""

    def __init__(self, process: BuildProcess) -> None:
        self.process = process
        self.verdict = ""
        self.deadline: float | None = None
        self.over = threading.Event()
        self.thread: threading.Thread | None = None


class BuildWorker:
    """Builds of all projects; each has a thread, a supervisor process and a folder while it runs."""

    def __init__(
        self,
        directory: Path,
        emit: Callable[[str, str, dict[str, Any]], None],
        now: Callable[[], datetime],
        minute_seconds: float = MINUTE_SECONDS,
    ) -> None:
        self._directory, self._emit, self._now = directory.resolve(), emit, now
        self._minute = minute_seconds
        self._lock = threading.RLock()
        self._builds: dict[str, Record] = {}
        self._running: dict[str, _Running] = {}
        self._tokens: dict[str, str] = {}
        self._closed = False

    def install(self) -> None:
        """Takes CodeBuild's place in the emulator."""
        prepare_shared(self._directory)
        build_requests.install(self)

    def sweep(self) -> None:
        """Remove what the builds of a killed predecessor left; nobody waits for their results any more."""
        build_sweep.kill_leftovers(self._directory)

    def stop_all(self) -> None:
        """Ends every build; nothing can be started afterwards."""
        with self._lock:
            self._closed = True
            running = list(self._running.items())
        for build_id, _ in running:
            self._end(build_id, "STOPPED")
        for _, one in running:
            one.over.wait(STOP_SECONDS * 5)

    def start_build(self, project: Record, request: Record) -> Record:
        """A new build of a project; the one of before if its idempotency token is known."""
        token = request.get("idempotencyToken")
        with self._lock:
            if self._closed:
                raise InvalidInputException("The stack is going down")
            if token and token in self._tokens:
                return copy.deepcopy(self._builds[self._tokens[token]])
            build_id = f"{project['name']}:{uuid.uuid4()}"
            number = sum(1 for build in self._builds.values() if build["projectName"] == project["name"]) + 1
            build = build_record.begun(project, request, build_id, number, self._now())
            self._remember(build, token)
            running = self._running[build_id] = _Running(BuildProcess(self._folder(build), self._directory))
            answer = copy.deepcopy(build)
        text = request.get("buildspecOverride") or project["source"].get("buildspec", "")
        running.thread = threading.Thread(target=self._work, args=(build, running, text), name=build_id, daemon=True)
        running.thread.start()
        return answer

    def batch_get_builds(self, ids: Iterable[str]) -> list[Record]:
        """Those of the builds that are known."""
        with self._lock:
            return [copy.deepcopy(self._builds[build_id]) for build_id in ids if build_id in self._builds]

    def stop_build(self, build_id: str) -> Record:
        """Stops a build and answers as soon as nothing of it is left."""
        if build_id not in self._builds:
            raise ResourceNotFoundException(f"Build {build_id} does not exist")
        running = self._end(build_id, "STOPPED")
        if running is not None:
            running.over.wait(STOP_SECONDS)
        return self.batch_get_builds([build_id])[0]

    def ids(self, project: str | None = None) -> list[str]:
        """The builds of one project or of all, the latest first."""
        with self._lock:
            found = [build["id"] for build in self._builds.values() if project in (None, build["projectName"])]
        return found[::-1]

    def _end(self, build_id: str, verdict: str) -> _Running | None:
        with self._lock:
            running = self._running.get(build_id)
            if running is not None and not running.verdict:
                running.verdict = verdict
        if running is not None:
            running.process.stop()
        return running

    def _work(self, build: Record, running: _Running, text: str) -> None:
        """The life of one build, in its own thread."""
        try:
            self._tell(build)
            status = self._run(build, running, text)
        except Exception as error:
            log.exception("The build %s broke", build["id"])
            status = self._broke(build, running, error)
        finally:
            running.process.close()
        try:
            self._finish(build, status)
        finally:
            with self._lock:
                del self._running[build["id"]]
            running.over.set()

    def _run(self, build: Record, running: _Running, text: str) -> str:
        spec = buildspec_script.read(text)
        place = build["arn"].split(":")
        output = BuildLog((place[4], place[3]), build["logs"]["groupName"], build["logs"]["streamName"], self._now)
        self._phase(build, "PROVISIONING")
        if not running.process.start(spec, self._environment(build)):
            return self._left(build, "STOPPED", "", "")
        running.deadline = time.monotonic() + build["timeoutInMinutes"] * self._minute
        code = None
        for kind, fact in running.process.follow(lambda: _earliest(running.deadline, output.due), output.write):
            output.flush_if_due()
            code = self._note(build, spec, kind, fact, code)
            if running.deadline is not None and time.monotonic() >= running.deadline:
                running.deadline = None
                self._end(build["id"], "TIMED_OUT")
        output.end()
        return self._verdict(build, running, spec, code)

    def _note(self, build: Record, spec: BuildSpec, kind: str, fact: Any, code: int | None) -> int | None:
        """Writes down what the shell told; the first failure's code, None while a phase is under way."""
        if kind == "phase":
            self._phase(build, fact["name"])
            return code or None
        if kind == "export":
            with self._lock:
                build_record.exports(build, fact["name"], fact["value"])
        if kind == "end":
            self._phase_ended(build, spec, fact["name"])
            return code or int(fact["name"])
        return code

    def _phase_ended(self, build: Record, spec: BuildSpec, code: str) -> None:
        if code == "0":
            self._left(build, "SUCCEEDED", "", "")
            return
        command = spec.first_line(build["currentPhase"])
        message = f"Error while executing command: {command}. Reason: exit status {code}"
        self._left(build, "FAILED", "COMMAND_EXECUTION_ERROR", message)

    def _verdict(self, build: Record, running: _Running, spec: BuildSpec, code: int | None) -> str:
        if running.verdict == "TIMED_OUT":
            return self._left(build, "TIMED_OUT", "BUILD_TIMED_OUT", "Build has timed out. ")
        if running.verdict:
            return self._left(build, running.verdict, "", "")
        if code == 0 and build["currentPhase"] == spec.phases[-1][0]:
            return "SUCCEEDED"
        if build["currentPhase"] == "PROVISIONING":
            return self._left(build, "FAULT", "INTERNAL_SERVER_ERROR", "The build's shell could not be started")
        self._phase_ended(build, spec, str(code or "unknown"))
        return "FAILED"

    def _broke(self, build: Record, running: _Running, error: Exception) -> str:
        return self._left(build, running.verdict or "FAULT", "INTERNAL_SERVER_ERROR", str(error))

    def _left(self, build: Record, status: str, code: str, message: str) -> str:
        with self._lock:
            build_record.leave(build, status, self._now(), code, message)
        return status

    def _environment(self, build: Record) -> dict[str, str]:
        offset = (self._now() - datetime.now(UTC)).total_seconds()
        return {
            "CODEBUILD_BUILD_ID": build["id"],
            "CODEBUILD_BUILD_ARN": build["arn"],
            "KINTO_CLOCK_OFFSET": f"{offset:.3f}" if abs(offset) > 1 else "0",
            **build_record.variables(build),
        }

    def _phase(self, build: Record, phase: str) -> None:
        with self._lock:
            build_record.enter(build, phase, self._now())

    def _finish(self, build: Record, status: str) -> None:
        with self._lock:
            build_record.complete(build, status, self._now())
        wake()
        self._tell(build)

    def _tell(self, build: Record) -> None:
        try:
            self._emit("aws.codebuild", "CodeBuild Build State Change", build_record.event(build))
        except Exception:
            log.exception("The event of build %s was not delivered", build["id"])

    def _folder(self, build: Record) -> Path:
        return self._directory / str(build["logs"]["streamName"])

    def _remember(self, build: Record, token: str | None) -> None:
        self._builds[build["id"]] = build
        if token:
            self._tokens[token] = build["id"]
        for old in list(self._builds)[: max(0, len(self._builds) - KEPT_BUILDS)]:
            if old not in self._running:
                del self._builds[old]


def _earliest(*times: float | None) -> float | None:
    return min((at for at in times if at is not None), default=None)
