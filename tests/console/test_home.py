"""Home, and what goes on in an environment: running, failed last, missed, next; calm where there is nothing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.console.conftest import PHONE, home_card
from tests.console.test_runs import WAIT, job_path, open_gate
from tests.schedules.test_over_http import lose

pytestmark = pytest.mark.ci


def group(page, name):
    return page.get_by_role("region", name=name)


def card(page, project):
    return home_card(page, project.name)


def environment_path(project):
    return f"/projects/{project.name}/default"


@pytest.mark.parametrize("options", [{}, PHONE, {"color_scheme": "dark"}])
def test_who_has_nothing_is_led_step_by_step(open_console, fresh_stack, axe, screenshot, options):
    page = open_console(stack=fresh_stack, **options)
    steps = group(page, "First steps").get_by_role("listitem")
    expect(steps.get_by_role("heading")).to_have_text(
        ["Create a KintoBlock", "Create a project", "Configure it", "Deploy"]
    )
    expect(page.get_by_text("No projects yet")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
    screenshot(page, f"first-steps-{'-'.join(map(str, options.values()))[:20]}")
    steps.first.get_by_role("link", name="Create New KintoBlock").click()
    expect(page).to_have_url(re.compile(r"#/blocks/new$"))


def test_the_steps_go_on_with_what_is_there_and_end_with_the_first_deployment(fresh_stack, make_project, open_console):
    project = make_project(stack=fresh_stack)
    page = open_console(stack=fresh_stack)
    steps = group(page, "First steps").get_by_role("listitem")
    expect(steps.filter(has_text="Done").get_by_role("heading")).to_have_text(["Create a project"])
    project.service()
    page.reload()
    expect(steps.filter(has_text="Done")).to_have_count(3)
    expect(steps.last.get_by_role("link", name="Deploy")).to_have_attribute("href", f"#{environment_path(project)}")
    project.deploy()
    page.reload()
    expect(card(page, project).get_by_text("Deployed", exact=True)).to_be_visible()
    expect(card(page, project).get_by_text("All quiet")).to_be_visible()
    expect(group(page, "First steps")).to_have_count(0)
    page.close()
    project.call("DELETE", f"/projects/{project.name}")
    for block in project.get("/blocks")["items"]:
        project.call("DELETE", f"/blocks/{block['internal_name']}")


def test_an_environment_tells_what_runs_what_failed_what_was_missed_and_what_comes(
    project, open_console, axe, screenshot
):
    stack = project.stack
    stack.to_an_hour()
    project.scheduled("report", "exit 3", "0 0 1 1 *")
    page = open_console(environment_path(project))
    expect(group(page, "Activity")).to_contain_text("All quiet. Next: report at")

    project.scheduled("backup", "true", "* * * * *")
    lose(project)
    stack.advance(40 * 60)
    project.ran("report")
    failed = project.ran("report")
    project.scheduled("slow", WAIT, "15 * * * *")
    run = project.run("slow")
    project.wait_for("begun")

    expect(group(page, "Running now").get_by_role("link", name="slow")).to_have_attribute("href", f"#/runs/{run}")
    expect(group(page, "Failed last").get_by_role("link", name="report")).to_have_attribute(
        "href", f"#/runs/{failed['id']}"
    )
    expect(group(page, "Failed last")).to_contain_text("2 times lately")
    expect(group(page, "Missed")).to_contain_text("nobody delivered this tick within 25 minutes")
    names = group(page, "Next").get_by_role("link")
    expect(names).to_have_text(["backup", "slow", "report"])
    axe(page)
    screenshot(page, "activity")
    open_gate(project)
    expect(group(page, "Running now")).to_have_count(0)
    group(page, "Missed").get_by_role("link", name="backup").click()
    expect(page.get_by_role("region", name="History").get_by_label("Status")).to_have_value("missed")

    page.get_by_role("link", name="Home").click()
    told = card(page, project)
    expect(told).to_contain_text("report in default failed (exit code 3)")
    expect(told).to_contain_text(re.compile(r"backup missed \d+ ticks"))
    expect(told.get_by_role("link", name="slow")).to_have_count(0)
    axe(page)
    screenshot(page, "home")
    told.get_by_role("link", name="backup").last.click()
    expect(page).to_have_url(re.compile(job_path(project, "backup")))


def test_projects_come_in_pages_and_each_is_read_only_when_it_is_in_sight(fresh_stack, make_project, open_console):
    made = [make_project(stack=fresh_stack) for _ in range(30)]
    page = open_console("/blocks", stack=fresh_stack)
    expect(page.get_by_role("heading", name="KintoBlocks")).to_be_visible()
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/activity" in request.url else None)
    page.get_by_role("link", name="Home").click()
    cards = page.locator(".home-card")
    expect(cards).to_have_count(25)
    expect(cards.first.get_by_text("Not deployed")).to_be_visible()
    assert 0 < len(asked) < 25
    page.get_by_role("button", name="Show more").click()
    expect(cards).to_have_count(30)
    cards.last.scroll_into_view_if_needed()
    expect(cards.last.get_by_text("Not deployed")).to_be_visible()
    page.close()
    for project in made:
        project.call("DELETE", f"/projects/{project.name}")


@pytest.fixture(scope="module")
def fresh_stack(tmp_path_factory, console_stack):
    """A stack on which nobody has made anything."""
    stack = type(console_stack)(tmp_path_factory.mktemp("fresh") / "state")
    stack.start()
    yield stack
    stack.kill()
