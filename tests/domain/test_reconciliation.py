"""The plan from what is published to what should be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.reconciliation import Step, plan

WANTED = {"a": "cron(0 1 * * ? *)", "b": "cron(0 2 * * ? *)"}
SOUND = [("a", WANTED["a"], True), ("b", WANTED["b"], True)]


def told(listed, targeted=frozenset("ab")):
    return [str(step) for step in plan(WANTED, listed, targeted)]


def test_nothing_differs():
    assert told(SOUND) == []
    assert told([("a", None, True), ("b", None, True)], None) == []


def test_each_difference_is_a_step_that_says_why():
    assert told(SOUND[1:]) == ["publish a: it is missing"]
    assert told([("a", WANTED["a"], False), SOUND[1]]) == ["publish a: it was disabled or changed"]
    assert told([("a", "rate(1 day)", True), SOUND[1]]) == ["publish a: it was changed to rate(1 day)"]
    assert told(SOUND, frozenset("b")) == ["publish a: its target was removed"]
    assert told([*SOUND, ("c", "rate(1 day)", True)]) == ["delete c: nobody owns it"]


def test_what_replaces_is_published_before_what_is_replaced_goes():
    listed = [("old", "cron(0 1 * * ? *)", True)]
    assert [step.kind for step in plan(WANTED, listed, None)] == ["publish", "publish", "delete"]


NAMES = st.sampled_from("abcdef")
ENTRIES = st.dictionaries(NAMES, st.sampled_from(["one", "two"]))


@given(ENTRIES, ENTRIES, st.sets(NAMES), st.sets(NAMES))
def test_the_plan_leads_to_what_is_wanted_and_touches_nothing_that_is_right(wanted, present, sound, targeted):
    listed = [(name, text, name in sound) for name, text in present.items()]
    steps = plan(wanted, iter(listed), frozenset(targeted))
    assert len({step.name for step in steps}) == len(steps)
    right = {name for name in present if wanted.get(name) == present[name] and name in sound and name in targeted}
    assert {step.name for step in steps} == (wanted.keys() | present.keys()) - right
    after = dict(present)
    for step in steps:
        assert isinstance(step, Step)
        if step.kind == "delete":
            del after[step.name]
        else:
            after[step.name] = wanted[step.name]
    assert after == wanted
