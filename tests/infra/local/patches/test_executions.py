from __future__ import annotations

import json
import threading
import time

import pytest

WAIT = {"Type": "Wait", "Seconds": 30}
TOKEN = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "QUEUE", "MessageBody": {"token.$": "$$.Task.Token"}},
}


def waiting_for_a_token(cloud):
    """An execution that waits for a token, and the token."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=f"q{time.monotonic_ns()}")["QueueUrl"]
    parameters = {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}}
    caught = {"Type": "Pass", "Result": "caught", "End": True}
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}]
    execution = cloud.start(Token={**TOKEN, "Parameters": parameters, "Catch": catch, "End": True}, Caught=caught)
    message = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]
    return execution, json.loads(message["Body"])["token"]


def stopped(cloud, execution):
    cloud.client("stepfunctions").stop_execution(executionArn=execution, error="E", cause="because")
    return cloud.ended(execution, seconds=2)


def test_an_execution_that_waits_for_a_token_is_stopped(aws):
    execution, token = waiting_for_a_token(aws)
    ended = stopped(aws, execution)
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "E", "because")
    with pytest.raises(aws.client("stepfunctions").exceptions.ClientError, match=r"Invalid|TimedOut|Timed Out"):
        aws.client("stepfunctions").send_task_success(taskToken=token, output="{}")


def test_stock_moto_does_not_stop_it(stock):
    assert stopped(stock, waiting_for_a_token(stock)[0])["status"] == "RUNNING"


def test_an_execution_stopped_in_a_wait_keeps_error_and_cause(aws):
    ended = stopped(aws, aws.start(WAIT))
    assert (ended["status"], ended["error"], ended["cause"]) == ("ABORTED", "E", "because")


def test_stock_moto_drops_error_and_cause(stock):
    execution = stock.start(WAIT)
    time.sleep(0.5)  # stock moto fails to stop what has just begun
    assert "cause" not in stopped(stock, execution)


def test_an_execution_is_stopped_in_the_very_moment_in_which_it_starts(aws):
    machine = aws.machine(WAIT)
    for _ in range(10):
        assert stopped(aws, aws.begin(machine))["status"] == "ABORTED"


def test_stopping_an_ended_execution_changes_nothing(aws):
    execution = aws.start({"Type": "Pass"})
    aws.ended(execution)
    assert stopped(aws, execution)["status"] == "SUCCEEDED"


def test_an_execution_without_a_name_gets_one_of_its_own(aws):
    machine = aws.machine({"Type": "Pass"})
    assert aws.begin(machine) != aws.begin(machine)


def test_stock_moto_gives_all_of_them_the_same(stock):
    machine = stock.machine(WAIT)
    assert stock.begin(machine) == stock.begin(machine)


def test_a_string_as_output_is_json(aws):
    assert aws.output({"Type": "Pass", "Result": "text"}) == "text"


def test_stock_moto_gives_it_bare(stock):
    assert stock.ended(stock.start({"Type": "Pass", "Result": "text"}))["output"] == "text"


def test_the_same_name_is_one_execution_however_many_start_it(aws):
    machine, arns = aws.machine(WAIT), []
    threads = [threading.Thread(target=lambda: arns.append(aws.begin(machine, name="one"))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    listed = aws.client("stepfunctions").list_executions(stateMachineArn=machine)["executions"]
    assert (len(arns), len(set(arns)), len(listed)) == (6, 1, 1)


def test_the_end_is_told_once_with_its_detail(aws):
    told = []
    aws.embedded.on_execution_end = told.append
    execution = aws.begin(aws.machine({"Type": "Pass"}), name="told", input='{"a": 1}')
    aws.ended(execution)
    deadline = time.monotonic() + 60
    while not told and time.monotonic() < deadline:
        time.sleep(0.01)
    aws.embedded.on_execution_end = None
    [detail] = [detail for detail in told if detail["executionArn"] == execution]
    assert (detail["name"], detail["status"]) == ("told", "SUCCEEDED")
    assert (json.loads(detail["input"]), json.loads(detail["output"])) == ({"a": 1}, {"a": 1})
    assert 0 <= detail["stopDate"] - detail["startDate"] < 60_000


def test_executions_in_flight_are_counted(aws):
    before = aws.embedded.running_executions()
    execution = aws.start(WAIT)
    assert aws.embedded.running_executions() == before + 1
    stopped(aws, execution)
    assert aws.embedded.running_executions() == before


def test_a_machine_that_takes_too_long_has_timed_out(aws):
    definition = {"StartAt": "W", "TimeoutSeconds": 1, "States": {"W": {**WAIT, "End": True}}}
    machine = aws.client("stepfunctions").create_state_machine(
        name="slow", definition=json.dumps(definition), roleArn="arn:aws:iam::123456789012:role/any"
    )
    assert aws.ended(aws.begin(machine["stateMachineArn"]))["status"] == "TIMED_OUT"
