"""Fetches exactly one commit of a repository with git."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
URL = re.compile(r"(?:(?P<scheme>https?)://[A-Za-z0-9\[][A-Za-z0-9._:\[\]-]*(?:/[^\s\x00-\x1f\\]*)?|file:///[^\x00-\x1f]*)\Z")
# The first line of a response, as HTTP defines it and GIT_TRACE_CURL dumps it; a request's ends with the protocol.
STATUS = re.compile(r"(?:^|\s)HTTP/\d(?:\.\d)? ([1-5]\d\d)\b", re.MULTILINE)
FETCH = ("fetch", "--quiet", "--no-tags", "--no-recurse-submodules")
EVERY_REF = ("+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
OPTIONS = (
    *("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit"),
    *("-c", "submodule.recurse=false", "-c", "credential.helper=", "-c", "core.sshCommand=false"),
    *("-c", "advice.detachedHead=false", "-c", "gc.auto=0", "-c", "http.followRedirects=initial"),
    *("-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60"),
)


def protocols() -> tuple[str, ...]:
    """What git may speak: on a laptop also to its own disk and machine; nothing else, also where a server redirects."""
    return ("https", "http", "file") if "KINTO_JOB_PATH" in os.environ else ("https",)


class CannotStart(Exception):
    """The job can't be started; the text is the reason, for a person."""


def fetch(repository: Mapping[str, Any], token: str | None, into: Path, write: Callable[[bytes], None]) -> Path:
    """Checks the commit out below `into` and answers the source folder in it."""
    url, commit = str(repository["url"]), str(repository["commit"])
    place = URL.match(url)
    if not place or (place["scheme"] or "file") not in protocols():
        raise CannotStart(f"The repository's address {url!r} is none that can be fetched: use https://…")
    if not COMMIT.match(commit):
        raise CannotStart(f"{commit!r} is not a full commit id (40 hexadecimal digits).")
    into.mkdir(parents=True)
    git = _Git(into, url, token)
    try:
        git.check("init", "--quiet", "--template=", ".")
        _fetch_commit(git, url, commit)
        absent, _ = git.run("cat-file", "-e", f"{commit}^{{commit}}")
        if absent:
            raise CannotStart(f"The repository {url} has no commit {commit} (was it removed by a force push?).")
        code, said = git.run("checkout", "--quiet", "--force", "--detach", commit)
    finally:
        git.forget()
    if code:
        write(said.encode())
        raise CannotStart(f"Commit {commit[:12]} could not be checked out: {_last(said)}")
    return inside(into, str(repository.get("folder") or ""), f"at commit {commit[:12]}")


def inside(root: Path, folder: str, where: str) -> Path:
    """The folder of a checkout; nothing outside of it, by whatever path."""
    if "\0" in folder:
        raise CannotStart(f"The source folder {folder!r} can't be one.")
    path = Path(os.path.realpath(root / folder.lstrip("/")))
    if path != Path(os.path.realpath(root)) and Path(os.path.realpath(root)) not in path.parents:
        raise CannotStart(f"The source folder {folder!r} leads out of the repository.")
    if not path.is_dir():
        what = "is not a folder" if path.exists() else "does not exist"
        raise CannotStart(f"The source folder {folder!r} {what} in the repository {where}.")
    return path


def _fetch_commit(git: _Git, url: str, commit: str) -> None:
    """Fetch the commit alone, or every branch and tag from a server that hands out nothing else.

    Why git fails is never read from its messages, which differ between versions and servers.
    """
    code, _ = git.run(*FETCH, "--depth=1", "--", url, commit)
    if not code:
        return
    code, said = git.run("ls-remote", "--quiet", "--", url, "HEAD", trace=True)
    if code:
        raise CannotStart(_why(git, url, said))
    code, said = git.run(*FETCH, "--", url, *EVERY_REF)
    if code:
        raise CannotStart(f"The repository {url} could not be fetched: {_last(said)}")


