from __future__ import annotations

import time

MEGABYTE = 1024 * 1024


def pages(cloud):
    """The sizes of the pages of a log of 40 lines of 100 kB, and its lines."""
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="large")
    logs.create_log_stream(logGroupName="large", logStreamName="s")
    now = int(time.time() * 1000)
    for number in range(40):
        event = {"timestamp": now, "message": f"{number:02}".ljust(100_000, "x")}
        logs.put_log_events(logGroupName="large", logStreamName="s", logEvents=[event])
    sizes, read, token = [], [], {}
    while True:
        page = logs.get_log_events(logGroupName="large", logStreamName="s", startFromHead=True, **token)
        if not page["events"]:
            return sizes, read
        sizes.append(sum(len(event["message"]) for event in page["events"]))
        read += [int(event["message"][:2]) for event in page["events"]]
        token = {"nextToken": page["nextForwardToken"]}


def test_a_page_of_a_log_is_a_megabyte_at_most(aws):
    sizes, read = pages(aws)
    assert max(sizes) <= MEGABYTE
    assert read == list(range(40))


def test_stock_moto_gives_all_at_once(stock):
    assert pages(stock)[0][0] > MEGABYTE
