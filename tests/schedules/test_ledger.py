"""Every tick accounted for: the ledger has exactly the due minutes, whatever EventBridge and the functions do to it."""

from __future__ import annotations

import json
import os
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from chalicelib.domain import timezones
from infra.local.persistence.database import Change, Database
from tests.deployments.conftest import Project, Repository
from tests.domain.cron_patterns import oracle_minutes

UNRELIABLE = {"doubled": 0.3, "late": 0.1, "dropped": 0.05, "killed": 0.2}
ENDS = {"succeeded", "start_failed", "skipped", "missed", "cancelled"}
AFTERWARDS = 1  # hours

# Windows over a change of the clocks, with zones that change in them and zones that don't.
WINDOWS = {
    "spring": ("2027-03-27T23:00", 6, ["Europe/London", "Europe/Berlin", "Asia/Kathmandu", "America/New_York", "UTC"]),
    "autumn": ("2027-11-07T03:00", 6, ["America/New_York", "America/St_Johns", "America/Chicago", "Europe/London"]),
    "south": ("2027-04-03T12:00", 6, ["Australia/Lord_Howe", "Australia/Sydney", "Pacific/Auckland", "Asia/Tokyo"]),
}
PATTERNS = [
    "*/10 * * * *", "7-59/13 * * * *", "0 * * * *", "30 1 * * *", "30 2 * * *", "15,45 1-3 * * *", "0 */2 * * *",
    "*/20 0-6 * * 6,0", "0 0 28 * 6", "5 2 */2 * 0", "59 23 * * *", "0 3 1-7 * 0", "20 1-4/2 * 3,4,11 *",
]  # fmt: skip
KINDS = [
    {"overlap": "skip"}, {"overlap": "queue"}, {"overlap": "replace"}, {"overlap": "allow"}, {"catch_up": "last"},
]  # fmt: skip


