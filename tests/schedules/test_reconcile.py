"""Reconcile: what somebody did to rules by hand is found and put right, and nothing else is touched."""

from __future__ import annotations

import contextlib
import json
from datetime import timedelta

import msgspec
import pytest

from chalicelib.actions import prepare, reconcile
from chalicelib.aws import pace, scheduler
from chalicelib.aws.clients import client
from chalicelib.handlers import schedules as handlers
from chalicelib.store import configured_blocks, deployments
from chalicelib.store.table import commit
from infra.local import expressions
from tests.domain.examples import deployment
from tests.schedules.conftest import both_backends, counted, refusing, throttling

READS = {
    "events:ListRules", "events:ListRuleNamesByTarget", "scheduler:ListSchedules", "scheduler:GetSchedule",
    "events:DescribeRule", "dynamodb:Query", "dynamodb:GetItem",
}  # fmt: skip


def entry(site, name):
    """A Scheduler entry as UpdateSchedule takes it."""
    found = client("scheduler").get_schedule(Name=name, GroupName=site.settings.scheduler_group)
    known = client("scheduler").meta.service_model.operation_model("UpdateSchedule").input_shape.members
    return {field: value for field, value in found.items() if field in known}


def put_rule(**told):
    client("events").put_rule(**told)


def disabled(site, name):
    client("events").disable_rule(Name=name)


def edited(site, name):
    put_rule(Name=name, ScheduleExpression="cron(1 2 3 * ? *)", State="ENABLED")


def deleted(site, name):
    targetless(site, name)
    client("events").delete_rule(Name=name)


def targetless(site, name):
    client("events").remove_targets(Rule=name, Ids=["tick"])


def redirected(site, name):
    targetless(site, name)
    client("events").put_targets(Rule=name, Targets=[{"Id": "other", "Arn": site.settings.dead_letters}])


def update(site, name, **changed):
    client("scheduler").update_schedule(**entry(site, name) | changed)


def disabled_entry(site, name):
    update(site, name, State="DISABLED")


def edited_entry(site, name):
    update(site, name, ScheduleExpression="cron(1 2 3 * ? *)")


def moved_entry(site, name):
    update(site, name, ScheduleExpressionTimezone="Asia/Kathmandu")


def redirected_entry(site, name):
    update(site, name, Target=entry(site, name)["Target"] | {"Arn": site.settings.dead_letters})


def entry_with_other_input(site, name):
    update(site, name, Target=entry(site, name)["Target"] | {"Input": "{}"})


def deleted_entry(site, name):
    client("scheduler").delete_schedule(Name=name, GroupName=site.settings.scheduler_group)


HURTS = [
    *(("rules", hurt) for hurt in (disabled, edited, deleted, targetless, redirected)),
    *(("scheduler", hurt) for hurt in (disabled_entry, edited_entry, moved_entry, redirected_entry)),
    *(("scheduler", hurt) for hurt in (entry_with_other_input, deleted_entry)),
]


@pytest.fixture
def older(monkeypatch):
    """Scheduler's entries were made long before they were changed."""
    monkeypatch.setattr(scheduler, "UNCHANGED", timedelta(microseconds=1))


def everything(site):
    """All that EventBridge and Scheduler hold, the stack's own rules included."""
    events, found = client("events"), {}
    for rule in events.list_rules()["Rules"]:
        targets = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        found[rule["Name"]] = ({**rule}, targets)
    group = site.settings.scheduler_group
    for one in client("scheduler").list_schedules(GroupName=group)["Schedules"]:
        found[f"{group}/{one['Name']}"] = entry(site, one["Name"])
    return found


def changes(made):
    """Requests that change something, how many of each."""
    return {name: count for name, count in made.items() if name not in READS}


@both_backends
def test_with_nothing_to_do_it_only_lists(site):
    for pattern in ("* * * * *", "0 0 1 * 1", "0 8 * * 1"):
        site.schedule(pattern)
    before = everything(site)
    with counted() as made:
        result = site.reconcile()
    assert (result.schedules, result.steps, result.failed) == (3, (), ())
    assert changes(made) == {}
    assert everything(site) == before


