from __future__ import annotations

from datetime import timedelta

import pytest
from moto.logs.models import logs_backends

SOON = 4 * 10**12  # one moment for all lines, a century ahead


def put(machine, stream, *messages, at=None):
    timestamp = at or round(machine.aws.now().timestamp() * 1000)
    events = [{"timestamp": timestamp, "message": message} for message in messages]
    machine.client("logs").put_log_events(logGroupName="g", logStreamName=stream, logEvents=events)


def lines(machine, stream):
    found, token = [], {}
    while True:
        page = machine.client("logs").get_log_events(
            logGroupName="g", logStreamName=stream, startFromHead=True, limit=1000, **token
        )
        if page["nextForwardToken"] == token.get("nextToken"):
            return found
        found += [event["message"] for event in page["events"]]
        token = {"nextToken": page["nextForwardToken"]}


@pytest.fixture
def logs(machine):
    def restart():
        restart_machine()
        machine.client("logs").create_log_group(logGroupName="g")

    restart_machine, machine.restart = machine.restart, restart
    machine.client("logs").create_log_group(logGroupName="g")
    machine.client("logs").create_log_stream(logGroupName="g", logStreamName="s")
    return machine


def test_lines_come_back_whole_and_in_order(logs):
    texts = [f"line {number} é\t" for number in range(3500)]
    for start in range(0, len(texts), 100):
        put(logs, "s", *texts[start : start + 100], at=SOON)
    for _ in range(2):
        logs.restart()
        assert lines(logs, "s") == texts


def test_lines_are_added_after_those_from_before_a_restart(logs):
    put(logs, "s", "one", at=SOON)
    logs.restart()
    put(logs, "s", "two", at=SOON)
    logs.restart()
    assert lines(logs, "s") == ["one", "two"]


def test_a_stream_without_lines_is_kept(logs):
    logs.restart()
    streams = logs.client("logs").describe_log_streams(logGroupName="g")["logStreams"]
    assert [stream["logStreamName"] for stream in streams] == ["s"]


def test_what_is_put_past_the_api_is_kept_too(logs):
    backend = logs_backends["123456789012"]["us-east-1"]
    backend.create_log_stream("g", "direct")
    backend.put_log_events("g", "direct", [{"timestamp": SOON, "message": "m"}])
    logs.restart()
    assert lines(logs, "direct") == ["m"]


def test_streams_older_than_the_history_are_deleted(logs):
    put(logs, "s", "old")
    logs.ahead = timedelta(days=60)
    logs.client("logs").create_log_stream(logGroupName="g", logStreamName="young")
    put(logs, "young", "m")
    logs.ahead = timedelta(days=93)
    logs.aws.expire(timedelta(days=90))
    for _ in range(2):
        streams = logs.client("logs").describe_log_streams(logGroupName="g")["logStreams"]
        assert [stream["logStreamName"] for stream in streams] == ["young"]
        assert lines(logs, "young") == ["m"]
        logs.restart()


def test_only_the_streams_used_last_stay_in_memory(logs, monkeypatch):
    monkeypatch.setattr("infra.local.persistence.logs._LINES_IN_MEMORY", 10)
    names = [str(number) for number in range(5)]
    for name in names:
        logs.client("logs").create_log_stream(logGroupName="g", logStreamName=name)
        put(logs, name, *"abc")
    streams = logs_backends["123456789012"]["us-east-1"].groups["g"].streams
    assert list(streams) == names[-3:]
    put(logs, "0", "d")
    assert lines(logs, "0") == [*"abcd"]
    assert list(streams) == [*names[-2:], "0"]
