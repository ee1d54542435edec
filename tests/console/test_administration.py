"""Tokens, roles and the audit, as those have them who may administrate, and those who may not."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.console.conftest import PHONE

pytestmark = pytest.mark.ci

REFUSED = r"the server responded with a status of 4(01|03|04|22)"
COPYING = {"permissions": ["clipboard-read", "clipboard-write"]}
WIDE_DARK = {"color_scheme": "dark", "viewport": {"width": 1600, "height": 1000}}


@pytest.fixture
def token(console_stack):
    """`token(role, projects=None)`: the secret and the name of a token."""

    def make(role, projects=None):
        body = {"name": f"{role} {uuid.uuid4().hex[:6]}", "role": role, "projects": projects}
        status, _, answer = console_stack.request("POST", "/tokens", body)
        assert status == 201, answer
        return answer["secret"], answer["name"]

    return make


def signed_in(page):
    return page.get_by_role("group", name="Signed in")


def entry(page, text):
    """The entries of the audit with these words in their sentence."""
    return page.get_by_role("main").get_by_role("listitem").filter(has=page.get_by_text(text, exact=False))


def buttons(page, *names):
    """Those of these names that the page has, links too."""
    return [
        name
        for name in names
        if any(page.get_by_role(role, name=name, exact=True).count() for role in ("button", "link"))
    ]


def test_a_token_is_created_used_by_somebody_else_and_revoked(open_console, project, complaints, axe, screenshot):
    complaints.allow(REFUSED)
    name = f"dashboard {uuid.uuid4().hex[:6]}"
    page = open_console("/tokens", **COPYING)
    page.get_by_role("button", name="Create token").click()
    dialog = page.get_by_role("dialog", name="Create token")
    expect(dialog.get_by_label("Name")).to_be_focused()
    dialog.get_by_role("button", name="Create token").click()
    expect(dialog.get_by_label("Name")).to_have_accessible_description(re.compile("must not be empty"))
    dialog.get_by_label("Name").fill(name)
    expect(dialog.get_by_role("radio", name="Viewer")).to_be_checked()
    expect(dialog.get_by_role("radio", name="Deployer")).to_have_accessible_description(re.compile("deploys"))
    dialog.get_by_label("Expires").select_option("On a date")
    dialog.get_by_role("button", name="Create token").click()
    expect(dialog.get_by_label("Date")).to_have_accessible_description(re.compile("choose a day and a time"))
    dialog.get_by_label("Expires").select_option("In 30 days")
    axe(page)
    dialog.get_by_role("button", name="Create token").click()

    shown = page.get_by_role("dialog", name="The token is created")
    expect(shown).to_contain_text("You will not see it again.")
    secret = shown.get_by_label("Token").input_value()
    assert re.fullmatch(r"kinto_[0-9a-z]{12}_[0-9A-Za-z_-]{43}", secret)
    page.keyboard.press("Escape")
    page.get_by_role("dialog", name="Close without copying it?").get_by_role("button", name="Back").click()
    shown.get_by_role("button", name="Copy").click()
    expect(shown.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    axe(page)
    shown.get_by_role("button", name="Done").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    row = page.get_by_role("listitem").filter(has_text=name)
    expect(row).to_contain_text(re.compile("VIEWER.*in (29|30) days", re.DOTALL))
    assert secret not in page.content()
    axe(page)
    screenshot(page, "tokens")

    other = open_console(token=None)
    other.get_by_label("Token").fill(secret)
    other.get_by_role("button", name="Sign in").click()
    expect(signed_in(other)).to_contain_text(f"{name}a viewer of all projects")
    other.reload()
    expect(signed_in(other)).to_contain_text(name)

    page.get_by_role("button", name=f"Revoke {name}").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
    expect(row).to_have_count(0)
    # As when its tab is looked at again: what it shows is read anew.
    other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(other.get_by_role("status").filter(has_text="it was revoked or has expired")).to_be_visible()
    expect(other.get_by_label("Token")).to_be_visible()
    axe(other)


def test_revoking_the_own_token_says_so_and_signs_out(open_console, token):
    secret, name = token("admin")
    page = open_console("/tokens", token=secret)
    row = page.get_by_role("listitem").filter(has_text=name)
    expect(row).to_contain_text("This is you")
    row.get_by_role("button", name=f"Revoke {name}").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("you will be signed out")
    question.get_by_role("button", name="Revoke and sign out").click()
    expect(page.get_by_text("You have revoked the token that you were signed in with.")).to_be_visible()


def test_a_token_that_is_not_valid_is_told_where_it_is_typed_and_where_a_link_brought_it(open_console, complaints):
    complaints.allow(REFUSED)
    page = open_console(token=None)
    page.get_by_label("Token").fill("kinto_nobody")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("This token is not valid")
    expect(page.get_by_label("Token")).to_have_value("kinto_nobody")
    page.get_by_label("Token").fill("kintö")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("This token is not valid")
    page = open_console(token="kinto_nobody")
    expect(page.get_by_role("status").filter(has_text="not valid")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0


OFFERED = {
    "viewer": (["Configuration backup"], ["Configuration"]),
    "deployer": (["Deploy", "Environment settings", "Configuration backup"], ["Configuration", "Run now", "Pause"]),
    "admin": (
        [
            "Deploy",
            "Add KintoBlock",
            "Add environment",
            "Environment settings",
            "Project settings",
            "Configure KintoBlock backup",
        ],
        ["Configure", "Run now", "Pause"],
    ),
}
ON_ENVIRONMENT = ["Deploy", "Add KintoBlock", "Add environment", "Environment settings", "Project settings"]
ON_ENVIRONMENT += ["Configuration backup", "Configure KintoBlock backup"]
ON_JOB = ["Configuration", "Configure", "Run now", "Pause"]


@pytest.mark.parametrize("role", OFFERED)
def test_nothing_is_offered_that_a_role_may_not_do(open_console, project, token, role, axe):
    project.scheduled("backup", "true", cron="0 3 * * *")
    of_environment, of_job = OFFERED[role]
    page = open_console(f"/projects/{project.name}/default", token=token(role)[0])
    card = page.get_by_role("region", name="KintoBlocks").get_by_role("link", name="backup", exact=True)
    expect(card).to_be_visible()
    expect(page.get_by_role("link", name="default")).to_be_visible()
    assert buttons(page.get_by_role("main"), *ON_ENVIRONMENT) == of_environment
    assert buttons(page, "Credentials", "Tokens", "Audit") == (
        ["Credentials", "Tokens", "Audit"] if role == "admin" else []
    )
    expect(page.get_by_role("region", name="Audit")).to_have_count(1 if role == "admin" else 0)
    axe(page)
    card.click()
    expect(page.get_by_role("region", name="Schedule")).to_be_visible()
    assert [one for one in ON_JOB if page.get_by_role("button", name=one, exact=True).count()] == of_job


def test_who_may_not_change_a_configuration_may_look_at_it(open_console, project, token, axe):
    project.scheduled("backup", "true", cron="0 3 * * *")
    secret, _ = token("deployer")
    page = open_console(f"/projects/{project.name}/default", token=secret)
    page.get_by_role("button", name="Configuration backup").click()
    panel = page.get_by_role("dialog", name="Configuration")
    expect(panel.get_by_label("CRON PATTERN")).to_have_value("0 3 * * *")
    expect(panel.get_by_label("CRON PATTERN")).to_be_disabled()
    expect(panel.get_by_role("button", name="Done Configuring")).to_have_count(0)
    axe(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Environment settings").click()
    panel = page.get_by_role("dialog", name="Environment settings")
    expect(panel.get_by_label("Environment Name")).to_be_disabled()
    expect(panel.get_by_role("button", name="Delete environment")).to_have_count(0)
    axe(page)
    panel.get_by_role("button", name="Shut down").click()
    page.get_by_role("dialog", name="Shut down default?").get_by_role("button", name="Shut down").click()
    expect(page.get_by_role("region", name="Environments", exact=True)).to_contain_text("Shutdown")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/tokens", "Only admins of all projects manage tokens."),
        ("/credentials", "Only admins of all projects manage credentials."),
        ("/blocks/new", "Only admins of all projects create KintoBlocks."),
        ("/audit", "Only admins read the audit."),
    ],
)
def test_a_page_for_others_says_for_whom_it_is_without_asking_the_server(open_console, token, path, words, axe):
    secret, name = token("viewer")
    page = open_console(path, token=secret)
    expect(page.get_by_text(words)).to_be_visible()
    expect(page.get_by_text(f"You are signed in with the token {name}: a viewer of all projects.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    axe(page)
    page.get_by_role("main").get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Home", level=1)).to_be_visible()


def test_a_token_of_one_project_sees_that_alone(open_console, make_project, token, complaints, axe):
    complaints.allow(REFUSED)
    own, other = make_project(), make_project()
    own.command("tidy", "true")
    secret, _ = token("admin", [own.name])
    page = open_console("/projects", token=secret)
    cards = page.get_by_role("main").get_by_role("heading", level=2)
    expect(cards).to_have_text([own.name])
    expect(page.get_by_role("button", name="Create New Project")).to_have_count(0)
    expect(signed_in(page)).to_contain_text(f"an admin, limited to {own.name}")
    assert buttons(page, "Credentials", "Tokens", "Audit") == ["Audit"]
    page.get_by_role("link", name="Audit").click()
    expect(entry(page, f"created the project {own.name}")).to_be_visible()
    expect(page.get_by_text(other.name)).to_have_count(0)
    axe(page)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="KintoBlocks").click()
    expect(page.get_by_role("link", name="Create New KintoBlock")).to_have_count(0)
    page.goto(page.url.partition("#")[0] + f"#/projects/{own.name}/default")
    page.get_by_role("button", name="Environment settings").click()
    panel = page.get_by_role("dialog", name="Environment settings")
    expect(panel.get_by_label("Role ARN")).to_be_disabled()
    panel.get_by_label("Environment Name").fill("Live")
    panel.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Environments", exact=True)).to_contain_text("Live")
    page.goto(page.url.partition("#")[0] + f"#/projects/{other.name}/default")
    expect(page.get_by_role("alert").first).to_contain_text("there is no project", ignore_case=True)


def test_the_audit_tells_each_change_from_what_to_what_and_no_masked_value(open_console, project, axe, screenshot):
    secret = uuid.uuid4().hex
    project.scheduled("backup", "true", cron="0 3 * * *")
    path = f"{project.environment}/blocks/backup"
    present = project.get(path)
    body = {name: present[name] for name in ("block", "ref", "memory_mb", "timeout_seconds", "retries")}
    run = {**present["run"], "cron": "30 4 * * *"}
    masked = [{"name": "KEY", "value": secret, "masked": True}]
    project.call("PUT", path, {**body, "run": run, "variables": present["variables"]})
    project.call("PUT", path, {**body, "run": run, "variables": [*present["variables"], *masked]})
    masked[0]["value"] = secret[::-1]
    project.call("PUT", path, {**body, "run": run, "variables": [*present["variables"], *masked]})

    page = open_console(f"/projects/{project.name}/default/blocks/backup")
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/audit" in request.url else None)
    section = page.get_by_role("region", name="Audit")
    expect(section.get_by_role("heading", name="Audit")).to_be_visible()
    assert asked == []
    section.get_by_role("heading", name="Audit").click()
    entries = section.get_by_role("listitem")
    place = f"backup in {project.name}/default"
    expect(entries).to_contain_text(
        [
            f"admin changed the variables of {place}",
            f"admin changed the variables of {place}",
            f"admin changed the schedule of {place}",
            re.compile(f"admin added backup.* to {project.name}/default"),
        ]
    )
    expect(entries.nth(0)).to_contain_text("masked, changed")
    expect(entries.nth(1)).to_contain_text("masked, new")
    expect(entries.nth(2)).to_contain_text(re.compile(r"CRON PATTERN\s*from 0 3 \* \* \*.*to 30 4 \* \* \*"))
    expect(entries.nth(2)).to_contain_text("from 127.0.0.1")
    entries.nth(2).get_by_text("from 127.0.0.1").click()
    expect(entries.nth(2).get_by_text("Request")).to_be_visible()
    assert secret not in page.content()
    assert secret[::-1] not in page.content()
    axe(page)
    section.scroll_into_view_if_needed()
    screenshot(page, "audit-of-job")
    section.get_by_role("link", name="Look at these in the audit").click()
    expect(page.get_by_label("Hostname")).to_have_value("backup")
    expect(page.get_by_role("main").get_by_role("listitem")).to_have_count(4)
    page.get_by_role("link", name=f"{project.name}/default").first.click()
    section = page.get_by_role("region", name="Audit")
    section.get_by_role("heading", name="Audit").click()
    expect(section.get_by_text(f"admin created the project {project.name}")).to_be_visible()


def test_the_audit_is_filtered_by_project_block_and_person_in_the_address(
    open_console, project, token, axe, complaints
):
    complaints.allow(REFUSED)
    secret, name = token("admin", [project.name])
    project.command("tidy", "true")
    block = project.get(project.environment)["blocks"][0]["block"]
    person = open_console(f"/projects/{project.name}/default", token=secret)
    person.get_by_role("button", name="Project settings").click()
    person.get_by_role("dialog").get_by_label("Description").fill("told")
    person.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(person.get_by_role("dialog")).to_have_count(0)

    page = open_console("/audit")
    entries = page.get_by_role("main").get_by_role("listitem")
    fields = page.get_by_role("search", name="Audit")
    fields.get_by_label("Project").fill(project.name)
    fields.get_by_label("Person").fill(name)
    fields.get_by_label("Person").press("Enter")
    expect(page).to_have_url(re.compile(f"#/audit\\?project={project.name}&by=admin"))
    expect(entries).to_have_count(1)
    expect(entries).to_contain_text(f"{name} changed the description of the project {project.name}")
    page.reload()
    expect(fields.get_by_label("Project")).to_have_value(project.name)
    expect(entries).to_have_count(1)
    fields.get_by_role("button", name="Show all").click()
    expect(fields.get_by_label("Project")).to_have_value("")
    fields.get_by_label("KintoBlock").fill(block)
    fields.get_by_role("button", name="Filter").click()
    expect(entries.last).to_contain_text(f"admin created the KintoBlock {block}")
    page.go_back()
    expect(fields.get_by_label("KintoBlock")).to_have_value("")
    fields.get_by_label("Project").fill("No Such")
    fields.get_by_role("button", name="Filter").click()
    expect(fields.get_by_label("Project")).to_have_accessible_description(re.compile("lower-case"))
    fields.get_by_label("Project").fill("no-such")
    fields.get_by_role("button", name="Filter").click()
    expect(page.get_by_text("Nothing was changed")).to_be_visible()
    axe(page)
    page.goto(page.url.partition("#")[0] + f"#/blocks/{block}")
    page.get_by_role("region", name="Audit").get_by_role("heading", name="Audit").click()
    expect(page.get_by_role("region", name="Audit").get_by_role("listitem").last).to_contain_text(
        "created the KintoBlock"
    )


def test_older_changes_are_found_behind_pages_that_hold_none(open_console, project, token):
    _, name = token("viewer")
    project.command("tidy", "true")
    for number in range(30):
        project.call("PATCH", f"/projects/{project.name}", {"description": str(number)})
    page = open_console(f"/audit?project={project.name}&environment=default")
    entries = page.get_by_role("main").get_by_role("listitem")
    expect(entries).to_have_count(1)
    expect(entries).to_contain_text(re.compile(f"added tidy.* to {project.name}/default"))
    page.goto(page.url.partition("#")[0] + f"#/audit?project={project.name}")
    expect(entries).to_have_count(25)
    page.get_by_role("button", name="Show more").click()
    expect(entries.last).to_contain_text(f"created the project {project.name}")
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    page.goto(page.url.partition("#")[0] + f"#/audit?by={name}")
    expect(page.get_by_text("Nothing was changed")).to_be_visible()


@pytest.mark.parametrize("options", [PHONE, WIDE_DARK])
def test_the_pages_fit(open_console, project, token, options, axe, screenshot):
    _, name = token("deployer", [project.name])
    page = open_console("/tokens", **options)
    expect(page.get_by_role("listitem").filter(has_text=name)).to_be_visible()
    size = options["viewport"]["width"]
    for path, there in [("/tokens", name), ("/audit", "created the project")]:
        page.goto(page.url.partition("#")[0] + f"#{path}")
        expect(page.get_by_text(there).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        axe(page)
        screenshot(page, f"{path[1:]}-{size}", full_page=False)
    page.goto(page.url.partition("#")[0] + "#/tokens")
    page.get_by_role("button", name="Create token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Chosen projects").check()
    dialog.get_by_role("checkbox", name=project.name).check()
    expect(dialog.get_by_text(f"Chosen: {project.name}.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
    screenshot(page, f"create-token-{size}", full_page=False)
