from __future__ import annotations

import gc
import shutil
import sqlite3
import subprocess
import threading

import pytest

from infra.local.persistence import database as module
from infra.local.persistence.database import Change, Database, NotStored
from infra.local.persistence.verification import Damaged


def row(key, value="1", kind="shelf"):
    return Change(kind, key, "", value)


def content(database):
    with database.lock:
        return dict(database.all("shelf"))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "state.db"


@pytest.fixture
def database(path):
    database = Database(path)
    yield database
    database.close()


def killed(path, folder):
    """What a kill would leave at this moment, in another folder."""
    shutil.copytree(path.parent, folder)
    return folder / path.name


def fill(database):
    """Let no page be added any more, as on a full disk; return how to take that back."""
    pages = next(database.select("PRAGMA page_count"))[0]
    list(database.select(f"PRAGMA max_page_count = {pages}"))
    return lambda: list(database.select("PRAGMA max_page_count = 1000000"))


def test_a_stored_row_survives_a_kill(path, database, tmp_path):
    database.write(row("a", '{"x": "é\\n"}'))
    again = Database(killed(path, tmp_path / "after"))
    assert content(again) == {"a": '{"x": "é\\n"}'}
    again.close()


def test_a_row_is_replaced_and_deleted(database):
    database.write(row("a"), row("b"))
    database.write(row("a", "2"), row("b", None))
    assert content(database) == {"a": "2"}
    assert (database.get("shelf", "a"), database.get("shelf", "b")) == ("2", None)


def test_rows_are_deleted_by_a_condition(path, database, tmp_path):
    database.write(*(row(str(number), str(number)) for number in range(10)))
    assert database.delete("kind = 'shelf' AND CAST(value AS INTEGER) < ?", 7) == 7
    again = Database(killed(path, tmp_path / "after"))
    assert content(again) == {"7": "7", "8": "8", "9": "9"}
    again.close()


def test_a_failed_write_changes_nothing_and_names_the_disk(path, database):
    database.write(row("a"))
    free = fill(database)
    with pytest.raises(NotStored) as refused:
        database.write(row("a", "2"), row("b", '"' + "x" * 100_000 + '"'))
    assert f"state directory {path.parent}: the disk at /" in str(refused.value)
    assert "is full" in str(refused.value)
    assert database.failure == str(refused.value)
    assert content(database) == {"a": "1"}
    free()
    database.write(row("b"))
    assert database.failure is None
    assert content(database) == {"a": "1", "b": "1"}


def test_a_write_that_breaks_off_changes_nothing(database):
    database.write(row("a"))
    with pytest.raises(TypeError):
        database.write(row("b"), Change("shelf", "c", "", 3))
    database.write(row("d"))
    assert content(database) == {"a": "1", "d": "1"}


def test_a_read_only_directory_is_named(path, database):
    database.write(row("a"))
    list(database.select("PRAGMA query_only = TRUE"))
    with pytest.raises(NotStored, match="read-only"):
        database.write(row("b"))
    list(database.select("PRAGMA query_only = FALSE"))
    assert content(database) == {"a": "1"}


def test_many_threads_write_at_once(path, database, tmp_path):
    def work(worker):
        for number in range(100):
            database.write(row(f"{worker}-{number}"))

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    again = Database(killed(path, tmp_path / "after"))
    assert len(content(again)) == 600
    again.close()


def test_nobody_else_on_the_machine_can_read_it(path, database):
    database.write(row("a"))
    database.close()
    database.__init__(path)
    database.write(row("b"))
    modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    assert {"state.db", "state.db-wal", "state.db-mark", "previous.db"} <= modes.keys()
    assert set(modes.values()) == {0o600}


def test_a_kill_while_it_is_created_leaves_nothing_in_the_way(path):
    path.parent.mkdir()
    path.with_name("state.db-new").write_bytes(b"half a datab")
    Database(path).close()
    assert not path.with_name("state.db-new").exists()


def test_an_index_of_another_definition_is_replaced(path, database):
    database.write(row("a", '{"x": "1"}'))
    for name in ("x", "y", "y"):
        database.index("t.i", f"(json_extract(value, '$.{name}')) WHERE kind = 'shelf'")
    ((sql,),) = list(database.select("SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = 't.i'"))
    assert "$.y" in sql


def test_a_database_of_another_version_is_refused(path):
    Database(path).close()
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 7")
    connection.close()
    with pytest.raises(Damaged, match="it has the version 7, and this release reads version 1"):
        Database(path)


def test_a_start_keeps_a_copy_and_the_message_tells_how_to_go_back_to_it(path):
    database = Database(path)
    database.write(row("a"))
    database.close()
    Database(path).close()
    path.write_bytes(b"")
    with pytest.raises(Damaged, match="is damaged: it is empty") as damaged:
        Database(path)
    back, empty = str(damaged.value).split("To go back to the copy of the last good start")[1].split("To start empty:")
    subprocess.run(["sh", "-ec", back.partition("\n")[2]], check=True)
    database = Database(path)
    assert content(database) == {"a": "1"}
    database.close()
    subprocess.run(["sh", "-ec", empty], check=True)
    database = Database(path)
    assert (database.is_new, content(database)) == (True, {})
    database.close()


def test_without_a_path_it_lives_in_memory(tmp_path):
    database = Database(None)
    database.write(row("a"))
    assert content(database) == {"a": "1"}
    fill(database)
    with pytest.raises(NotStored, match=r"Nothing can be stored: database or disk is full\."):
        database.write(row("b", '"' + "x" * 100_000 + '"'))
    database.close()
    assert list(tmp_path.iterdir()) == []


def test_its_connection_ends_with_it(path):
    for database in (Database(None), Database(path)):
        connection = database._connection
    del database
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_a_full_disk_gets_no_copy(path, monkeypatch):
    Database(path).close()
    usage = shutil.disk_usage(path.parent)
    monkeypatch.setattr(module.verification.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    Database(path).close()
    assert not path.with_name("previous.db").exists()
