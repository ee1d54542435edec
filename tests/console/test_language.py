"""The console's words: one English whatever the browser speaks, and identifiers as they are written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.console.conftest import home_card

pytestmark = pytest.mark.ci

MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec)"
CLOCK = r"\d\d:\d\d(?::\d\d(?:\.\d{3})?)?"
NUMBER = r"\d{1,3}(?:,\d{3})*"
RELATIVE = rf"now|yesterday|tomorrow|today|(?:in )?{NUMBER} (?:sec|min|hr|hrs|secs|mins|days?)(?: ago)?"
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


def test_an_identifier_at_the_beginning_of_a_sentence_stays_as_it_is_written(
    project, open_console, complaints, screenshot
):
    complaints.allow("409")
    project.before("migrate", "true")
    name = project.get(f"{project.environment}/blocks/migrate")["block"]
    page = open_console(f"/blocks/{name}")
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Type DELETE to confirm").fill("DELETE")
    dialog.get_by_role("button", name="Delete KintoBlock").click()
    words = f"{name} is configured in {project.name}/default/migrate; remove it there first."
    expect(dialog.get_by_role("alert")).to_have_text(words)
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        screenshot(page, f"identifier-{width}", full_page=False)


def test_the_console_changes_the_case_of_no_text_that_it_is_given():
    """Neither by style nor by code, but for words that are its own: roles, and descriptions of schedules."""
    source = Path(__file__).parents[2] / "console" / "src"
    changing = re.compile(r"text-transform|toUpperCase|toLocaleUpperCase|::first-letter")
    found = [
        line.strip()
        for path in sorted(source.rglob("*.*"))
        if path.suffix in (".ts", ".tsx", ".css") and path.name != "schema.d.ts"
        for line in path.read_text().splitlines()
        if changing.search(line)
        and not re.search(r"role\.toUpperCase|^\.(block-card \.words|meaning)::first-letter", line)
    ]
    assert found == []