@pytest.mark.parametrize(("backend", "hurt"), HURTS, indirect=["backend"])
def test_what_was_done_by_hand_is_undone_and_the_rest_left_alone(site, hurt, older):
    jobs = [site.schedule(pattern) for pattern in ("0 0 1 * 1", "* * * * *", "30 4 * * *")]
    before = everything(site)
    hurt(site, jobs[0].rules[1])
    assert everything(site) != before
    with counted() as made:
        result = site.reconcile()
    assert [step.split(":")[0] for step in result.steps] == [f"publish {jobs[0].rules[1]}"]
    assert (result.failed, sum(changes(made).values())) == ((), len(changes(made)))
    assert changes(made).keys() in (
        {"events:PutRule", "events:PutTargets"},
        {"scheduler:CreateSchedule"},
        {"scheduler:CreateSchedule", "scheduler:UpdateSchedule"},
    )
    if hurt is redirected:  # the stranger's target is theirs
        client("events").remove_targets(Rule=jobs[0].rules[1], Ids=["other"])
    assert everything(site) == before
    assert site.reconcile().steps == ()


@both_backends
def test_what_nobody_owns_is_removed(site):
    keep, gone = site.schedule(), site.schedule()
    commit(configured_blocks.delete(site.fresh(gone)))
    with counted() as made:
        result = site.reconcile()
    assert result.steps == (f"delete {gone.rules[0]}: nobody owns it",)
    assert sum(changes(made).values()) in (1, 2)
    assert (site.published(gone), set(site.published(keep))) == ({}, set(keep.rules))


def test_rules_of_others_are_not_touched(site):
    site.schedule()
    prefix = site.settings.rule_prefix
    others = [
        f"{prefix}0-by-hand", f"{prefix}s-0123456789abcdef-0123456789ab", "kinto-else-s-0123456789abcdef-0123456789ab",
        f"{prefix}0123456789abcdef-0123456789abc",
    ]  # fmt: skip
    for name in others:
        client("events").put_rule(Name=name, ScheduleExpression="cron(0 0 * * ? *)")
    before = everything(site)
    assert site.reconcile().steps == ()
    assert everything(site) == before
    assert any("Watchdog" in name for name in before)
    for name in others:
        client("events").delete_rule(Name=name)


@both_backends
def test_a_schedule_that_the_index_does_not_know_yet_keeps_its_entries(site, monkeypatch):
    job = site.schedule()
    monkeypatch.setattr(configured_blocks, "of_shard", lambda number: iter(()))
    result = site.reconcile()
    assert result.steps == (f"delete {job.rules[0]}: nobody owns it",)
    assert set(site.published(job)) == set(job.rules)


@both_backends
def test_a_schedule_whose_expressions_change_with_the_zones_is_published_again_without_a_gap(site):
    job = site.schedule("0 3 * * *", timezone="Africa/Casablanca")
    before = site.published(job)
    site.at("2088-01-01T00:00")  # from here on the zone keeps one offset, as a new tzdata may have it
    order = []
    with counted() as made, noted(order):
        result = site.reconcile()
    after = site.published(site.fresh(job))
    assert list(before.values()) != list(after.values())
    assert set(site.fresh(job).rules) == set(after)
    assert result.failed == ()
    assert order.index("put") < order.index("delete")
    assert changes(made)["dynamodb:UpdateItem"] == 1
    assert site.reconcile().steps == ()


@contextlib.contextmanager
def noted(order):
    """Which came first, putting or deleting."""
    kinds = {"PutRule": "put", "CreateSchedule": "put", "DeleteRule": "delete", "DeleteSchedule": "delete"}

    def note(model, **_):
        if model.name in kinds:
            order.append(kinds[model.name])

    with contextlib.ExitStack() as undo:
        for service in ("events", "scheduler"):
            client(service).meta.events.register("before-call", note)
            undo.callback(client(service).meta.events.unregister, "before-call", note)
        yield


@both_backends
def test_what_fails_is_told_and_done_by_the_next(site):
    lost, kept = site.schedule(), site.schedule()
    commit(configured_blocks.delete(site.fresh(kept)))
    hurt = deleted if site.settings.schedule_backend == "rules" else deleted_entry
    hurt(site, lost.rules[0])
    with throttling("PutRule"), throttling("CreateSchedule"):
        result = site.reconcile()
    assert result.failed == (f"publish {lost.rules[0]}: it is missing",)
    assert site.published(kept) == {}
    assert site.reconcile().steps == (f"publish {lost.rules[0]}: it is missing",)


