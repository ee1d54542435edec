"""Flow 3 as a person goes it: Deploy, Compare Versions, the deployment live with its logs, Status & History."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.console.conftest import PHONE
from tests.deployments.conftest import Project

pytestmark = pytest.mark.ci

# Jobs that wait until the test lets them go on, and no longer than it can take.
HELD = "echo {0} began; for i in $(seq 600); do [ -e $TRACE.{0} ] && break; sleep 0.05; done; echo {0} goes on"
BROKEN = "for i in $(seq 30); do echo step $i; done; echo no such table >&2; exit 3"


def held(name):
    return HELD.format(name)


def let_go(project, name):
    project.trace.with_name(f"{project.trace.name}.{name}").touch()


def address(project, number=None):
    return f"/projects/{project.name}/default" + (f"/deployments/{number}" if number else "")


def part(page, name):
    return page.get_by_role("region", name=name, exact=True)


def row(page, hostname):
    """The line of a run in the timeline."""
    details = page.get_by_role("link", name=f"Details of {hostname}", exact=True)
    return part(page, "Timeline").get_by_role("listitem").filter(has=details).last


def state(page):
    """The deployment's state, beside its heading."""
    return page.locator("header").filter(has=page.get_by_role("heading", level=1))


def deploy(page):
    page.get_by_role("button", name="Deploy", exact=True).click()
    page.get_by_role("dialog", name="Compare Versions").get_by_role("button", name="Confirm Deployment").click()
    expect(page.get_by_role("heading", level=1, name=re.compile(r"^Deployment \d+$"))).to_be_visible()


def paint(locator):
    """The colour of its text, as red, green and blue."""
    told = locator.evaluate("element => getComputedStyle(element).color")
    return [int(number) for number in re.findall(r"\d+", told)[:3]]


def test_versions_are_compared_confirmed_and_deployed_live_to_the_end(project, open_console, axe, screenshot):
    project.before("migrate", held("migrate"))
    project.service("web", "echo deploying web")
    project.after("smoke-test", "echo smoke is fine")
    page = open_console(address(project))
    expect(part(page, "Status & History")).to_contain_text("Not deployed yet")
    page.get_by_role("button", name="Deploy", exact=True).click()
    dialog = page.get_by_role("dialog", name="Compare Versions")
    added = dialog.get_by_role("region", name="Added")
    expect(added).to_contain_text("smoke-test")
    expect(added).to_contain_text(f"Commit{project.repository.head[:7]}")
    axe(page)

    dialog.get_by_role("button", name="Confirm Deployment").click()

    expect(page.get_by_role("heading", level=1, name="Deployment 1")).to_be_visible()
    expect(state(page)).to_contain_text("Running")
    page.get_by_role("button", name="Log of migrate").click()
    expect(row(page, "migrate").get_by_role("region", name="Log")).to_contain_text("migrate began")
    expect(row(page, "web")).to_contain_text("Queued")
    page.reload()
    # The same after a reload in the middle: the log stays open.
    expect(row(page, "migrate")).to_contain_text("Running")
    expect(row(page, "migrate").get_by_role("region", name="Log")).to_contain_text("migrate began")
    screenshot(page, "deployment-running")
    let_go(project, "migrate")

    expect(row(page, "smoke-test")).to_contain_text("Succeeded")
    expect(row(page, "smoke-test")).to_contain_text("exit code 0")
    expect(row(page, "migrate").get_by_role("region", name="Log")).to_contain_text("migrate goes on")
    expect(state(page)).to_contain_text("Deployed")
    expect(page.get_by_role("status").filter(has_text="Deployment 1 is deployed")).to_be_visible()
    expect(state(page)).to_contain_text("LIVE")
    axe(page)


def test_added_is_green_changed_blue_and_removed_red_and_secrets_stay_secret(project, open_console, axe, screenshot):
    secret = [{"name": "KEY", "value": "s3cret-one", "masked": True}]
    block = project.block("web", {"type": "command", "command": "true"}, "service")
    project.configure("web", block, variables=[*secret, {"name": "GREETING", "value": "hello"}])
    project.before("old", "true")
    assert project.deploy()["status"] == "deployed"
    secret[0]["value"] = "s3cret-two"
    project.configure("web", block, variables=[*secret, {"name": "GREETING", "value": "good day"}], memory_mb=256)
    project.call("DELETE", f"{project.environment}/blocks/old")
    project.before("new", "true")
    page = open_console(address(project))
    page.get_by_role("button", name="Deploy", exact=True).click()
    dialog = page.get_by_role("dialog", name="Compare Versions")

    groups = {word: dialog.get_by_role("region", name=word) for word in ("Added", "Changed", "Removed")}
    for (word, group), hostname in zip(groups.items(), ("new", "web", "old"), strict=True):
        expect(group.get_by_role("heading", name=f"{word} (1)")).to_be_visible()
        expect(group.get_by_text(hostname, exact=True)).to_be_visible()
    red, green, blue = paint(groups["Added"].get_by_role("heading"))
    assert green > max(red, blue)
    red, green, blue = paint(groups["Changed"].get_by_role("heading"))
    assert blue > max(red, green)
    red, green, blue = paint(groups["Removed"].get_by_role("heading"))
    assert red > max(green, blue)
    told = re.sub(r"\s+", " ", groups["Changed"].inner_text())
    assert "Memory Limit from 128 MB → to 256 MB" in told
    assert "Variable GREETING from hello → to good day" in told
    assert "Variable KEY masked, changed" in told
    assert "s3cret" not in page.content()
    axe(page)
    screenshot(page, "compare-versions", full_page=False)


