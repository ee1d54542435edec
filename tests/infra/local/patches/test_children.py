from __future__ import annotations

import json
import time

import pytest

SYNC = "arn:aws:states:::states:startExecution.sync:2"
LONG = {"Type": "Wait", "Seconds": 30}


def parent(child, **more):
    parameters = {"StateMachineArn": child, "Input": {"id": "r"}}
    return {"Type": "Task", "Resource": SYNC, "Parameters": parameters, **more}


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def only_execution(cloud, machine):
    found = cloud.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    return found[0]["executionArn"] if found else None


def stopped_with_its_parent(cloud, stop):
    """The state of a long child after its parent was ended."""
    child = cloud.machine(LONG)
    stop(child)
    arn = only_execution(cloud, child)
    until(lambda: cloud.describe(arn)["status"] != "RUNNING")
    return cloud.describe(arn)


def by_stop(cloud):
    def stop(child):
        execution = cloud.start(parent(child))
        until(lambda: only_execution(cloud, child))
        cloud.client("stepfunctions").stop_execution(executionArn=execution)

    return stop


def by_timeout(cloud):
    return lambda child: cloud.ended(cloud.start(parent(child, TimeoutSeconds=1)))


def by_a_failing_sibling(cloud):
    def stop(child):
        wait = {"Type": "Wait", "Seconds": 1, "Next": "Fail"}
        fails = {"StartAt": "Wait", "States": {"Wait": wait, "Fail": {"Type": "Fail", "Error": "E"}}}
        runs = {"StartAt": "Child", "States": {"Child": parent(child, End=True)}}
        cloud.ended(cloud.start({"Type": "Parallel", "Branches": [runs, fails]}))

    return stop


@pytest.mark.parametrize("way", [by_stop, by_timeout, by_a_failing_sibling])
def test_a_child_is_stopped_with_its_parent(aws, way):
    child = stopped_with_its_parent(aws, way(aws))
    assert (child["status"], child["cause"]) == ("ABORTED", "The parent was stopped.")


def test_stock_moto_cannot_run_a_child_under_the_names_that_aws_asks_for(stock):
    assert stock.ended(stock.start(parent(stock.machine({"Type": "Pass"}))))["status"] == "FAILED"


def test_the_output_of_a_child_is_parsed(aws):
    said = aws.output(parent(aws.machine({"Type": "Pass", "Result": {"a": [1]}})))
    assert (said["Status"], said["Output"]) == ("SUCCEEDED", {"a": [1]})


def test_a_child_whose_output_is_a_string_is_parsed_too(aws):
    said = aws.output(parent(aws.machine({"Type": "Succeed", "InputPath": "$.id"})))
    assert said["Output"] == "r"


def test_a_child_that_fails_fails_its_parent_with_the_child_as_the_cause(aws):
    ended = aws.ended(aws.start(parent(aws.machine({"Type": "Fail", "Error": "E", "Cause": "because"}))))
    cause = json.loads(ended["cause"])
    assert (ended["error"], cause["Status"], cause["Error"], cause["Cause"]) == (
        "States.TaskFailed",
        "FAILED",
        "E",
        "because",
    )


def test_children_of_a_map_run_side_by_side_and_keep_their_order(aws):
    child = aws.machine({"Type": "Wait", "Seconds": 1})
    task = {"Type": "Task", "Resource": SYNC, "End": True}
    task |= {"Parameters": {"StateMachineArn": child, "Input": {"n.$": "$"}}, "OutputPath": "$.Output.n"}
    states = {"StartAt": "Child", "States": {"Child": task}}
    listing = {"Type": "Pass", "Result": list(range(10))}
    assert aws.output(listing, {"Type": "Map", "ItemProcessor": states}) == list(range(10))
