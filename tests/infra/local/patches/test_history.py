from __future__ import annotations


def pages(cloud, **asked):
    execution = cloud.start({"Type": "Pass"})
    cloud.ended(execution)
    history, token = [], {}
    while len(history) < 20:
        page = cloud.client("stepfunctions").get_execution_history(executionArn=execution, **asked, **token)
        history.append([event["type"] for event in page["events"]])
        if "nextToken" not in page:
            break
        token = {"nextToken": page["nextToken"]}
    return history


WHOLE = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"]


def test_the_history_comes_in_pages_from_either_end(aws):
    assert pages(aws) == [WHOLE]
    assert pages(aws, maxResults=3) == [WHOLE[:3], WHOLE[3:]]
    assert pages(aws, maxResults=3, reverseOrder=True) == [WHOLE[:0:-1], WHOLE[:1]]


def test_stock_moto_gives_all_of_it_always(stock):
    assert pages(stock, maxResults=3, reverseOrder=True) == [WHOLE]