def test_nothing_changed_is_said_and_it_deploys_once_more(project, page):
    project.service()
    project.deploy()
    page.goto(f"{project.stack.url}/#{address(project)}")
    page.get_by_role("button", name="Deploy", exact=True).click()
    dialog = page.get_by_role("dialog", name="Compare Versions")
    expect(dialog).to_contain_text("Nothing has changed since deployment 1; deploying again runs its jobs once more.")
    dialog.get_by_role("button", name="Confirm Deployment").dblclick()
    expect(page.get_by_role("heading", level=1, name="Deployment 2")).to_be_visible()
    expect(state(page)).to_contain_text("Deployed")
    assert [one["number"] for one in project.get(f"{project.environment}/deployments")["items"]] == [2, 1]


def test_what_failed_comes_first_with_its_exit_code_and_its_last_lines(project, open_console, axe, screenshot):
    project.before("early", "echo fine", order=1)
    project.before("migrate", BROKEN, order=2)
    project.service()
    page = open_console(address(project))
    deploy(page)
    failed = part(page, "What failed")
    expect(failed).to_contain_text("exit code 3")
    expect(failed.get_by_role("heading", name="migrate")).to_be_visible()
    lines = page.get_by_role("region", name="Last lines of the log of migrate")
    expect(lines).to_contain_text("no such table")
    told = [line for line in lines.inner_text().splitlines() if line]
    assert [told[0], told[1], told[-2], told[-1]] == ["11 lines before", "step 12", "step 30", "no such table"]
    headings = page.get_by_role("heading", level=2).all_inner_texts()
    assert headings.index("What failed") < headings.index("Timeline")
    expect(page.get_by_role("status").filter(has_text="Deployment 1 failed: migrate, exit code 3")).to_be_visible()
    expect(row(page, "migrate")).to_contain_text(re.compile("Failed.*exit code 3", re.DOTALL))
    expect(row(page, "web")).to_contain_text("Skipped")
    expect(row(page, "web")).to_contain_text("Pre-deployment job did not succeed: migrate (exit code 3).")
    expect(page.get_by_role("heading", name="Wave 2 of 2, order 2")).to_be_visible()
    axe(page)
    screenshot(page, "deployment-failed")

    phone = open_console(address(project, 1), color_scheme="dark", **PHONE)
    expect(phone.get_by_role("region", name="Last lines of the log of migrate")).to_contain_text("no such table")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(phone)
    screenshot(phone, "deployment-failed-phone-dark")


def test_a_failing_post_deployment_job_is_told_and_what_was_deployed_is_live(project, open_console):
    project.service()
    project.after("smoke-test", "echo it is down; exit 7")
    page = open_console(address(project))
    deploy(page)
    expect(state(page)).to_contain_text("Deployed with failures")
    expect(part(page, "What failed")).to_contain_text("exit code 7")
    expect(page.get_by_role("region", name="Last lines of the log of smoke-test")).to_contain_text("it is down")
    expect(state(page)).to_contain_text("LIVE")


