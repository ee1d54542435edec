"""Events as AWS documents them, whole, given to the functions that get them.

https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html
https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest

from chalicelib.aws import rules, scheduler
from chalicelib.domain.configured_blocks import RepeatSchedule, schedule_id
from chalicelib.handlers import events as event_handlers
from chalicelib.handlers import schedules as schedule_handlers
from chalicelib.store import configured_blocks, projects, runs
from chalicelib.store.table import commit
from infra import template
from infra.local.transform import payload_for
from tests.domain.examples import NOW, configuration, configured, environment, run

SAMPLES = Path(__file__).parent / "samples"
MINUTE = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def embedded(embed):
    return embed("Table", "DeadLetters", "ScheduleGroup")


@pytest.fixture(scope="module")
def daily(embedded):
    """A configured block that is due at the sample's minute in an environment that is shut down: nothing starts."""
    mode = RepeatSchedule(cron="0 8 * * *")
    one = configured(configuration=configuration(run=mode), created_at=NOW, next_due=MINUTE)
    commit(projects.create_environment(environment(shutdown=True)), configured_blocks.create(one))
    return one


def sample(name, **replaced):
    text = (SAMPLES / f"{name}.json").read_text()
    for old, new in replaced.items():
        text = text.replace(old, new)
    return json.loads(text)


def stored(hostname, **told):
    """A run that is stored."""
    one = run(hostname, **told)
    commit(runs.create(one, 90))
    return one


def the_tick(daily):
    """The one row of the sample's minute."""
    (row,) = runs.history(daily.uid, NOW, 10, None, None, None)[0]
    assert (row.trigger, row.scheduled_at, row.status, row.reason) == ("schedule", MINUTE, "skipped", "shutdown")
    return row.id


def test_a_scheduled_event_is_the_tick_of_its_minute(embedded, daily):
    rules.put(embedded.settings, "kinto-local-s-sample", "cron(0 8 * * ? *)", schedule_id(daily))
    (target,) = boto3.client("events").list_targets_by_rule(Rule="kinto-local-s-sample")["Targets"]
    event = sample("scheduled_event")
    payload = payload_for(target, event, event["resources"][0])
    assert payload == {"schedule": schedule_id(daily), "time": "2026-11-22T08:00:00Z"}
    schedule_handlers.tick(payload, None)
    the_tick(daily)


@pytest.mark.parametrize("time", ["2026-11-22T08:00:00Z", "2026-11-22T08:00:43Z", "2026-11-22T08:00:59.123Z"])
def test_schedulers_time_is_the_tick_of_its_minute_whatever_its_seconds(embedded, daily, time):
    scheduler.put(embedded.settings, f"sample-{time[17:19]}-{len(time)}", "cron(0 8 * * ? *)", schedule_id(daily))
    name = f"sample-{time[17:19]}-{len(time)}"
    client = boto3.client("scheduler")
    target = client.get_schedule(Name=name, GroupName=embedded.settings.scheduler_group)["Target"]
    # The service puts the time in the place of its name, whatever else the text holds.
    schedule_handlers.tick(json.loads(target["Input"].replace("<aws.scheduler.scheduled-time>", time)), None)
    the_tick(daily)


def test_the_first_event_of_a_build_notes_its_id(embedded):
    one = stored("begun")
    event_handlers.build_began(sample("build_state_change", THE_RUN=one.id), None)
    after = runs.get(one.id)
    assert after.status == "running"
    assert after.attempts[-1].builds == ("kinto-local-run:8745a7a9-c340-456a-9166-edf953571bEX",)


def test_a_build_of_somebody_else_is_none_of_ours(embedded):
    event = sample("build_state_change")
    event["detail"]["additional-information"]["environment"]["environment-variables"] = []
    event_handlers.build_began(event, None)


def test_an_event_of_the_older_kind_says_nothing_of_its_variables(embedded):
    event = sample("build_state_change")
    del event["detail"]["additional-information"]
    event_handlers.build_began(event, None)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"status": "ABORTED"}, "its execution ended ABORTED"),
        ({"status": "TIMED_OUT"}, "its execution ended TIMED_OUT"),
        ({"error": "States.Runtime", "cause": "No such path."}, "its execution ended FAILED: No such path"),
        # Of a large input and output EventBridge is told nothing.
        ({"input": None, "inputDetails": {"included": False}}, "its execution ended FAILED"),
    ],
)
def test_an_execution_that_is_over_settles_its_run(embedded, told, reason):
    one = stored(f"over{abs(hash(reason)) % 10**6}{len(told)}", status="running")
    event = sample("execution_status_change", EXECUTION=one.id)
    event["detail"] |= told
    event_handlers.execution_ended(event, None)
    after = runs.get(one.id)
    assert (after.status, after.reason) == ("interrupted", reason)


def test_an_execution_of_a_run_that_is_not_there_is_nothing(embedded):
    event_handlers.execution_ended(sample("execution_status_change", EXECUTION="nobody-20261122T080000-m1"), None)


def test_what_begins_and_ends_is_an_event_that_the_stacks_rules_pick(embedded):
    """The samples fit the patterns of the template; which status each rule wants is said beside the patterns."""
    resources = template.load()["Resources"]
    for rule, name in (("BuildBeganRule", "build_state_change"), ("ExecutionEndedRule", "execution_status_change")):
        pattern, event = resources[rule]["Properties"]["EventPattern"], sample(name)
        assert event["source"] in pattern["source"]
        assert event["detail-type"] in pattern["detail-type"]
        assert pattern["detail"].keys() <= event["detail"].keys()