class Ledger:
    """A stack whose clock begins at a date, its schedules, and what the oracle says of them."""

    def __init__(self, start_stack, folder, begins, unreliable, seed):
        self.begins = datetime.fromisoformat(begins).replace(tzinfo=UTC)
        self.folder, self.notes = folder, folder / "notes"
        self.random = random.Random(seed)
        state = folder / "state"
        state.mkdir(mode=0o700)
        clock = {"watermark": self.begins.isoformat(), "hand": self.begins.isoformat()}
        database = Database(state / "state.db")
        database.write(Change("clock", "", "", json.dumps(clock)))
        database.close()
        os.environ["KINTO_UNRELIABLE"] = json.dumps({"seed": seed, "notes": str(self.notes), **unreliable})
        self.notes.touch()
        self.stack = start_stack(state_dir=state, product=Path(__file__).parent / "unreliable")
        self.repository = Repository(folder / "repository")
        self.projects, self.schedules = [], {}

    def add(self, count, zones, real):
        """`count` schedules of all kinds; the first `real` of them run a process, the others end at once."""
        for number in range(count):
            if number % 50 == 0:
                self.projects.append(Project(self.stack, self.repository, self.folder))
                instant = self.projects[-1].block("instant", {"type": "command", "command": "true"})
            project, zone = self.projects[-1], zones[number % len(zones)]
            pattern = PATTERNS[number % len(PATTERNS)] if number >= real else "0 * * * *"
            run = {"mode": "repeat_schedule", "cron": pattern, "timezone": zone, **self.random.choice(KINDS)}
            unset = [{"name": "NOWHERE", "required": True}] if number >= real else []
            told = {"ref": {"commit": self.repository.head}, "run": run, "variables": unset}
            hostname = f"job-{number}"
            project.configure(hostname, instant, **told)
            self.schedules[hostname] = (project, pattern, zone)
            if number >= real and number % 3 == 0:
                project.post(f"{project.environment}/blocks/{hostname}/pause", {"reason": "holidays"})

    def live(self, hours):
        """Time passes until all that was due in these hours must have its row and its end."""
        self.ends = self.begins + timedelta(hours=hours)
        for _ in range(hours + AFTERWARDS):
            self.stack.advance(seconds=3600)

    def due(self, hostname):
        _, pattern, zone = self.schedules[hostname]
        after = self.begins + timedelta(minutes=1)  # at the first minute itself it was configured
        return sorted(oracle_minutes(pattern, timezones.zone(zone), after, self.ends))

    def rows(self, hostname):
        """The whole history of the hours."""
        project, found, cursor = self.schedules[hostname][0], [], ""
        history = f"{project.environment}/blocks/{hostname}/runs?limit=100"
        while cursor is not None:
            page = project.get(history + (cursor and f"&cursor={cursor}"))
            found += page["items"]
            cursor = page["next"]
        return [row for row in found if datetime.fromisoformat(row["scheduled_at"]) < self.ends]

    def dropped(self, hostname):
        """The minutes that reached nobody."""
        told = [json.loads(line) for line in self.notes.read_text().splitlines()]
        mine = [(datetime.fromisoformat(at), fate) for name, at, fate in told if name == hostname]
        return {at for at, fate in mine if fate == "dropped"} - {at for at, fate in mine if fate != "dropped"}

    def faults(self, hostname):
        """Where a hostname's ledger is wrong; and its rows."""
        rows, due = self.rows(hostname), self.due(hostname)
        ticks = [row for row in rows if not row["id"].endswith("-x")]
        at = sorted(datetime.fromisoformat(row["scheduled_at"]) for row in ticks)
        missed = {datetime.fromisoformat(row["scheduled_at"]) for row in ticks if row["status"] == "missed"}
        paused = {row["reason"] for row in ticks} == {"paused by admin: holidays"}
        found = {
            "without a row": sorted(set(due) - set(at)),
            "not due": sorted(set(at) - set(due)),
            "twice": sorted(minute for minute, count in Counter(at).items() if count > 1),
            "missed or not": [] if paused else sorted(missed ^ (self.dropped(hostname) & set(due))),
            "in no end": [row["id"] for row in rows if row["status"] not in ENDS],
        }
        return {fault: which for fault, which in found.items() if which}, rows

    def check(self, most):
        """Each hostname's rows are the due minutes, each once; how many ended how."""
        statuses, wrong = Counter(), {}
        for hostname, (_, pattern, zone) in self.schedules.items():
            faults, rows = self.faults(hostname)
            statuses.update(row["status"] for row in rows)
            if faults:
                wrong[f"{hostname} {pattern} {zone}"] = faults
        assert wrong == {}
        assert sum(statuses.values()) <= most
        return statuses


@pytest.fixture
def ledger(start_stack, tmp_path, monkeypatch):
    monkeypatch.setenv("KINTO_UNRELIABLE", "")
    return lambda begins, unreliable, seed: Ledger(start_stack, tmp_path, begins, unreliable, seed)


@pytest.mark.ci
@pytest.mark.parametrize("window", WINDOWS)
def test_over_a_change_of_the_clocks_each_due_minute_has_its_row_though_deliveries_go_wrong(ledger, window):
    begins, hours, zones = WINDOWS[window]
    seed = int(time.time())
    print(f"seed {seed}")
    book = ledger(begins, UNRELIABLE, seed)
    book.add(26, zones, real=2)
    book.live(hours)
    statuses = book.check(most=1000)
    assert statuses["missed"] > 0
    assert statuses["skipped"] > 5
    assert statuses["start_failed"] > 60
    assert statuses["succeeded"] > 5


@pytest.mark.exhaustive
@pytest.mark.parametrize("seed", [1])
def test_in_two_days_of_two_hundred_schedules_each_due_minute_has_its_row(ledger, seed):
    _, _, zones = WINDOWS["spring"]
    book = ledger("2027-03-27T12:00", UNRELIABLE, seed)
    book.add(200, [*zones, "Africa/Casablanca", "Australia/Lord_Howe", "America/St_Johns"], real=10)
    book.live(48)
    print(book.check(most=40_000))
