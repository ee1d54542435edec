"""What is published of a schedule, by rules and by EventBridge Scheduler alike; what AWS refuses is tried again."""

from __future__ import annotations

import re

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ParamValidationError

from chalicelib.actions import configure, publish
from chalicelib.aws.clients import client
from chalicelib.domain.configured_blocks import Configuration, RepeatSchedule
from chalicelib.handlers import schedules as handlers
from chalicelib.store import configured_blocks
from chalicelib.store.table import commit
from infra.local import expressions
from tests.schedules.conftest import both_backends, counted, minute, refusing, requests, throttling

PATTERNS = {
    "* * * * *": ["cron(* * * * ? *)"],
    "*/30 * * * *": ["cron(0,30 * * * ? *)"],
    "0 8 * * 1": ["cron(0 8 ? * MON *)"],
    "0 0 1 * 1": ["cron(0 0 1 * ? *)", "cron(0 0 ? * MON *)"],
    "0 0 1-7 */2 */7": ["cron(0 0 ? JAN,MAR,MAY,JUL,SEP,NOV SUN#1 *)"],
}
NUMBERS = r"(\*|\d+/\d+|\d+-\d+/\d+|\d+(-\d+)?(,\d+(-\d+)?)*)"
NAMES = r"[A-Z]{3}(-[A-Z]{3})?(,[A-Z]{3}(-[A-Z]{3})?)*"
MONTHS = rf"({NUMBERS}|{NAMES})"
WEEKDAYS = rf"({NAMES}|[A-Z]{{3}}#[1-5]|[1-7]L)"
EXPRESSION = re.compile(rf"cron\({NUMBERS} {NUMBERS} ({NUMBERS} {MONTHS} \?|\? {MONTHS} {WEEKDAYS}) \*\)")


@both_backends
@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_schedule_is_published_as_its_expressions_and_says_so(site, pattern):
    job = site.schedule(pattern)
    assert job.schedule_status == "published"
    assert sorted(site.published(job).values()) == sorted(PATTERNS[pattern])
    assert site.published(job).keys() == set(job.rules)


@both_backends
def test_every_request_is_as_its_service_describes_it(site):
    with requests() as made:
        job = site.schedule("59 23 28-31 1,3,5,7,8,10,12 *", timezone="America/Argentina/ComodRivadavia")
        site.schedule("0 0 1 * 1", hostname=job.hostname)
        site.reconcile()
        publish.withdraw(site.call(), site.fresh(job))
    asked = {operation for operation, _, _ in made}
    assert asked in (
        {"PutRule", "PutTargets", "RemoveTargets", "DeleteRule", "ListRules", "ListRuleNamesByTarget", "ListSchedules"},
        {"CreateSchedule", "DeleteSchedule", "ListSchedules", "ListRules"},
    )
    for operation, shape, parameters in made:
        assert list(faults(shape, parameters, operation)) == []
        expression = parameters.get("ScheduleExpression")
        assert expression is None or EXPRESSION.fullmatch(expression), expression
        assert expression is None or expressions.parse(expression)


def faults(shape, value, path):
    """Where a request breaks lengths, ranges, patterns and words of botocore's model, which botocore does not check."""
    limits = shape.metadata
    if shape.type_name == "structure":
        for name, part in value.items():
            yield from faults(shape.members[name], part, f"{path}.{name}")
    elif shape.type_name in ("list", "map"):
        parts = value if shape.type_name == "list" else value.values()
        for part in parts:
            yield from faults(shape.member if shape.type_name == "list" else shape.value, part, f"{path}[]")
    size = value if isinstance(value, int) else len(value)
    if not limits.get("min", 0) <= size <= limits.get("max", size):
        yield path, "size", value
    if limits.get("enum") and value not in limits["enum"]:
        yield path, "enum", value
    if limits.get("pattern") and isinstance(value, str) and not re.fullmatch(f"(?s:{limits['pattern']})", value):
        yield path, "pattern", value


@both_backends
def test_entries_call_the_tick_function_with_schedule_and_minute_and_are_given_up_after_ten_minutes(site):
    job = site.schedule()
    (entry,) = (one for one in site.bus.scheduled() if one.arn.endswith(job.rules[0]))
    (target,) = entry.targets
    assert target["Arn"] == site.settings.tick_function
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 600
    assert target["DeadLetterConfig"] == {"Arn": site.settings.dead_letters}
    (payload,) = site.payloads(job, "12:34")
    assert payload == {"schedule": f"{job.environment_uid}.{job.uid}.{job.hostname}", "time": "2026-03-28T12:34:00Z"}


@pytest.mark.parametrize("backend", ["scheduler"], indirect=True)
def test_scheduler_entries_are_of_the_stacks_own_group_in_utc_without_a_window(site):
    job = site.schedule("0 3 * * *", timezone="Europe/Berlin")
    (found,) = client("scheduler").list_schedules(GroupName=site.settings.scheduler_group, NamePrefix=job.rules[0])[
        "Schedules"
    ]
    entry = client("scheduler").get_schedule(Name=found["Name"], GroupName=found["GroupName"])
    assert (entry["ScheduleExpressionTimezone"], entry["FlexibleTimeWindow"]) == ("UTC", {"Mode": "OFF"})
    assert entry["Target"]["RoleArn"] == site.settings.scheduler_role


