from __future__ import annotations

import pytest


def kept(cloud, *timestamps):
    logs, stream = cloud.client("logs"), f"s{timestamps[0]}"
    if not logs.describe_log_groups(logGroupNamePrefix="g")["logGroups"]:
        logs.create_log_group(logGroupName="g")
    logs.create_log_stream(logGroupName="g", logStreamName=stream)
    events = [{"timestamp": timestamp, "message": str(timestamp)} for timestamp in timestamps]
    answer = logs.put_log_events(logGroupName="g", logStreamName=stream, logEvents=events)
    assert "rejectedLogEventsInfo" not in answer
    found = logs.get_log_events(logGroupName="g", logStreamName=stream, startFromHead=True)["events"]
    return [event["timestamp"] for event in found]


@pytest.mark.parametrize("timestamp", [1, 10**12, 4 * 10**12])
def test_events_of_any_time_are_kept(aws, timestamp):
    assert kept(aws, timestamp, timestamp + 1) == [timestamp, timestamp + 1]


def test_stock_moto_refuses_old_ones(stock):
    with pytest.raises(AssertionError):
        kept(stock, 10**12)


def test_events_out_of_order_are_refused_as_aws_refuses_them(aws):
    with pytest.raises(aws.client("logs").exceptions.InvalidParameterException, match="chronological"):
        kept(aws, 5, 4)
    events = [{"timestamp": 1, "message": "m"}]
    with pytest.raises(aws.client("logs").exceptions.ResourceNotFoundException):
        aws.client("logs").put_log_events(logGroupName="none", logStreamName="s", logEvents=events)


def test_lines_of_one_millisecond_keep_their_order_from_page_to_page(aws):
    logs = aws.client("logs")
    logs.create_log_group(logGroupName="order")
    logs.create_log_stream(logGroupName="order", logStreamName="s")
    for batch in range(10):
        events = [{"timestamp": 10**12, "message": str(batch * 100 + line)} for line in range(100)]
        logs.put_log_events(logGroupName="order", logStreamName="s", logEvents=events)
    read, token = [], {}
    while True:
        page = logs.get_log_events(logGroupName="order", logStreamName="s", startFromHead=True, limit=77, **token)
        if page["nextForwardToken"] == token.get("nextToken"):
            break
        read += [int(event["message"]) for event in page["events"]]
        token = {"nextToken": page["nextForwardToken"]}
    assert read == list(range(1000))
