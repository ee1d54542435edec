"""Each fact is counted once, by the call that wrote it, however often it is told again."""

from __future__ import annotations

import json
import logging

import boto3
import pytest

from chalicelib import logs
from chalicelib.actions import amend, complete, settle
from chalicelib.domain.deployments import Verdict as End
from chalicelib.domain.runs import Verdict, running
from chalicelib.store import deployments
from chalicelib.store.table import commit
from tests import emf
from tests.domain.examples import deployment
from tests.schedules.conftest import throttling


@pytest.fixture
def told(caplog):
    """`told(name)`: value and state (or trigger) of each metric of this name so far."""
    caplog.set_level(logging.INFO, "chalicelib")
    form = logs.JsonLines()

    def of(name):
        lines = [json.loads(form.format(record)) for record in caplog.records if hasattr(record, "metrics")]
        found = [one for line in lines for one in emf.metrics(line) if one[0] == name]
        return [(value, *(dimensions[d] for d in ("state", "trigger") if d in dimensions))
                for _, value, _, dimensions in found]  # fmt: skip

    return of


def test_a_tick_that_is_delivered_twice_was_due_once(site, told):
    daily = site.schedule("5 12 * * *")
    for minute in ("12:08", "12:09"):
        site.at(minute)
        site.tick(daily, "12:05")
    assert told("TickLag") == [(180,)]
    assert told("RunsEnded") == []


def test_a_run_that_is_settled_twice_ended_once(site, told):
    daily = site.schedule("5 12 * * *")
    site.at("12:05")
    site.tick(daily, "12:05")
    (row,) = site.rows(daily)
    amend.run(site.call(), row.id, lambda run: running(run, "p:1", site.now))
    assert told("RunsEnded") == []
    for status in ("succeeded", "interrupted", "succeeded"):
        settle.settle(site.call(), row.id, Verdict(status=status))
    assert told("RunsEnded") == [(1, "succeeded", "schedule")]


def test_what_was_skipped_or_missed_is_counted_when_it_is_written(site, pause, told):
    paused = site.schedule("5 12 * * *")
    missed = site.schedule("10,11 12 * * *")
    pause(paused, "holidays")
    site.at("12:05")
    site.tick(paused, "12:05")
    site.tick(paused, "12:05")
    site.at("12:50")
    for _ in range(2):
        site.account()
    assert told("RunsEnded") == [(1, "skipped", "schedule"), *[(1, "missed", "schedule")] * 2]
    assert told("MissedTicks") == [(1,)] * 2
    assert [status for _, status, _ in site.told(missed)] == ["missed"] * 2


def test_a_repair_is_counted_and_what_is_as_it_should_be_is_not(site, told):
    daily = site.schedule("5 12 * * *")
    site.reconcile()
    before = len(told("Repairs"))
    (rule,) = site.fresh(daily).rules
    boto3.client("events").disable_rule(Name=rule)
    with throttling("PutRule"):
        assert site.reconcile().failed
    assert told("Repairs")[before:] == []
    for _ in range(2):
        site.reconcile()
    assert told("Repairs")[before:] == [(1,)]


def test_a_deployment_that_is_settled_twice_ended_once(site, told):
    where = site.environment
    one = deployment(
        id=f"{where.uid}-00000001", project=where.project, project_uid=where.project_uid, environment="default",
        environment_uid=where.uid, started_at=site.now,
    )  # fmt: skip
    commit(deployments.create(one))
    site.at("12:02")
    for status in ("failed", "deployed"):
        complete.settle(site.call(), one.id, End(status, "because"))
    assert told("DeploymentsEnded") == [(1, "failed")]
    assert told("DeploymentDuration") == [(120, "failed")]
