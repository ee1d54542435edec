"""Every AWS call of every step fails in turn; the caller tries again; then all is as if nothing had happened."""

from __future__ import annotations

import pytest

from tests.faults.injector import KINDS, Fault
from tests.faults.story import STEPS

TRIES = 5
each_step = pytest.mark.parametrize("number", range(len(STEPS)), ids=[step.__name__ for step in STEPS])


@pytest.mark.ci
@each_step
def test_a_quarter_of_what_fails_and_is_tried_again_ends_as_if_nothing_had_happened(story, number):
    check(story, number, 4)


@pytest.mark.exhaustive
@each_step
def test_whatever_fails_and_is_tried_again_ends_as_if_nothing_had_happened(story, number):
    check(story, number, 1)


@pytest.mark.ci
@pytest.mark.exhaustive
def test_so_many_faults_were_tried(story, capsys):
    assert story.points
    with capsys.disabled():
        print(f" {story.points} faults in {len(STEPS)} steps", end="")


def check(story, number, share):
    """Each `share`-th fault of a step, another part of them at each step."""
    story.go_to(number)
    work, before = STEPS[number], story.keep()
    calls, answer = story.undisturbed(work)
    after, then = story.world.told(), story.keep()
    cared_for = story.look_after()
    faults = [Fault(call, kind, forever) for call in range(len(calls)) for kind in KINDS for forever in (False, True)]
    faults = faults[number % share :: share]
    wrong = []
    for fault in faults:
        story.back(before)
        if told := difference(story, work, fault, answer, after, cared_for):
            wrong.append(f"{calls[fault.call]} {fault}: {told}")
    story.back(then)
    story.went(number, len(faults))
    assert not wrong, "\n".join([f"{len(wrong)} of {len(faults)} points", *wrong])


def difference(story, work, fault, answer, after, cared_for):
    """What is different after a step of which a call has failed and which was tried again."""
    with story.injector.work(fault):
        told = tried(story, work, 1)
    if not story.injector.hits:
        return "the fault was never met"
    if isinstance(told, Exception):
        told = tried(story, work, TRIES)
    if isinstance(told, Exception):
        return f"can't be tried again: {told!r}"
    if isinstance(answer, tuple) and told[0] != answer[0] and (answer[0], told[0]) != (204, 404):
        return f"answered {told} instead of {answer[0]}"
    if story.world.told() == after or (getattr(work, "other_each_time", False) and fault.kind == "lost"):
        return ""
    # What could not be published or started at once is so by the watchdog, within five minutes.
    now = story.look_after()
    more, less = now - cared_for, cared_for - now
    return f"more {list(more.elements())}, less {list(less.elements())}" if more or less else ""


def tried(story, work, times):
    """The answer; after so many tries what went wrong."""
    for _ in range(times):
        try:
            return work(story)
        except Exception as error:  # callers of functions do not ask why it failed
            last = error
    return last
