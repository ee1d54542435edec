"""The console opens: signed in by its link, nothing wrong, nothing from elsewhere."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.ci

PATIENCE_SECONDS = 20


def test_the_link_signs_in_and_leaves_no_token_in_the_address(page, console_stack, axe, screenshot):
    expect(page.get_by_role("navigation").first).to_be_visible()
    assert page.title()
    assert console_stack.token not in page.url
    axe(page)
    screenshot(page, "opening")


def test_the_first_view_takes_one_page_one_script_and_one_style_sheet(open_console):
    page = open_console(token=None)
    entries = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    files = [name.rpartition(".")[2] for name in entries if "/assets/" in name]
    assert sorted(kind for kind in files if kind != "svg") == ["css", "js"]


@pytest.mark.parametrize(
    ("done", "told"),
    [
        ("console.error('this went wrong')", "error: this went wrong"),
        ("setTimeout(() => { throw new Error('nobody caught this') })", "uncaught: .*nobody caught this"),
        (
            "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))",
            "script-src-elem inline",
        ),
        ("fetch('http://127.0.0.1:9/').catch(() => 0)", "Content-Security-Policy: connect-src"),
        ("Object.assign(new Image(), {src: 'http://127.0.0.1:9/'})", "Content-Security-Policy: img-src"),
        ("location.href = 'http://127.0.0.1:9/'", "a request to another host: http://127.0.0.1:9/"),
        ("fetch('health?' + sessionStorage.getItem(sessionStorage.key(0)))", "the token in an address"),
    ],
)
def test_what_the_browser_complains_of_is_heard(page, complaints, done, told):
    assert complaints.left() == []
    page.evaluate(f"() => {{ {done} }}")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not re.search(told, "\n".join(complaints.left())):
        assert time.monotonic() < deadline, complaints.told
        page.wait_for_timeout(20)
    complaints.allow("")


def test_axe_finds_what_is_wrong(page, axe):
    page.evaluate("document.body.append(document.createElement('img'))")
    with pytest.raises(AssertionError, match="image-alt"):
        axe(page)
