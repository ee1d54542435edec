from __future__ import annotations

import pytest

from chalicelib.aws import pace


@pytest.fixture
def clock(monkeypatch):
    """A clock that only sleeping moves; how long was slept."""
    state = {"now": 50.0, "slept": []}

    def sleep(seconds):
        state["slept"].append(seconds)
        state["now"] += seconds

    monkeypatch.setattr(pace.time, "monotonic", lambda: state["now"])
    monkeypatch.setattr(pace.time, "sleep", sleep)
    return state


def test_the_first_waits_for_nothing_and_the_others_keep_to_the_rate(clock):
    at_most = pace.Pace(20)
    for _ in range(41):
        at_most.wait()
    assert sum(clock["slept"]) == pytest.approx(2)


def test_several_at_once_count_as_several(clock):
    at_most = pace.Pace(10)
    for _ in range(3):
        at_most.wait(5)
    assert clock["slept"] == pytest.approx([0.5, 0.5])


def test_time_that_went_by_unused_is_not_made_up_for(clock):
    at_most = pace.Pace(10)
    at_most.wait()
    clock["now"] += 100
    at_most.wait()
    at_most.wait()
    assert clock["slept"] == pytest.approx([0.1])
