"""Projects and environments, as a person makes, changes, shuts down and deletes them."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.console.conftest import PHONE, home_card

pytestmark = pytest.mark.ci

REFUSED = r"the server responded with a status of 4(04|09|12|22)"
ROLE = "arn:aws:iam::123456789012:role/kintoblocks/shop"


@pytest.fixture
def shown(open_console, project):
    """The project's page."""
    page = open_console(f"/projects/{project.name}/default")
    expect(page.get_by_role("button", name="Environment settings")).to_be_visible()
    return page


def environments(page):
    return page.get_by_role("region", name="Environments", exact=True)


def settings(page, of):
    """Opens the settings of a "Project" or an "Environment"; the panel."""
    page.get_by_role("button", name=f"{of} settings").click()
    return page.get_by_role("dialog", name=f"{of} settings")


def test_a_project_is_created_with_its_first_environment(open_console, console_stack, complaints, axe, screenshot):
    complaints.allow(REFUSED)
    name = f"My Shop {uuid.uuid4().hex[:6]}"
    page = open_console("/projects")
    page.get_by_role("button", name="Create New Project").click()
    dialog = page.get_by_role("dialog", name="Create New Project")
    expect(dialog.get_by_label("Project Name")).to_be_focused()
    expect(dialog.get_by_label("Environment Name")).to_have_value("default")
    dialog.get_by_label("Project Name").fill(name)
    expect(dialog.get_by_label("Internal Name")).to_have_value(name.lower().replace(" ", "-"))
    dialog.get_by_label("Description").fill("x" * 201)
    dialog.get_by_label("Environment Name").fill("Prod")
    axe(page)
    dialog.get_by_role("button", name="Create Project").click()
    expect(dialog.get_by_label("Description")).to_have_accessible_description(re.compile("at most 200"))
    expect(dialog.get_by_label("Environment Name")).to_have_accessible_description(re.compile("lower-case"))
    expect(dialog.get_by_label("Project Name")).to_have_value(name)
    dialog.get_by_label("Description").fill("Sells things")
    dialog.get_by_label("Environment Name").fill("prod")
    dialog.get_by_role("button", name="Create Project").click()
    expect(page.get_by_role("heading", name=name)).to_be_focused()
    expect(page).to_have_url(re.compile("/prod$"))
    expect(page.get_by_text("No KintoBlock is configured here yet.")).to_be_visible()
    expect(page.get_by_role("button", name="Environment settings")).to_be_visible()
    axe(page)
    screenshot(page, "project-new")
    made = console_stack.request("GET", f"/projects/{name.lower().replace(' ', '-')}")[2]
    assert (made["name"], made["description"]) == (name, "Sells things")


def test_an_internal_name_of_ones_own_stays_and_one_that_is_taken_is_told(open_console, project, complaints):
    complaints.allow(REFUSED)
    page = open_console("/projects")
    page.get_by_role("button", name="Create New Project").click()
    dialog = page.get_by_role("dialog", name="Create New Project")
    dialog.get_by_label("Internal Name").fill(project.name)
    dialog.get_by_label("Project Name").fill("Another")
    expect(dialog.get_by_label("Internal Name")).to_have_value(project.name)
    dialog.get_by_role("button", name="Create Project").click()
    expect(dialog.get_by_role("alert")).to_contain_text(f"There is a project {project.name} already")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Drop changes").click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_list_shows_each_project_with_its_environments_states_page_by_page(open_console, project, axe):
    project.post(f"/projects/{project.name}/environments", {"name": "Production"})
    project.post(f"{project.environment}/shutdown")
    many = uuid.uuid4().hex[:6]
    for number in range(26):
        project.post("/projects", {"name": f"a{many}-{number:02}"})
    page = open_console("/projects")
    cards = page.get_by_role("main").get_by_role("listitem").filter(has=page.get_by_role("heading"))
    expect(cards).to_have_count(25)
    axe(page)
    found = cards.filter(has=page.get_by_role("heading", name=project.name))
    while found.count() == 0:
        shown = cards.count()
        page.get_by_role("button", name="Show more").click()
        expect(cards.nth(shown)).to_be_visible()
    states = found.get_by_role("list", name="Environments").get_by_role("listitem")
    expect(states).to_have_text([re.compile("default.*Shutdown"), re.compile("Production.*Not deployed")])
    states.get_by_role("link", name="Production").click()
    expect(page).to_have_url(re.compile(f"/projects/{project.name}/production$"))
    for number in range(26):
        project.call("DELETE", f"/projects/a{many}-{number:02}")