def _why(git: _Git, url: str, said: str) -> str:
    """Explain why a repository can't be read: by its folder, or by the status of the server's last response."""
    if url.startswith("file:"):
        if _is_repository(git, unquote(url.removeprefix("file://"))):
            return f"The repository {url} could not be fetched: {_last(said)}"
        return f"There is no repository at {url}."
    status = git.last_status()
    if status in (401, 403, 407):
        hint = "does its token still allow reading?" if git.has_token else "if it is private, give it a token."
        return f"The repository {url} did not let us in: {hint}"
    if status in (404, 410):
        return f"There is no repository at {url}.{'' if git.has_token else ' If it is private, give it a token.'}"
    if status is None:
        return f"The repository {url} could not be reached: {_last(said)}"
    return f"The repository {url} could not be fetched (its server responds with status {status}): {_last(said)}"


def _is_repository(git: _Git, path: str) -> bool:
    return any(git.run("rev-parse", "--resolve-git-dir", folder)[0] == 0 for folder in (path, f"{path}/.git"))


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return " ".join(lines[-2:]) or "git gave no reason"


class _Git:
    """git in one folder, asking nobody; the token comes from a file that only its helper reads."""

    def __init__(self, folder: Path, url: str, token: str | None) -> None:
        self._folder = folder
        self.has_token = bool(token)
        self._helper = folder.with_name(folder.name + ".askpass")
        self._token = folder.with_name(folder.name + ".token")
        self._trace = folder.with_name(folder.name + ".trace")
        keep = {name: value for name, value in os.environ.items() if not name.startswith("KINTO_S")}
        self._env = {
            **keep, "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": ":".join(protocols()),
            "GIT_ASKPASS": "false", "SSH_ASKPASS": "false",
        }  # fmt: skip
        if token:
            self._use(token, url)

    def _use(self, token: str, url: str) -> None:
        """git names the host that asks: one to which a server redirected gets nothing."""
        user = "x-token-auth" if "bitbucket" in url else "x-access-token"
        scheme, _, rest = url.partition("://")
        host = rest.partition("/")[0]
        _private(self._token, token, 0o600)
        cases = f"\"Username for '{scheme}://{host}': \") echo {user};;"
        cases += f"\"Password for '{scheme}://{user}@{host}': \") cat \"$KINTO_TOKEN_FILE\";;"
        _private(self._helper, f'#!/bin/sh\ncase "$1" in\n{cases}\n*) exit 1;;\nesac\n', 0o700)
        self._env.update(GIT_ASKPASS=str(self._helper), KINTO_TOKEN_FILE=str(self._token))

    def run(self, *arguments: str, trace: bool = False) -> tuple[int, str]:
        """Run a command; its exit code and output. With `trace`, `last_status` knows the server's responses."""
        argv, env = ["git", *OPTIONS, *arguments], self._env
        if trace:
            _private(self._trace, "", 0o600)
            env = {**env, "GIT_TRACE_CURL": str(self._trace), "GIT_TRACE_CURL_NO_DATA": "1", "GIT_TRACE_REDACT": "1"}
        try:
            done = subprocess.run(
                argv, cwd=self._folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
        except FileNotFoundError:
            raise CannotStart("git is not installed where the job was to run.") from None
        return done.returncode, done.stdout.decode("utf-8", "replace")

    def check(self, *arguments: str) -> None:
        code, said = self.run(*arguments)
        if code:
            raise CannotStart(f"git {arguments[0]} failed: {_last(said)}")

    def last_status(self) -> int | None:
        """The status of the last HTTP response to the traced command; None where nothing responded."""
        found = STATUS.findall(self._trace.read_text(errors="replace"))
        return int(found[-1]) if found else None

    def forget(self) -> None:
        for path in (self._token, self._helper, self._trace):
            path.unlink(missing_ok=True)


def _private(path: Path, text: str, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w") as file:
        file.write(text)
