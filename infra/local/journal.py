"""The laptop's memory: one append-only file of JSON lines, written before a write is answered, replayed at start."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

Record = dict[str, Any]
Load = Callable[[Record], None]
Dump = Callable[[], Iterable[Record]]


class Journal:
    """Hold `lock` while changing what is kept and appending it: a compaction then never falls between the two."""

    def __init__(self, path: Path | None) -> None:
        self.lock = threading.RLock()
        self._path = path
        self._kinds: dict[str, tuple[Load, Dump]] = {}
        self._file: int | None = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            _drop_torn_line(path)
            self._file = _open(path)

    def register(self, kind: str, load: Load, dump: Dump) -> None:
        self._kinds[kind] = (load, dump)

    def append(self, kind: str, record: Record) -> None:
        if self._file is None:
            return
        line = _line(kind, record)
        with self.lock:
            _write(self._file, line)

    def load(self) -> None:
        if self._path is None:
            return
        with self.lock:
            for kind, record in _records(self._path):
                if kind not in self._kinds:
                    raise ValueError(f"{self._path} holds records of the kind {kind}, which this version does not know")
                self._kinds[kind][0](record)
            self.compact()

    def compact(self) -> None:
        if self._path is None:
            return
        with self.lock:
            fresh = self._path.with_suffix(".new")
            os.close(_open(fresh))
            with fresh.open("wb") as file:
                for kind, (_, dump) in self._kinds.items():
                    file.writelines(_line(kind, record) for record in dump())
                file.flush()
                os.fsync(file.fileno())
            self._replace_by(fresh, self._path)

    def close(self) -> None:
        with self.lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _replace_by(self, fresh: Path, path: Path) -> None:
        opened = _open(fresh)
        fresh.replace(path)
        self.close()
        self._file = opened
        _sync_folder(path.parent)


def _open(path: Path) -> int:
    # 0600: the journal holds the material of the laptop's keys.
    return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _line(kind: str, record: Record) -> bytes:
    return msgspec.json.encode((kind, record)) + b"\n"


def _write(file: int, line: bytes) -> None:
    """Whole or not at all: what a full disk cut short is taken back, so that the next line starts on its own."""
    size = os.fstat(file).st_size
    try:
        while line:
            line = line[os.write(file, line) :]
    except OSError:
        os.ftruncate(file, size)
        raise


def _records(path: Path) -> Iterator[tuple[str, Record]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                kind, record = msgspec.json.decode(line)
            except (ValueError, TypeError) as error:
                raise ValueError(f"{path}, line {number} is not a record: {error}") from error
            yield kind, record


def _drop_torn_line(path: Path) -> None:
    """A kill in the middle of a write leaves a line without its end; nobody was told that it was kept."""
    if path.exists():
        os.truncate(path, path.read_bytes().rfind(b"\n") + 1)


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
