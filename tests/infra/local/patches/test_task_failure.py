from __future__ import annotations

import json
import time


def failed_by_its_worker(cloud):
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=f"q{time.monotonic_ns()}")["QueueUrl"]
    parameters = {"QueueUrl": url, "MessageBody": {"token.$": "$$.Task.Token"}}
    resource = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"
    execution = cloud.start({"Type": "Task", "Resource": resource, "Parameters": parameters})
    message = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5)["Messages"][0]
    token = json.loads(message["Body"])["token"]
    cloud.client("stepfunctions").send_task_failure(taskToken=token, error="E", cause="because")
    return cloud.ended(execution).get("cause")


def test_the_cause_that_a_worker_gives_is_kept(aws):
    assert failed_by_its_worker(aws) == "because"


def test_stock_moto_drops_it(stock):
    assert failed_by_its_worker(stock) is None
