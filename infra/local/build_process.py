"""The processes of one build: a supervisor, below it the shell of the buildspec, below that everything else."""

from __future__ import annotations

import codecs
import json
import os
import selectors
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from infra.local import buildspec_script
from infra.local.buildspec_script import BuildSpec

SUPERVISOR = Path(__file__).with_name("supervise.py")
STANDINS = Path(__file__).with_name("bin")
# What of this process's environment a build may see: enough to find and reach things, nothing that is the user's.
PASSED = (
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TERM", "DOCKER_HOST", "DOCKER_CONTEXT",
    "DOCKER_CONFIG", "CONTAINER_HOST", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "SSL_CERT_FILE", "SSL_CERT_DIR",
    "GIT_SSL_CAINFO", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "PIP_CERT", "SSH_AUTH_SOCK",
    "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_REGION",
)  # fmt: skip
PASSED_ALSO = ("LC_", "XDG_")
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


def environment_of(folder: Path, shared: Path) -> dict[str, str]:
    """What every build's shell finds in its environment."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in PASSED or name.startswith(PASSED_ALSO) or name.lower() in PROXIES
    }
    path = kept.get("PATH", os.defpath)
    return {
        **kept,
        "CI": "true",
        "PATH": os.pathsep.join((str(shared / "bin"), str(STANDINS), path)),
        "TMPDIR": str(folder / "tmp"),
        "CODEBUILD_SRC_DIR": str(folder / "src"),
        "KINTO_JOB_PATH": path,
        "KINTO_ENGINE": str(shared / "engine.json"),
        "KINTO_CONTAINERS": str(folder / "containers"),
    }


def prepare_shared(shared: Path) -> None:
    """Makes the folder of all builds, with the Python of this process (not its virtual environment) in it."""
    (shared / "bin").mkdir(parents=True, exist_ok=True)
    (shared / "engine.json").unlink(missing_ok=True)
    link = shared / "bin" / "python3"
    link.unlink(missing_ok=True)
    link.symlink_to(os.path.realpath(getattr(sys, "_base_executable", sys.executable)))


class BuildProcess:
    """The processes of one build."""

    def __init__(self, folder: Path, shared: Path) -> None:
        self._folder, self._shared = folder, shared
        self._lock = threading.Lock()
        self._stopped = False
        self._process: subprocess.Popen[bytes] | None = None
        self._control = -1

    def start(self, spec: BuildSpec, environment: Mapping[str, str]) -> bool:
        """Starts the build unless it was stopped before it began."""
        for name in ("src", "tmp"):
            (self._folder / name).mkdir(parents=True)
        script = buildspec_script.write(spec, self._folder / "commands")
        full = {**environment_of(self._folder, self._shared), **spec.variables, **environment}
        with self._lock:
            if self._stopped:
                return False
            self._control, control = os.pipe()
            try:
                self._process = self._spawn(control)
            finally:
                os.close(control)
            self._request(control, script, full)
        return True

    def _spawn(self, control: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [str(self._shared / "bin" / "python3"), "-IS", str(SUPERVISOR)], cwd=self._folder, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, pass_fds=(control,),
        )  # fmt: skip

    def _request(self, control: int, script: Path, environment: dict[str, str]) -> None:
        request = {
            "script": str(script), "folder": str(self._folder / "src"), "environment": environment,
            "control": control, "containers": environment["KINTO_CONTAINERS"],
        }  # fmt: skip
        stdin = self._pipes()[0]
        stdin.write(json.dumps(request).encode() + b"\n")
        stdin.flush()

    def _pipes(self) -> tuple[Any, Any]:
        assert self._process is not None
        return self._process.stdin, self._process.stdout

    def stop(self) -> None:
        """Ends the build, whether it has begun or not; the supervisor sees that its input closes."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                with suppress(BrokenPipeError):
                    self._pipes()[0].close()

    def follow(
        self, wake_at: Callable[[], float | None], write: Callable[[bytes], None]
    ) -> Iterator[tuple[str, Mapping[str, str]]]:
        """What the build's script tells, as it comes, to the end; output goes to `write`. Wakes up ("wake") in time."""
        tokens: list[str] = []
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        rest = ""
        output = self._pipes()[1]
        with selectors.DefaultSelector() as selector:
            selector.register(output, selectors.EVENT_READ, write)
            selector.register(self._control, selectors.EVENT_READ)
            while selector.get_map():
                at = wake_at()
                for key, _ in selector.select(None if at is None else max(0.0, at - time.monotonic())):
                    data = os.read(key.fd, 65536)
                    if not data:
                        selector.unregister(key.fileobj)
                    elif key.data:
                        key.data(data)
                    else:
                        *found, rest = (rest + decoder.decode(data)).split("\0")
                        tokens += found
                        yield from buildspec_script.facts(tokens)
                yield "wake", {}

    def close(self) -> int:
        """Waits for the supervisor and frees everything; its exit code."""
        self.stop()
        code = 0
        if self._process is not None:
            code = self._process.wait()
            self._pipes()[1].close()
            os.close(self._control)
        remove(self._folder)
        return code


def remove(folder: Path) -> None:
    """Removes a folder also where a job has taken its own rights away."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for path, names, _ in os.walk(folder):
            for name in names:
                with suppress(OSError):
                    Path(path, name).chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)
