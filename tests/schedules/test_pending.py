"""Schedules that AWS does not take: why, when it is tried again, and that they keep nobody else waiting."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from chalicelib.actions import missed, watch
from chalicelib.handlers import schedules as handlers
from chalicelib.store import table, unfinished
from tests.schedules.conftest import MINUTE, emitter, minute, refusing


def quota(operation):
    message = "The requested resource exceeds the maximum number allowed."
    return ClientError({"Error": {"Code": "LimitExceededException", "Message": message}}, operation)


def denied(operation):
    message = "User is not authorized to perform: events:PutRule"
    return ClientError({"Error": {"Code": "AccessDeniedException", "Message": message}}, operation)


def tried_at(site):
    """The minutes after which the watchdog, every five minutes for a day, tries to publish again."""
    times = []
    for number in range(1, 24 * 12 + 1):
        site.now = minute("12:00") + 5 * number * MINUTE
        if watch.publish_pending(site.call("watchdog")):
            times.append(5 * number)
    return times


def test_reason_is_what_aws_said(site):
    with refusing("events", "PutRule", denied):
        job = site.schedule()
    assert job.schedule_status == site.fresh(job).schedule_status == "pending"
    assert "AccessDeniedException" in site.fresh(job).unpublished.reason
    assert "not authorized to perform: events:PutRule" in site.fresh(job).unpublished.reason


def test_quota_is_explained_with_what_to_do(site):
    with refusing("events", "PutRule", quota):
        job = site.schedule()
    assert site.fresh(job).unpublished.is_quota
    assert "ScheduleBackend=scheduler" in site.fresh(job).unpublished.reason


def test_reason_goes_once_it_is_published(site):
    with refusing("events", "PutRule", denied):
        job = site.schedule()
    site.now += 5 * MINUTE
    site.watchdog()
    assert (site.fresh(job).schedule_status, site.fresh(job).unpublished) == ("published", None)
    assert list(unfinished.pending(None)) == []


def test_a_change_is_published_at_once_whatever_was_refused_before(site):
    with refusing("events", "PutRule", denied):
        job = site.schedule()
    changed = site.schedule("*/5 * * * *", hostname=job.hostname)
    assert (changed.schedule_status, changed.unpublished) == ("published", None)


@pytest.mark.ci
def test_attempts_back_off_to_six_hours(site):
    with refusing("events", "PutRule", denied):
        job = site.schedule()
        assert tried_at(site) == [5, 15, 35, 75, 155, 315, 635, 995, 1355]
    assert site.fresh(job).unpublished.attempts == 10


def test_watchdog_stops_at_the_first_quota_error(site):
    with refusing("events", "PutRule", quota):
        jobs = [site.schedule() for _ in range(5)]
        site.now += 5 * MINUTE
        assert watch.publish_pending(site.call("watchdog")) == 1
    assert sum(site.fresh(job).unpublished.attempts for job in jobs) == 6


def test_other_errors_do_not_stop_it(site):
    with refusing("events", "PutRule", denied):
        for _ in range(5):
            site.schedule()
        site.now += 5 * MINUTE
        assert watch.publish_pending(site.call("watchdog")) == 5


def test_missed_ticks_and_stuck_runs_come_before_pending_schedules(site, monkeypatch):
    order = []
    site.schedule("5 12 * * *")
    site.tick(site.schedule(), "12:01")
    with refusing("events", "PutRule", denied):
        site.schedule()
    site.at("12:40")
    for module, name in ((watch.publish, "publish"), (watch, "_run"), (missed, "_account")):
        monkeypatch.setattr(module, name, _noting(order, name, getattr(module, name)))
    site.watchdog()
    assert sorted(set(order), key=order.index) == ["_account", "_run", "publish"]
    assert order == sorted(order, key=["_account", "_run", "publish"].index)


def _noting(order, name, function):
    def call(*given):
        order.append(name)
        return function(*given)

    return call


def test_watchdog_ends_in_time_and_the_next_one_continues(site):
    jobs = [site.schedule("5 12 * * *") for _ in range(3)]
    site.at("12:40")
    left = iter([120_000, 120_000, 30_000])  # of the invocation, in milliseconds
    handlers.watchdog({}, SimpleNamespace(get_remaining_time_in_millis=lambda: next(left, 30_000)))
    written = sum(len(site.rows(job)) for job in jobs)
    assert 0 < written < 3
    site.watchdog()
    assert [site.told(job)[0][1] for job in jobs] == ["missed"] * 3


@pytest.mark.parametrize("kind", ["check", "due", "pending"])
def test_shard_that_can_not_be_read_keeps_nobody_from_the_others(site, kind, monkeypatch):
    jobs = [site.schedule("5 12 * * *") for _ in range(12)]
    site.at("12:40")
    page, failed = table.page, []

    def fail_once(pk, **more):
        if pk.startswith(f"{kind}#") and not failed:
            failed.append(pk)
            raise RuntimeError("the index is throttled")
        return page(pk, **more)

    monkeypatch.setattr(table, "page", fail_once)
    site.watchdog()
    assert failed
    rows = [len(site.rows(job)) for job in jobs]
    assert rows.count(1) >= (6 if kind == "due" else 12)
    site.watchdog()
    assert [len(site.rows(job)) for job in jobs] == [1] * 12


def test_quota_error_of_eventbridge_is_not_retried_by_botocore(site):
    """Stock moto raises no quota error: the answer is made at the wire, below botocore's retries."""
    sent = []

    def refuse(request, **_):
        sent.append(request)
        body = b'{"__type": "LimitExceededException", "message": "too many rules"}'
        answer = AWSResponse(request.url, 400, {"content-type": "application/x-amz-json-1.1"}, None)
        answer._content = body
        return answer

    emitter("events").register_first("before-send.eventbridge.PutRule", refuse)
    try:
        job = site.schedule()
    finally:
        emitter("events").unregister("before-send.eventbridge.PutRule", refuse)
    assert len(sent) == 1
    assert site.fresh(job).unpublished.is_quota