@pytest.mark.parametrize("backend", ["rules"], indirect=True)
def test_what_the_other_backend_carried_is_removed_once_everything_is_published(site, monkeypatch):
    job = site.schedule()
    site.settings = msgspec.structs.replace(site.settings, schedule_backend="scheduler")
    with throttling("CreateSchedule"):
        assert site.reconcile().failed != ()
    assert len(site.published(job)) == 1
    assert [step.split(" ")[0] for step in site.reconcile().steps] == ["publish", "delete"]
    (carried,) = (one for one in site.bus.scheduled() if job.uid[-16:] in one.arn)
    assert ":scheduler:" in carried.arn
    assert site.reconcile().steps == ()


def no_group(operation):
    """What the product sees of a request to Scheduler for a group that is not there, as in a stack that uses rules."""
    error = {"Error": {"Code": "ResourceNotFoundException", "Message": "Schedule group does not exist."}}
    return client("scheduler").exceptions.ResourceNotFoundException(error, operation)


@pytest.mark.parametrize("backend", ["rules"], indirect=True)
def test_a_stack_without_a_schedule_group_has_left_nothing_in_it(site, caplog):
    site.schedule()
    with refusing("scheduler", "ListSchedules", no_group):
        result = site.reconcile()
    assert (result.schedules, result.steps, result.failed) == (1, (), ())
    assert "can't be deleted now" not in caplog.text


@both_backends
def test_a_deployment_puts_its_own_environments_schedules_right(site):
    job, other = site.schedule("0 0 1 * 1"), site.schedule()
    hurt = deleted if site.settings.schedule_backend == "rules" else deleted_entry
    hurt(site, job.rules[0])
    with counted() as made:
        reconcile.of_environment(site.call(), site.environment.uid)
    assert len(site.published(job)) == 2
    assert sum(changes(made).values()) == (2 if site.settings.schedule_backend == "rules" else 1)
    assert set(site.published(other)) == set(other.rules)


def test_a_deployment_does_not_fail_because_rules_can_not_be_listed(site):
    site.schedule()

    made = deployment(
        environment_uid=site.environment.uid, project_uid=site.project_uid, id=f"{site.environment.uid}-00000001"
    )
    commit(deployments.create(made))
    with throttling("ListRules"):
        answer = prepare.prepare(site.call(), made.id)
    assert answer["deployment_id"] == made.id


def test_a_schedule_that_was_removed_between_listing_and_publishing_stays_removed(site, monkeypatch):
    job = site.schedule()
    listed = list(configured_blocks.all_of(site.environment.uid))
    commit(configured_blocks.delete(site.fresh(job)))
    deleted(site, job.rules[0])
    monkeypatch.setattr(configured_blocks, "of_shard", lambda number: iter(listed if number == 0 else ()))
    assert site.reconcile().failed == ()
    assert site.published(job) == {}


def test_the_function_tells_what_was_found(site):
    job = site.schedule()
    disabled(site, job.rules[0])
    assert json.loads(json.dumps(handlers.reconcile({}, None))) == {
        "schedules": 1, "steps": [f"publish {job.rules[0]}: it was disabled or changed"], "failed": [],
    }  # fmt: skip


def test_it_keeps_to_the_rate_that_aws_allows(site, monkeypatch):
    slept = []
    monkeypatch.setattr(pace.time, "monotonic", lambda: 100.0)
    monkeypatch.setattr(pace.time, "sleep", slept.append)
    jobs = [site.schedule() for _ in range(5)]
    for job in jobs:
        deleted(site, job.rules[0])
    with counted() as made:
        site.reconcile()
    writes = sum(changes(made).values())
    assert writes == 10
    # Time stands still: the last of them has waited for all before it.
    assert slept[-1] == pytest.approx((writes - 2) / reconcile.REQUESTS_PER_SECOND)


def test_expressions_are_what_the_laptops_clock_can_read(site):
    for pattern in ("*/7 * * * *", "0 0 31 * *", "15 3 * * 5-7"):
        for text in site.published(site.schedule(pattern)).values():
            assert expressions.parse(text)