def test_where_the_projects_of_a_token_are_gone_the_page_says_what_to_do(open_console, project, axe):
    token = project.post("/tokens", {"name": "of a project", "role": "admin", "projects": [project.name]})["secret"]
    project.call("DELETE", f"/projects/{project.name}")
    page = open_console("/projects", token=token)
    expect(page.get_by_text("No project of this token is there any more.")).to_be_visible()
    expect(page.get_by_text(f"It is limited to {project.name}. Ask an admin for another token.")).to_be_visible()
    expect(page.get_by_role("button", name="Create New Project")).to_have_count(0)
    axe(page)


def test_a_projects_own_address_leads_to_its_first_environment(open_console, project):
    page = open_console(f"/projects/{project.name}")
    expect(page).to_have_url(re.compile(f"/projects/{project.name}/default$"))


def test_an_environment_is_added_beside_the_others(shown, project, axe):
    shown.get_by_role("button", name="Add environment").click()
    dialog = shown.get_by_role("dialog", name="Add environment")
    dialog.get_by_label("Environment Name").fill("Pre Production")
    expect(dialog.get_by_label("Internal Name")).to_have_value("pre-production")
    dialog.get_by_role("radio", name="Roll back").check()
    axe(shown)
    dialog.get_by_role("button", name="Add environment").click()
    present = environments(shown).get_by_role("link", name="Pre Production")
    expect(present).to_have_attribute("aria-current", "page")
    expect(environments(shown).get_by_role("link")).to_have_count(2)
    expect(shown).to_have_url(re.compile("/pre-production$"))
    made = project.get(f"/projects/{project.name}/environments/pre-production")
    assert made["on_post_deployment_failure"] == "rollback"
    environments(shown).get_by_role("link", name="default").click()
    expect(shown).to_have_url(re.compile("/default$"))


def test_an_environments_settings_are_changed(shown, project, complaints, axe):
    complaints.allow(REFUSED)
    panel = settings(shown, "Environment")
    panel.get_by_label("Environment Name").fill("Live")
    panel.get_by_role("radio", name="Fail").check()
    commands = panel.get_by_role("group", name="Another command or variables for one run")
    expect(commands.get_by_role("radio", name="Deployers, unless something is masked")).to_be_checked()
    commands.get_by_role("radio", name="Admins only").check()
    panel.get_by_label("Role ARN").fill("admin")
    axe(shown)
    panel.get_by_role("button", name="Save").click()
    expect(panel.get_by_label("Role ARN")).to_have_accessible_description(re.compile("below the path /kintoblocks/"))
    panel.get_by_label("Role ARN").fill(ROLE)
    panel.get_by_role("button", name="Save").click()
    expect(shown.get_by_role("dialog")).to_have_count(0)
    expect(environments(shown).get_by_role("link")).to_contain_text("Live")
    expect(shown.get_by_role("region", name="Settings")).to_contain_text("the deployment fails")
    found = project.get(project.environment)
    assert (found["name"], found["on_post_deployment_failure"], found["role_arn"]) == ("Live", "fail", ROLE)
    assert found["run_overrides"] == "admin"


def test_what_does_not_touch_the_settings_is_no_reason_to_ask_but_another_name_is(shown, project, complaints, axe):
    complaints.allow(REFUSED)
    panel = settings(shown, "Environment")
    panel.get_by_role("radio", name="Fail").check()
    project.command("tidy", "true")
    panel.get_by_role("button", name="Save").click()
    expect(shown.get_by_role("dialog")).to_have_count(0)
    assert project.get(project.environment)["on_post_deployment_failure"] == "fail"
    panel = settings(shown, "Environment")
    panel.get_by_role("radio", name="Keep").check()
    project.call("PATCH", project.environment, {"name": "Theirs"})
    panel.get_by_role("button", name="Save").click()
    meanwhile = panel.get_by_role("region", name="Changed meanwhile")
    expect(meanwhile.get_by_role("row", name="Environment Name")).to_contain_text("Theirs")
    axe(shown)
    meanwhile.get_by_role("button", name="Send mine again").click()
    expect(shown.get_by_role("dialog")).to_have_count(0)
    found = project.get(project.environment)
    assert (found["name"], found["on_post_deployment_failure"]) == ("Theirs", "keep")


