"""Merge patches: RFC 7396, and what is refused before and after the merge."""

from __future__ import annotations

import json

import pytest

from chalicelib.api import patch
from chalicelib.domain.problems import Invalid
from tests.api.sample import Command, Docker, Image, Ref, Thing, Variable

CURRENT = Thing("abc", Command("make", "build"), Ref(branch="main"), memory_mb=256, labels={"a": "1", "b": "2"})

# The examples of RFC 7396, appendix A, that have objects on both sides.
RFC_7396 = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("current", "change", "result"), RFC_7396)
def test_merging_follows_the_rfc(current, change, result):
    before = json.dumps(current)
    assert patch.merge(current, change) == result
    assert json.dumps(current) == before


def decoded(told):
    return patch.decode(Thing, json.dumps(told).encode())


def errors(told):
    with pytest.raises(Invalid) as caught:
        decoded(told).onto(CURRENT)
    return {error.field: error.message for error in caught.value.errors}


def test_nothing_said_changes_nothing():
    assert decoded({}).onto(CURRENT) == CURRENT


def test_null_brings_the_default_back():
    changed = decoded({"memory_mb": None, "ref": None}).onto(CURRENT)
    assert (changed.memory_mb, changed.ref) == (128, None)


def test_objects_merge_and_lists_are_replaced():
    changed = decoded({"labels": {"a": None, "c": "3"}, "variables": [{"name": "A"}]}).onto(CURRENT)
    assert changed.labels == {"b": "2", "c": "3"}
    assert changed.variables == (Variable("A"),)


def test_a_variant_keeps_its_fields_until_another_is_chosen():
    assert decoded({"source": {"command": "make all"}}).onto(CURRENT).source == Command("make all", "build")
    assert decoded({"source": {"type": "dockerfile"}}).onto(CURRENT).source == Docker(command="make")
    assert decoded({"source": {"type": "image", "image": "x"}}).onto(CURRENT).source == Image("x", "make")


def test_one_of_several_fields_takes_the_place_of_the_other():
    assert decoded({"ref": {"tag": "v1"}}).onto(CURRENT).ref == Ref(tag="v1")
    assert decoded({"ref": {"branch": "next"}}).onto(CURRENT).ref == Ref(branch="next")


WRONG = [
    ({"nmae": "x"}, "nmae", "did you mean name?"),
    ({"nmae": None}, "nmae", "did you mean name?"),
    ({"name": None}, "name", "cannot be removed: write a string"),
    ({"name": 3}, "name", 'write "3"'),
    ({"memory_mb": 5}, "memory_mb", "must be between 64 and 1024"),
    ({"source": None}, "source", "cannot be removed: write an object whose type is"),
    ({"source": {"comand": "x"}}, "source.comand", "did you mean command?"),
    ({"source": {"command": 5}}, "source.command", 'write "5"'),
    ({"source": {"command": None}}, "source.command", "is missing"),
    ({"source": {"type": "image"}}, "source.image", "is missing"),
    ({"source": {"type": "command", "image": "x"}}, "source.image", "is a field of type"),
    ({"source": {"image": "x"}}, "source.image", "is a field of type"),
    ({"ref": {"tag": "a", "branch": "b"}}, "ref", "exactly one of"),
    ({"ref": {"branch": None}}, "ref", "exactly one of"),
    ({"variables": [{"name": None}]}, "variables[0].name", "must be a string, not null"),
    ({"variables": [{}]}, "variables[0].name", "is missing"),
    ({"labels": {"a": 5}}, "labels.a", 'write "5"'),
]


@pytest.mark.parametrize(("told", "field", "words"), WRONG, ids=[json.dumps(w[0]) for w in WRONG])
def test_a_wrong_patch_is_told_as_a_wrong_body_is(told, field, words):
    found = errors(told)
    assert list(found) == [field]
    assert words in found[field]


def test_all_that_is_wrong_in_a_patch_is_told_before_anything_is_loaded():
    with pytest.raises(Invalid) as caught:
        decoded({"name": 5, "bogus": None, "source": {"type": "image", "image": 3}, "labels": []})
    assert [error.field for error in caught.value.errors] == ["name", "bogus", "source.image", "labels"]
