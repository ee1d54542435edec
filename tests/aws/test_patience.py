"""What DynamoDB has no room for now is sent again; nothing is sent, and nobody waits, once a request's time is over."""

from __future__ import annotations

import json

import msgspec
import pytest
from botocore.awsrequest import AWSResponse
from pynamodb.exceptions import TransactWriteError

from chalicelib import edge
from chalicelib.api import blame
from chalicelib.aws import clients, patience
from chalicelib.domain.problems import Unavailable
from chalicelib.store import table
from chalicelib.store.items import Item
from chalicelib.store.table import Raced, commit
from tests.faults.injector import no_waiting

GATEWAY_SECONDS = 29


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    version: int = 0


@pytest.fixture(scope="module", autouse=True)
def embedded(embed):
    return embed("Table", "Tick")


@pytest.fixture
def cancelled():
    """`cancelled(times, *codes)`: so many requests for a transaction are cancelled with these reasons; the requests."""
    events = Item._get_connection().connection.client.meta.events
    sent = []

    def cancel(times, *codes):
        def answer(request, **_):
            sent.append(request)
            return _cancelled(request, codes) if len(sent) <= times else None

        events.register("before-send.dynamodb.TransactWriteItems", answer, unique_id="cancelled")
        return sent

    with no_waiting():
        yield cancel
    events.unregister("before-send.dynamodb.TransactWriteItems", unique_id="cancelled")


def _cancelled(request, codes):
    told = {"__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException", "message": "cancelled"}
    told["CancellationReasons"] = [{"Code": code} for code in codes]
    answer = AWSResponse(request.url, 400, {"content-type": "application/x-amz-json-1.0"}, None)
    answer._content = json.dumps(told).encode()
    return answer


def two(name):
    return table.create(name, "a", Thing()), table.create(name, "b", Thing())


@pytest.mark.parametrize("code", ["ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_is_throttled_is_sent_again(cancelled, code):
    sent = cancelled(2, code, "None")
    commit(*two(code))
    assert len(sent) == 3
    assert table.get(code, "b", Thing)


def test_one_that_stays_throttled_will_pass(cancelled):
    sent = cancelled(99, "None", "ThrottlingError")
    with pytest.raises(TransactWriteError) as caught:
        commit(*two("stays"))
    assert len(sent) == 4
    assert blame.unavailable(caught.value).status == 503


def test_one_whose_condition_does_not_hold_is_not_sent_again(cancelled):
    sent = cancelled(99, "ConditionalCheckFailed", "None")
    with pytest.raises(Raced):
        commit(*two("condition"))
    assert len(sent) == 1


@pytest.mark.parametrize(
    "ask", [lambda: table.row("a", "a"), lambda: commit(*two("late")), lambda: clients.client("events").list_rules()]
)
def test_when_the_time_is_over_nothing_is_asked_any_more(ask):
    with patience.until(lambda: False):
        ask()
    with patience.until(lambda: True), pytest.raises(Unavailable) as caught:
        ask()
    assert (caught.value.status, caught.value.retry_after) == (503, 2)


@pytest.mark.parametrize(
    "config",
    [lambda: Item._get_connection().connection.client.meta.config, lambda: clients.client("events").meta.config],
)
def test_a_request_is_answered_before_the_gateway_gives_up(config):
    """The last call is sent just before the time is over; where it hangs, botocore waits before it would go on."""
    made = config()
    attempts = made.retries["total_max_attempts"]
    assert attempts > 1
    last_call = max(made.connect_timeout, made.read_timeout) + 2 ** (attempts - 2)
    assert edge.MOST_MILLISECONDS / 1000 + last_call < GATEWAY_SECONDS - 2


def test_the_time_of_a_request_begins_with_it(monkeypatch):
    monkeypatch.setattr(edge, "MOST_MILLISECONDS", -1)
    with pytest.raises(Unavailable):
        edge.within_time(None, lambda raw: table.row("a", "a"))
    table.row("a", "a")