def test_a_running_deployment_is_cancelled(project, open_console):
    project.before("migrate", held("migrate"))
    project.service()
    page = open_console(address(project))
    deploy(page)
    expect(row(page, "migrate")).to_contain_text("Running")
    page.get_by_role("button", name="Cancel deployment").click()
    dialog = page.get_by_role("dialog", name="Cancel deployment 1?")
    dialog.get_by_role("button", name="Let it run").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Cancel deployment")).to_be_focused()
    page.get_by_role("button", name="Cancel deployment").click()
    dialog.get_by_role("button", name="Cancel deployment").click()
    expect(state(page)).to_contain_text("Cancelled")
    expect(row(page, "migrate")).to_contain_text("Cancelled")
    expect(row(page, "web")).to_contain_text("Skipped")
    expect(page.get_by_role("status").filter(has_text="Deployment 1 was cancelled")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel deployment")).to_have_count(0)


def test_a_rollback_shows_what_it_means_and_what_it_changes(make_project, own_repository, open_console, axe):
    project = make_project(own_repository)
    project.before("migrate", "true")
    project.service("web", "cat version")
    project.deploy()
    first = own_repository.head
    second = own_repository.commit({"version": "two\n"})
    project.deploy()
    page = open_console(address(project))
    history = part(page, "Status & History")
    expect(history.get_by_text(second[:7])).to_be_visible()
    expect(history.get_by_role("button", name=re.compile("^Rollback"))).to_have_count(1)
    history.get_by_role("button", name="Rollback (deployment 1)").click()
    dialog = page.get_by_role("dialog", name="Rollback to deployment 1")
    expect(dialog).to_contain_text("Jobs run only if they have run on rollback switched on.")
    changed = re.sub(r"\s+", " ", dialog.get_by_role("region", name="Changed").inner_text())
    assert f"Commit from {second[:7]} → to {first[:7]}" in changed
    axe(page)
    dialog.get_by_role("button", name="Confirm Rollback").click()

    expect(page.get_by_role("heading", level=1, name="Deployment 3")).to_be_visible()
    expect(state(page)).to_contain_text("Deployed")
    expect(page.get_by_text("Rollback to deployment 1")).to_be_visible()
    expect(part(page, "Timeline")).to_contain_text("No job")
    expect(row(page, "web")).to_contain_text("exit code 0")
    page.get_by_role("link", name="Deployment 2").click()
    page.get_by_role("button", name="Rollback to this version").click()
    dialog = page.get_by_role("dialog", name="Rollback to deployment 2")
    expect(dialog.get_by_role("region", name="Changed")).to_contain_text(second[:7])
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_in_a_second_tab_the_one_that_runs_is_named_and_led_to(project, open_console, complaints):
    project.before("migrate", held("migrate"))
    project.service()
    page = open_console(address(project))
    page.get_by_role("button", name="Deploy", exact=True).click()
    dialog = page.get_by_role("dialog", name="Compare Versions")
    expect(dialog.get_by_role("region", name="Added")).to_be_visible()
    complaints.allow("409")
    project.start()
    dialog.get_by_role("button", name="Confirm Deployment").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Deployment 1 of")
    expect(dialog).to_contain_text("Deployment 1 is running, started by admin.")
    dialog.get_by_role("button", name="Cancel").click()
    # Where the button was it leads to what runs.
    page.get_by_role("link", name="Deployment 1 is running").click()
    expect(page.get_by_role("heading", level=1, name="Deployment 1")).to_be_visible()
    let_go(project, "migrate")
    expect(state(page)).to_contain_text("Deployed")
    assert len(project.get(f"{project.environment}/deployments")["items"]) == 1


def test_required_variables_without_a_value_are_listed(project, open_console, complaints):
    needs = [{"name": name, "required": True} for name in ("DATABASE_URL", "API_KEY")]
    project.before("migrate", "true", variables=needs)
    page = open_console(address(project))
    complaints.allow("409")
    page.get_by_role("button", name="Deploy", exact=True).click()
    dialog = page.get_by_role("dialog", name="Compare Versions")
    dialog.get_by_role("button", name="Confirm Deployment").click()
    told = dialog.get_by_role("alert")
    expect(told).to_contain_text("Required variables have no value.")
    expect(told.get_by_role("listitem")).to_have_text(["migrate: DATABASE_URL, API_KEY"])


def test_a_server_that_is_stopped_and_started_again_in_the_middle(
    start_stack, repository, tmp_path, open_console, complaints
):
    stack = start_stack("--port=0")
    project = Project(stack, repository, tmp_path)
    project.before("migrate", held("migrate"))
    project.service()
    page = open_console(address(project), stack=stack)
    deploy(page)
    expect(row(page, "migrate")).to_contain_text("Running")
    complaints.allow("ERR_")
    port = stack.url.rpartition(":")[2]
    stack.kill()
    expect(page.get_by_role("alert").filter(has_text="The connection is lost")).to_be_visible()
    expect(row(page, "migrate")).to_be_visible()
    stack.options = (f"--port={port}",)
    stack.start()
    expect(page.get_by_role("alert")).to_have_count(0)
    # What a machine ran goes with the machine; that is told without a reload.
    expect(row(page, "migrate")).to_contain_text("Interrupted")
    expect(state(page)).to_contain_text("Failed")
    expect(part(page, "What failed")).to_contain_text("migrate")
    expect(page.get_by_role("status").filter(has_text="Deployment 1 failed: migrate, interrupted")).to_be_visible()
