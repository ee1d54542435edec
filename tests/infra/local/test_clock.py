from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta

import pytest

from infra.local.clock import Backwards, Clock, NotByHand, StillBusy
from infra.local.events import Scheduled
from infra.local.persistence.database import Database

START = datetime(2026, 3, 28, 23, 59, 20, tzinfo=UTC)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Rules:
    """Stands for the event bus: holds rules, and remembers what was fired, and when by the clock."""

    def __init__(self, **expressions):
        self.rules = {name: Scheduled(name, expression, []) for name, expression in expressions.items()}
        self.fired = []
        self.clock = None
        self.then = lambda name, minute: None
        self.busy = False
        self.reads = 0

    def scheduled(self):
        self.reads += 1
        return list(self.rules.values())

    def fire(self, minute, rule):
        self.fired.append((minute.strftime("%dT%H:%M"), rule.arn))
        assert self.clock is None or not self.clock.by_hand or self.clock.now() == minute
        self.then(rule.arn, minute)
        done = Future()
        done.set_result(None)
        return done

    def settled(self):
        return not self.busy


@pytest.fixture
def started():
    clocks = []

    def start(rules, by_hand=True, database=None, real=lambda: START):
        clock = Clock(database or Database(None), by_hand, real)
        rules.clock = clock
        clock.start(rules, rules.settled)
        clocks.append(clock)
        return clock

    yield start
    for clock in clocks:
        clock.stop()


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def advance(clock, to, wait=True, patience=5):
    return clock.advance(at(to), wait, patience)


def test_a_manual_clock_stands_still_until_it_is_moved(started):
    minutes = itertools.count()
    clock = started(Rules(), real=lambda: START + timedelta(minutes=next(minutes)))
    assert clock.now() == clock.now() == START
    assert advance(clock, "2026-03-29T00:00:30") == {"now": "2026-03-29T00:00:30Z", "fired": 0, "idle": True}
    assert clock.now() == at("2026-03-29T00:00:30")
    assert clock.state() == {"now": "2026-03-29T00:00:30Z", "mode": "manual", "watermark": "2026-03-29T00:00:00Z"}


def test_every_due_minute_is_fired_in_order_rule_by_rule(started):
    rules = Rules(minutely="rate(1 minute)", at_two="cron(2 0 * * ? *)", at_nine="cron(0 9 * * ? *)")
    clock = started(rules)
    assert advance(clock, "2026-03-29T00:02:59")["fired"] == 4
    assert rules.fired == [
        ("29T00:00", "minutely"),
        ("29T00:01", "minutely"),
        ("29T00:02", "minutely"),
        ("29T00:02", "at_two"),
    ]


def test_the_minute_that_was_reached_is_not_fired_again(started):
    rules = Rules(minutely="rate(1 minute)")
    clock = started(rules)
    advance(clock, "2026-03-29T00:01:00")
    advance(clock, "2026-03-29T00:01:59")
    advance(clock, "2026-03-29T00:02:00")
    assert [minute for minute, _ in rules.fired] == ["29T00:00", "29T00:01", "29T00:02"]


def test_minutes_at_which_nothing_is_due_are_jumped_over(started):
    rules = Rules(daily="cron(0 8 * * ? *)", mondays="cron(0 8 ? * 2 *)", half_hourly="cron(0/30 * * * ? *)")
    answer = advance(started(rules), "2026-03-29T23:59:00")
    assert answer["fired"] == 48 + 1
    assert rules.reads < 150  # of 1,440 minutes


def test_a_rule_that_does_not_parse_never_fires_and_stops_no_other(started):
    rules = Rules(garbage="cron(99 99 * * ? *)", once="at(2026-03-29T00:01:00)", minutely="rate(1 minute)")
    advance(started(rules), "2026-03-29T00:01:00")
    assert {name for _, name in rules.fired} == {"minutely"}


def test_rules_that_come_and_go_on_the_way_count_from_their_minute(started):
    rules = Rules(minutely="rate(1 minute)")

    def change(name, minute):
        if minute == at("2026-03-29T00:01"):
            rules.rules = {"later": Scheduled("later", "cron(3 0 * * ? *)", [])}

    rules.then = change
    advance(started(rules), "2026-03-29T00:05:00")
    assert rules.fired == [("29T00:00", "minutely"), ("29T00:01", "minutely"), ("29T00:03", "later")]


def test_with_wait_a_minute_is_over_when_nothing_is_in_flight_any_more(started):
    rules = Rules(minutely="rate(1 minute)")
    times = []

    def run(name, minute):
        def end():
            times.append(rules.clock.now())
            rules.busy = False

        rules.busy = True
        threading.Timer(0.03, end).start()

    rules.then = run
    advance(started(rules), "2026-03-29T00:02:00")
    assert times == [at("2026-03-29T00:00"), at("2026-03-29T00:01"), at("2026-03-29T00:02")]


