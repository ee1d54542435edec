"""What is live and how the latest deployment went, in words that don't contradict each other."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.console.conftest import home_card
from tests.console.test_deploy import held, part

pytestmark = pytest.mark.ci


def heading(page):
    """The line of the page's heading."""
    return page.locator("header").filter(has=page.get_by_role("heading", level=1))


def open_environment(open_console, project):
    page = open_console(f"/projects/{project.name}/default")
    expect(part(page, "Status & History").get_by_role("link", name="Deployment 1", exact=True).last).to_be_visible()
    return page


def deployment(page, number):
    """The row of a deployment under Status & History."""
    link = page.get_by_role("link", name=f"Deployment {number}", exact=True)
    return part(page, "Status & History").get_by_role("listitem").filter(has=link)


def shoot(page, screenshot, name):
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        screenshot(page, f"{name}-{width}")


def test_cancelled_deployment_leaves_the_former_one_live(project, open_console, axe, screenshot):
    project.service()
    assert project.deploy()["status"] == "deployed"
    project.before("migrate", held("migrate"))
    number = project.start()
    page = open_environment(open_console, project)
    expect(heading(page)).to_contain_text("Deployment 1 is live; 2 is running")
    project.cancel(number)
    words = "Deployment 1 is live; 2 was cancelled"
    expect(heading(page)).to_contain_text(words)
    expect(page.get_by_role("complementary", name="Environments and settings")).to_contain_text(words)
    expect(deployment(page, 1)).to_contain_text("LIVE")
    axe(page)
    shoot(page, screenshot, "live-and-cancelled")
    page.goto(f"{project.stack.url}/#/projects?search={project.name}")  # others may fill the first page
    expect(page.get_by_role("listitem").filter(has_text=words).first).to_be_visible()
    page.goto(f"{project.stack.url}/#/")
    expect(home_card(page, project.name)).to_contain_text(words)


def test_failed_deployment_that_is_live_says_what_failed(make_project, open_console, axe, screenshot):
    project = make_project(policy="fail")
    project.service()
    project.after("smoke-test", "exit 7")
    assert project.deploy()["status"] == "failed"
    page = open_environment(open_console, project)
    expect(heading(page)).to_contain_text("Deployment 1 is live; its post-deployment jobs did not succeed")
    expect(deployment(page, 1)).to_contain_text("Live; its post-deployment jobs did not succeed")
    expect(part(page, "Status & History").get_by_text("LIVE", exact=True)).to_have_count(0)
    axe(page)
    shoot(page, screenshot, "live-and-failed")
    deployment(page, 1).get_by_role("link", name="Deployment 1").click()
    expect(heading(page)).to_contain_text("Live; its post-deployment jobs did not succeed")
    expect(heading(page).get_by_text("Failed", exact=True)).to_have_count(0)


def test_automatic_rollback_is_named_as_such_everywhere(make_project, open_console, screenshot):
    project = make_project(policy="rollback")
    project.service()
    project.after("smoke-test", "[ $KINTO_DEPLOYMENT = 1 ]")
    project.deploy()
    project.deploy()
    assert project.ended(3)["status"] == "deployed"
    page = open_environment(open_console, project)
    expect(deployment(page, 3)).to_contain_text("Automatic rollback to deployment 1,")
    shoot(page, screenshot, "automatic-rollback")
    seen = page.locator("main").inner_text()
    for path in ("deployments/3", "blocks/web"):
        page.goto(f"{project.stack.url}/#/projects/{project.name}/default/{path}")
        expect(page.get_by_text("Automatic rollback", exact=False).first).to_be_visible()
        seen += page.locator("main").inner_text()
    page.goto(f"{project.stack.url}/#/runs/{project.runs('web')[0]['id']}")
    expect(page.get_by_text("by automatic rollback")).to_be_visible()
    seen += page.locator("main").inner_text()
    assert "step functions" not in seen


def test_a_deployment_after_a_failed_one_is_plainly_deployed(project, open_console):
    project.before("migrate", "[ $KINTO_DEPLOYMENT != 1 ]")
    project.service()
    assert project.deploy()["status"] == "failed"
    page = open_environment(open_console, project)
    expect(heading(page)).to_contain_text("Failed")
    assert project.deploy()["status"] == "deployed"
    expect(heading(page).get_by_text("Deployed", exact=True)).to_be_visible()
