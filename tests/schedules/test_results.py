"""The last result of a job, whoever ends its runs and in whatever order: failing projects and those that recover."""

from __future__ import annotations

import msgspec
import pytest

from chalicelib.actions import cancel, configure, projects, settle, shut_down, start_run
from chalicelib.domain.runs import Verdict
from chalicelib.store import projects as stored_projects
from chalicelib.store import results, states
from chalicelib.store.table import commit
from tests.schedules.conftest import at_once


def reasons(site, state="failing"):
    """Hostname and status of each reason for which the site's project is listed."""
    found = states.of_projects(state, [site.name]).get(site.name)
    return [(reason.hostname, reason.status) for reason in found.first] if found else []


def started(site, job, force=True):
    """A manual run of a job."""
    call = site.call()
    return start_run.run_now(call, site.environment, job, command=None, values=(), reason=None, force=force)


def ran(site, job, status):
    return site.end(started(site, job).id, status)


@pytest.fixture
def job(site):
    return site.schedule("0 0 1 1 *", hostname="report")


def test_job_is_listed_from_its_failure_to_its_next_success(site, job):
    ran(site, job, "succeeded")
    assert reasons(site) == []
    ran(site, job, "timed_out")
    assert reasons(site) == [("report", "timed_out")]
    ran(site, job, "succeeded")
    assert reasons(site) == []


def test_cancelled_run_hides_no_failure(site, job):
    ran(site, job, "failed")
    cancel.cancel_run(site.call(), started(site, job).id, "ada")
    assert reasons(site) == [("report", "failed")]


def test_running_job_is_listed_until_it_ends(site, job):
    run = started(site, job)
    assert reasons(site, "running") == [("report", "queued")]
    site.end(run.id)
    assert reasons(site, "running") == []


def test_missed_tick_is_listed(site):
    site.schedule("*/10 * * * *", hostname="backup")
    site.at("12:40")
    site.watchdog()
    assert reasons(site) == [("backup", "missed")]


def test_missed_tick_that_is_found_late_does_not_hide_a_newer_success(site):
    job = site.schedule("*/10 * * * *", hostname="backup")
    site.at("12:20")
    site.tick(job, "12:20")
    site.end(next(run.id for run in site.rows(job)))
    site.at("12:36")
    assert site.account() == 1
    assert site.told(job)[0][:2] == ("12:10", "missed")
    assert reasons(site) == []


def test_two_runs_that_end_at_once_leave_the_later_result(site, job):
    for first, second in (("failed", "succeeded"), ("succeeded", "failed")):
        runs = [started(site, job).id for _ in range(4)]
        calls = []
        for number, run_id in enumerate(runs):
            site.now = site.now.replace(second=number)
            calls.append((site.call(), run_id, first if number < 3 else second))
        raised = at_once(
            *(lambda call=c, run=r, status=s: settle.settle(call, run, Verdict(status=status)) for c, r, s in calls)
        )
        assert raised == []
        last = results.get(site.environment.uid, job.uid)
        assert (last.result.status, last.result.run) == (second, runs[-1])
        assert bool(reasons(site)) is (second == "failed")
        site.now = site.now.replace(minute=site.now.minute + 1, second=0)


def test_run_that_is_settled_twice_at_once_is_one_result(site, job):
    run = started(site, job)
    raised = at_once(*(lambda status=status: site.end(run.id, status) for status in ("failed", "succeeded") * 3))
    assert raised == []
    last = results.get(site.environment.uid, job.uid)
    assert last.result.status == next(row.status for row in site.rows(job))
    assert bool(reasons(site)) is (last.result.status == "failed")


def test_removed_block_leaves_the_list_also_while_a_run_of_it_ends(site, job):
    ran(site, job, "failed")
    configure.remove(site.call(), site.environment, job)
    assert reasons(site) == []
    for _ in range(3):
        again = site.schedule("0 0 1 1 *", hostname="report")
        run = started(site, again)
        # Removal looks for open runs first; this one begins after it has looked.
        commit(results.delete(again.environment_uid, again.uid))
        site.end(run.id, "failed")
        assert reasons(site) == []
        configure.remove(site.call(), site.environment, again)


def test_shutdown_hides_failures_until_the_next_deployment(site, job):
    other = site.schedule("0 0 1 1 *", hostname="calm")
    ran(site, other, "succeeded")
    ran(site, job, "failed")
    shut_down.shut_down(site.call(), site.environment)
    assert reasons(site) == []
    assert results.get(site.environment.uid, job.uid).is_failing
    ran(site, job, "succeeded")
    ran(site, job, "failed")
    assert reasons(site) == [("report", "failed")], "whoever runs a job now wants to know"


def test_failed_deployment_is_listed_until_a_good_one(site):
    def latest(number, status, **told):
        present = site.environment
        changed = msgspec.structs.replace(present, latest=number, latest_status=status, latest_at=site.now, **told)
        commit(stored_projects.replace_environment(changed))
        return reasons(site)

    assert latest(1, "running", active=1) == []
    assert reasons(site, "running") == [(None, "running")]
    assert latest(1, "failed", active=None) == [(None, "failed")]
    assert latest(2, "deployed_with_failures") == [(None, "deployed_with_failures")]
    assert latest(3, "deployed") == []


def test_deleted_environment_leaves_nothing_in_the_list(site, job):
    ran(site, job, "failed")
    present = site.environment
    commit(stored_projects.replace_environment(msgspec.structs.replace(present, latest=1, latest_status="failed")))
    assert reasons(site) == [(None, "failed"), ("report", "failed")]
    projects.delete_environment(site.call(), stored_projects.get(site.name), present)
    assert reasons(site) == []
    assert results.all_of(present.uid) == []
    # The site's own end needs its environment.
    again = {"name": "default", "internal_name": "default", "on_post_deployment_failure": "keep"}
    projects.add_environment(site.call(), stored_projects.get(site.name), **again)
    assert reasons(site) == []
