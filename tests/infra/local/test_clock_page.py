from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from infra.local.answers import Request
from infra.local.clock import Clock
from infra.local.clock_page import clock_page, wrong_fields
from infra.local.persistence.database import Database

START = datetime(2026, 3, 28, 23, 59, 20, tzinfo=UTC)
JSON = "application/json"
TOO_EARLY = "0001-01-01T00:00:00+14:00"  # before the first year in UTC


class NoRules:
    def __init__(self):
        self.quiet = True

    def scheduled(self):
        return []


@pytest.fixture
def bus():
    return NoRules()


@pytest.fixture
def ask(bus):
    clock = Clock(Database(None), True, lambda: START)
    clock.start(bus, lambda: bus.quiet)
    page = clock_page(clock)

    def ask(method="GET", body=None, host="127.0.0.1:8000", kind=JSON):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = page(Request(method, "/_local/clock", {"host": host, "content-type": kind}, content))
        return answer.status, json.loads(answer.body), dict(answer.headers)

    yield ask
    clock.stop()


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "LOCALHOST:80", "[::1]:8000"])
def test_the_clock_is_shown_under_every_loopback_name(ask, host):
    shown = {"now": "2026-03-28T23:59:20Z", "mode": "manual", "watermark": "2026-03-28T23:59:00Z"}
    assert ask(host=host)[:2] == (200, shown)


@pytest.mark.parametrize("host", ["", "localhost.evil.example", "127.0.0.1.evil.example:80", "[::2]", "["])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_of_another_site_is_refused(ask, host, method):
    status, problem, headers = ask(method, {"advance_seconds": 1}, host=host)
    assert (status, problem["status"]) == (403, 403)
    assert headers["Content-Type"] == "application/problem+json"


def test_the_clock_moves_by_seconds_or_to_a_time_in_any_zone(ask):
    assert ask("POST", {"advance_seconds": 40.5})[1] == {"now": "2026-03-29T00:00:00.500000Z", "fired": 0, "idle": True}
    assert ask("POST", {"to": "2026-03-29T02:00:00+01:00"})[1]["now"] == "2026-03-29T01:00:00Z"
    assert ask("POST", {"advance_seconds": 0}, kind="application/json; charset=utf-8")[0] == 200


def test_without_wait_the_answer_says_that_something_is_in_flight(ask, bus):
    bus.quiet = False
    assert ask("POST", {"advance_seconds": 60, "wait": False})[1]["idle"] is False


def test_waiting_ends_after_the_stated_time_with_504(ask, bus):
    bus.quiet = False
    status, problem, _ = ask("POST", {"advance_seconds": 60, "timeout_seconds": 1})
    assert (status, problem["title"]) == (504, "Not there yet")


def test_going_back_is_a_conflict(ask):
    assert ask("POST", {"to": "2026-03-28T23:59:19Z"})[0] == 409


def test_a_real_clock_is_not_moved():
    clock = Clock(Database(None), False)
    answer = clock_page(clock)(
        Request("POST", "/_local/clock", {"host": "localhost", "content-type": JSON}, b'{"advance_seconds": 1}')
    )
    assert answer.status == 409
    assert b"--clock manual" in answer.body


@pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/jsonp"])
def test_only_json_is_taken_so_that_no_form_of_another_site_can_post(ask, kind):
    assert ask("POST", {"advance_seconds": 1}, kind=kind)[0] == 415


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"1", b"\xff"])
def test_what_is_not_a_json_object_is_a_400(ask, body):
    assert ask("POST", body)[0] == 400


def test_another_method_is_a_405(ask):
    status, _, headers = ask("DELETE")
    assert (status, headers["Allow"]) == (405, "GET, POST")


def test_every_wrong_field_is_named_at_once(ask):
    wrong = {"advance_seconds": "1", "to": "tomorrow", "wait": 1, "timeout_seconds": 0, "x": 1}
    status, problem, _ = ask("POST", wrong)
    assert status == 422
    assert {error["field"] for error in problem["errors"]} == set(wrong)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "advance_seconds"),
        ({"advance_seconds": 1, "to": "2026-03-29T00:00:00Z"}, "advance_seconds"),
        *[({"advance_seconds": value}, "advance_seconds") for value in (-1, 1e12, True, None, float("nan"))],
        *[
            ({"to": value}, "to")
            for value in (7, None, "", "2026-03-29", "2026-03-29T00:00:00", "9999-12-31T23:59:59Z", TOO_EARLY)
        ],
        *[({"advance_seconds": 1, "timeout_seconds": value}, "timeout_seconds") for value in ("1", -1, 90_000)],
        ({"advance_seconds": 1, "wait": "yes"}, "wait"),
        ({"advance_seconds": 1, "advance": 1}, "advance"),
    ],
)
def test_wrong_values(body, field):
    assert list(wrong_fields(body, START)) == [field]