def test_a_projects_settings_are_changed(shown, project):
    panel = settings(shown, "Project")
    panel.get_by_label("Project Name").fill("The Shop")
    panel.get_by_label("Description").fill("Sells")
    panel.get_by_role("button", name="Save").click()
    expect(shown.get_by_role("heading", name="The Shop", level=1)).to_be_visible()
    found = project.get(f"/projects/{project.name}")
    assert (found["name"], found["description"]) == ("The Shop", "Sells")
    settings(shown, "Project").get_by_label("Project Name").fill("Not this")
    shown.keyboard.press("Escape")
    shown.get_by_role("dialog", name="Drop your changes?").get_by_role("button", name="Drop changes").click()
    expect(shown.get_by_role("dialog")).to_have_count(0)
    assert project.get(f"/projects/{project.name}")["name"] == "The Shop"


def test_a_shut_down_environment_says_that_its_schedules_rest(shown, project):
    project.scheduled("tick", "true", cron="0 8 * * *")
    settings(shown, "Environment").get_by_role("button", name="Shut down").click()
    question = shown.get_by_role("dialog", name="Shut down default?")
    expect(question).to_contain_text("Its schedules rest until the next deployment")
    question.get_by_role("button", name="Shut down").click()
    expect(shown.get_by_role("dialog")).to_have_count(0)
    expect(environments(shown).get_by_role("link")).to_contain_text("Shutdown")
    expect(shown.get_by_text("Rests until the next deployment")).to_be_visible()
    panel = settings(shown, "Environment")
    expect(panel.get_by_role("button", name="Shut down")).to_be_disabled()
    assert project.get(project.environment)["status"] == "shutdown"


def test_an_environment_is_deleted_only_when_its_name_is_typed(shown, project):
    expect(settings(shown, "Environment").get_by_role("button", name="Delete environment")).to_be_disabled()
    shown.keyboard.press("Escape")
    project.post(f"/projects/{project.name}/environments", {"name": "Old"})
    shown.goto(shown.url.replace("/default", "/old"))
    expect(environments(shown).get_by_role("link")).to_have_count(2)
    settings(shown, "Environment").get_by_role("button", name="Delete environment").click()
    question = shown.get_by_role("dialog", name="Delete Old?")
    expect(question.get_by_role("button", name="Delete environment")).to_be_disabled()
    question.get_by_label("Type old to confirm").fill("old")
    question.get_by_role("button", name="Delete environment").click()
    expect(shown).to_have_url(re.compile(f"/projects/{project.name}/default$"))
    expect(environments(shown).get_by_role("link")).to_have_count(1)


def test_a_project_is_deleted_once_nothing_of_it_runs(shown, project, complaints):
    complaints.allow(REFUSED)
    project.before("wait", "sleep 60")
    run = project.run("wait")
    settings(shown, "Project").get_by_role("button", name="Delete project").click()
    question = shown.get_by_role("dialog", name=f"Delete {project.name}?")
    question.get_by_label(f"Type {project.name} to confirm").fill(project.name)
    question.get_by_role("button", name="Delete project").click()
    expect(question.get_by_role("alert")).to_contain_text(f"run {run}", ignore_case=True)
    project.post(f"/runs/{run}/cancel")
    project.finished(run)
    question.get_by_role("button", name="Delete project").click()
    expect(shown).to_have_url(re.compile("#/projects$"))
    expect(shown.get_by_role("heading", name="Projects")).to_be_visible()
    assert project.ask("GET", f"/projects/{project.name}")[0] == 404


@pytest.mark.parametrize("options", [{**PHONE}, {"color_scheme": "dark", "viewport": {"width": 1600, "height": 1000}}])
def test_the_pages_fit(open_console, project, options, axe, screenshot):
    project.call("PATCH", f"/projects/{project.name}", {"name": "x" * 200, "description": "y" * 200})
    project.post(f"/projects/{project.name}/environments", {"name": "z" * 200, "internal_name": "zzz"})
    page = open_console(f"/projects/{project.name}/zzz", **options)
    expect(page.get_by_role("button", name="Environment settings")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
    page.goto(page.url.partition("#")[0] + "#/projects")
    expect(page.get_by_role("button", name="Create New Project")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
    screenshot(page, f"projects-{options['viewport']['width']}", full_page=False)
    page.goto(page.url.partition("#")[0] + "#/")
    expect(home_card(page, "x" * 200)).to_be_attached()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
