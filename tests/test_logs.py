"""The log as the functions write it: every line an object, each with what it belongs to, and nothing of a secret."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest
from chalice.test import Client

from chalicelib import logs
from chalicelib.store.items import Item
from tests import emf

VALUE, HOSTS = "hush-hush-of-a-variable", "hush-hush-of-a-host"
SCHEDULE = "e.c.nightly"


@pytest.fixture
def written():
    """The root logger writes as in a function; answers its lines so far."""
    stream, root = io.StringIO(), logging.getLogger()
    before = root.handlers[:], root.level, {name: logging.getLogger(name).level for name in logs.CHATTY}
    root.handlers[:] = []  # pytest's own, which would be closed
    logs.into(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:], level, levels = before
    root.setLevel(level)
    logging.captureWarnings(False)
    for name, one in levels.items():
        logging.getLogger(name).setLevel(one)


def context(request_id="an-invocation"):
    return SimpleNamespace(aws_request_id=request_id, function_name="a-function", client_context=None)


@pytest.fixture(scope="module")
def embedded(embed):
    return embed()


@pytest.fixture
def ask(embedded):
    """`ask(method, path, body=None, token=...)`: the status that the whole application answers."""
    from app import app
    from chalicelib.handlers.tokens import mint_token

    secret = mint_token({"name": "ada", "role": "admin"}, context())["secret"]
    client = Client(app, stage_name="dev")

    def asked(method, path, body=None, token=secret):
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "User-Agent": "hush-agent"}
        sent = json.dumps(body).encode() if body is not None else b""
        return client.http.request(method, path, headers=headers, body=sent).status_code

    asked.token = secret
    return asked


def block(name):
    return {
        "name": name,
        "source": {"type": "image", "image": "alpine"},
        "variables": [{"name": "KEY", "value": VALUE, "masked": True}, {"name": "PLAIN", "value": f"{VALUE}-plain"}],
    }


def drive(ask):
    """Requests that go well and that don't, and functions that do and don't."""
    from chalicelib.handlers import deployments, events, job_runs, schedules

    yield ask("POST", "/blocks", block("told"))
    yield ask("POST", "/blocks", {"name": VALUE, VALUE: VALUE})
    yield ask("PUT", "/credentials/git.example.org", {"secret": HOSTS})
    yield ask("GET", f"/blocks?q={VALUE}")
    yield ask("GET", "/blocks", token=f"kinto_{'0' * 12}_{'s' * 43}")
    yield ask("GET", "/runs/nobody-20260101T000000-x")
    Item("blocks", "broken", data='{"hush": "hush-of-the-table"', version=1).save()
    yield ask("GET", "/blocks/broken")
    Item("blocks", "broken").delete()
    schedules.tick({"schedule": SCHEDULE, "time": "2026-11-22T08:00:00Z"}, context())
    schedules.watchdog({}, context())
    schedules.reconcile({}, context())
    deployments.complete({"deployment_id": "e-00000001"}, context())
    job_runs.begin({"run_id": "nobody-20260101T000000-x"}, context())
    detail = {"name": "nobody-20260101T000000-x", "status": "ABORTED", "stateMachineArn": "x", "input": VALUE}
    events.execution_ended({"detail": detail}, context())
    with pytest.raises(KeyError):
        job_runs.finish({"run_id": "nobody", "result": {"Cause": VALUE}}, context("that-failed"))


def test_every_line_of_api_and_functions_is_an_object_that_says_what_it_belongs_to(ask, written):
    statuses = list(drive(ask))
    assert statuses == [201, 422, 200, 422, 401, 404, 500]
    lines = written()
    for line in lines:
        assert {"time", "level", "logger", "message", "function", "request_id"} <= line.keys(), line
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["time"])
        emf.metrics(line)
    assert {line["function"] for line in lines} >= {
        *("tick", "watchdog", "reconcile", "complete", "begin", "execution_ended", "finish")
    }
    assert [line["status"] for line in lines if "status" in line] == statuses
    routes = [line["route"] for line in lines if "route" in line]
    assert routes[2] == "PUT /credentials/{host}"
    about = {line.get("function"): line for line in lines}
    assert about["tick"]["schedule"] == SCHEDULE
    assert about["complete"]["deployment_id"] == "e-00000001"
    assert about["begin"]["run_id"] == about["execution_ended"]["execution"] == "nobody-20260101T000000-x"
    assert all(about[name]["duration_ms"] >= 0 for name in ("tick", "finish"))


def test_a_request_has_the_id_that_the_gateway_told_its_sender(ask, written):
    from app import app

    about = {"resourcePath": "/runs/{run}", "httpMethod": "GET", "requestId": "by-the-gateway"}
    empty = dict.fromkeys(("multiValueQueryStringParameters", "body", "stageVariables"))
    app({**empty, "requestContext": about, "headers": {}, "pathParameters": {"run": "a-b"}}, context())
    (line,) = written()
    wanted = {"request_id": "by-the-gateway", "invocation": "an-invocation", "run_id": "a-b", "status": 401}
    assert wanted.items() <= line.items()


def test_an_exception_is_one_field_of_one_line(ask, written):
    list(drive(ask))
    failed = [line for line in written() if "exception" in line]
    assert [line["function"] for line in failed][-1] == "finish"
    assert failed[-1]["request_id"] == "that-failed"
    assert failed[-1]["exception"].endswith("KeyError: 'stage'")
    (unforeseen,) = [line for line in failed if line["message"].startswith("Unforeseen")]
    assert "DecodeError" in unforeseen["exception"]


def test_no_line_holds_anything_of_a_body_a_header_or_a_query(ask, written):
    list(drive(ask))
    text = json.dumps(written())
    for secret in ("hush", ask.token, "s" * 43):
        assert secret not in text


def test_a_token_in_somebody_elses_error_is_cut_out(ask, written):
    logging.getLogger("a.library").error("refused: Bearer %s", ask.token)
    (line,) = [line for line in written() if line["logger"] == "a.library"]
    assert line["message"].endswith(ask.token[:19] + "***")


def test_text_of_any_kind_and_length_stays_one_line(written):
    logging.getLogger("x").info("a\nb\u2028c\ud800%s", "y" * 100_000, extra=logs.told(thing={1, 2}))
    (line,) = written()
    assert line["message"].startswith("a\nb\u2028c\ud800y")
    assert len(json.dumps(line)) < 256 * 1024


def test_what_a_line_is_about_ends_with_its_call(written):
    with logs.about(run_id="a", schedule=None), logs.about(function="f"):
        logging.getLogger("x").info("inside")
    logging.getLogger("x").info("outside")
    inside, outside = written()
    assert (inside["run_id"], inside["function"], "schedule" in inside) == ("a", "f", False)
    assert not {"run_id", "function"} & outside.keys()


def test_who_replays_a_dead_letter_is_counted_where_it_was_handled(embedded, written):
    from chalicelib.handlers.schedules import watchdog

    replaying = context()
    replaying.client_context = SimpleNamespace(custom={"replayed": "true"})
    watchdog({}, context())
    watchdog({}, replaying)
    told = [name for line in written() for name, *_ in emf.metrics(line)]
    assert told.count("DeadLettersReplayed") == 1


@pytest.mark.parametrize("module", ["app", "chalicelib.handlers.job_runs"])
def test_in_lambda_everything_goes_to_the_output_as_objects(module):
    code = f"import {module}, logging; logging.getLogger('kintoblocks').info('hello'); logging.error('there')"
    environment = {**os.environ, "AWS_LAMBDA_FUNCTION_NAME": "tick"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert [json.loads(line)["message"] for line in done.stdout.splitlines()] == ["hello", "there"]
    assert done.stderr == ""


def test_on_a_laptop_the_log_is_left_to_the_laptop():
    code = "import app, logging; logging.getLogger('kintoblocks').error('hello')"
    environment = {name: value for name, value in os.environ.items() if name != "AWS_LAMBDA_FUNCTION_NAME"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    assert (done.stdout, done.stderr) == ("", "hello\n")


def test_every_function_is_logged():
    from app import app

    for function in app.pure_lambda_functions:
        handler = app.handler_map[function.name]
        assert handler.func._original_func.__wrapped__.__name__ == function.name
