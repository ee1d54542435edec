"""The state of the laptop's AWS: one SQLite table of rows with checksums, written before a write is acknowledged.

WAL with synchronous=NORMAL: a committed transaction is in the operating system's hands, so kill -9 loses nothing.
A power cut may take the last seconds, never half a transaction; the mark (see verification.py) then shows the loss.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import weakref
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from moto.core.exceptions import JsonRESTError

from infra.local.persistence import verification
from infra.local.persistence.verification import SCHEMA, Mark

_UPSERT = """
INSERT INTO entries VALUES (?, ?, ?, ?, ?)
ON CONFLICT (kind, key, sort) DO UPDATE SET value = excluded.value, checksum = excluded.checksum
"""
_DELETE = "DELETE FROM entries WHERE kind = ? AND key = ? AND sort = ?"
_COUNT = "UPDATE totals SET sequence = sequence + 1 RETURNING sequence"


class Change(NamedTuple):
    """A row as it is to be stored: JSON, or None to delete it."""

    kind: str
    key: str
    sort: str
    value: str | None


class NotStored(JsonRESTError):  # type: ignore[misc]  # moto is read as untyped
    """The database refused a write. As an answer of AWS it is retryable; nothing was changed."""

    code = 503

    def __init__(self, message: str) -> None:
        super().__init__("ServiceUnavailable", message)

    def __str__(self) -> str:
        return str(self.message)

    def answer(self, headers: dict[str, Any]) -> tuple[int, dict[str, Any], str]:
        """Return what a handler of moto answers for this."""
        return self.code, {**headers, "Content-Type": self.content_type, "status": str(self.code)}, self.description


class Database:
    """Rows by kind, key and sort key; without a path in memory alone. Hold `lock` from reading to writing."""

    def __init__(self, path: Path | None) -> None:
        self.lock = threading.RLock()
        self.failure: str | None = None  # why the latest write failed; None once one succeeds again
        self.is_new = path is None or verification.is_new(path)
        self._path = path
        self._mark: Mark | None = None
        if path is None:
            self._connection = self._open(":memory:")
            self._connection.executescript(SCHEMA)
            return
        if self.is_new:
            _create(path)
        else:
            verification.verify(path)
            _connect(path).close()  # puts the log into the file
            verification.copy(path)
        # The file is opened by nobody else from here on: closing it would take SQLite's locks along.
        self._connection = self._open(path)
        ((sequence,),) = self.select("SELECT sequence FROM totals")
        self._mark = Mark(path)
        self._mark.write(sequence)

    def _open(self, path: Path | str) -> sqlite3.Connection:
        """Connect until `close`, or until this object ends: from 3.13 on, Python warns of what is left open."""
        connection = _connect(path)
        weakref.finalize(self, connection.close).atexit = False
        return connection

    def select(self, statement: str, *values: Any) -> Iterator[tuple[Any, ...]]:
        """Yield the rows that a SELECT finds; hold the lock until the last one."""
        return self._connection.execute(statement, values)

    def get(self, kind: str, key: str, sort: str = "") -> str | None:
        """Return a row's JSON, or None."""
        found = self.select("SELECT value FROM entries WHERE kind = ? AND key = ? AND sort = ?", kind, key, sort)
        return next((value for (value,) in found), None)

    def all(self, kind: str) -> list[tuple[str, str]]:
        """Return key and JSON of all rows of a kind."""
        found = self.select("SELECT key, value FROM entries WHERE kind = ? ORDER BY key, sort", kind)
        return [(key, value) for key, value in found]

    def write(self, *changes: Change) -> None:
        """Store the changes in one transaction, or none of them: then raise NotStored."""
        if not changes:
            return
        with self._transaction() as connection:
            for kind, key, sort, value in changes:
                if value is None:
                    connection.execute(_DELETE, (kind, key, sort))
                else:
                    connection.execute(_UPSERT, (kind, key, sort, value, checksum(kind, key, sort, value)))

    def delete(self, condition: str, *values: Any) -> int:
        """Delete the rows that meet an SQL condition; return how many. Raises NotStored."""
        with self._transaction() as connection:
            return connection.execute(f"DELETE FROM entries WHERE {condition}", values).rowcount

    def index(self, name: str, definition: str) -> None:
        """Create an index of `entries`, or replace one of another definition."""
        statement = f'CREATE INDEX "{name}" ON entries {definition}'
        stored = self.select("SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ?", name)
        if next((sql for (sql,) in stored), None) != statement:
            with self._transaction() as connection:
                connection.execute(f'DROP INDEX IF EXISTS "{name}"')
                connection.execute(statement)

    def close(self) -> None:
        """Put everything into the one file."""
        with self.lock:
            self._connection.close()
            if self._mark is not None:
                self._mark.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self.lock:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
                yield self._connection
                ((sequence,),) = self._connection.execute(_COUNT).fetchall()
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._roll_back()
                self.failure = verification.reason(self._path, error)
                raise NotStored(self.failure) from error
            except BaseException:
                self._roll_back()
                raise
            self.failure = None
            if self._mark is not None:
                self._mark.write(sequence)

    def _roll_back(self) -> None:
        # SQLite has rolled back by itself after some errors, a full disk among them.
        if self._connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")


def checksum(kind: str, key: str, sort: str, value: str) -> int:
    """Return the checksum of a row: SQLite's pages have none."""
    return zlib.crc32("\0".join((kind, key, sort, value)).encode())


def changes(kind: str, rows: Iterable[tuple[str, str | None]]) -> list[Change]:
    """Return the changes of rows that have no sort key."""
    return [Change(kind, key, "", value) for key, value in rows]


def _connect(path: Path | str) -> sqlite3.Connection:
    # The lock of Database is what guards it.
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "journal_size_limit=8000000", "cell_size_check=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _create(path: Path) -> None:
    """Create an empty database under another name first: a kill never leaves one without its tables."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + "-new")
    fresh.unlink(missing_ok=True)
    # 0600: the rows hold the material of the laptop's keys. SQLite gives its other files the same mode.
    os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    connection = sqlite3.connect(fresh)
    connection.executescript(SCHEMA)
    connection.close()
    fresh.replace(path)
