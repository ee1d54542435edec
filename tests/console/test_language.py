"""The console's words: one English whatever the browser speaks, and identifiers as they are written."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.console.conftest import home_card

pytestmark = pytest.mark.ci

MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)"
CLOCK = r"\d\d:\d\d(?::\d\d(?:\.\d{3})?)?"
RELATIVE = r"now|yesterday|tomorrow|today|(?:in )?\d+ (?:sec|min|hr|hrs|secs|mins|days?)(?: ago)?"
WEEKDAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), "
UTC = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
ENGLISH = re.compile(rf"(?:{RELATIVE}|(?:(?:{WEEKDAY})?\d+ {MONTH}(?: \d{{4}})?, )?{CLOCK}|{UTC})")


def times(page):
    """Every time that the page shows, and the first line of what it shows on hover."""
    shown = page.locator("time")
    expect(shown.first).to_be_visible()
    hovered = shown.evaluate_all("times => times.filter(one => one.title).map(one => one.title.split('\\n')[0])")
    return [*shown.all_text_contents(), *hovered]


def test_dates_and_numbers_are_english_in_a_german_browser(project, open_console):
    project.stack.to_an_hour()
    project.scheduled("talk", "seq 1 1200", "30 4 1 * *")
    project.before("migrate", "true")
    project.deploy()
    run = project.ran("talk")["id"]
    page = open_console(f"/projects/{project.name}/default", locale="de-DE")
    assert page.evaluate("new Intl.NumberFormat().format(1200.5)") == "1.200,5"
    expect(page.get_by_role("region", name="Next", exact=True).or_(page.get_by_text("All quiet."))).to_be_visible()
    seen = times(page)
    page.get_by_role("button", name="Configure KintoBlock talk").click()
    expect(page.get_by_role("table", name="Next five runs").get_by_role("time")).to_have_count(5)
    seen += times(page)
    environment = f"/projects/{project.name}/default"
    for path in (f"{environment}/blocks/talk", f"{environment}/deployments/1", "/tokens", "/audit"):
        page.goto(f"{project.stack.url}/#{path}")
        seen += times(page)
    page.goto(f"{project.stack.url}/#/runs/{run}")
    expect(page.get_by_text("1,200 lines", exact=True)).to_be_visible()
    page.get_by_role("button", name="Timestamps").click()
    seen += times(page)
    page.goto(f"{project.stack.url}/#/")
    expect(home_card(page, project.name)).to_be_visible()
    seen += times(page)
    assert [text for text in seen if not ENGLISH.fullmatch(text)] == []
    assert any(re.search(MONTH, text) for text in seen)
