from __future__ import annotations

import msgspec
import pytest

from chalicelib.aws import published, rules, scheduler
from chalicelib.domain.configured_blocks import schedule_id
from chalicelib.settings import Settings
from tests.domain.examples import configured

NAMES = {field.name: field.name for field in msgspec.structs.fields(Settings) if field.required}
TICK = "arn:aws:lambda:us-east-1:123456789012:function:Tick"
SETTINGS = Settings(**NAMES | {"tick_function": TICK, "rule_prefix": "kinto-s-"})
JOB = configured(uid="01m81tehbq3eh7arts63s9165p")


def name(settings=SETTINGS, job=JOB, expression="cron(0 0 * * ? *)"):
    return published.name(settings, job, expression)


def test_a_name_tells_the_schedule_and_digests_all_that_the_entry_says():
    assert name().startswith("kinto-s-3eh7arts63s9165p-")
    others = {
        name(expression="cron(0 1 * * ? *)"),
        name(job=configured(uid=JOB.uid, hostname="other")),
        name(settings=msgspec.structs.replace(SETTINGS, tick_function="arn:aws:lambda:us-east-1:1:function:New")),
        name(settings=msgspec.structs.replace(SETTINGS, dead_letters="arn:aws:sqs:us-east-1:1:dead")),
    }
    assert len(others | {name()}) == 5
    assert name() == name()


def test_names_of_a_stack_with_the_longest_name_keep_to_64_characters():
    prefix = f"{'k' * 32}-s-"
    assert len(name(settings=msgspec.structs.replace(SETTINGS, rule_prefix=prefix))) == 64


@pytest.mark.parametrize(
    "other",
    ["kinto-WatchdogRule-1ABC", "kinto-s-by-hand", "kinto-s-s-3eh7arts63s9165p-0123456789ab", "kinto-s-"],
)
def test_only_names_of_our_own_making_are_ours(other):
    assert published.is_ours(SETTINGS, name())
    assert not published.is_ours(SETTINGS, other)


def test_a_prefix_is_no_pattern():
    assert not published.is_ours(msgspec.structs.replace(SETTINGS, rule_prefix="kinto.s."), name())


def test_the_setting_chooses_the_backend():
    other = msgspec.structs.replace(SETTINGS, schedule_backend="scheduler")
    assert (published.backend(SETTINGS), published.left_behind(SETTINGS)) == (rules, scheduler)
    assert (published.backend(other), published.left_behind(other)) == (scheduler, rules)


def test_a_schedules_id_can_be_taken_apart():
    assert schedule_id(JOB).split(".", 2) == [JOB.environment_uid, JOB.uid, JOB.hostname]
