"""The state directory: one process at a time, and the small files in it that people and tests read."""

from __future__ import annotations

import fcntl
import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO


class Unusable(Exception):
    """This process cannot work in the state directory; says why and what to do."""


def claim(directory: Path) -> IO[str]:
    """Takes the directory for this process, for as long as the returned file stays open."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = (directory / "lock").open("a+")
    except OSError as error:
        raise Unusable(f"The state directory {directory} cannot be used: {error.strerror}.") from error
    try:
        # A record lock is not inherited: a build that outlives a killed predecessor does not hold it.
        fcntl.lockf(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        held.seek(0)
        owner = held.read().strip() or "unknown"
        held.close()
        raise Unusable(
            f"{directory} is in use by another stack (process {owner}). "
            'Stop it with Ctrl-C first, or start this one elsewhere: make up ARGS="--state-dir DIRECTORY"'
        ) from error
    (directory / "port").unlink(missing_ok=True)
    held.truncate(0)
    held.write(f"{os.getpid()}\n")
    held.flush()
    return held


def write_private(path: Path, text: str) -> None:
    """Writes a file that only its owner reads; it is there whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, "w") as opened:
        opened.write(text)
    fresh.replace(path)


def log_into(directory: Path) -> Path:
    """Sends all logging to a file of the directory; errors of ours are also told in one line each."""
    path = directory / "log"
    keep = RotatingFileHandler(path, maxBytes=5_000_000, backupCount=1)
    keep.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[keep], force=True)
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a full disk would fill the terminal with the handler's own tracebacks
    for chatty in ("werkzeug", "botocore", "urllib3", "moto", "pynamodb", "waitress"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    # Whatever is stopped makes its interpreter tell of errors at length; our own log says what became of it.
    logging.getLogger("moto.stepfunctions").setLevel(logging.CRITICAL)
    tell = logging.StreamHandler()
    tell.setLevel(logging.ERROR)
    tell.setFormatter(_OneLine(path))
    for ours in ("infra", "chalicelib", "__main__"):
        logging.getLogger(ours).addHandler(tell)
    return path


class _OneLine(logging.Formatter):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def format(self, record: logging.LogRecord) -> str:
        return f"! {record.getMessage()} (more in {self._path})"
