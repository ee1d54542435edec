"""Idempotency-Key: one request, however often it is sent."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from chalicelib.api import idempotency
from chalicelib.domain.problems import Conflict, Unavailable
from tests.api.sample import THING, Claims, Sample

KEY = {"Idempotency-Key": "k-1"}


@pytest.fixture
def sample():
    return Sample()


def create(sample, body=THING, token="deployer", **headers):
    return sample.call("POST", "/things", body, token=token, **{**KEY, **headers})


def test_the_same_request_gets_the_same_answer_and_is_done_once(sample):
    first = create(sample)
    sample.now += timedelta(hours=23)
    second = create(sample)
    assert (second.status_code, second.body) == (first.status_code, first.body)
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert len(sample.calls) == 1


def test_after_a_day_the_key_is_new_and_so_are_the_ids(sample):
    first = create(sample)
    sample.now += timedelta(hours=24)
    second = create(sample)
    assert second.status_code == 201
    assert second.json_body["id"] != first.json_body["id"]
    assert len(sample.calls) == 2


def test_without_a_key_each_request_is_its_own(sample):
    ids = {sample.call("POST", "/things", THING).json_body["id"] for _ in range(3)}
    assert len(ids) == 3


def test_another_body_or_address_under_the_key_is_a_conflict(sample):
    create(sample)
    other = create(sample, {**THING, "name": "other"})
    assert other.status_code == 409
    assert "another request" in other.json_body["detail"]


def test_a_key_belongs_to_its_token(sample):
    first = create(sample)
    second = create(sample, token="admin")
    assert second.status_code == 201
    assert second.json_body["id"] != first.json_body["id"]


def test_a_request_in_flight_is_a_conflict_until_its_lease_is_over_and_then_has_the_same_ids(sample):
    class Killed(BaseException):
        pass

    ids = []
    sample.made = ids.append
    sample.problem = Killed()
    with pytest.raises(Killed):
        create(sample)
    sample.problem = None
    answer = create(sample)
    assert answer.status_code == 409
    assert "in flight" in answer.json_body["detail"]
    sample.now += idempotency.LEASE
    answer = create(sample)
    assert answer.status_code == 201
    assert ids == [answer.json_body["id"]] * 2


@pytest.mark.parametrize("problem", [Conflict("It runs."), Unavailable("AWS throttles."), KeyError("unforeseen")])
def test_what_failed_may_be_sent_again_at_once_and_makes_the_same_ids(sample, problem):
    ids = []
    sample.made = ids.append
    sample.problem = problem
    assert create(sample).status_code in (409, 500, 503)
    sample.problem = None
    sample.now += timedelta(seconds=1)
    assert create(sample).json_body["id"] == ids[0] == ids[1]


def test_what_failed_may_be_mended_under_the_same_key(sample):
    sample.problem = Conflict("It runs.")
    create(sample)
    sample.problem = None
    assert create(sample, {**THING, "name": "other"}).status_code == 201


def test_what_is_invalid_takes_no_key(sample):
    assert create(sample, {**THING, "name": 5}).status_code == 422
    assert sample.claims.kept == {}
    assert create(sample).status_code == 201


def test_an_answer_that_can_not_be_kept_is_not_given(sample):
    class Broken(Claims):
        def finish(self, *args):
            raise Unavailable("The table throttles.")

        def abandon(self, *args):
            raise Unavailable("The table throttles.")

    sample.claims.__class__ = Broken
    assert create(sample).status_code == 503


@pytest.mark.parametrize("key", ["", "a b", "a" * 256, "ü", "a\tb", "a\x7f"])
def test_a_key_must_be_visible_ascii(sample, key):
    answer = create(sample, **{"Idempotency-Key": key})
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json_body["detail"]
    assert sample.calls == []


def test_a_key_may_be_any_visible_ascii(sample):
    assert create(sample, **{"Idempotency-Key": "".join(map(chr, range(0x21, 0x7F))) * 2}).status_code == 201


def test_calls_that_take_no_key_ignore_it(sample):
    assert sample.call("DELETE", "/things/a", **KEY).status_code == 204
    assert sample.claims.kept == {}


def test_ids_are_different_and_come_again_from_the_same_seed():
    many = idempotency.ids()
    ids = [many() for _ in range(1000)]
    assert len({one[-8:] for one in ids}) == 1000
    assert all(len(one) == 26 and one == one.lower() and one.isalnum() for one in ids)
    again, more = idempotency.ids("seed"), idempotency.ids("seed")
    assert [again(), again()] == [more(), more()]
    assert idempotency.ids("other")() != idempotency.ids("seed")()


def test_ids_of_later_requests_sort_after_those_of_earlier_ones():
    made = []
    for _ in range(5):
        made.append(idempotency.ids()())
        time.sleep(0.002)
    assert made == sorted(made)


def test_repeated_request_is_done_at_its_own_time_with_the_same_ids(sample):
    sample.problem = Unavailable("AWS throttles.")
    create(sample)
    sample.problem = None
    began = sample.now
    sample.now += timedelta(hours=20)
    create(sample)
    assert sample.times == [(began, None), (began + timedelta(hours=20), began)]
