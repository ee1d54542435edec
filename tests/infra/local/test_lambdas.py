from __future__ import annotations

import json
import threading
import time

import boto3
import pytest
from botocore.exceptions import ClientError
from chalice import Blueprint, Chalice
from moto import mock_aws
from moto.awslambda_simple.models import LambdaSimpleBackend

from infra.local import lambdas as module
from infra.local.lambdas import Lambdas


class OutOfThings(Exception):
    pass


@pytest.fixture
def calls():
    return []


@pytest.fixture
def lambdas(calls, monkeypatch):
    monkeypatch.setattr(module, "RETRY_DELAYS", (0.0, 0.01))
    app = Chalice("functions")
    handlers = Blueprint("handlers")

    @handlers.lambda_function(name="mint_token")
    def mint(event, context):
        calls.append((event, context.function_name))
        return {"got": event}

    @app.lambda_function()
    def fails(event, context):
        calls.append(event)
        raise OutOfThings("no more things")

    @app.lambda_function()
    def second_time_lucky(event, context):
        calls.append(event)
        if len(calls) < 2:
            raise OutOfThings("not yet")

    @app.lambda_function()
    def unwritable(event, context):
        return object()

    @app.schedule("rate(5 minutes)")
    def watchdog(event):
        calls.append(event.detail_type)

    app.register_blueprint(handlers)
    return Lambdas(app)


@pytest.fixture
def client(lambdas, monkeypatch):
    monkeypatch.setattr(LambdaSimpleBackend, "invoke", LambdaSimpleBackend.invoke)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws(config={"lambda": {"use_docker": False}}):
        lambdas.install()
        yield boto3.client("lambda")


def until(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_functions_are_known_by_their_logical_ids(lambdas):
    assert lambdas.names() == ["Fails", "MintToken", "SecondTimeLucky", "Unwritable", "Watchdog"]


def test_a_function_is_called_with_its_payload_and_a_context(lambdas, calls):
    assert lambdas.invoke("MintToken", {"a": 1}) == {"got": {"a": 1}}
    assert calls == [({"a": 1}, "MintToken")]


def test_an_event_function_gets_the_event_object_of_chalice(lambdas, calls):
    event = dict.fromkeys(["version", "account", "region", "source", "time", "id"], "")
    lambdas.invoke("Watchdog", {**event, "detail": {}, "detail-type": "Scheduled Event", "resources": []})
    assert calls == ["Scheduled Event"]


def test_an_unknown_function_is_an_error(lambdas):
    with pytest.raises(LookupError, match="Nobody"):
        lambdas.invoke("Nobody", {})


def test_an_answer_that_is_not_json_is_an_error(lambdas):
    with pytest.raises(TypeError):
        lambdas.invoke("Unwritable", {})


def test_a_delivery_is_tried_three_times(lambdas, calls):
    with pytest.raises(OutOfThings):
        lambdas.deliver("Fails", 1)
    assert calls == [1, 1, 1]


def test_a_delivery_that_succeeds_at_its_second_try_is_not_tried_again(lambdas, calls):
    lambdas.deliver("SecondTimeLucky", 1)
    assert calls == [1, 1]


@pytest.mark.parametrize("name", ["MintToken", "arn:aws:lambda:us-east-1:123456789012:function:MintToken"])
def test_invoke_answers_with_what_the_function_returned(client, name):
    answer = client.invoke(FunctionName=name, Payload=b'{"a": 1}')
    assert "FunctionError" not in answer
    assert json.load(answer["Payload"]) == {"got": {"a": 1}}


def test_invoke_tells_an_exception_by_its_class_name_as_aws_does(client):
    answer = client.invoke(FunctionName="Fails", Payload=b"{}")
    assert answer["StatusCode"] == 200
    assert answer["FunctionError"] == "Unhandled"
    error = json.load(answer["Payload"])
    assert (error["errorType"], error["errorMessage"]) == ("OutOfThings", "no more things")


def test_invoke_of_an_unknown_function_is_resource_not_found(client):
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        client.invoke(FunctionName="Nobody")


def test_an_event_invocation_answers_at_once_and_is_retried_twice(client, calls, lambdas):
    answer = client.invoke(FunctionName="Fails", InvocationType="Event", Payload=b"7")
    assert answer["StatusCode"] == 202
    until(lambdas.idle)
    assert calls == [7, 7, 7]


def test_the_functions_are_not_idle_while_one_runs():
    app = Chalice("slow")
    go = threading.Event()

    @app.lambda_function()
    def slow(event, context):
        go.wait(5)

    lambdas = Lambdas(app)
    thread = threading.Thread(target=lambdas.invoke, args=("Slow", {}))
    thread.start()
    until(lambda: not lambdas.idle())
    go.set()
    thread.join()
    assert lambdas.idle()
