"""Bodies: what is refused, and in which words."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.api import body, fields, patch
from chalicelib.domain.problems import Invalid, Malformed, TooLarge
from tests.api.sample import THING, Image, Ref, Thing


def wrong(**changes):
    """The errors of THING with changes, by field."""
    with pytest.raises(Invalid) as caught:
        body.decode(Thing, json.dumps({**THING, **changes}).encode())
    return {error.field: error.message for error in caught.value.errors}


NOT_JSON = [
    (b"", "The body is empty"),
    (b"  \n", "The body is empty"),
    (b"{", "line 1, column 2"),
    (b'{"a": 1,\n "b" 2}', "Expecting ':' delimiter (line 2, column 6)"),
    (b'{"a": "\xff"}', "byte 8 begins no character"),
    ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
    (b'\xef\xbb\xbf{"a": 1}', "BOM"),
    (b'{"a": 1, "a": 2}', 'names "a" twice'),
    (b'{"x": {"b": 1, "b": 1}}', 'names "b" twice'),
    (b'{"a": "NaN", "b":\n NaN}', "NaN is no number (line 2, column 2)"),
    (b'{"a": -Infinity}', "-Infinity is no number (line 1, column 7)"),
    (b'{"a": 1e999}', "1e999 is no number"),
    (b'{"a": ' + b"1" * 5000 + b"}", "too many digits"),
    (b"[" * 200_000, "nested more than 32"),
    (b'{"a":' * 33 + b"1" + b"}" * 33, "nested more than 32"),
    (b"[]", "must be a JSON object, not a list"),
    (b"null", "must be a JSON object, not null"),
    (b"3", "must be a JSON object, not a number"),
    (b'"x"', "must be a JSON object, not a string"),
    (b"{} {}", "Extra data"),
    (b'{"a": "\n"}', "Invalid control character"),
]


@pytest.mark.parametrize(("raw", "words"), NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_not_a_json_object_is_refused_with_its_place(raw, words):
    with pytest.raises(Malformed) as caught:
        body.decode(Thing, raw)
    assert words in caught.value.detail


def test_more_than_a_megabyte_is_refused_unread():
    with pytest.raises(TooLarge):
        body.parse(b"[" * 1_000_001)


def test_a_hundred_thousand_names_of_which_one_is_there_twice_are_read_quickly():
    pairs = ",".join(f'"{n}":0' for n in range(60_000))
    with pytest.raises(Malformed, match='"7" twice'):
        body.parse(f'{{{pairs},"7":1}}'.encode())


WRONG = [
    ({"name": 5}, "name", 'must be a string, not a number: write "5"'),
    ({"name": True}, "name", 'must be a string, not true: write "true"'),
    ({"name": None}, "name", "must be a string, not null: write a string"),
    ({"name": ["abc"]}, "name", "must be a string, not a list: write a string"),
    ({"name": ""}, "name", "must not be empty: write a string (lower-case letters)"),
    ({"name": "  "}, "name", "must not be empty: write a string (lower-case letters)"),
    ({"name": "a"}, "name", "must have at least 2 characters, not 1"),
    ({"name": "a" * 11}, "name", "must have at most 10 characters, not 11"),
    ({"name": "Abc"}, "name", "must be lower-case letters"),
    ({"name": "abc\n"}, "name", "must be lower-case letters"),
    ({"name": "a\0b"}, "name", "U+0000"),
    ({"name": "a\ud800"}, "name", "half a surrogate pair"),
    ({"nmae": "abc"}, "nmae", "is not a field here: did you mean name?"),
    ({"memoryMb": 5}, "memoryMb", "did you mean memory_mb?"),
    ({"zzz": None}, "zzz", "is not a field here: there are name, source, ref"),
    ({"a b\ud800": 1}, '["a b\\ud800"]', "is not a field here"),
    ({"memory_mb": "128"}, "memory_mb", "must be a whole number, not a string: write 128"),
    ({"memory_mb": "much"}, "memory_mb", "must be a whole number, not a string: write a whole number"),
    ({"memory_mb": True}, "memory_mb", "must be a whole number, not true"),
    ({"memory_mb": 128.5}, "memory_mb", "must be a whole number, not a number"),
    ({"memory_mb": 63}, "memory_mb", "must be between 64 and 1024, not 63"),
    ({"memory_mb": 10**300}, "memory_mb", "must be between 64 and 1024"),
    ({"memory_mb": 65}, "memory_mb", "must be even: write 66"),
    ({"size": 10**30}, "size", "must be between -9007199254740991 and 9007199254740991"),
    ({"ratio": "1"}, "ratio", "must be a number, not a string"),
    ({"ratio": False}, "ratio", "must be a number, not false"),
    ({"paused": "True"}, "paused", "must be true or false, not a string: write true"),
    ({"paused": 0}, "paused", "must be true or false, not a number: write false"),
    ({"overlap": "skpi"}, "overlap", 'must be "queue" or "skip", not "skpi"; did you mean "skip"?'),
    ({"overlap": []}, "overlap", 'must be "queue" or "skip", not []'),
    ({"variables": {}}, "variables", "must be a list, not an object"),
    ({"variables": [{"name": "A"}] * 4}, "variables", "must have at most 3 items, not 4"),
    ({"variables": [{"name": "A"}, 3]}, "variables[1]", "must be an object, not a number: write an object with name"),
    ({"variables": [{}]}, "variables[0].name", 'is missing: write a string (capitals and _), such as "DATABASE_URL"'),
    ({"variables": [{"name": "a"}]}, "variables[0].name", 'must be capitals and _; write e.g. "DATABASE_URL"'),
    ({"labels": {"a": 1}}, "labels.a", 'must be a string, not a number: write "1"'),
    ({"labels": {"\0": "x"}}, 'labels["\\u0000"]', "U+0000"),
    ({"labels": []}, "labels", "must be an object, not a list"),
    ({"until": "2026-11-22T08:00:00"}, "until", 'needs its offset from UTC: write "2026-11-22T08:00:00Z"'),
    ({"until": "tomorrow"}, "until", 'must be a time such as "2026-11-22T08:00:00Z", not "tomorrow"'),
    ({"until": "0001-01-01T00:00:00+23:59"}, "until", "must be a time such as"),
    ({"until": "\ud800"}, "until", "must be a time such as"),
    ({"until": 5}, "until", "must be a time such as"),
    ({"source": "make"}, "source", 'an object whose type is "dockerfile", "image" or "command"'),
    ({"source": None}, "source", "must be an object, not null"),
    ({"source": {}}, "source.type", 'is missing: write "dockerfile", "image" or "command"'),
    ({"source": {"type": "docker-file"}}, "source.type", 'did you mean "dockerfile"?'),
    ({"source": {"type": 1}}, "source.type", 'must be "dockerfile", "image" or "command", not 1'),
    ({"source": {"type": []}}, "source.type", "not []"),
    ({"source": {"type": "command"}}, "source.command", "is missing: write a string"),
    (
        {"source": {"type": "command", "command": "x", "image": "y"}},
        "source.image",
        'is a field of type "image", not of "command": leave it out',
    ),
    ({"source": {"type": "image", "image": "x", "imag": 1}}, "source.imag", "did you mean image?"),
    ({"ref": {}}, "ref", 'must have exactly one of branch, tag, commit: write e.g. {"branch": "..."}'),
    ({"ref": {"branch": "a", "tag": "b"}}, "ref", "not branch and tag"),
    ({"ref": {"commit": "abc"}}, "ref.commit", "must be 40 hexadecimal digits"),
    ({"ref": "main"}, "ref", "must be an object, not a string: write an object with one of branch, tag, commit"),
]


@pytest.mark.parametrize(("changes", "field", "words"), WRONG, ids=[json.dumps(w[0])[:60] for w in WRONG])
def test_a_wrong_field_is_told_with_what_to_write_instead(changes, field, words):
    errors = wrong(**changes)
    assert list(errors) == [field]
    assert words in errors[field]


def test_all_wrong_fields_are_told_at_once():
    errors = wrong(
        name="A!", memory_mb="5", bogus=1, source={"type": "command", "image": 3}, variables=[{"name": 1, "x": 2}]
    )
    assert set(errors) == {
        *("name", "memory_mb", "bogus", "source.image", "source.command"),
        *("variables[0].name", "variables[0].x"),
    }


def test_missing_fields_are_told_too():
    with pytest.raises(Invalid) as caught:
        body.decode(Thing, b'{"size": "1"}')
    assert [error.field for error in caught.value.errors] == ["size", "name", "source"]


def test_a_flood_of_errors_is_cut_short_and_says_so():
    errors = wrong(**{f"x{n}": 1 for n in range(5000)})
    assert len(errors) == 101
    assert "only the first 100" in errors["x100"]


def test_a_right_body_becomes_its_struct():
    told = {
        **THING,
        "ref": {"tag": "v1", "branch": None},
        "memory_mb": 256.0,
        "until": "2026-03-29T02:00:00+02:00",
        "variables": [{"name": "A"}],
        "size": 7,
        "ratio": 2,
    }
    thing = body.decode(Thing, json.dumps(told).encode())
    assert thing.source == Image("busybox")
    assert thing.ref == Ref(tag="v1")
    assert (thing.memory_mb, thing.size, thing.ratio) == (256, 7, 2.0)
    assert thing.until is not None
    assert thing.until.isoformat() == "2026-03-29T00:00:00+00:00"


class Late(msgspec.Struct):
    at: int

    def __post_init__(self):
        if self.at > 5:
            raise ValueError("too late; write 5")


class Holder(msgspec.Struct):
    all: list[Late]


def test_a_rule_of_the_type_itself_is_told_with_its_place():
    with pytest.raises(Invalid) as caught:
        body.decode(Holder, b'{"all": [{"at": 1}, {"at": 6}]}')
    (error,) = caught.value.errors
    assert (error.field, error.message) == ("all[1]", "too late; write 5")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KNOWN = st.dictionaries(st.sampled_from(["name", *fields.of(Thing).cls.__struct_fields__]), JSON, max_size=5)


@settings(max_examples=300, deadline=None)
@given(KNOWN)
def test_any_json_is_taken_or_refused_with_errors_that_can_be_sent(told):
    try:
        taken = body.build(Thing, {**THING, **told})
    except Invalid as invalid:
        taken = invalid.errors
    assert msgspec.json.encode(taken)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | KNOWN.map(lambda v: json.dumps(v).encode()))
def test_any_bytes_are_taken_or_refused(raw):
    for decode in (body.decode, patch.decode):
        try:
            told = repr(decode(Thing, raw))
        except (Invalid, Malformed) as problem:
            told = problem.detail
        assert told.encode()
