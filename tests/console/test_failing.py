"""Home shows what is failing and running before all other projects, whatever their names and number."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.console.conftest import PHONE
from tests.console.test_runs import WAIT, open_gate
from tests.deployments.conftest import Project

pytestmark = pytest.mark.ci

MANY = 40


@pytest.fixture(scope="module")
def busy(tmp_path_factory, console_stack, repository):
    """A stack with many calm projects, and `make(name)` for others."""
    stack = type(console_stack)(tmp_path_factory.mktemp("busy") / "state").start()
    folder = tmp_path_factory.mktemp("busy-traces")
    for number in range(MANY):
        assert stack.request("POST", "/projects", {"name": f"Calm {number:02}"})[0] == 201
    made = []

    def make():
        made.append(Project(stack, repository, folder))
        return made[-1]

    make.stack = stack
    yield make
    stack.kill()


def group(page, name):
    return page.get_by_role("region", name=name, exact=True)


@pytest.fixture(scope="module")
def troubled(busy):
    """A project whose deployment failed, by name after all pages of calm ones: what failed in it was its migration."""
    project = busy()
    project.before("migrate", "test -e $TRACE.good || exit 3")
    project.service()
    assert project.deploy()["status"] == "failed"
    return project


def test_failing_project_is_first_with_the_reasons(open_console, busy, troubled, axe):
    page = open_console(stack=busy.stack)
    card = group(page, "Failing").locator(".home-card")
    expect(card).to_have_count(1)
    expect(card.get_by_role("heading")).to_have_text(troubled.name)
    reasons = card.get_by_role("list", name="Why it is failing").get_by_role("listitem")
    expect(reasons).to_have_text(
        [
            re.compile(r"^Deployment 1 in default failed .*(ago|now)$"),
            re.compile(r"^migrate in default failed \(exit code 3\) .*(ago|now)$"),
        ]
    )
    expect(group(page, "Projects").locator(".home-card").first).to_contain_text("Calm 00")
    box = card.bounding_box()
    assert box["y"] + box["height"] <= 900, "it is seen without scrolling"
    axe(page)
    reasons.first.get_by_role("link").click()
    expect(page).to_have_url(re.compile(rf"#/projects/{troubled.name}/default/deployments/1$"))
    page.go_back()
    reasons.last.get_by_role("link").click()
    expect(page).to_have_url(re.compile(r"#/runs/"))


def test_each_project_is_shown_once_and_a_search_shows_only_its_results(open_console, busy, troubled):
    page = open_console(stack=busy.stack)
    expect(group(page, "Failing")).to_be_visible()
    while (more := page.get_by_role("button", name="Show more", exact=True)).count():
        shown = page.locator(".home-card").count()
        more.click()
        expect(page.locator(".home-card")).not_to_have_count(shown)
    names = page.locator(".home-card").get_by_role("heading").all_inner_texts()
    assert len(names) == len(set(names)) >= MANY + 1
    page.get_by_role("searchbox", name="Search projects").fill("calm-0")
    expect(page.locator(".home-card")).to_have_count(10)
    expect(group(page, "Failing")).to_have_count(0)


def test_running_project_follows_the_failing_ones(open_console, busy, troubled, axe):
    project = busy()
    project.scheduled("slow", WAIT, "0 0 1 1 *")
    run = project.run("slow")
    project.wait_for("begun")
    page = open_console(stack=busy.stack)
    running = group(page, "Running now")
    expect(running.locator(".home-card").get_by_role("heading")).to_have_text([project.name])
    expect(running.get_by_role("link", name="slow").first).to_have_attribute("href", f"#/runs/{run}")
    expect(page.get_by_role("heading", level=2)).to_have_text(["Failing", "Running now", "Projects"])
    axe(page)
    open_gate(project)
    project.finished(run)
    expect(running).to_have_count(0)


@pytest.mark.parametrize(("options", "size"), [({}, "1280"), (PHONE, "360"), ({"color_scheme": "dark"}, "dark")])
def test_home_fits_when_much_is_failing(open_console, busy, troubled, axe, screenshot, options, size):
    if troubled.ask("GET", f"{troubled.environment}/blocks/job-0")[0] == 404:
        for number in range(5):
            troubled.scheduled(f"job-{number}", f"exit {number + 1}", "0 0 1 1 *")
            troubled.ran(f"job-{number}")
    page = open_console(stack=busy.stack, **options)
    reasons = group(page, "Failing").get_by_role("list", name="Why it is failing").get_by_role("listitem")
    expect(reasons.last).to_have_text("and 4 others")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
    screenshot(page, f"home-failing-{size}", full_page=False)


def test_project_that_recovers_leaves_the_list(open_console, busy, troubled):
    page = open_console(stack=busy.stack)
    expect(group(page, "Failing")).to_be_visible()
    for number in range(5):
        troubled.ask("DELETE", f"{troubled.environment}/blocks/job-{number}")
    troubled.trace.with_suffix(".trace.good").touch()
    assert troubled.deploy()["status"] == "deployed"
    expect(group(page, "Failing")).to_have_count(0)
