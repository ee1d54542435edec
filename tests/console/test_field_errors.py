"""What the server refused goes as soon as it is corrected: at its field, and in the box that counts the errors."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.console.test_configure import add, done, panel

pytestmark = pytest.mark.ci


@pytest.fixture
def refused(project, open_console, complaints):
    """The panel Configure KintoBlock after four of its fields were refused."""
    complaints.allow("422")
    block = project.block("tidy", {"type": "command", "command": "true"})
    page = open_console(f"/projects/{project.name}/default")
    opened = add(page, block)
    opened.get_by_label("Branch", exact=True).fill("")
    opened.get_by_label("Memory Limit", exact=True).select_option("Another…")
    opened.get_by_label("Memory Limit in MB").fill("7")
    opened.get_by_label("Retries").fill("99")
    opened.get_by_role("button", name="Add variable").click()
    opened.get_by_label("Variable", exact=True).fill("KINTO_MINE")
    done(page)
    expect(opened.get_by_role("alert")).to_contain_text("4 fields need other values")
    return page


def wrong(page):
    """The labels of the controls that are marked as wrong."""
    fields = panel(page).locator("[aria-invalid=true]")
    return fields.evaluate_all("fields => fields.map(one => one.labels[0].innerText)")


def shoot(page, screenshot, name):
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        screenshot(page, f"{name}-{width}", full_page=False)
    page.set_viewport_size({"width": 1280, "height": 900})


def test_an_error_goes_when_its_field_is_changed_and_the_box_with_the_last(refused, axe, screenshot):
    page, opened = refused, panel(refused)
    box = opened.get_by_role("alert")
    opened.get_by_label("Branch", exact=True).fill("main")
    expect(box).to_contain_text("3 fields need other values")
    expect(opened.get_by_label("Branch", exact=True)).to_be_focused()
    assert sorted(wrong(page)) == ["Memory Limit in MB", "Retries", "Variable"]
    opened.get_by_label("Memory Limit", exact=True).select_option("512 MB")
    opened.get_by_label("Retries").fill("1")
    expect(box).to_contain_text(re.compile("One field"))
    axe(page)
    shoot(page, screenshot, "one-error-left")
    opened.get_by_label("Variable", exact=True).fill("MINE")
    expect(box).to_have_count(0)
    assert wrong(page) == []
    shoot(page, screenshot, "no-error-left")
    done(page)
    expect(opened).to_have_count(0)


def test_errors_of_variables_go_with_a_removed_row(refused):
    opened = panel(refused)
    opened.get_by_role("button", name="Remove KINTO_MINE").click()
    expect(opened.get_by_role("alert")).to_contain_text("3 fields need other values")


def test_a_refusal_without_a_field_goes_when_the_form_is_changed(project, open_console, complaints):
    complaints.allow("409")
    page = open_console("/projects")
    page.get_by_role("button", name="Create New Project").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Project Name").fill(project.name)
    dialog.get_by_role("button", name="Create Project").click()
    expect(dialog.get_by_role("alert")).to_contain_text("already")
    dialog.get_by_label("Project Name").press_sequentially("x")
    expect(dialog.get_by_role("alert")).to_have_count(0)


def test_errors_while_a_block_is_created_go_as_they_are_corrected(open_console, complaints):
    complaints.allow("422")
    page = open_console("/blocks/new")
    page.get_by_text("Job", exact=True).click()
    page.get_by_role("button", name="Use an image, no repository").click()
    page.get_by_role("button", name="Create Job").click()
    box = page.get_by_role("alert")
    expect(box).to_contain_text("fields need other values")
    page.get_by_label("Name", exact=True).fill("Corrected")
    page.get_by_label("Image", exact=True).last.fill("alpine:3.20")
    expect(box).to_have_count(0)
    expect(page.locator("[aria-invalid=true]")).to_have_count(0)
