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
    # The mark at the top leads Home, too, but is not called like the list of KintoBlocks.
    expect(page.get_by_role("link", name="KintoBlocks")).to_have_attribute("href", "#/blocks")
    axe(page)
    screenshot(page, "opening")


def test_the_first_view_takes_one_page_one_script_and_one_style_sheet(open_console):
    page = open_console(token=None)
    entries = page.evaluate("performance.getEntriesByType('resource').map(one => one.name)")
    files = [name.rpartition(".")[2] for name in entries if "/assets/" in name]
    assert sorted(kind for kind in files if kind != "svg") == ["css", "js"]


def test_a_link_signs_in_where_the_console_is_shown_already(open_console, console_stack, project):
    page = open_console(token=None)
    expect(page.get_by_label("Token")).to_be_visible()
    page.goto(f"{console_stack.url}/#token={console_stack.token}")
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    assert console_stack.token not in page.url
    page.get_by_role("link", name="Projects").click()
    expect(page.get_by_role("button", name="Create New Project")).to_be_visible()
    viewer = project.post("/tokens", {"name": "looks on", "role": "viewer"})["secret"]
    page.goto(f"{console_stack.url}/#token={viewer}")
    expect(page.get_by_role("group", name="Signed in")).to_contain_text("looks on")
    assert viewer not in page.url
    page.get_by_role("link", name="Projects").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    expect(page.get_by_role("button", name="Create New Project")).to_have_count(0)


def test_a_new_tab_asks_for_no_token_and_signing_out_of_one_leaves_them_all(open_console):
    page = open_console("/projects")
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
    second = page.context.new_page()
    second.goto(page.url.replace("projects", "blocks"))
    expect(second.get_by_role("heading", name="KintoBlocks")).to_be_visible()
    second.get_by_role("button", name="Sign out").click()
    for tab in (page, second):
        expect(tab.get_by_label("Token")).to_be_visible()
    second.reload()
    expect(second.get_by_label("Token")).to_be_visible()


def test_a_page_that_reads_nothing_hears_of_a_lost_connection_and_of_its_end(open_console, complaints):
    complaints.allow("ERR_INTERNET_DISCONNECTED|Failed to fetch")
    page = open_console("/blocks/new")
    page.get_by_role("button", name="Job").click()
    page.get_by_label("Repository").fill("https://git.example/a/b")
    lost = page.get_by_role("alert").filter(has_text="The connection is lost")
    page.context.set_offline(True)
    expect(lost).to_be_visible()
    page.context.set_offline(False)
    expect(lost).to_have_count(0)
    expect(page.get_by_label("Repository")).to_have_value("https://git.example/a/b")


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
