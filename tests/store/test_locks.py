"""The overlap lock: one run has it, one may wait, and whoever finds the holder final takes it."""

from __future__ import annotations

import pytest

from chalicelib.store import locks, table
from chalicelib.store.table import Raced, commit
from tests.domain.examples import NOW, after

UNTIL = after(3600)


def take(uid, run, at=NOW, **more):
    commit(locks.take(uid, run, at, UNTIL, **more))


def test_a_free_lock_is_taken_and_names_its_run(uid):
    assert locks.holder(uid) is None
    take(uid, "one")
    assert locks.holder(uid) == "one"


def test_another_run_does_not_get_it(uid):
    take(uid, "one")
    with pytest.raises(Raced):
        take(uid, "two")
    assert locks.holder(uid) == "one"


def test_the_run_that_has_it_may_take_it_again(uid):
    take(uid, "one")
    take(uid, "one")
    assert locks.holder(uid) == "one"


def test_it_is_taken_from_a_run_that_is_known_to_have_ended(uid):
    take(uid, "one")
    take(uid, "two", instead_of="one")
    assert locks.holder(uid) == "two"


def test_it_is_not_taken_from_a_third(uid):
    take(uid, "one")
    with pytest.raises(Raced):
        take(uid, "two", instead_of="three")


def test_its_lease_ends(uid):
    take(uid, "one")
    with pytest.raises(Raced):
        take(uid, "two", at=UNTIL)
    take(uid, "two", at=after(3601))
    assert locks.holder(uid) == "two"


def test_it_is_given_back_by_its_run_alone(uid):
    take(uid, "one")
    locks.release(uid, "two")
    assert locks.holder(uid) == "one"
    locks.release(uid, "one")
    assert locks.holder(uid) is None
    take(uid, "two")


def test_giving_back_what_was_never_taken_is_harmless(uid):
    assert locks.release(uid, "one") is None


def test_one_run_may_wait(uid):
    take(uid, "one")
    commit(locks.wait(uid, "two"))
    commit(locks.wait(uid, "two"))
    with pytest.raises(Raced):
        commit(locks.wait(uid, "three"))
    assert locks.waiting(uid) == "two"


def test_a_place_in_the_queue_of_a_run_that_ended_is_taken_over(uid):
    commit(locks.wait(uid, "two"))
    with pytest.raises(Raced):
        commit(locks.wait(uid, "three", instead_of="four"))
    commit(locks.wait(uid, "three", instead_of="two"))
    assert locks.waiting(uid) == "three"


def test_who_waits_has_the_lock_as_soon_as_it_is_given_back(uid):
    take(uid, "one")
    commit(locks.wait(uid, "two"))
    assert locks.release(uid, "one") == "two"
    assert (locks.holder(uid), locks.waiting(uid)) == ("two", None)
    with pytest.raises(Raced):
        take(uid, "three")


def test_who_never_had_the_lock_gives_nothing_to_who_waits(uid):
    take(uid, "one")
    commit(locks.wait(uid, "two"))
    assert locks.release(uid, "forced") is None
    assert (locks.holder(uid), locks.waiting(uid)) == ("one", "two")


def test_who_waits_for_nobody_is_told_of(uid):
    commit(locks.wait(uid, "two"))
    assert locks.release(uid, "one") == "two"


def test_a_run_that_waits_and_ends_leaves_its_place(uid):
    take(uid, "one")
    commit(locks.wait(uid, "two"))
    assert locks.release(uid, "two") is None
    assert (locks.holder(uid), locks.waiting(uid)) == ("one", None)


def test_a_run_that_begins_leaves_its_place_and_no_other_does(uid):
    commit(locks.wait(uid, "two"))
    locks.leave_queue(uid, "one")
    assert locks.waiting(uid) == "two"
    locks.leave_queue(uid, "two")
    assert locks.waiting(uid) is None


def test_a_forgotten_lock_is_free(uid):
    take(uid, "one")
    commit(locks.forget(uid))
    assert table.row(f"lock#{uid}", "lock") is None


def test_locks_have_nothing_to_do_with_each_other(uid):
    take(uid, "one")
    take(uid + "x", "two")
    assert (locks.holder(uid), locks.holder(uid + "x")) == ("one", "two")


def test_of_many_at_once_one_gets_it(uid, at_once):
    answers = at_once(*((lambda n=n: take(uid, f"run-{n}")) for n in range(8)))
    won = [f"run-{n}" for n, answer in enumerate(answers) if answer is None]
    assert [locks.holder(uid)] == won
    assert sum(isinstance(answer, Raced) for answer in answers) == 7


def test_of_many_that_find_the_holder_ended_one_gets_it(uid, at_once):
    take(uid, "ended")
    answers = at_once(*((lambda n=n: take(uid, f"run-{n}", instead_of="ended")) for n in range(8)))
    assert [locks.holder(uid)] == [f"run-{n}" for n, answer in enumerate(answers) if answer is None]


def test_of_many_at_once_one_waits(uid, at_once):
    answers = at_once(*((lambda n=n: commit(locks.wait(uid, f"run-{n}"))) for n in range(8)))
    assert [locks.waiting(uid)] == [f"run-{n}" for n, answer in enumerate(answers) if answer is None]


def test_giving_back_and_taking_at_once_ends_with_at_most_one_holder(uid, at_once):
    for turn in range(10):
        take(uid, f"old-{turn}", instead_of=locks.holder(uid))
        _, taken = at_once(
            lambda turn=turn: locks.release(uid, f"old-{turn}"), lambda turn=turn: take(uid, f"new-{turn}")
        )
        assert locks.holder(uid) == (f"new-{turn}" if taken is None else None)
