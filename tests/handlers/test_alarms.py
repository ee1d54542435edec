"""Each alarm has its runbook, which says all that is needed at night."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chalicelib.actions import reconcile
from chalicelib.actions.reconcile import Result
from chalicelib.handlers import schedules as handlers
from infra import template

FOLDER = Path(__file__).parents[2] / "docs" / "runbooks"
KINDS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
EVERY = {name: one["Properties"] for name, one in template.load()["Resources"].items() if one.get("Type") in KINDS}
# The others are parts of a composite one.
ALARMS = {name: one for name, one in EVERY.items() if "AlarmActions" in one}
PARTS = ("What it means.", "What users see.", "First look", "Causes, the likely ones first", "Mending", "It is over")


def page(alarm):
    """`MissedTicksAlarm`: missed-ticks.md."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", alarm.removesuffix("Alarm")).lower() + ".md"


def test_every_alarm_has_a_runbook_and_every_runbook_an_alarm():
    assert {page(alarm) for alarm in ALARMS} == {path.name for path in FOLDER.iterdir()}
    assert len(ALARMS) >= 6


@pytest.mark.parametrize("alarm", ALARMS)
def test_an_alarm_says_what_it_is_and_names_its_runbook(alarm):
    described = ALARMS[alarm]["AlarmDescription"]
    what, address = re.fullmatch(r"(.{20,}\.) See (docs/runbooks/[a-z-]+\.md)", described).groups()
    assert FOLDER.parent.parent / address == FOLDER / page(alarm)
    assert what[0].isupper()
    assert ALARMS[alarm]["AlarmActions"]


@pytest.mark.parametrize("alarm", ALARMS)
def test_a_runbook_says_what_to_do_from_the_first_look_to_the_end(alarm):
    text = (FOLDER / page(alarm)).read_text()
    assert text.startswith(f"# {alarm}\n")
    places = [text.find(f"**{part}") for part in PARTS]
    assert -1 not in places, dict(zip(PARTS, places, strict=True))
    assert places == sorted(places)
    assert "```sh" in text


# States, as CloudWatch's documentation has them: evaluated every period here, by data points of five minutes.

PERIOD, DAY = 5, 24 * 60
LOOKS_BACK = 2  # periods beyond those that an alarm evaluates
OF_MISSING = {"breaching": "ALARM", "notBreaching": "OK", "missing": "INSUFFICIENT_DATA"}
# When a metric has data: the minutes in which its function or rule is invoked.
METRICS = {"WatchdogRuns": "watchdog", "WatchdogHasRun": "watchdog", "ReconcileWasDue": "reconcile"}


def metric_state(alarm, before, points):
    """Return the state of an alarm that watches how often something happens; None is a missing data point."""
    assert alarm["ComparisonOperator"] == "LessThanThreshold"
    periods = alarm["EvaluationPeriods"]
    known = [point for point in points[-periods - LOOKS_BACK :] if point is not None]
    if not known:
        return OF_MISSING.get(alarm["TreatMissingData"], before)
    return "ALARM" if all(point < alarm["Threshold"] for point in known[-periods:]) else "OK"


def composite_state(alarm, states):
    """Return the state that the rule of a composite alarm gives."""

    def holds(match):
        return str(states[match[2]] == match[1])

    rule = re.sub(r'(OK|ALARM|INSUFFICIENT_DATA)\("\$\{(\w+)\}"\)', holds, alarm["AlarmRule"]["Fn::Sub"])
    words = {"AND": "and", "OR": "or", "NOT": "not"}
    rule = re.sub(r"AND|OR|NOT", lambda match: words[match[0]], rule)
    assert re.fullmatch(r"(True|False|and|or|not|[() ])+", rule), rule
    return "ALARM" if eval(rule) else "OK"


