"""What a start checks before it uses a database, and what to do about each kind of damage.

Every row has a checksum, and triggers keep the number of rows and the sum of their checksums: together they show a
changed, missing or foreign row. SQLite drops the end of a damaged write-ahead log in silence; the mark, a few bytes
in a file of their own, knows the number of the last transaction that was acknowledged.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import zlib
from datetime import datetime
from pathlib import Path
from typing import Any

from infra.local.state import Unusable

log = logging.getLogger(__name__)

VERSION = 1
_TABLES = (
    """CREATE TABLE entries (
    kind TEXT NOT NULL, key TEXT NOT NULL, sort TEXT NOT NULL, value TEXT NOT NULL, checksum INTEGER NOT NULL,
    PRIMARY KEY (kind, key, sort)
)""",
    "CREATE TABLE totals (rows INTEGER NOT NULL, checksums INTEGER NOT NULL, sequence INTEGER NOT NULL)",
    """CREATE TRIGGER inserted AFTER INSERT ON entries BEGIN
    UPDATE totals SET rows = rows + 1, checksums = checksums + new.checksum; END""",
    """CREATE TRIGGER updated AFTER UPDATE ON entries BEGIN
    UPDATE totals SET checksums = checksums - old.checksum + new.checksum; END""",
    """CREATE TRIGGER deleted AFTER DELETE ON entries BEGIN
    UPDATE totals SET rows = rows - 1, checksums = checksums - old.checksum; END""",
)
SCHEMA = ";\n".join((*_TABLES, "INSERT INTO totals VALUES (0, 0, 0)", f"PRAGMA user_version = {VERSION}"))


class Damaged(Unusable):
    """The database is not what was stored in it; the text says what is wrong and how to continue."""


class Mark:
    """The number of the last acknowledged transaction, outside of the database: in place, so a full disk lets it be."""

    def __init__(self, database: Path) -> None:
        self._file = os.open(mark_of(database), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def write(self, sequence: int) -> None:
        """Note a transaction that is committed. A mark that is behind only shows less."""
        number = sequence.to_bytes(8, "big")
        try:
            os.pwrite(self._file, number + zlib.crc32(number).to_bytes(4, "big"), 0)
        except OSError as error:
            log.warning("The mark of the state database cannot be written: %s", error)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def mark_of(database: Path) -> Path:
    """Return the path of a database's mark."""
    return database.with_name(database.name + "-mark")


def copy_of(database: Path) -> Path:
    """Return the path of the copy that the last good start made."""
    return database.with_name("previous.db")


def is_new(database: Path) -> bool:
    """Return whether there is no database yet, and none is missing."""
    log_file = database.with_name(database.name + "-wal")
    return not database.exists() and not mark_of(database).exists() and not log_file.exists()


def verify(database: Path) -> None:
    """Raise Damaged unless everything that was acknowledged is there. Changes nothing."""
    if not database.exists():
        raise _damaged(database, "it is missing")
    if database.stat().st_size == 0:
        raise _damaged(database, "it is empty")
    try:
        # Opened for reading, a damaged log is left as it is: only a writer would cut it off.
        connection = sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)
        try:
            sequence = _verified(database, connection)
        finally:
            connection.close()
    except (sqlite3.Error, TypeError, ValueError) as error:  # the latter two: a column of another type, a missing row
        raise _damaged(database, str(error)) from error
    _verify_mark(database, sequence)


