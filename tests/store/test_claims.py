"""Idempotency-Keys: of equal requests exactly one is done, and its answer is everybody's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.store import claims, table
from tests.domain.examples import NOW, after

LATER = NOW + claims.KEPT


def begin(key, at=NOW, fingerprint="f", seed="s"):
    return claims.begin(key, fingerprint, at, seed)


def test_a_key_that_nobody_has_is_ours(uid):
    claim = begin(uid)
    assert (claim.ours, claim.began, claim.seed, claim.answer) == (True, NOW, "s", None)


def test_a_key_in_flight_is_not_ours(uid):
    begin(uid)
    claim = begin(uid, after(59), seed="other")
    assert (claim.ours, claim.answer, claim.seed) == (False, None, "s")


@pytest.mark.parametrize("fingerprint", ["f", "another"])
def test_an_answer_is_kept_for_a_day(uid, fingerprint):
    begin(uid)
    claims.finish(uid, 201, '{"a": "ä"}', after(2))
    claim = begin(uid, LATER - timedelta(seconds=1), fingerprint)
    assert (claim.ours, claim.fingerprint) == (False, "f")
    assert (claim.answer.status, claim.answer.body) == (201, '{"a": "ä"}')


def test_an_answer_that_a_row_cannot_hold_is_made_again_with_the_same_ids(uid):
    begin(uid)
    claims.finish(uid, 201, "é" * 250_000, after(2))
    claim = begin(uid, after(3), seed="other")
    assert (claim.ours, claim.began, claim.seed, claim.answer) == (True, NOW, "s", None)


def test_after_a_day_a_key_is_new(uid):
    begin(uid)
    claims.finish(uid, 201, "{}", after(2))
    claim = begin(uid, LATER, "another", "new")
    assert (claim.ours, claim.began, claim.seed, claim.fingerprint) == (True, LATER, "new", "another")


def test_an_abandoned_request_goes_on_with_the_same_ids_and_time(uid):
    begin(uid)
    claims.abandon(uid, after(1))
    claim = begin(uid, after(1), seed="other")
    assert (claim.ours, claim.began, claim.seed, claim.repeated) == (True, NOW, "s", True)


def test_another_request_under_an_abandoned_key_has_ids_of_its_own(uid):
    begin(uid)
    claims.abandon(uid, after(1))
    claim = begin(uid, after(2), "another", "other")
    assert (claim.ours, claim.began, claim.seed, claim.repeated) == (True, after(2), "other", False)


def test_a_request_that_never_ended_is_done_again_after_its_lease(uid):
    begin(uid)
    claim = begin(uid, NOW + claims.LEASE, seed="other")
    assert (claim.ours, claim.began, claim.seed) == (True, NOW, "s")


def test_an_answer_is_not_taken_back(uid):
    begin(uid)
    claims.finish(uid, 201, "first", after(1))
    claims.finish(uid, 500, "second", after(2))
    claims.abandon(uid, after(3))
    assert begin(uid, after(4)).answer.body == "first"


def test_ending_what_was_never_begun_is_harmless(uid):
    claims.finish(uid, 201, "", NOW)
    claims.abandon(uid, NOW)
    assert begin(uid).ours


def test_the_table_forgets_a_claim_after_a_day(uid):
    begin(uid)
    claims.finish(uid, 201, "", after(5))
    assert table.row(f"claim#{uid}", "claim").expires == int(LATER.timestamp())


def test_of_many_at_once_exactly_one_is_ours(uid, at_once):
    answers = at_once(*((lambda n=n: begin(uid, seed=f"seed-{n}")) for n in range(8)))
    (mine,) = [claim for claim in answers if claim.ours]
    assert {claim.seed for claim in answers} == {mine.seed}


def test_of_many_after_the_lease_exactly_one_is_ours(uid, at_once):
    begin(uid)
    answers = at_once(*((lambda n=n: begin(uid, after(61), seed=f"seed-{n}")) for n in range(8)))
    assert [claim.ours for claim in answers].count(True) == 1
    assert {claim.seed for claim in answers} == {"s"}
