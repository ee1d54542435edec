"""What counts as the last result of a job, and what makes an environment failing or running."""

from __future__ import annotations

import pytest

from chalicelib.domain import results
from tests.domain.examples import after, configured, environment, run


def ended(status, seconds, **told):
    times = {"scheduled_at": after(seconds), "finished_at": after(seconds)} | told
    return run(id=f"migrate-{seconds}-m", status=status, **times)


def last(*runs):
    """The last result after these runs have ended in this order."""
    known = results.before_the_first(configured())
    for one in runs:
        if results.says_something(one):
            known = results.after(known, one) or known
    return known


@pytest.mark.parametrize(
    ("status", "failing"),
    [
        ("succeeded", False),
        ("failed", True),
        ("timed_out", True),
        ("out_of_memory", True),
        ("start_failed", True),
        ("interrupted", True),
        ("missed", True),
    ],
)
def test_last_result_decides_whether_a_job_is_failing(status, failing):
    assert last(ended(status, 1)).is_failing is failing
    assert last(ended("failed", 1), ended("succeeded", 2), ended(status, 3)).is_failing is failing


@pytest.mark.parametrize("status", ["cancelled", "skipped"])
def test_runs_that_say_nothing_change_nothing(status):
    assert last(ended("failed", 1), ended(status, 2)).is_failing
    assert not last(ended("succeeded", 1), ended(status, 2)).is_failing


def test_job_without_a_run_is_not_failing():
    assert not last().is_failing
    assert not last(run(status="running")).is_failing


def test_runs_of_a_service_are_the_deployments_results():
    assert not last(ended("failed", 1, trigger="deployment")).is_failing


def test_earlier_end_does_not_replace_a_later_one():
    assert last(ended("succeeded", 5), ended("failed", 4)).result.status == "succeeded"


def test_missed_tick_counts_from_its_minute():
    late = ended("missed", 1800, scheduled_at=after(60), trigger="schedule")
    assert not last(ended("succeeded", 120), late).is_failing
    assert last(ended("succeeded", 30), late).is_failing


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({}, None),
        ({"active": 1, "latest": 1, "latest_status": "running"}, "running"),
        ({"latest": 1, "latest_status": "deployed"}, None),
        ({"latest": 1, "latest_status": "cancelled"}, None),
        ({"latest": 1, "latest_status": "failed"}, "failing"),
        ({"latest": 1, "latest_status": "deployed_with_failures"}, "failing"),
        ({"latest": 1, "latest_status": "failed", "shutdown": True}, None),
        ({"latest": 2, "active": 2, "latest_status": "running", "shutdown": True}, "running"),
    ],
)
def test_latest_deployment_decides_about_an_environment(told, state):
    found = results.of_environment(environment(**told))
    assert (found[0] if found else None) == state
    if found:
        assert (found[1].deployment, found[1].status) == (told["latest"], told["latest_status"])
