"""The packaged zip itself on an emulator that shares no code with the laptop's: ministack.

It runs the real zip behind an API Gateway made of the template's own paths, in its own Python whatever the template's
Runtime says, with rights enforced: each function may do what its policy allows, and no more (test_rights.py shows that
the emulator refuses the rest). It cannot run CodeBuild in Step Functions and makes no gateway responses: neither is
tried here.
"""

from __future__ import annotations

import json
import urllib.request
from datetime import UTC, datetime

import pytest

from tests.infra.package.emulator import STACK, Emulator

pytestmark = [pytest.mark.ci, pytest.mark.processes]

BLOCK = {
    "name": "Back up",
    "internal_name": "back-up",
    "flavor": "job",
    "source": {"type": "image", "image": "public.ecr.aws/docker/library/busybox:1.37", "command": "true"},
}
WEEKDAYS = "*/20 6 * * 1-5"


@pytest.fixture(scope="module")
def scheduled(emulator):
    """A block, a project, and the block in the project's environment with a schedule: all over HTTP."""
    assert emulator.request("POST", "/blocks", BLOCK)[0] == 201
    assert emulator.request("POST", "/projects", {"name": "Shop", "internal_name": "shop"})[0] == 201
    configured = {"block": "back-up", "run": {"mode": "repeat_schedule", "cron": WEEKDAYS, "timezone": "UTC"}}
    status, told = emulator.request("PUT", "/projects/shop/environments/default/blocks/nightly", configured)
    assert status in (200, 201), told
    return told


def test_it_answers_health_through_the_gateway(emulator):
    status, body = emulator.request("GET", "/health")
    assert (status, body["status"]) == (200, "ok")


@pytest.mark.parametrize("path", ["/", "/health"])
def test_it_answers_head_without_a_body(emulator, path):
    stranger = Emulator(emulator.url, emulator.outputs)
    assert stranger.request("HEAD", path) == (200, None)


def test_it_describes_itself(emulator):
    status, body = emulator.request("GET", "/openapi.json")
    assert (status, body["openapi"][:3]) == (200, "3.1")


def test_it_serves_the_console_from_the_package(emulator, packaged):
    stage = f"{emulator.url}/restapis/{emulator.outputs['RestAPIId']}/api/_user_request_/"
    console = packaged.unpacked / "chalicelib" / "console"
    for path in ("index.html", *(f"assets/{file.name}" for file in console.glob("assets/*"))):
        with urllib.request.urlopen(stage + path.removesuffix("index.html"), timeout=60) as answer:
            assert answer.read() == (console / path).read_bytes()
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_a_request_without_a_token_is_refused_by_our_own_code(emulator):
    stranger = Emulator(emulator.url, emulator.outputs)
    status, body = stranger.request("GET", "/blocks")
    assert (status, body["status"]) == (401, 401)


def test_what_was_created_is_there(emulator, scheduled):
    assert [block["internal_name"] for block in emulator.request("GET", "/blocks")[1]["items"]] == ["back-up"]
    assert [project["internal_name"] for project in emulator.request("GET", "/projects")[1]["items"]] == ["shop"]
    assert scheduled["schedule_status"] == "published"


def test_its_rule_says_when_and_carries_the_minute(emulator, scheduled):
    rules = emulator.client("events")
    (rule,) = rules.list_rules(NamePrefix=f"{STACK}-s-")["Rules"]
    assert rule["ScheduleExpression"] == "cron(0/20 6 ? * MON-FRI *)"
    assert [rule["ScheduleExpression"]] == scheduled["expressions"]
    assert rule["State"] == "ENABLED"
    (target,) = rules.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"].endswith(f":function:{STACK}-tick")
    assert target["InputTransformer"]["InputPathsMap"] == {"time": "$.time"}
    template = target["InputTransformer"]["InputTemplate"]
    assert template.endswith('"time": <time>}')
    assert json.loads(template.replace("<time>", '"2026-11-23T06:20:00Z"'))["schedule"].endswith(".nightly")
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] == 600
    assert target["DeadLetterConfig"]["Arn"].endswith(f":{STACK}-dead-letters")


def test_a_tick_becomes_one_row(emulator, scheduled):
    """Of a schedule that rests, since nothing here could run the job."""
    place = "/projects/shop/environments/default/blocks/nightly"
    assert emulator.request("POST", f"{place}/pause", {"reason": "nothing can run here"})[0] == 200
    rules = emulator.client("events")
    (rule,) = rules.list_rules(NamePrefix=f"{STACK}-s-")["Rules"]
    (target,) = rules.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    due = datetime.fromisoformat(next_due(scheduled))
    payload = target["InputTransformer"]["InputTemplate"].replace("<time>", f'"{due:%Y-%m-%dT%H:%M:%SZ}"')
    for _ in range(2):
        emulator.invoke(f"{STACK}-tick", json.loads(payload))
    status, history = emulator.request("GET", f"{place}/runs")
    assert status == 200
    (run,) = history["items"]
    assert (run["trigger"], run["status"]) == ("schedule", "skipped")
    assert "nothing can run here" in run["reason"]


def next_due(scheduled):
    first = scheduled["next_runs"][0]
    told = first["utc"] if isinstance(first, dict) else first
    assert datetime.fromisoformat(told) > datetime.now(UTC)
    return told


def test_reconcile_finds_nothing_to_do(emulator, scheduled):
    assert emulator.invoke(emulator.outputs["Reconcile"], {})["steps"] == []


def test_what_is_removed_leaves_no_rule(emulator, scheduled):
    place = "/projects/shop/environments/default/blocks/nightly"
    assert emulator.request("DELETE", place)[0] == 204
    assert emulator.client("events").list_rules(NamePrefix=f"{STACK}-s-")["Rules"] == []