@both_backends
@pytest.mark.parametrize(
    "error",
    [
        lambda text: ClientError({"Error": {"Code": "ThrottlingException", "Message": text}}, "Put"),
        lambda text: ClientError({"Error": {"Code": "LimitExceededException", "Message": text}}, "Put"),
        lambda text: ConnectTimeoutError(endpoint_url="https://events"),
        lambda text: ParamValidationError(report=text),
    ],
    ids=["throttled", "no room", "no answer", "not asked"],
)
def test_what_aws_refuses_is_pending_and_published_by_the_next_watchdog(site, error):
    site.at("2026-03-28T12:04:59")
    with refusing("events", "PutRule", error), refusing("scheduler", "CreateSchedule", error):
        job = site.schedule()
        assert (job.schedule_status, site.published(job)) == ("pending", {})
        site.at("12:05")
        site.watchdog()
        assert site.fresh(job).schedule_status == "pending"
    site.at("12:10")
    site.watchdog()
    assert site.fresh(job).schedule_status == "published"
    assert list(site.published(job).values()) == ["cron(* * * * ? *)"]
    with counted() as made:
        site.watchdog()
    assert not any(name.startswith(("events", "scheduler")) for name in made)


@both_backends
def test_half_of_a_publication_is_completed(site):
    with throttling("PutTargets"), throttling("CreateSchedule"):
        job = site.schedule("0 0 1 * 1")
    assert job.schedule_status == "pending"
    site.at("12:05")
    site.watchdog()
    assert len(site.published(job)) == 2
    assert [len(site.payloads(job, "12:10"))] == [2]


def test_a_target_that_eventbridge_does_not_take_leaves_the_schedule_pending(site, monkeypatch):
    refused = {"FailedEntryCount": 1, "FailedEntries": [{"TargetId": "tick", "ErrorMessage": "no such function"}]}
    monkeypatch.setattr(client("events"), "put_targets", lambda **_: refused)
    assert site.schedule().schedule_status == "pending"


@both_backends
def test_ticks_owed_while_nothing_was_published_are_missed(site):
    with throttling("PutRule"), throttling("CreateSchedule"):
        job = site.schedule("*/10 * * * *")
        site.at("12:36")
        site.watchdog()
    assert [(row[0], row[1]) for row in site.told(job)] == [("12:10", "missed")]


@both_backends
def test_what_can_not_be_taken_away_now_is_taken_away_later(site):
    job = site.schedule()
    with throttling("DeleteRule"), throttling("DeleteSchedule"):
        once = site.once(job)
    assert (once.schedule_status, once.rules) == ("pending", job.rules)
    site.at("12:05")
    site.watchdog()
    assert (site.fresh(job).schedule_status, site.published(job)) == (None, {})


def test_a_rule_with_targets_of_somebody_else_is_removed_all_the_same(site):
    job = site.schedule()
    client("events").put_targets(Rule=job.rules[0], Targets=[{"Id": "mine", "Arn": site.settings.dead_letters}])
    publish.withdraw(site.call(), site.fresh(job))
    assert site.published(job) == {}


@both_backends
def test_a_schedule_that_is_removed_while_it_is_published_leaves_nothing(site):
    job = site.schedule()
    commit(configured_blocks.delete(site.fresh(job)))
    publish.publish(site.call(), job)
    assert site.published(job) == {}


@both_backends
def test_a_schedule_that_is_changed_while_it_is_published_leaves_nothing_of_what_it_was(site):
    job = site.schedule("*/5 * * * *")
    with throttling("PutRule"), throttling("CreateSchedule"):
        site.schedule("*/7 * * * *", hostname=job.hostname)
    read = site.fresh(job)
    site.watchdog()
    wanted = Configuration(block=site.block.internal_name, run=RepeatSchedule("*/9 * * * *"))
    changed = configure.put(site.call(), site.environment, job.hostname, wanted, read)
    assert set(changed.rules) == site.published(job).keys()
    assert list(site.published(job).values()) == ["cron(0/9 * * * ? *)"]


def test_who_is_late_with_publishing_and_fails_takes_back_what_it_had_put(site):
    job = site.schedule("*/5 * * * *")
    changed = site.schedule("*/7 * * * *", hostname=job.hostname)
    with throttling("PutTargets"):
        publish.publish(site.call(), job)
    assert site.published(job).keys() == set(changed.rules)


@both_backends
def test_publishing_again_what_is_there_changes_nothing(site):
    job = site.schedule("0 0 1 * 1")
    before = [(one.arn, one.expression, dict(one.targets[0])) for one in site.bus.scheduled()]
    publish.publish(site.call(), site.fresh(job))
    assert [(one.arn, one.expression, dict(one.targets[0])) for one in site.bus.scheduled()] == before


@both_backends
def test_names_keep_to_64_characters_and_tell_schedules_apart(site):
    jobs = [site.schedule("0 0 1 * 1") for _ in range(3)]
    names = [name for job in jobs for name in job.rules]
    assert len(set(names)) == 6
    assert max(map(len, names)) <= 64


@both_backends
def test_the_tick_of_an_entry_that_outlived_its_pattern_is_gated(site):
    job = site.schedule("5 * * * *")
    (payload,) = site.payloads(job, "12:30")
    handlers.tick(payload, None)
    assert site.rows(job) == []
    assert site.fresh(job).next_due == minute("12:05")