def _verified(database: Path, connection: sqlite3.Connection) -> int:
    """Check the rows, then what SQLite knows of its pages and indexes; return the number of the last transaction."""
    ((version,),) = connection.execute("PRAGMA user_version")
    if version != VERSION:
        raise _damaged(database, f"it has the version {version}, and this release reads version {VERSION}")
    stored = [sql for (sql,) in connection.execute("SELECT sql FROM sqlite_schema WHERE type IN ('table', 'trigger')")]
    if sorted(stored) != sorted(_TABLES):
        raise _damaged(database, "its tables are not those that were created")
    rows, checksums, damaged = 0, 0, list[str]()
    for *row, checksum in connection.execute("SELECT kind, key, sort, value, checksum FROM entries NOT INDEXED"):
        rows += 1
        if _is_intact(row, checksum):
            checksums += checksum
        else:
            damaged.append(" ".join(map(str, row[:3])).strip())
    if damaged:
        raise _damaged(database, f"{len(damaged)} of {rows} rows are not as they were written, the first: {damaged[0]}")
    ((expected, sums, sequence),) = connection.execute("SELECT rows, checksums, sequence FROM totals")
    if (rows, checksums) != (expected, sums):
        raise _damaged(database, f"it holds {rows} rows where {expected} were written, or others than those")
    for (message,) in connection.execute("PRAGMA integrity_check(1)"):
        if message != "ok":
            raise _damaged(database, message)
    return int(sequence)


def _is_intact(row: list[Any], checksum: Any) -> bool:
    return all(isinstance(part, str) for part in row) and zlib.crc32("\0".join(row).encode()) == checksum


def _verify_mark(database: Path, sequence: int) -> None:
    mark = mark_of(database)
    if not mark.exists():  # removed as a message below says, or never made
        return
    content = mark.read_bytes()
    number = content[:8]
    if len(content) != 12 or zlib.crc32(number).to_bytes(4, "big") != content[8:]:
        raise Damaged(
            f"{mark} is damaged, so it is unknown whether {database} holds the last changes. Nothing was changed.\n"
            f"To continue with what is there:\n  rm {mark}"
        )
    missing = int.from_bytes(number, "big") - sequence
    if missing > 0:
        raise Damaged(
            f"The last {missing} changes are missing from {database}: {database.name}-wal is damaged or gone, or the "
            f"power failed. Nothing was changed.\nTo continue without them:\n  rm {mark}{_other_ways(database)}"
        )


def _damaged(database: Path, what: str) -> Damaged:
    return Damaged(f"The state database {database} is damaged: {what}. Nothing was changed.{_other_ways(database)}")


def _other_ways(database: Path) -> str:
    aside, copy = database.with_name("damaged"), copy_of(database)
    move = f"\n  mkdir -p {aside} && mv {database}* {aside}/"
    back = ""
    if copy.exists():
        made = datetime.fromtimestamp(copy.stat().st_mtime).astimezone().strftime("%Y-%m-%d %H:%M")
        back = f"\nTo go back to the copy of the last good start ({made}):{move}\n  cp -p {copy} {database}"
    return f"{back}\nTo start empty:{move}"


def copy(database: Path) -> None:
    """Copy a database whose log is empty, where the disk has room for it."""
    if shutil.disk_usage(database.parent).free < 2 * database.stat().st_size:
        log.warning("The disk is too full for a copy of %s", database)
        return
    fresh = copy_of(database).with_suffix(".new")
    try:
        fresh.unlink(missing_ok=True)
        os.close(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        shutil.copyfile(database, fresh)
        fresh.replace(copy_of(database))
    except OSError as error:
        log.warning("%s could not be copied: %s", database, error)
        fresh.unlink(missing_ok=True)


def reason(database: Path | None, error: sqlite3.Error) -> str:
    """Explain to a person why a write failed."""
    if database is None:
        return f"Nothing can be stored: {error}."
    directory = database.parent.resolve()
    disk = next(parent for parent in (directory, *directory.parents) if parent.is_mount())
    if error.sqlite_errorname == "SQLITE_FULL" or shutil.disk_usage(directory).free < 65_536:
        what = f"the disk at {disk} is full. Free some space"
    elif error.sqlite_errorname.startswith("SQLITE_READONLY"):
        what = f"the disk at {disk} or the directory is read-only. Make it writable"
    else:
        what = f"the disk at {disk} reports: {error}. See to the disk"
    return f"Nothing can be stored in the state directory {directory}: {what}, then try again. Reading still works."
