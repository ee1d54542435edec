"""What the laptop's state costs: bytes for each run, and start-up time and memory with many runs in the history.

python -m tests.benchmarks.bench_laptop
"""

from __future__ import annotations

import os
import random
import re
import sqlite3
import tempfile
import time
import uuid
from contextlib import closing
from pathlib import Path

import msgspec

from infra.local.persistence.database import Change, Database
from tests.conftest import LocalStack
from tests.deployments.conftest import Project, Repository

SIZES = (1_000, 5_000, 20_000)
WARM_UP, COUNTED = 5, 40
BUILD = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"

Row = tuple[str, str, str, str]


def main() -> None:
    """Print the tables."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        stack = LocalStack(folder / "state")
        stack.start()
        project = Project(stack, Repository(folder / "repository"), folder)
        project.before("job", "echo one line; echo and another")
        run(project, WARM_UP)
        before = size(stack)
        run_id = run(project, COUNTED)[-1]
        grown = (size(stack) - before) / COUNTED
        print(f"\nThe state of the laptop: {grown / 1000:.1f} kB for each run, while it runs", flush=True)
        rows = rows_of(stack, run_id)
        stack.stop()
        print("     runs   database   start-up     CPU   memory")
        present = WARM_UP + COUNTED
        for count in SIZES:
            add(stack, rows, run_id, count - present)
            present = count
            print(measured(stack, count), flush=True)


def run(project: Project, times: int) -> list[str]:
    """Run the job so often; the runs' ids."""
    return [project.ran("job")["id"] for _ in range(times)]


def size(stack: LocalStack) -> int:
    """Return the bytes of the database, but for the log, which SQLite starts anew every few megabytes."""
    with closing(sqlite3.connect(f"file:{stack.state_dir}/state.db?mode=ro", uri=True)) as opened:
        numbers = [opened.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")]
    return int(numbers[0] * numbers[1])


def rows_of(stack: LocalStack, run_id: str) -> list[Row]:
    """Return the rows that a run has left: its own, its execution's, its log's, its entry in the audit."""
    rows = stack.rows()
    name = run_id.split("-", 1)[1]
    builds = {build for row in rows if name in row[2] for build in BUILD.findall(row[3])}
    return [row for row in rows if any(text in part for part in row for text in (name, *builds))]


def add(stack: LocalStack, rows: list[Row], run_id: str, count: int) -> None:
    """Add so many runs that are like the one of these rows: to run them would take hours."""
    database = Database(stack.state_dir / "state.db")
    text, name = msgspec.json.encode(rows).decode(), run_id.split("-", 1)[1]
    builds = set(BUILD.findall(text))
    for _ in range(count):
        copy = text.replace(name, another(name))
        for build in builds:
            copy = copy.replace(build, str(uuid.uuid4()))
        database.write(*(Change(*row) for row in msgspec.json.decode(copy)))
    database.close()


def another(name: str) -> str:
    """Return a name of the same time."""
    return name[:-12] + "".join(random.choices(DIGITS, k=12))


def measured(stack: LocalStack, count: int) -> str:
    """Start the stack; one line of the table."""
    began = time.perf_counter()
    stack.start()
    took = time.perf_counter() - began
    status = Path(f"/proc/{stack.process.pid}/status").read_text()
    used = sum(map(int, Path(f"/proc/{stack.process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]))
    cpu = used / os.sysconf("SC_CLK_TCK")
    memory = int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024
    stack.stop()
    bytes_ = (stack.state_dir / "state.db").stat().st_size
    return f"{count:9} {bytes_ / 1e6:7.1f} MB {took:8.1f} s {cpu:5.1f} s {memory:5.0f} MB"


if __name__ == "__main__":
    main()
