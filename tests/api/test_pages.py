"""Cursors: opaque, of one list, and never trusted."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api import pages
from chalicelib.domain.problems import Invalid


def test_a_cursor_gives_back_what_it_was_made_of():
    cursor = pages.encode({"sk": "RUN#ü", "n": 3}, "runs")
    assert cursor is not None
    assert set(cursor) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert pages.decode(cursor, "runs") == {"sk": "RUN#ü", "n": 3}


def test_the_last_page_has_no_cursor_and_the_first_needs_none():
    assert pages.encode(None, "runs") is None
    assert pages.decode(None, "runs") is None


def test_a_cursor_of_another_list_is_refused():
    with pytest.raises(Invalid, match="another list"):
        pages.decode(pages.encode({"sk": "1"}, "runs"), "blocks")


def test_a_cursor_that_was_changed_is_refused():
    cursor = pages.encode({"sk": "1"}, "runs")
    changed = base64.urlsafe_b64decode(cursor + "==").replace(b'"1"', b'"2"')
    with pytest.raises(Invalid):
        pages.decode(base64.urlsafe_b64encode(changed).decode(), "runs")


def _b64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


BAD = ["", "x", "!!!!", "ü", "a=b", "A" * 5000, _b64("{}"), _b64("[1,{}]"), _b64('["x",[]]'), _b64("[" * 1000), "\0"]


@pytest.mark.parametrize("cursor", BAD, ids=range(len(BAD)))
def test_what_is_not_a_cursor_is_refused(cursor):
    with pytest.raises(Invalid, match="cursor"):
        pages.decode(cursor, "runs")


@given(st.text())
def test_no_text_breaks_the_reader(text):
    with pytest.raises(Invalid):
        pages.decode(text, "runs")
