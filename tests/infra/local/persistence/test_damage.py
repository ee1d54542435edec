"""A damaged database: a start has everything that was acknowledged, or reports what is wrong and how to continue."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections import Counter

import pytest

from infra.local.persistence.database import Change, Database
from infra.local.persistence.verification import Damaged

FILES = ("state.db", "state.db-wal", "state.db-mark", "state.db-shm")


def rows(database):
    with database.lock:
        return set(database.select("SELECT kind, key, sort, value FROM entries"))


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A folder as a kill leaves it, with rows in the file and in its log, and what was acknowledged."""
    folder = tmp_path_factory.mktemp("killed")
    database = Database(folder / "before" / "state.db")
    database.index("t.i", "(json_extract(value, '$.state'), key) WHERE kind = 'item:t'")
    write(database, range(300))
    list(database.select("PRAGMA wal_checkpoint(TRUNCATE)"))
    write(database, range(250, 400))
    database.delete("kind = 'item:t' AND key < '0020'")
    shutil.copytree(folder / "before", folder / "killed")
    acknowledged = rows(database)
    database.close()
    return folder / "killed", acknowledged


def write(database, numbers):
    for number in numbers:
        long = "x" * (number % 7 * 1500)
        value = f'{{"state": "{number % 5}", "n": {number}, "long": "{long}"}}'
        database.write(Change("item:t", f"{number:04}", "", value), Change("log:g", f"{number % 9}", str(number), "[]"))


def damage(chance, path):
    """Truncate, empty, remove or overwrite a part of a file, or turn around one of its bits."""
    size = path.stat().st_size
    kind = chance.choice(["flip", "flip", "truncate", "zero", "empty", "remove"])
    if kind == "remove":
        path.unlink()
    elif kind in ("truncate", "empty"):
        os.truncate(path, chance.randrange(size) if kind == "truncate" else 0)
    else:
        with path.open("r+b") as file:
            file.seek(place := chance.randrange(size))
            old = file.read(1 if kind == "flip" else 512)
            file.seek(place)
            file.write(bytes([old[0] ^ 1 << chance.randrange(8)]) if kind == "flip" else bytes(len(old)))
    return kind


def start(path, acknowledged):
    """Return whether everything is there; otherwise it was reported, nothing was touched, and the way out works."""
    before = files(path)
    try:
        database = Database(path)
    except Damaged as damaged:
        assert files(path) == before
        follow(str(damaged), path, acknowledged)
        return False
    assert not database.is_new
    assert rows(database) == acknowledged
    database.close()
    return True


def files(path):
    """What is in the files; SQLite makes the shared memory anew, and an empty log where there is none."""
    every = {file.name: file.read_bytes() for file in path.parent.iterdir() if not file.name.endswith("-shm")}
    return {name: content for name, content in every.items() if content or name != "state.db-wal"}


def follow(message, path, acknowledged):
    """Do what the message says first: the database can be used afterwards, and holds nothing that never was in it."""
    assert str(path) in message
    assert "Nothing was changed." in message
    (commands, *_) = re.findall(r"\nTo [^\n]*:\n((?:  [^\n]*\n?)+)", message)
    subprocess.run(["sh", "-ec", commands], check=True)
    database = Database(path)
    assert {row[:3] for row in rows(database)} <= {row[:3] for row in acknowledged} | removed()
    database.write(Change("shelf", "a", "", "1"))
    database.close()


def removed():
    return {("item:t", f"{number:04}", "") for number in range(20)}


def survive(killed, folder, times):
    """So many starts, each after another damage, on a copy of its own."""
    seed = int(os.environ.get("KINTO_SEED") or random.randrange(10**9))
    print(f"KINTO_SEED={seed}")
    chance, outcomes = random.Random(seed), Counter()
    for _ in range(times):
        shutil.copytree(killed[0], folder / "copy")
        name = chance.choice(FILES)
        kind = damage(chance, folder / "copy" / name)
        whole = start(folder / "copy" / "state.db", killed[1])
        outcomes[name, kind, "everything there" if whole else "reported"] += 1
        shutil.rmtree(folder / "copy")
    for outcome, count in sorted(outcomes.items()):
        print(*outcome, count)
    return outcomes


def test_an_undamaged_database_is_whole(killed, tmp_path):
    shutil.copytree(killed[0], tmp_path / "copy")
    assert start(tmp_path / "copy" / "state.db", killed[1])


@pytest.mark.parametrize("name", FILES[:2])
def test_a_lost_or_emptied_file_is_reported(killed, tmp_path, name):
    for number, harm in enumerate((lambda path: path.unlink(), lambda path: os.truncate(path, 0))):
        shutil.copytree(killed[0], tmp_path / str(number))
        harm(tmp_path / str(number) / name)
        assert not start(tmp_path / str(number) / "state.db", killed[1])


def test_missing_changes_are_counted(killed, tmp_path):
    shutil.copytree(killed[0], tmp_path / "copy")
    (tmp_path / "copy" / "state.db-wal").unlink()
    with pytest.raises(Damaged, match="The last 151 changes are missing"):
        Database(tmp_path / "copy" / "state.db")


def test_damage_anywhere_is_noticed(killed, tmp_path):
    outcomes = survive(killed, tmp_path, 40)
    assert any(outcome == "reported" for *_, outcome in outcomes)


@pytest.mark.exhaustive
def test_damage_at_500_places_is_noticed(killed, tmp_path):
    survive(killed, tmp_path, 500)
