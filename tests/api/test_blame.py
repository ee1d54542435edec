"""Errors of AWS are answered 503, with when to ask again and with the reason of a refusal; our own mistakes are not."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from chalice import Blueprint, Chalice
from chalice.config import Config
from chalice.local import LocalGateway
from pynamodb.exceptions import GetError, PutError

from chalicelib.api import blame, http
from tests.api.sample import SETTINGS, Claims, Options
from tests.domain.examples import NOW


def said(code):
    return ClientError({"Error": {"Code": code, "Message": "x"}}, "GetItem")


PASSING = [
    said("ThrottlingException"),
    said("ProvisionedThroughputExceededException"),
    said("InternalServerError"),
    GetError("x", said("ThrottlingException")),
    PutError("x", EndpointConnectionError(endpoint_url="https://x")),
    EndpointConnectionError(endpoint_url="https://x"),
    ReadTimeoutError(endpoint_url="https://x"),
    ConnectTimeoutError(endpoint_url="https://x"),
]
REFUSED = [said("ValidationException"), said("AccessDeniedException"), PutError("x", said("ValidationException"))]
OURS = [ValueError("x"), PutError("x")]


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_throttling_and_failures_of_aws_pass(error):
    assert blame.unavailable(error).status == 503


@pytest.mark.parametrize("error", REFUSED, ids=repr)
def test_refusals_of_aws_are_answered_with_its_reason(error):
    problem = blame.unavailable(error)
    code = getattr(error, "cause", None) or error
    assert problem.detail == f"AWS refused GetItem: {code.response['Error']['Code']}: x"
    assert problem.retry_after == 60


@pytest.mark.parametrize("error", REFUSED, ids=repr)
def test_unknown_callers_learn_no_reason(error):
    assert blame.unavailable(error, with_reason=False).detail == blame.BUSY


@pytest.mark.parametrize("error", OURS, ids=repr)
def test_mistakes_of_ours_do_not(error):
    assert blame.unavailable(error) is None


ANSWERS = [(PASSING[0], 503, "2"), (REFUSED[0], 503, "60"), (OURS[0], 500, None)]


@pytest.mark.parametrize(("error", "status", "after"), ANSWERS)
def test_the_answer_says_when_to_ask_again(error, status, after):
    bp = Blueprint(__name__)

    @http.route(bp, "GET", "/fails", role=None, answers=Options)
    def fails(request):
        raise error

    app = Chalice("blame", configure_logs=False, env={})
    app.register_blueprint(bp)
    edges = http.Edges(lambda: NOW, lambda: SETTINGS, lambda *_: None, Claims(), lambda *_: None)
    http.install(app, edges)
    answer = LocalGateway(app, Config()).handle_request("GET", "/fails", {}, "")
    headers = {**answer["headers"], **{name: values[0] for name, values in answer["multiValueHeaders"].items()}}
    assert (answer["statusCode"], headers.get("Retry-After")) == (status, after)
    assert headers["Content-Type"] == "application/problem+json"
