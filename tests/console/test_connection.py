"""A connection that is lost and returns: what the page says of it never contradicts itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.ci

CONTRADICTIONS = """() => {
    window.contradictions = [];
    new MutationObserver(() => {
        const text = document.body.innerText;
        const lost = /can't be reached|connection is lost/i.test(text);
        if (lost && /Connected again/.test(text)) contradictions.push(text);
    }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


@pytest.fixture
def disconnected(project, open_console, complaints):
    """The page of the projects, whose browser has lost the network."""
    complaints.allow("ERR_INTERNET_DISCONNECTED|Failed to fetch")
    page = open_console("/projects")
    expect(page.get_by_role("link", name=project.name, exact=True)).to_be_visible()
    page.evaluate(CONTRADICTIONS)
    page.context.set_offline(True)
    expect(lost(page)).to_be_visible()
    return page


def lost(page):
    return page.get_by_role("alert").filter(has_text="The connection is lost")


def unreachable(page):
    return page.get_by_role("alert").filter(has_text="can't be reached")


def reconnect(page):
    page.context.set_offline(False)
    expect(page.get_by_text("Connected again")).to_be_visible()


def test_a_page_that_could_not_be_read_is_read_as_soon_as_the_connection_returns(disconnected, screenshot):
    disconnected.get_by_role("link", name="KintoBlocks").click()
    expect(unreachable(disconnected)).to_be_visible()
    reconnect(disconnected)
    for width in (1280, 360):
        disconnected.set_viewport_size({"width": width, "height": 900})
        screenshot(disconnected, f"connected-again-{width}")
    expect(disconnected.get_by_role("link", name="Create New KintoBlock")).to_be_visible()
    expect(disconnected.get_by_role("alert")).to_have_count(0)
    assert disconnected.evaluate("contradictions") == []


def test_a_form_that_was_not_sent_can_be_sent_again(disconnected):
    disconnected.get_by_role("button", name="Create New Project").click()
    dialog = disconnected.get_by_role("dialog")
    dialog.get_by_label("Project Name").fill("never sent")
    dialog.get_by_role("button", name="Create Project").click()
    expect(unreachable(dialog)).to_be_visible()
    reconnect(disconnected)
    expect(unreachable(dialog)).to_have_count(0)
    expect(dialog.get_by_label("Project Name")).to_have_value("never sent")
    assert disconnected.evaluate("contradictions") == []


def test_the_good_news_goes_when_the_connection_is_lost_again(disconnected):
    reconnect(disconnected)
    disconnected.context.set_offline(True)
    expect(lost(disconnected)).to_be_visible()
    expect(disconnected.get_by_text("Connected again")).to_have_count(0)
    assert disconnected.evaluate("contradictions") == []
