"""Thousands of schedules: what reconcile and the watchdog ask of AWS, how long that takes, and the memory it needs.

python -m tests.benchmarks.bench_schedules
"""

from __future__ import annotations

import logging
import os
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from chalicelib import edge
from chalicelib.actions import missed, publish, reconcile, watch
from chalicelib.api import idempotency
from chalicelib.aws import clients, rules
from chalicelib.call import Call
from chalicelib.domain.configured_blocks import Configuration, ConfiguredBlock, RepeatSchedule, schedule_id
from chalicelib.store import configured_blocks
from chalicelib.store.items import Item
from infra import template
from infra.local import stack as resources
from infra.local.persistence import ACCOUNT, REGION
from infra.local.persistence.database import Change, Database
from tests.conftest import LocalStack
from tests.deployments.conftest import aws
from tests.schedules.conftest import counted

SIZES = (1_000, 10_000)
OVERDUE = (0, 1, 10)
NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
A_YEAR = RepeatSchedule("0 0 1 1 *")  # due once a year: nothing of it comes in between
AN_HOUR = RepeatSchedule("0 * * * *")
CHANGES = ("Put", "Create", "Update", "Delete", "Remove", "Batch", "Transact")


def main() -> None:
    """Print the tables."""
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        laptop = LocalStack(Path(folder) / "state")
        rows: list[ConfiguredBlock] = []
        print("\nReconcile, rules as the backend")
        print("schedules   what          lists  queries  changes   whole     peak")
        for size in SIZES:
            rows += _made(laptop, size - len(rows))
            with _emulated(laptop):
                _filled(rows[-size:] if size == SIZES[0] else rows[SIZES[0] :])
                _rows_of_reconcile(size, rows)
                if size == SIZES[-1]:
                    _rows_of_watchdog(rows)
            laptop.stop()
    logging.disable(logging.NOTSET)


def _made(laptop: LocalStack, count: int) -> list[ConfiguredBlock]:
    """Schedules that are published, by what the laptop keeps of its rules: 20,000 requests would take minutes."""
    laptop.start()
    with _emulated(laptop):
        rows = [_published(_schedule(number)) for number in range(count)]
        _sample(rows[0])
    laptop.stop()
    database = Database(laptop.state_dir / "state.db")
    text = database.get("rule", rows[0].rules[0]) or ""
    first = (rows[0].rules[0], schedule_id(rows[0]))
    changes = [
        (row.rules[0], text.replace(first[0], row.rules[0]).replace(first[1], schedule_id(row))) for row in rows[1:]
    ]
    database.write(*(Change("rule", name, "", value) for name, value in changes))
    database.close()
    laptop.start()
    return rows


@contextmanager
def _emulated(laptop: LocalStack) -> Iterator[None]:
    """The product in this process, its AWS in the laptop's own: memory is the product's alone."""
    before = dict(os.environ)
    endpoint = aws(laptop, "events").meta.endpoint_url
    keys = {"AWS_ACCESS_KEY_ID": "laptop", "AWS_SECRET_ACCESS_KEY": "laptop", "AWS_DEFAULT_REGION": REGION}
    os.environ.update(keys, AWS_ENDPOINT_URL=endpoint)
    os.environ.update(resources.create(template.load(), REGION, ACCOUNT))
    for cached in (edge.settings, clients.client, clients._session):
        cached.cache_clear()
    Item._connection = None
    edge.settings()
    yield
    os.environ.clear()
    os.environ.update(before)


def _call() -> Call:
    return Call(NOW, "bench", "admin", edge.settings(), idempotency.ids())


def _schedule(number: int) -> ConfiguredBlock:
    new_id = _call().new_id
    return ConfiguredBlock(
        uid=new_id(),
        hostname=f"job-{number}",
        project="bench",
        project_uid="p" * 26,
        environment="default",
        environment_uid=new_id(),
        block_uid="b" * 26,
        flavor="job",
        configuration=Configuration(block="job", run=A_YEAR),
        schedule_status="published",
        next_due=datetime(2027, 1, 1, tzinfo=UTC),
        created_at=NOW,
        updated_at=NOW,
        version=1,
    )


def _published(row: ConfiguredBlock) -> ConfiguredBlock:
    return msgspec.structs.replace(row, rules=tuple(publish.entries(_call(), row)))


def _sample(row: ConfiguredBlock) -> None:
    ((name, expression),) = publish.entries(_call(), row).items()
    rules.put(edge.settings(), name, expression, schedule_id(row))


def _filled(rows: list[ConfiguredBlock]) -> None:
    with Item.batch_write() as batch:
        for row in rows:
            batch.save(configured_blocks.create(row).item)


def _rows_of_reconcile(size: int, rows: list[ConfiguredBlock]) -> None:
    reconcile.reconcile(_call())  # warms connections and caches
    print(f"{size:9}   {'nothing to do':13} {_measured(steps=0)}")
    events = clients.client("events")
    events.remove_targets(Rule=rows[0].rules[0], Ids=["tick"])
    events.delete_rule(Name=rows[0].rules[0])
    print(f"{size:9}   {'one rule gone':13} {_measured(steps=1)}")


def _measured(steps: int) -> str:
    """One line of the table; the peak of memory is taken in a second turn, which it slows down."""
    with counted() as made:
        began = time.perf_counter()
        result = reconcile.reconcile(_call())
        took = time.perf_counter() - began
    assert (len(result.steps), result.failed) == (steps, ()), result
    lists = sum(count for name, count in made.items() if ":List" in name)
    queries = made["dynamodb:Query"]
    changes = sum(count for name, count in made.items() if name.split(":")[1].startswith(CHANGES))
    memory = f"{_peak() / 2**20:5.1f} MiB" if not steps else ""
    return f"{lists:6} {queries:8} {changes:8} {took:6.2f} s {memory:>9}"


def _peak() -> int:
    tracemalloc.start()
    reconcile.reconcile(_call())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def _rows_of_watchdog(rows: list[ConfiguredBlock]) -> None:
    print(f"\nThe watchdog over {len(rows)} schedules")
    print("  overdue    rows   calls    whole")
    for count in OVERDUE:
        chosen, rows = rows[:count], rows[count:]
        _filled([_overdue(row) for row in chosen])
        with counted() as made:
            began = time.perf_counter()
            watch.watch(_call())
            written = missed.account_for_missed(_call())
            took = time.perf_counter() - began
        assert written == count, (written, made)
        print(f"{count:9} {written:7} {sum(made.values()):7} {took:6.3f} s")


def _overdue(row: ConfiguredBlock) -> ConfiguredBlock:
    """The same with a tick, half an hour ago, that nobody delivered."""
    hourly = msgspec.structs.replace(row.configuration, run=AN_HOUR)
    return msgspec.structs.replace(row, configuration=hourly, next_due=NOW - timedelta(minutes=30))


if __name__ == "__main__":
    main()
