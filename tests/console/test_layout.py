"""What people read on a desk and on a phone: words stay whole, and nothing is cut off."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.console.conftest import home_card

pytestmark = pytest.mark.ci

LONG = "reconcile-the-invoices-of-all-regions-with-bank"  # 47 characters: nearly as long as a hostname can be
YEARLY = "5,20,35,50 6-9,17-20 1,15 1,4,7,10 1-5"  # its badge is long, and its next runs have a date
# The words, and parts of identifiers, of at most twelve letters that are broken over two lines or more.
BROKEN_WORDS = """() => {
    const broken = [];
    const texts = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode;
        if (getComputedStyle(text.parentElement).clipPath !== "none") continue;
        if (text.parentElement.closest("code, pre, .mono")) continue;
        for (const word of text.data.matchAll(/[A-Za-z]{2,12}/g)) {
            const range = document.createRange();
            range.setStart(text, word.index);
            range.setEnd(text, word.index + word[0].length);
            const lines = [...range.getClientRects()].filter((line) => line.width);
            if (new Set(lines.map((line) => line.top)).size > 1) broken.push(text.data);
        }
    }
    return broken;
}"""
# The boxes whose content goes on beyond their edge: what is there is seen only by scrolling sideways.
CUT_OFF = """() => [...document.querySelectorAll("main *")].filter((box) =>
    box.scrollWidth > box.clientWidth + 1 && ["auto", "scroll", "hidden"].includes(getComputedStyle(box).overflowX)
    && getComputedStyle(box).clipPath === "none").map((box) => box.className || box.tagName)"""


WIDTHS = (1280, 1024, 360)


def whole(page):
    """Assert that the page shows whole words, and all of them, at each width."""
    page.wait_for_load_state("networkidle")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        shown = f"{page.url.partition('#')[2]} at {width} px"
        assert page.evaluate(BROKEN_WORDS) == [], shown
        assert page.evaluate(CUT_OFF) == [], shown
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), shown


@pytest.fixture
def wordy(project):
    """A project with names and patterns as long as they get; it has been deployed, and its jobs have run."""
    project.stack.to_an_hour()
    project.service("web")
    failing = project.block("bank", {"type": "command", "command": "echo much; exit 3"})
    project.configure(LONG, failing, run={"mode": "repeat_schedule", "cron": YEARLY})
    project.scheduled("clean-up", "true", "*/15 * * * *")
    project.before("migrate", "true")
    name = "continuous integration of the shop and of everything around it"
    token = project.post("/tokens", {"name": name, "role": "deployer"})["secret"]
    project.ended(project.start(Authorization=f"Bearer {token}"))
    project.scheduled("resting", "true", "*/20 * * * *")
    project.post(f"{project.environment}/blocks/resting/pause", {"reason": "the bank's maintenance"})
    project.stack.advance(3600)
    project.ran(LONG, reason="a look at what the bank's new interface sends in the evening")
    return project


def test_job_names_under_next_stay_whole(wordy, open_console, screenshot):
    page = open_console(f"/projects/{wordy.name}/default")
    coming = page.get_by_role("region", name="Next", exact=True)
    expect(coming.get_by_role("link", name=LONG)).to_be_visible()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert coming.get_by_role("link", name="clean-up").bounding_box()["height"] < 30, "more than one line"
        assert coming.get_by_role("link", name=LONG).bounding_box()["height"] < 70, "more than two or three lines"
        screenshot(page, f"activity-{width}")
    whole(page)


def test_a_row_of_the_history_leads_to_its_run(wordy, open_console, screenshot):
    page = open_console(f"/projects/{wordy.name}/default/blocks/{LONG}")
    row = page.get_by_role("region", name="History").get_by_role("row").filter(has_text="exit code 3").first
    link = row.get_by_role("link", name="Log of the run")
    run = link.get_attribute("href")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        edge, right = link.bounding_box(), page.get_by_role("region", name="History").bounding_box()
        assert edge["x"] + edge["width"] <= right["x"] + right["width"], f"cut off at {width} px"
        screenshot(page, f"history-{width}")
    middle = {"x": row.bounding_box()["width"] / 2, "y": 12}
    with page.context.expect_page() as opened:
        row.click(position=middle, modifiers=["ControlOrMeta"])
    expect(opened.value).to_have_url(f"{wordy.stack.url}/{run}")
    with page.context.expect_page() as opened:
        row.click(position=middle, button="middle")
    expect(opened.value).to_have_url(f"{wordy.stack.url}/{run}")
    row.click(position=middle)
    expect(page).to_have_url(f"{wordy.stack.url}/{run}")
    page.go_back()
    link.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{wordy.stack.url}/{run}")


def test_other_links_of_a_row_lead_where_they_say(wordy, open_console):
    page = open_console(f"/projects/{wordy.name}/default/blocks/migrate")
    history = page.get_by_role("region", name="History")
    history.get_by_role("link", name="Before deployment 1").click()
    expect(page.get_by_role("heading", level=1, name="Deployment 1")).to_be_visible()


def test_every_page_shows_whole_words_and_all_of_them(wordy, open_console, screenshot):
    page = open_console()
    expect(home_card(page, wordy.name)).to_contain_text("failed")
    whole(page)
    environment = f"/projects/{wordy.name}/default"
    jobs = [f"{environment}/blocks/{hostname}" for hostname in (LONG, "migrate", "resting")]
    for path in ("/projects", "/blocks", *jobs, f"{environment}/deployments/1", "/tokens", "/audit"):
        page.goto(f"{wordy.stack.url}/#{path}")
        expect(page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)
        whole(page)
    page.goto(f"{wordy.stack.url}/#/runs/{wordy.runs(LONG)[0]['id']}")
    expect(page.get_by_role("region", name="Log lines")).to_be_visible()
    whole(page)
