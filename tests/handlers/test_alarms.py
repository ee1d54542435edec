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
ALARMS = {
    name: one["Properties"]
    for name, one in template.load()["Resources"].items()
    if one.get("Type") == "AWS::CloudWatch::Alarm"
}
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
