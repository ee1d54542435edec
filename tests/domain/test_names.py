from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import names
from chalicelib.domain.problems import Invalid


@pytest.mark.parametrize("name", ["ab", "a1", "test-job", "a--b", "z9-9z", "a" * 48])
def test_an_internal_name_is(name):
    assert names.is_valid(name)


@pytest.mark.parametrize(
    "name",
    ["", "a", "1a", "-ab", "ab-", "Ab", "a_b", "a.b", "a b", "ab\n", "ä1", "a" * 49, "а" * 3, "ab/", "a\x00b"],
)
def test_no_internal_name_is(name):
    assert not names.is_valid(name)


@pytest.mark.parametrize(
    ("name", "internal"),
    [
        ("Test-Job", "test-job"),
        ("Smoke tests (nightly)", "smoke-tests-nightly"),
        ("Über Größe", "uber-groe"),
        ("  trimmed  ", "trimmed"),
        ("2nd migration", "nd-migration"),
        ("a" * 60, "a" * 48),
        ("a" * 47 + " b", "a" * 47),
        ("a_b.c", "a-b-c"),
        ("日本語", None),
        ("1", None),
        ("a", None),
        ("-", None),
    ],
)
def test_a_display_name_gives_an_internal_name(name, internal):
    assert names.from_name(name) == internal


def test_the_name_that_was_given_is_the_one_chosen():
    assert names.chosen("mine", "Test-Job") == "mine"
    assert names.chosen(None, "Test-Job") == "test-job"


def test_where_the_name_gives_none_it_is_said_what_to_write():
    with pytest.raises(Invalid) as caught:
        names.chosen(None, "日本語")
    (error,) = caught.value.errors
    assert error.field == "internal_name"
    assert error.message == f"'日本語' gives none; write one of {names.RULE}"


@pytest.mark.parametrize(
    ("search", "matches"),
    [
        ("nightly", True),
        ("NIGHT", True),
        ("ghtly rep", True),
        ("report nightly", True),
        ("shop-rep", True),
        ("straße", True),
        ("STRASSE", True),
        ("nightly backup", False),
        ("nightly\u00a0report", True),
        ("reportshop", False),
    ],
)
def test_search_finds_every_word_in_either_name(search, matches):
    words = names.search_words(search)
    assert names.matches(words, "Nightly Report STRASSE", "shop-report") is matches


def test_search_ignores_how_a_letter_is_composed():
    assert names.matches(names.search_words("u\u0308ber"), "Über uns", "about")


@given(st.text(min_size=1, max_size=80))
def test_every_name_is_found_by_itself(name):
    assert names.matches(names.search_words(name), name, "internal")


@pytest.mark.parametrize("text", ["Test-Job", "Größe", "日本語", "نام‌ها", "👩‍👩‍👧", "שלום", "a <b> & 'c'"])
def test_a_line_may_be_in_any_language(text):
    names.check_line(text)
    names.check_lines(text)


@pytest.mark.parametrize(
    "text",
    [
        *("a\x00", "a\x1b[2J", "\x7f", "a\x9bb", "a\u2028b", "a\u2029b"),
        *("\u061ca", "a\u200e", "a\u200fb", "\u202aa", "a\u202eb", "a\u202c", "\u2066a", "a\u2069"),
        *("\u200b", "a\u2060", "\ufeffa"),
    ],
)
def test_hidden_characters_are_refused(text):
    for check in (names.check_line, names.check_lines):
        with pytest.raises(ValueError, match=r"characters, such as U\+[0-9A-F]{4}$"):
            check(text)


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a\tb"])
def test_line_ends_are_refused_in_a_line_only(text):
    names.check_lines(text)
    with pytest.raises(ValueError, match="must be one line"):
        names.check_line(text)


@given(st.text(max_size=80))
def test_whatever_a_name_gives_is_an_internal_name(name):
    found = names.from_name(name)
    assert found is None or names.is_valid(found)


@given(st.text(max_size=80))
def test_an_internal_name_gives_itself(name):
    found = names.from_name(name)
    assert found is None or names.from_name(found) == found
