from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from infra.local.journal import Journal


class Shelf:
    """A kind that keeps the last value of each name."""

    def __init__(self, journal: Journal) -> None:
        self.journal, self.values = journal, {}
        journal.register("shelf", self.load, lambda: [{"name": n, "value": v} for n, v in self.values.items()])

    def load(self, record: dict[str, Any]) -> None:
        self.values[record["name"]] = record["value"]

    def put(self, name: str, value: Any) -> None:
        with self.journal.lock:
            self.values[name] = value
            self.journal.append("shelf", {"name": name, "value": value})


def reopened(path: Path) -> Shelf:
    shelf = Shelf(Journal(path))
    shelf.journal.load()
    return shelf


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "journal.jsonl"


def test_what_was_appended_is_there_after_a_restart(path):
    Shelf(Journal(path)).put("a", {"x": [1, None, "é\n"]})
    assert reopened(path).values == {"a": {"x": [1, None, "é\n"]}}


def test_an_append_is_in_the_file_when_it_returns(path):
    Shelf(Journal(path)).put("a", 1)
    assert path.read_bytes() == b'["shelf",{"name":"a","value":1}]\n'


def test_loading_compacts_to_what_is_true_now(path):
    shelf = Shelf(Journal(path))
    for number in range(1000):
        shelf.put("a", number)
    assert reopened(path).values == {"a": 999}
    assert path.read_bytes().count(b"\n") == 1


def test_appends_after_a_compaction_go_to_the_new_file(path):
    shelf = Shelf(Journal(path))
    shelf.put("a", 1)
    shelf.journal.compact()
    shelf.put("b", 2)
    assert reopened(path).values == {"a": 1, "b": 2}


@pytest.mark.parametrize("kept", range(1, 32))
def test_a_line_torn_by_a_kill_is_ignored_wherever_it_was_torn(path, kept):
    shelf = Shelf(Journal(path))
    shelf.put("a", 1)
    torn = b'["shelf",{"name":"a","value":2}]\n'[:kept]
    path.write_bytes(path.read_bytes() + torn)
    assert reopened(path).values == {"a": 1}


def test_an_append_after_a_torn_line_is_not_glued_to_it(path):
    Shelf(Journal(path)).put("a", 1)
    path.write_bytes(path.read_bytes() + b'["shelf",{"na')
    Shelf(Journal(path)).put("b", 2)
    assert reopened(path).values == {"a": 1, "b": 2}


def test_a_compaction_that_was_killed_leaves_the_old_journal(path):
    Shelf(Journal(path)).put("a", 1)
    path.with_suffix(".new").write_bytes(b'["shelf",{"na')
    assert reopened(path).values == {"a": 1}


def test_a_write_cut_short_by_a_full_disk_is_taken_back(path, monkeypatch):
    shelf = Shelf(Journal(path))
    shelf.put("a", 1)
    write = __import__("os").write
    monkeypatch.setattr("infra.local.journal.os.write", half_then_full(write))
    with pytest.raises(OSError, match="No space"):
        shelf.journal.append("shelf", {"name": "a", "value": "long" * 100})
    monkeypatch.undo()
    shelf.put("b", 2)
    assert reopened(path).values == {"a": 1, "b": 2}


def half_then_full(write):
    calls = []

    def failing(file: int, line: bytes) -> int:
        if calls:
            raise OSError(28, "No space left on device")
        calls.append(line)
        return write(file, line[: len(line) // 2])

    return failing


def test_a_damaged_line_within_the_file_is_named_and_nothing_is_thrown_away(path):
    Shelf(Journal(path)).put("a", 1)
    damaged = b"garbage\n" + path.read_bytes()
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match="line 1 is not a record"):
        reopened(path)
    assert path.read_bytes() == damaged


def test_records_of_an_unknown_kind_are_refused_rather_than_dropped(path):
    Journal(path).append("stranger", {"a": 1})
    with pytest.raises(ValueError, match="stranger"):
        reopened(path)
    assert b"stranger" in path.read_bytes()


def test_many_threads_append_whole_lines_while_the_journal_is_compacted(path):
    shelf = Shelf(Journal(path))

    def work(worker: int) -> None:
        for number in range(200):
            shelf.put(f"{worker}-{number}", "x" * number)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        shelf.journal.compact()
    for thread in threads:
        thread.join()
    assert len(reopened(path).values) == 1200


def test_a_journal_without_a_file_keeps_nothing(tmp_path):
    shelf = Shelf(Journal(None))
    shelf.put("a", 1)
    shelf.journal.compact()
    shelf.journal.load()
    assert shelf.values == {"a": 1}
    assert list(tmp_path.iterdir()) == []


def test_nobody_else_on_the_machine_can_read_the_journal(path):
    Shelf(Journal(path)).journal.compact()
    assert path.stat().st_mode & 0o077 == 0
