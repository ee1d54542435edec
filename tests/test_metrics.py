"""Each metric as CloudWatch reads it out of a line."""

from __future__ import annotations

import io
import json
import logging

import pytest

from chalicelib import logs, metrics
from infra import template
from tests import emf
from tests.domain.examples import deployment, run

COUNTED = {"state": "failed", "trigger": "manual"}


@pytest.fixture
def lines():
    """Everything that is logged meanwhile, as the functions write it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines())
    logger = logging.getLogger("chalicelib")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    logger.setLevel(before)


@pytest.mark.parametrize(
    ("tell", "wanted"),
    [
        (
            lambda: metrics.run_ended("s", run(status="failed", exit_code=3)),
            [("RunsEnded", 1, "Count", {"stack": "s", **COUNTED})],
        ),
        (
            lambda: metrics.run_ended("s", run(status="missed", trigger="schedule")),
            [
                ("RunsEnded", 1, "Count", {"stack": "s", "state": "missed", "trigger": "schedule"}),
                ("MissedTicks", 1, "Count", {"stack": "s"}),
            ],
        ),
        (lambda: metrics.tick_accounted("s", run(), 12.5), [("TickLag", 12.5, "Seconds", {"stack": "s"})]),
        (
            lambda: metrics.deployment_ended("s", deployment(status="deployed"), 61),
            [
                ("DeploymentsEnded", 1, "Count", {"stack": "s", "state": "deployed"}),
                ("DeploymentDuration", 61, "Seconds", {"stack": "s", "state": "deployed"}),
            ],
        ),
        (
            lambda: metrics.answered("s", "GET", "/runs/{run}", 404, 3.25),
            [("Latency", 3.25, "Milliseconds", {"stack": "s"})],
        ),
        (
            lambda: metrics.answered("s", "GET", "/runs/{run}", 503, 3.25),
            [
                ("Latency", 3.25, "Milliseconds", {"stack": "s"}),
                ("ServerErrors", 1, "Count", {"stack": "s"}),
                ("ServerErrors", 1, "Count", {"stack": "s", "route": "GET /runs/{run}"}),
            ],
        ),
        (lambda: metrics.repaired("s", "delete x: nobody owns it"), [("Repairs", 1, "Count", {"stack": "s"})]),
        (lambda: metrics.replayed("s"), [("DeadLettersReplayed", 1, "Count", {"stack": "s"})]),
    ],
)
def test_a_fact_is_a_line_in_the_embedded_metric_format(lines, tell, wanted):
    tell()
    (line,) = lines()
    assert emf.metrics(line) == wanted
    assert {one["Namespace"] for one in line["_aws"]["CloudWatchMetrics"]} == {"KintoBlocks"}


def test_what_costs_nothing_is_told_beside(lines):
    metrics.answered("s", "GET", "/runs/{run}", 200, 3.25)
    metrics.run_ended("s", run(status="failed", exit_code=3))
    request, ended = lines()
    asked = {"method": "GET", "route": "GET /runs/{run}", "status": 200, "duration_ms": 3.25}
    assert asked.items() <= request.items()
    assert {"run_id": run().id, "exit_code": 3}.items() <= ended.items()


def test_every_alarm_on_a_metric_of_ours_watches_one_that_is_told(lines):
    metrics.run_ended("s", run(status="missed", trigger="schedule"))
    metrics.tick_accounted("s", run(), 1)
    metrics.answered("s", "GET", "/", 500, 1)
    told = {(name, tuple(dimensions)) for line in lines() for name, _, _, dimensions in emf.metrics(line)}
    alarms = [one["Properties"] for one in template.load()["Resources"].values() if "Alarm" in one.get("Type", "")]
    ours = [one for one in alarms if str(one.get("Namespace")).startswith("KintoBlocks")]
    assert ours
    for alarm in ours:
        assert alarm["Namespace"] == metrics.NAMESPACE
        assert (alarm["MetricName"], tuple(one["Name"] for one in alarm["Dimensions"])) in told
        assert alarm["Dimensions"] == [{"Name": "stack", "Value": {"Ref": "AWS::StackName"}}]