def test_without_wait_minutes_follow_each_other_at_once(started):
    rules = Rules(minutely="rate(1 minute)")
    clock = started(rules)
    rules.busy = True
    answer = advance(clock, "2026-03-29T00:02:00", wait=False)
    assert answer == {"now": "2026-03-29T00:02:00Z", "fired": 3, "idle": False}


def test_patience_ends_and_the_clock_stops_at_that_minute_without_firing_it_twice(started):
    rules = Rules(minutely="rate(1 minute)")
    clock = started(rules)
    rules.then = lambda name, minute: setattr(rules, "busy", True)
    with pytest.raises(StillBusy, match="2026-03-29T00:00:00Z"):
        advance(clock, "2026-03-29T00:02:00", patience=0.05)
    rules.busy = False
    rules.then = lambda name, minute: None
    assert advance(clock, "2026-03-29T00:02:00")["fired"] == 2
    assert len(rules.fired) == 3


def test_the_clock_does_not_go_back(started):
    with pytest.raises(Backwards):
        advance(started(Rules()), "2026-03-28T23:59:19")


def test_a_real_clock_is_not_moved_by_hand(started):
    with pytest.raises(NotByHand):
        advance(started(Rules(), by_hand=False), "2026-03-30T00:00:00")


def test_a_manual_clock_goes_on_where_it_was_after_a_restart(started, tmp_path):
    path = tmp_path / "state.db"
    clock = started(Rules(minutely="rate(1 minute)"), database=Database(path))
    advance(clock, "2026-03-29T00:05:00")
    advance(clock, "2026-03-29T00:05:10")
    again = Rules(minutely="rate(1 minute)")
    clock = started(again, database=Database(path))
    assert clock.now() == at("2026-03-29T00:05:10")
    advance(clock, "2026-03-29T00:06:00")
    assert [minute for minute, _ in again.fired] == ["29T00:06"]


def test_a_minute_whose_firing_a_kill_interrupted_is_fired_again(started, tmp_path):
    path = tmp_path / "state.db"
    rules = Rules(minutely="rate(1 minute)")
    clock = started(rules, database=Database(path))

    def killed(name, minute):
        if minute == at("2026-03-29T00:01"):
            raise KeyboardInterrupt

    rules.then = killed
    with pytest.raises(KeyboardInterrupt):
        advance(clock, "2026-03-29T00:05:00")
    again = Rules(minutely="rate(1 minute)")
    clock = started(again, database=Database(path))
    until(lambda: clock.watermark == at("2026-03-29T00:01"))
    assert clock.now() == at("2026-03-29T00:01")
    assert again.fired == [("29T00:01", "minutely")]


def test_a_real_clock_makes_up_for_ten_minutes_and_no_more(started, tmp_path):
    path = tmp_path / "state.db"
    rules = Rules(minutely="rate(1 minute)")
    started(rules, by_hand=False, database=Database(path))
    assert rules.fired == []
    started(again := Rules(minutely="rate(1 minute)"), False, Database(path), lambda: START + timedelta(hours=3))
    until(lambda: len(again.fired) == 10)
    assert (again.fired[0][0], again.fired[-1][0]) == ("29T02:50", "29T02:59")


def test_a_real_clock_fires_at_the_minute_and_only_once(started):
    rules = Rules(minutely="rate(1 minute)")
    shift = datetime(2026, 3, 29, 0, 0, 59, 800_000, tzinfo=UTC) - datetime.now(UTC)
    started(rules, by_hand=False, real=lambda: datetime.now(UTC) + shift)
    until(lambda: rules.fired)
    time.sleep(0.1)
    assert rules.fired == [("29T00:01", "minutely")]


def test_a_failure_of_the_bus_does_not_end_the_clock(started, tmp_path):
    path = tmp_path / "state.db"
    started(Rules(), by_hand=False, database=Database(path))
    rules = Rules(minutely="rate(1 minute)")
    failures = []

    def fails():
        failures.append(1)
        raise RuntimeError("no bus")

    rules.scheduled, good = fails, rules.scheduled
    shift = datetime(2026, 3, 29, 0, 0, 59, 900_000, tzinfo=UTC) - datetime.now(UTC)
    started(rules, False, Database(path), lambda: datetime.now(UTC) + shift)
    until(lambda: failures)
    rules.scheduled = good
    until(lambda: len(rules.fired) == 2)
    assert [minute for minute, _ in rules.fired] == ["29T00:00", "29T00:01"]


def test_a_clock_that_was_moved_ahead_by_hand_and_is_real_again_fires_from_now_on(started, tmp_path):
    path = tmp_path / "state.db"
    advance(started(Rules(), database=Database(path)), "2026-06-01T00:00:00")
    clock = started(Rules(), by_hand=False, database=Database(path))
    assert clock.now() == START
    assert clock.watermark == at("2026-03-28T23:59")
