"""Back and reload: what was typed and where one was on a page are still there; secrets are not kept for it."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.console.test_configure import add, card, configure, panel, stored

pytestmark = pytest.mark.ci

SECRET = "hunter2-never-stored"
STORED = "Object.values(sessionStorage).join()"


@pytest.fixture
def typed(project, open_console):
    """The panel Configure KintoBlock, half filled: a schedule, a plain variable and a masked one."""
    project.before("tidy", "true")
    page = open_console("/projects")
    page.get_by_role("link", name=project.name, exact=True).click()
    opened = configure(page, "tidy")
    opened.get_by_role("tab", name="Repeat Schedule").click()
    opened.get_by_label("CRON PATTERN").fill("7 4 * * 1")
    opened.get_by_role("button", name="Add variable").click()
    variable(opened, 1, "GREETING", "hello")
    opened.get_by_role("button", name="Add variable").click()
    opened.get_by_label("Masked").last.check()
    variable(opened, 2, "KEY", SECRET)
    return page


def variable(opened, index, name, value):
    opened.get_by_label("Variable", exact=True).nth(index).fill(name)
    opened.get_by_label("Value", exact=True).nth(index).fill(value)


def shoot(page, screenshot, name):
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        screenshot(page, f"{name}-{width}", full_page=False)
    page.set_viewport_size({"width": 1280, "height": 900})


def restored(page):
    """The panel with what was typed before."""
    opened = panel(page)
    expect(opened.get_by_text("Your unsaved changes are back.")).to_be_visible()
    expect(opened.get_by_label("CRON PATTERN")).to_have_value("7 4 * * 1")
    expect(opened.get_by_label("Value", exact=True).nth(1)).to_have_value("hello")
    expect(opened.get_by_label("Value", exact=True).nth(2)).to_have_value("")
    expect(opened.get_by_role("status").filter(has_text="Type them again")).to_contain_text("KEY")
    return opened


def test_reload_keeps_a_half_filled_panel_without_its_secrets(typed, project, axe, screenshot):
    assert "hello" in typed.evaluate(STORED)
    assert SECRET not in typed.evaluate(STORED)
    typed.reload()
    opened = restored(typed)
    axe(typed)
    shoot(typed, screenshot, "panel-restored")
    opened.get_by_label("Value", exact=True).nth(2).fill(SECRET)
    opened.get_by_role("button", name="Done Configuring").click()
    expect(opened).to_have_count(0)
    assert stored(project, "tidy")["run"]["cron"] == "7 4 * * 1"
    assert "7 4 * * 1" not in typed.evaluate(STORED)
    configure(typed, "tidy")
    expect(panel(typed).get_by_text("Your unsaved changes are back.")).to_have_count(0)


def test_back_closes_the_panel_and_forward_has_it_again(typed):
    typed.go_back()
    expect(panel(typed)).to_have_count(0)
    expect(card(typed, "tidy")).to_be_visible()
    typed.go_forward()
    restored(typed)
    typed.go_back()
    typed.go_back()
    expect(typed.get_by_role("heading", level=1, name="Projects")).to_be_visible()
    typed.go_forward()
    typed.get_by_role("button", name="Configure KintoBlock tidy", exact=True).click()
    restored(typed).get_by_role("button", name="Start over").click()
    expect(panel(typed).get_by_role("radio", name="Pre-Deployment")).to_be_checked()
    typed.keyboard.press("Escape")
    expect(panel(typed)).to_have_count(0)


def test_dropped_changes_do_not_come_back(typed):
    typed.keyboard.press("Escape")
    typed.get_by_role("dialog", name="Drop your changes?").get_by_role("button", name="Drop changes").click()
    expect(panel(typed)).to_have_count(0)
    configure(typed, "tidy")
    expect(panel(typed).get_by_text("Your unsaved changes are back.")).to_have_count(0)
    typed.keyboard.press("Escape")
    typed.go_back()
    expect(typed.get_by_role("heading", level=1, name="Projects")).to_be_visible()


def test_a_block_that_is_being_added_is_kept_too(project, open_console):
    block = project.block("tidy", {"type": "command", "command": "true"})
    page = open_console(f"/projects/{project.name}/default")
    add(page, block).get_by_label("Hostname").fill("weekly")
    page.reload()
    expect(panel(page).get_by_label("Hostname")).to_have_value("weekly")
    panel(page).get_by_role("button", name="Done Configuring").click()
    expect(card(page, "weekly")).to_be_visible()


def test_the_next_person_in_the_tab_has_nothing_of_it(typed, project):
    typed.go_back()
    typed.get_by_role("button", name="Sign out").click()
    expect(typed.get_by_role("heading", name="KintoBlocks")).to_be_visible()
    assert "hello" not in typed.evaluate(STORED)


@pytest.fixture
def long_history(project, open_console):
    """The history of a job with more runs than a page has, scrolled to one of the second page."""
    stack = project.stack
    stack.to_an_hour()
    project.scheduled("tick", "true")
    project.post(f"{project.environment}/blocks/tick/pause", {"reason": "only its ticks are wanted"})
    stack.advance(90 * 60)
    page = open_console(f"/projects/{project.name}/default/blocks/tick")
    rows = page.get_by_role("region", name="History").get_by_role("row")
    expect(rows).not_to_have_count(0)
    first = rows.count()
    page.get_by_role("button", name="Show more").click()
    expect(rows).not_to_have_count(first)
    rows.last.scroll_into_view_if_needed()
    return page, rows, rows.count()


def in_sight(page, row):
    expect(row).to_be_in_viewport()
    assert page.evaluate("scrollY") > 1000


def test_back_and_reload_return_to_the_same_place_of_a_list(long_history, screenshot):
    page, rows, count = long_history
    followed = rows.last.get_by_role("link", name="Details").get_attribute("href")
    rows.last.click()
    expect(page.get_by_role("heading", level=1, name="Run of tick")).to_be_in_viewport()
    assert page.evaluate("scrollY") == 0
    page.go_back()
    expect(rows).to_have_count(count)
    in_sight(page, rows.last)
    assert page.evaluate("document.activeElement.getAttribute('href')") == followed
    shoot(page, screenshot, "list-after-back")
    rows.last.scroll_into_view_if_needed()
    page.reload()
    expect(rows).to_have_count(count)
    in_sight(page, rows.last)
    # A visit by a link, and not back, begins at the top with the first page.
    page.get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", level=1, name="Home")).to_be_visible()
    assert page.evaluate("scrollY") == 0