def states_of_watchdog_alarm(minutes, watchdog, reconcile):
    """Return the state of WatchdogAlarm every five minutes after its stack was made."""
    happens = {"watchdog": set(watchdog), "reconcile": set(reconcile)}
    states, points, found = dict.fromkeys(METRICS, "INSUFFICIENT_DATA"), {name: [] for name in METRICS}, []
    for minute in range(0, minutes, PERIOD):
        for name, metric in METRICS.items():
            assert EVERY[name]["Period"] == PERIOD * 60
            points[name].append(1 if happens[metric] & set(range(minute, minute + PERIOD)) else None)
            states[name] = metric_state(EVERY[name], states[name], points[name])
        found.append(composite_state(EVERY["WatchdogAlarm"], states))
    return found


@pytest.mark.parametrize("alarm", [name for name in EVERY if "AlarmRule" not in EVERY[name]])
def test_an_alarm_without_data_is_not_in_alarm(alarm):
    assert EVERY[alarm]["TreatMissingData"] in ("notBreaching", "missing", "ignore")


def test_only_parts_of_a_composite_alarm_have_no_actions():
    rules = [one["AlarmRule"]["Fn::Sub"] for one in EVERY.values() if "AlarmRule" in one]
    used = {name for rule in rules for name in re.findall(r"\$\{(\w+)\}", rule)}
    assert used == EVERY.keys() - ALARMS.keys() == METRICS.keys()


EVERY_FIVE = range(4, 3 * DAY, 5)


def test_a_watchdog_that_runs_is_never_an_alarm():
    for night in (1, 6, 700, DAY - 1):
        assert set(states_of_watchdog_alarm(3 * DAY, EVERY_FIVE, range(night, 3 * DAY, DAY))) == {"OK"}


def test_a_watchdog_that_stops_is_an_alarm_within_half_an_hour_and_until_it_runs_again():
    for stops, again in ((10, 200), (2000, 3 * DAY - 60)):
        runs = [minute for minute in EVERY_FIVE if minute < stops or minute >= again]
        states = states_of_watchdog_alarm(3 * DAY, runs, range(700, 3 * DAY, DAY))
        assert set(states[: stops // 5 + 1]) == {"OK"}
        assert set(states[stops // 5 + 6 : again // 5]) == {"ALARM"}
        assert set(states[again // 5 + 1 :]) == {"OK"}


def test_a_watchdog_that_never_runs_is_an_alarm_once_reconcile_was_due():
    states = states_of_watchdog_alarm(3 * DAY, [], range(700, 3 * DAY, DAY))
    assert set(states[: 700 // 5]) == {"OK"}
    assert set(states[700 // 5 :]) == {"ALARM"}


def test_the_parts_of_the_watchdogs_alarm_watch_it_and_the_nightly_rule():
    watched = {name: (EVERY[name]["MetricName"], EVERY[name]["Dimensions"][0]["Value"]["Ref"]) for name in METRICS}
    assert watched == {
        "WatchdogRuns": ("Invocations", "Watchdog"),
        "WatchdogHasRun": ("Invocations", "Watchdog"),
        "ReconcileWasDue": ("TriggeredRules", "ReconcileRule"),
    }


def test_what_a_runbook_asks_the_log_for_is_what_the_log_says():
    """Fields of queries and metrics by their names."""
    code = "\n".join(path.read_text() for path in (FOLDER.parent.parent / "chalicelib").rglob("*.py"))
    lines = "\n".join(path.read_text() for path in FOLDER.iterdir()).splitlines()
    queries = [line for line in lines if line.startswith("filter ")]
    asked = {name for query in queries for name in re.findall(r"(?:filter |ispresent\(| and )(\w+)", query)}
    asked -= {"ispresent", "type", "record"}  # "type" and "record" are Lambda's own
    assert {"function", "state", "status", "TickLag"} <= asked
    for name in asked:
        assert re.search(rf'["\s(]{name}["=]', code), name


def test_a_reconcile_that_could_not_put_everything_right_has_failed(embed, monkeypatch):
    embed("Table")
    monkeypatch.setattr(reconcile, "reconcile", lambda _: Result(1, ("publish x: it is missing",), ("publish x",)))
    with pytest.raises(RuntimeError, match="1 steps failed, the first of them: publish x"):
        handlers.reconcile({}, None)
