from __future__ import annotations

import sys
import uuid

import pytest

from tests.deployments.conftest import by_hostname, living

pytestmark = pytest.mark.ci

STUBBORN = f"{sys.executable} -c 'import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(300)'"


def retries(count, seconds=0):
    return {"count": count, "backoff_seconds": seconds}


def test_a_job_is_tried_until_it_succeeds(project):
    project.before("migrate", "echo $KINTO_ATTEMPT; [ $KINTO_ATTEMPT = 3 ]", retries=retries(5))
    deployment = project.deploy()
    run = by_hostname(deployment)["migrate"]
    assert (deployment["status"], run["status"], run["exit_code"], run["reason"]) == ("deployed", "succeeded", 0, None)
    told = [(one["number"], one["status"], one["exit_code"]) for one in run["attempts"]]
    assert told == [(1, "failed", 1), (2, "failed", 1), (3, "succeeded", 0)]
    assert project.log(run["id"]) == ["1", "2", "3"]


def test_a_job_that_never_succeeds_is_tried_as_often_as_stated(project):
    project.before("migrate", "echo $KINTO_ATTEMPT >> $TRACE; exit $KINTO_ATTEMPT", retries=retries(2))
    project.before("once", "echo once >> $TRACE; exit 1")
    runs = by_hostname(project.deploy())
    assert (runs["migrate"]["status"], runs["migrate"]["exit_code"]) == ("failed", 3)
    assert [one["exit_code"] for one in runs["migrate"]["attempts"]] == [1, 2, 3]
    assert len(runs["once"]["attempts"]) == 1
    assert sorted(project.traced()) == ["1", "2", "3", "once"]


def test_a_manual_run_is_tried_again_too(project):
    project.before("migrate", "[ $KINTO_ATTEMPT = 2 ]", retries=retries(1))
    run = project.ran("migrate")
    assert (run["status"], len(run["attempts"])) == ("succeeded", 2)


def test_a_timeout_leaves_no_process(project):
    mark = uuid.uuid4().hex
    away = f"(setsid sh -c '(setsid {STUBBORN.replace(chr(39), chr(34))} {mark} & echo away >> $TRACE)' &)"
    project.before("migrate", f"{away}; sleep 300; : {mark}", timeout_seconds=2)
    number = project.start()
    project.wait_for("away")
    assert living(mark)
    deployment = project.ended(number)
    run = by_hostname(deployment)["migrate"]
    assert (run["status"], deployment["status"]) == ("timed_out", "failed")
    assert "2 s" in run["reason"]
    assert living(mark) == []


def test_a_timeout_is_tried_again_as_stated(project):
    project.before("migrate", "[ $KINTO_ATTEMPT = 2 ] || sleep 300", timeout_seconds=1, retries=retries(1))
    run = by_hostname(project.deploy())["migrate"]
    assert [one["status"] for one in run["attempts"]] == ["timed_out", "succeeded"]


def test_building_does_not_count_into_the_timeout(project):
    project.before("migrate", "cat built", build="sleep 1.5; echo built > built", timeout_seconds=1)
    run = by_hostname(project.deploy())["migrate"]
    assert run["status"] == "succeeded"
    assert project.log(run["id"]) == ["built"]
