"""What a build says of an attempt, and what attempts make of a run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chalicelib.domain import runs
from chalicelib.domain.runs import FINAL, RETRIED, Verdict
from tests.domain.examples import NOW, after, attempt, run

BUILD = "kinto-run:8745a7a9-c340-456a-9166-edf953571bee"
OTHER = "kinto-run:0745a7a9-c340-456a-9166-edf953571bee"


def build(status="SUCCEEDED", phases=(), **exported):
    """A finished build as BatchGetBuilds has it."""
    told = [{"name": f"KINTO_{name.upper()}", "value": value} for name, value in exported.items()]
    return {"id": BUILD, "buildStatus": status, "phases": list(phases), "exportedEnvironmentVariables": told}


def phase(name, message, code="COMMAND_EXECUTION_ERROR"):
    return {"phaseType": name, "phaseStatus": "FAILED", "contexts": [{"statusCode": code, "message": message}]}


# Verdicts.


@pytest.mark.parametrize(
    ("outcome", "exit_code"),
    [("succeeded", 0), ("failed", 1), ("failed", 3), ("failed", 137), ("timed_out", 143), ("out_of_memory", 137)],
)
def test_the_runners_findings_are_the_verdict(outcome, exit_code):
    told = build(
        stage="run", outcome=outcome, exit_code=str(exit_code), reason="why",
        started_at="2026-11-22T08:00:00.250Z", finished_at="2026-11-22T08:00:02Z",
    )  # fmt: skip
    assert runs.verdict(told) == Verdict(status=outcome, reason="why", exit_code=exit_code, seconds=1.75)


def test_what_the_runner_left_empty_is_not_there():
    told = build(stage="source", outcome="start_failed", exit_code="", reason="", started_at="", finished_at="")
    assert runs.verdict(told) == Verdict(status="start_failed")


def test_a_clock_that_was_set_back_while_the_job_ran_makes_no_time_negative():
    times = {"started_at": "2026-11-22T08:00:05Z", "finished_at": "2026-11-22T08:00:00Z"}
    assert runs.verdict(build(stage="run", outcome="succeeded", exit_code="0", **times)).seconds == 0


def test_an_image_that_was_built_has_succeeded():
    assert runs.verdict(build(stage="image", outcome="succeeded")).status == "succeeded"


@pytest.mark.parametrize("status", ["FAILED", "FAULT", "STOPPED", "TIMED_OUT"])
def test_a_build_that_did_not_succeed_is_never_the_jobs_own_exit(status):
    told = runs.verdict(build(status, stage="run", outcome="succeeded", exit_code="0"))
    assert (told.status, told.exit_code) == ("interrupted", None)


@pytest.mark.parametrize(
    ("status", "stage", "verdict"),
    [
        ("FAILED", None, "start_failed"),
        ("FAILED", "source", "start_failed"),
        ("FAILED", "image", "start_failed"),
        ("FAILED", "run", "interrupted"),
        ("TIMED_OUT", None, "start_failed"),
        ("TIMED_OUT", "run", "interrupted"),
        ("STOPPED", None, "interrupted"),
        ("STOPPED", "source", "interrupted"),
        ("FAULT", None, "interrupted"),
        ("FAULT", "run", "interrupted"),
    ],
)
def test_before_the_stage_run_it_did_not_start_and_after_it_was_interrupted(status, stage, verdict):
    exported = {"stage": stage} if stage else {}
    assert runs.verdict(build(status, **exported)).status == verdict


@pytest.mark.parametrize("stage", [{}, {"stage": "source"}])
def test_a_build_that_succeeded_without_a_word_of_the_runner_did_not_start_the_job(stage):
    told = runs.verdict(build("SUCCEEDED", **stage))
    assert (told.status, told.reason) == ("start_failed", "the build ended SUCCEEDED")


def test_the_reason_is_what_codebuild_says():
    told = build(
        "FAILED", phases=[
            {"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED"},
            {"phaseType": "QUEUED", "phaseStatus": "SUCCEEDED", "contexts": [{"statusCode": "", "message": ""}]},
            phase("PROVISIONING", "no image", "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE"),
            phase("BUILD", "and more", ""),
        ],
    )  # fmt: skip
    assert runs.verdict(told).reason == "BUILD_CONTAINER_UNABLE_TO_PULL_IMAGE: no image; and more"


def test_a_reason_is_not_endless():
    assert len(runs.verdict(build("FAILED", phases=[phase("BUILD", "x" * 9000)])).reason) == 500


def test_a_build_about_which_next_to_nothing_is_known_has_a_verdict_too():
    assert runs.verdict({}) == Verdict(status="start_failed", reason="the build ended without a status")


@pytest.mark.parametrize(
    "exported",
    [
        {"outcome": "splendid"},
        {"outcome": "queued"},
        {"outcome": "missed"},
        {"outcome": "failed", "exit_code": "many"},
        {"outcome": "failed", "exit_code": "1", "started_at": "yesterday", "finished_at": "today"},
        {"outcome": "failed", "started_at": "2026-11-22T08:00:00", "finished_at": "2026-11-22T08:00:01Z"},
    ],
)
def test_exports_that_make_no_sense_are_no_findings(exported):
    told = runs.verdict(build(stage="run", **exported))
    assert (told.status, told.exit_code) == ("interrupted", None)
    assert told.reason


# Attempts.


def test_the_first_attempt_has_number_one():
    assert [a.number for a in runs.in_new_attempt(run()).attempts] == [1]


def test_an_attempt_that_has_not_ended_goes_on():
    begun = runs.in_new_attempt(run())
    assert runs.in_new_attempt(begun) is begun


def test_after_one_that_ended_comes_another():
    ended = run(attempts=(attempt(status="failed", finished_at=NOW),))
    assert [a.number for a in runs.in_new_attempt(ended).attempts] == [1, 2]


def test_a_build_is_noted_once_on_the_attempt_that_is_open():
    noted = runs.with_build(runs.with_build(run(), BUILD), BUILD)
    assert [a.builds for a in noted.attempts] == [(BUILD,)]
    assert runs.with_build(noted, OTHER).attempts[-1].builds == (BUILD, OTHER)


def test_a_build_of_an_earlier_attempt_that_is_told_late_is_not_the_next_ones():
    first = attempt(builds=(BUILD,), status="failed", finished_at=after(5))
    retried = run(attempts=(first, attempt(number=2)))
    assert runs.with_build(retried, BUILD) == retried
    assert runs.running(retried, BUILD, after(9)) == retried


def test_a_build_of_a_later_attempt_is_not_the_earlier_ones():
    ended = run(attempts=(attempt(builds=(BUILD,), status="failed", finished_at=NOW),))
    assert [a.builds for a in runs.with_build(ended, OTHER).attempts] == [(BUILD,), (OTHER,)]


def test_a_run_runs_from_its_build_on():
    queued = run(reason="overlap: waits for run x", attempts=(attempt(),))
    started = runs.running(queued, BUILD, NOW)
    assert (started.status, started.reason, started.started_at) == ("running", None, NOW)
    assert (started.attempts[0].status, started.attempts[0].started_at) == ("running", NOW)


def test_that_it_runs_told_twice_changes_nothing():
    started = runs.running(run(), BUILD, NOW)
    assert runs.running(started, BUILD, after(5)) == started


def test_a_second_attempt_does_not_move_the_start_of_the_run():
    retried = run(started_at=NOW, attempts=(attempt(status="failed", started_at=NOW, finished_at=after(5)),))
    started = runs.running(runs.in_new_attempt(retried), OTHER, after(60))
    assert started.started_at == NOW
    assert started.attempts[1].started_at == after(60)


# The end.


def test_an_ended_run_says_how_and_when():
    end = runs.ended(
        runs.running(run(), BUILD, after(10)), Verdict(status="failed", reason="why", exit_code=3), after(30)
    )
    assert (end.status, end.reason, end.exit_code) == ("failed", "why", 3)
    assert (end.started_at, end.finished_at) == (after(10), after(30))
    assert end.attempts[0] == attempt(
        builds=(BUILD,), status="failed", reason="why", exit_code=3, started_at=after(10), finished_at=after(30)
    )
    assert end.is_final


def test_waiting_for_a_machine_does_not_count():
    waited = runs.running(run(), BUILD, NOW)
    end = runs.ended(waited, Verdict(status="succeeded", exit_code=0, seconds=2.5), after(100))
    assert (end.started_at, end.finished_at) == (after(97.5), after(100))


def test_a_process_does_not_start_before_its_build():
    end = runs.ended(runs.running(run(), BUILD, after(90)), Verdict(status="succeeded", seconds=50.0), after(100))
    assert end.started_at == after(90)


def test_nor_before_its_run_where_the_news_of_the_build_never_came():
    end = runs.ended(runs.with_build(run(), BUILD), Verdict(status="succeeded", seconds=500.0), after(100))
    assert end.started_at == NOW


def test_a_run_that_never_began_has_no_start():
    end = runs.ended(run(), Verdict(status="skipped", reason="shutdown"), after(1))
    assert (end.started_at, end.finished_at, end.attempts) == (None, after(1), ())


def test_a_run_starts_with_its_first_attempt():
    first = runs.to_be_retried(runs.running(run(), BUILD, after(10)), Verdict(status="failed"), after(20), 1, 10)
    second = runs.running(runs.in_new_attempt(first), OTHER, after(40))
    end = runs.ended(second, Verdict(status="succeeded", exit_code=0, seconds=1.0), after(50))
    assert (end.started_at, end.finished_at) == (after(10), after(50))
    assert [(a.status, a.started_at, a.finished_at) for a in end.attempts] == [
        ("failed", after(10), after(20)), ("succeeded", after(49), after(50)),
    ]  # fmt: skip


def test_cancelled_between_two_attempts_the_first_stays_as_it_ended():
    first = runs.to_be_retried(runs.running(run(), BUILD, after(10)), Verdict(status="failed"), after(20), 1, 10)
    end = runs.ended(first, Verdict(status="cancelled"), after(25))
    assert (end.status, end.started_at, end.finished_at) == ("cancelled", after(10), after(25))
    assert [(a.status, a.finished_at) for a in end.attempts] == [("failed", after(20))]


# Retries.


def test_a_run_to_be_retried_is_queued_and_says_why():
    waits = runs.to_be_retried(runs.running(run(), BUILD, NOW), Verdict(status="timed_out"), after(5), 3, 20)
    assert (waits.status, waits.reason) == ("queued", "attempt 1 of 4 ended timed_out; the next begins in 20 s")
    assert waits.finished_at is None
    assert waits.attempts[0].finished_at == after(5)


@pytest.mark.parametrize("status", sorted(FINAL))
def test_only_a_failure_of_the_job_or_its_surroundings_is_tried_again(status):
    tried = run(attempts=(attempt(),))
    due = runs.next_attempt_in(tried, Verdict(status=status), count=1, backoff_seconds=10)
    assert (due is not None) is (status in RETRIED)
    assert FINAL - {"succeeded", "cancelled", "skipped", "missed"} == RETRIED


@pytest.mark.parametrize(("count", "attempts"), [(0, 1), (1, 2), (3, 4), (10, 11)])
def test_there_are_as_many_further_attempts_as_was_said(count, attempts):
    tried, made = run(), 0
    while True:
        tried, made = runs.in_new_attempt(tried), made + 1
        if runs.next_attempt_in(tried, Verdict(status="failed"), count, 0) is None:
            break
        tried = runs.to_be_retried(tried, Verdict(status="failed"), NOW, count, 0)
    assert made == attempts


@pytest.mark.parametrize(
    ("seconds", "waits"),
    [(10, [10, 20, 40, 80]), (0, [0, 0, 0]), (3600, [3600, 3600]), (1000, [1000, 2000, 3600, 3600])],
)
def test_each_wait_is_twice_as_long_up_to_an_hour(seconds, waits):
    assert [runs.backoff(seconds, number + 1) for number in range(len(waits))] == waits


# Ids and words.


def test_an_id_names_its_block_and_sorts_by_time():
    early = runs.run_id("c" * 26, datetime(2026, 11, 22, 8, 0, tzinfo=UTC), "s")
    late = runs.run_id("c" * 26, datetime(2026, 11, 22, 8, 1, tzinfo=UTC), "m0")
    assert runs.address(early) == ("c" * 26, "20261122T080000000000-s")
    assert early < late


def test_an_id_fits_the_name_of_an_execution():
    assert len(runs.run_id("c" * 26, NOW, f"c{10**8}")) <= 80


@pytest.mark.parametrize("text", ["", "x", "20261122", "-", "x-", "-x"])
def test_no_id_is_no_address(text):
    with pytest.raises(ValueError, match=r"unpack|both"):
        runs.address(text)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"status": "failed", "exit_code": 3}, "exit code 3"),
        ({"status": "failed"}, "failed"),
        ({"status": "out_of_memory", "exit_code": 137}, "out_of_memory"),
        ({"status": "succeeded", "exit_code": 0}, "succeeded"),
    ],
)
def test_an_outcome_is_said_in_a_word_or_two(told, words):
    assert run(**told).outcome == words


def test_only_queued_and_running_are_not_final():
    assert set(runs.RunStatus.__args__) - FINAL == {"queued", "running"}
