from __future__ import annotations

import json

import pytest

from infra.local.transform import at_path, payload_for

RULE = "arn:aws:events:us-east-1:123456789012:rule/kinto-abc"
SCHEDULE = "arn:aws:scheduler:us-east-1:123456789012:schedule/kinto/abc"
EVENT = {
    "id": "e1",
    "time": "2026-03-29T01:00:00Z",
    "detail-type": "Scheduled Event",
    "resources": [RULE],
    "detail": {"name": 'a "quoted" <time>', "count": 3, "deep": {"list": [1, {"x": None}]}},
}


def transformed(template, **paths):
    return payload_for({"InputTransformer": {"InputPathsMap": paths, "InputTemplate": template}}, EVENT, RULE)


def test_a_target_without_a_transformer_gets_the_event():
    assert payload_for({}, EVENT, RULE) == EVENT


def test_a_constant_input_replaces_the_event():
    assert payload_for({"Input": '{"a": "<aws.scheduler.scheduled-time>"}'}, EVENT, RULE) == {
        "a": "<aws.scheduler.scheduled-time>"
    }


def test_a_scheduler_input_holds_the_scheduled_time():
    target = {"Input": '{"schedule": "s1", "time": "<aws.scheduler.scheduled-time>"}'}
    assert payload_for(target, EVENT, SCHEDULE) == {"schedule": "s1", "time": "2026-03-29T01:00:00Z"}


def test_an_input_path_gives_a_part_of_the_event():
    assert payload_for({"InputPath": "$.detail.deep"}, EVENT, RULE) == EVENT["detail"]["deep"]


@pytest.mark.parametrize("time", ["<time>", '"<time>"'])
def test_a_placeholder_is_filled_bare_or_inside_a_string(time):
    template = f'{{"schedule": "s1", "time": {time}}}'
    assert transformed(template, time="$.time") == {"schedule": "s1", "time": "2026-03-29T01:00:00Z"}


def test_values_keep_their_type_and_strings_are_escaped_and_not_expanded_again():
    template = '{"n": <n>, "d": <d>, "s": "say <s>!"}'
    values = transformed(template, n="$.detail.count", d="$.detail.deep", s="$.detail.name")
    assert values == {"n": 3, "d": EVENT["detail"]["deep"], "s": 'say a "quoted" <time>!'}


def test_a_path_that_leads_nowhere_is_null_or_empty():
    assert transformed('{"a": <a>, "b": "<a>"}', a="$.detail.nothing") == {"a": None, "b": ""}


def test_a_template_can_be_a_string_or_hold_what_is_no_placeholder():
    assert transformed('"<name> is < 3 and <other>"', name="$.detail.count") == "3 is < 3 and <other>"


def test_the_names_that_aws_reserves_are_filled():
    template = '{"rule": <aws.events.rule-name>, "arn": "<aws.events.rule-arn>", "all": <aws.events.event.json>}'
    assert transformed(template) == {"rule": "kinto-abc", "arn": RULE, "all": EVENT}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("$.detail-type", "Scheduled Event"),
        ("$.resources[0]", RULE),
        ("$.detail.deep.list[1].x", None),
        ("$.resources[7]", None),
        ("$.time.x", None),
        ("$", EVENT),
    ],
)
def test_paths(path, value):
    assert at_path(path, EVENT) == value


def test_an_event_is_json_all_the_way():
    assert json.loads(json.dumps(payload_for({}, EVENT, RULE))) == EVENT
