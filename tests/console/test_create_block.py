"""Create New KintoBlock, in the words and the order that a person has it."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.console.conftest import PHONE

pytestmark = pytest.mark.ci

URL = "https://git.example/owner/shop"
SECRET = "hunter2-is-secret"


@pytest.fixture
def unique():
    """A display name that nothing else on the stack has; `Test-Job ab12cd` gives `test-job-ab12cd`."""
    return f"Test-Job a{uuid.uuid4().hex[:6]}"


@pytest.fixture
def made(console_stack):
    """`made(name)`: the block of this display name as the API tells it; fails where it is not there."""

    def get(name):
        status, _, answer = console_stack.request("GET", f"/blocks/{internal(name)}")
        assert status == 200, answer
        return answer

    return get


def internal(name):
    return name.lower().replace(" ", "-")


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def field(page, label):
    # Password fields have no role; the label says, too, where a field is optional.
    return page.get_by_label(re.compile(rf"^\s*{label}\s*(optional)?\s*$")).and_(
        page.locator("input:not([type=radio]), textarea")
    )


def heading(page, name):
    return page.get_by_role("heading", name=name, exact=True)


def begin(page, flavor="Job"):
    """From anywhere to the second step."""
    page.get_by_role("navigation", name="Main").get_by_role("link", name="KintoBlocks").click()
    page.get_by_role("link", name="Create New KintoBlock").click()
    button(page, flavor).click()
    expect(heading(page, "Choose Repository")).to_be_visible()


def choose_repository(page, url=URL):
    field(page, "Repository").fill(url)
    button(page, "Continue").click()
    expect(field(page, "Internal Name")).to_be_visible()


def created(page, name):
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()
    expect(page.get_by_role("link", name="Add it to a project")).to_be_visible()


def test_a_job_is_created_from_a_repository(page, unique, made, axe, screenshot):
    begin(page)
    axe(page)
    field(page, "Repository").fill(URL)
    field(page, "Branch").fill("release/1.2")
    expect(field(page, "Source Folder Path")).to_have_attribute("placeholder", "/path/to/folder")
    field(page, "Source Folder Path").fill("/services/api/")
    button(page, "Continue").click()
    field(page, "Name").press_sequentially(unique)
    expect(field(page, "Internal Name")).to_have_value(internal(unique))
    expect(page.get_by_text("2 to 48 lower-case letters, digits and hyphens")).to_be_visible()
    sources = page.get_by_role("group", name="Source Type").get_by_role("radio")
    expect(sources).to_have_count(3)
    page.get_by_role("radio", name="Docker File").check()
    page.get_by_role("radio", name="Command").check()
    field(page, "Build").fill("make")
    field(page, "Command").fill("make migrate\nmake check")
    axe(page)
    screenshot(page, "create-job")
    button(page, "Create Job").click()
    created(page, unique)
    axe(page)
    screenshot(page, "created-job")
    block = made(unique)
    assert (block["name"], block["flavor"]) == (unique, "job")
    assert block["repository"] == {"url": URL, "branch": "release/1.2", "source_folder": "services/api"}
    assert block["source"] == {"type": "command", "command": "make migrate\nmake check", "build": "make"}
    page.get_by_role("link", name="Add it to a project").click()
    expect(page.get_by_role("heading", level=1, name="Projects")).to_be_visible()


def test_the_root_the_main_branch_and_the_docker_file_are_what_is_left_out(page, unique, made):
    begin(page)
    choose_repository(page, "git@git.example:owner/shop.git")
    field(page, "Name").fill(unique)
    button(page, "Create Job").click()
    created(page, unique)
    repository = {"url": f"{URL}.git", "branch": "main", "source_folder": ""}
    assert made(unique)["repository"] == repository
    assert made(unique)["source"] == {"type": "dockerfile", "dockerfile": "Dockerfile", "command": None}


def test_one_goes_back_and_forth_without_losing_anything(page, unique, made):
    begin(page)
    field(page, "Source Folder Path").fill("jobs")
    field(page, "Token").fill(SECRET)
    choose_repository(page)
    field(page, "Name").fill(unique)
    page.get_by_role("radio", name="Command").check()
    field(page, "Command").fill("make")
    button(page, "Add variable").click()
    field(page, "Variable").fill("A")
    button(page, "Back").click()
    expect(field(page, "Source Folder Path")).to_have_value("jobs")
    expect(field(page, "Token")).to_have_value(SECRET)
    button(page, "Back").click()
    expect(button(page, "Job")).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(field(page, "Repository")).to_have_value(URL)
    page.go_back()
    expect(field(page, "Command")).to_have_value("make")
    expect(page.get_by_role("radio", name="Command")).to_be_checked()
    expect(field(page, "Variable")).to_have_value("A")
    button(page, "Create Job").click()
    created(page, unique)
    assert made(unique)["has_token"]


def test_the_internal_name_follows_the_name_until_it_is_edited(page):
    begin(page)
    choose_repository(page)
    name, internal_name = field(page, "Name"), field(page, "Internal Name")
    name.fill("Über Größe (nightly)")
    expect(internal_name).to_have_value("uber-groe-nightly")
    internal_name.fill("Mine")
    expect(page.get_by_text("Not possible")).to_be_visible()
    internal_name.fill("mine")
    expect(page.get_by_text("Not possible")).not_to_be_visible()
    name.fill("Another name")
    expect(internal_name).to_have_value("mine")


def test_a_reload_keeps_everything_but_secrets(page, unique):
    begin(page)
    field(page, "Token").fill(SECRET)
    choose_repository(page)
    field(page, "Name").fill(unique)
    button(page, "Paste many").click()
    field(page, "Paste many").fill(f"export MODE='fast lane'\nTOKEN={SECRET}")
    button(page, "Take over 2 variables").click()
    page.get_by_role("group", name="Variable TOKEN").get_by_label("Masked").check()
    held = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, location.href])")
    assert unique in held
    assert SECRET not in held
    page.reload()
    expect(field(page, "Name")).to_have_value(unique)
    values = page.get_by_label("Value", exact=True)
    expect(values.nth(0)).to_have_value("fast lane")
    expect(values.nth(1)).to_have_value("")
    button(page, "Back").click()
    expect(field(page, "Repository")).to_have_value(URL)
    expect(field(page, "Token")).to_have_value("")
    button(page, "Start over").click()
    expect(heading(page, "Choose the flavor")).to_be_visible()
    button(page, "Job").click()
    expect(field(page, "Repository")).to_have_value("")


def test_what_one_person_began_is_not_for_the_next(page):
    begin(page)
    field(page, "Repository").fill(URL)
    assert URL in page.evaluate("JSON.stringify({...sessionStorage})")
    button(page, "Sign out").click()
    expect(page.get_by_label("Token")).to_be_visible()
    assert URL not in page.evaluate("JSON.stringify({...sessionStorage})")


def test_a_second_click_on_create_creates_nothing_more(page, unique, made):
    sent = []
    page.on("request", lambda request: sent.append(request.method) if request.url.endswith("/blocks") else None)
    begin(page)
    choose_repository(page)
    field(page, "Name").fill(unique)
    # As quick as no hand is: the second comes before anything can be drawn anew.
    page.locator("form").evaluate("form => { form.requestSubmit(); form.requestSubmit(); }")
    created(page, unique)
    assert sent.count("POST") == 1
    assert made(unique)["version"] == 1


def test_an_answer_that_was_lost_is_asked_for_again_without_a_second_block(page, unique, made, complaints):
    complaints.allow("ERR_FAILED")
    keys = []

    def lose(route):
        keys.append(route.request.headers.get("idempotency-key"))
        if len(keys) > 1:
            return route.continue_()
        assert route.fetch().status == 201
        return route.abort()

    begin(page)
    choose_repository(page)
    page.route(
        re.compile(r"/blocks$"), lambda route: lose(route) if route.request.method == "POST" else route.continue_()
    )
    field(page, "Name").fill(unique)
    button(page, "Create Job").click()
    expect(page.get_by_role("alert").filter(has_text="can't be reached. Nothing was lost")).to_be_visible()
    expect(field(page, "Name")).to_have_value(unique)
    button(page, "Create Job").click()
    created(page, unique)
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert keys[0]
    assert made(unique)["version"] == 1


def test_a_wrong_repository_is_told_at_its_field_before_the_next_step(page):
    begin(page)
    button(page, "Continue").click()
    expect(field(page, "Repository")).to_have_attribute("aria-invalid", "true")
    field(page, "Repository").fill("http://git.example/a")
    button(page, "Continue").click()
    expect(field(page, "Repository")).to_have_accessible_description(re.compile("only https:// addresses"))
    expect(heading(page, "Choose Repository")).to_be_visible()


def test_what_the_server_refuses_leads_to_the_step_and_stands_at_the_field(page, unique, complaints, made):
    complaints.allow("422")
    begin(page)
    field(page, "Branch").fill("no..branch")
    choose_repository(page)
    field(page, "Name").fill(unique)
    page.get_by_role("radio", name="Command").check()
    button(page, "Add variable").click()
    field(page, "Variable").fill("1A")
    button(page, "Create Job").click()
    expect(heading(page, "Choose Repository")).to_be_visible()
    expect(field(page, "Branch")).to_have_accessible_description(re.compile("not a name that git allows"))
    expect(field(page, "Repository")).to_have_value(URL)
    field(page, "Branch").fill("main")
    button(page, "Continue").click()
    button(page, "Create Job").click()
    expect(field(page, "Command")).to_have_accessible_description(re.compile("must not be empty"))
    expect(field(page, "Variable")).to_have_accessible_description(re.compile("letters, digits and underscores"))
    field(page, "Variable").fill("A1")
    field(page, "Command").fill("true")
    button(page, "Create Job").click()
    created(page, unique)
    assert made(unique)["variables"] == [{"name": "A1", "value": "", "required": False, "masked": False}]


def test_a_name_that_is_taken_is_told_at_the_internal_name(page, console_stack, unique, complaints, made):
    complaints.allow("409")
    body = {"name": unique, "source": {"type": "image", "image": "alpine"}}
    assert console_stack.request("POST", "/blocks", body)[0] == 201
    begin(page)
    choose_repository(page)
    field(page, "Name").fill(unique)
    button(page, "Create Job").click()
    expect(field(page, "Internal Name")).to_have_accessible_description(re.compile("choose another internal name"))
    field(page, "Internal Name").fill(f"{internal(unique)}-2")
    button(page, "Create Job").click()
    created(page, unique)
    assert made(f"{unique} 2")["name"] == unique


def test_a_job_is_created_by_keyboard_alone(page, unique, made):
    def tab_to(locator):
        for _ in range(60):
            if locator.evaluate("one => one === document.activeElement"):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {locator}")

    def press(locator, key="Enter"):
        tab_to(locator)
        page.keyboard.press(key)

    press(page.get_by_role("navigation", name="Main").get_by_role("link", name="KintoBlocks"))
    press(page.get_by_role("link", name="Create New KintoBlock"))
    press(button(page, "Job"))
    expect(heading(page, "Choose Repository")).to_be_focused()
    tab_to(field(page, "Repository"))
    page.keyboard.type(URL)
    page.keyboard.press("Enter")
    expect(heading(page, "Name and source")).to_be_focused()
    tab_to(field(page, "Name"))
    page.keyboard.type(unique)
    tab_to(page.get_by_role("radio", name="Docker File"))
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("radio", name="Command")).to_be_checked()
    tab_to(field(page, "Command"))
    page.keyboard.type("true")
    press(button(page, "Add variable"), "Space")
    expect(field(page, "Variable")).to_be_focused()
    page.keyboard.type("A")
    press(button(page, "Create Job"))
    created(page, unique)
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    assert made(unique)["source"]["command"] == "true"


def test_a_service_says_with_which_command_it_is_deployed(page, unique, made, complaints):
    complaints.allow("422")
    begin(page, "Service")
    choose_repository(page)
    field(page, "Name").fill(unique)
    button(page, "Create Service").click()
    expect(field(page, "Command")).to_have_accessible_description(re.compile("a service needs a command"))
    field(page, "Command").fill("make release")
    button(page, "Create Service").click()
    created(page, unique)
    assert made(unique)["flavor"] == "service"
    assert made(unique)["source"]["type"] == "dockerfile"


def test_an_image_needs_no_repository(page, unique, made, complaints):
    complaints.allow("422")
    begin(page)
    button(page, "Use an image, no repository").click()
    expect(page.get_by_role("radio", name="Image", exact=True)).to_be_checked()
    page.get_by_role("radio", name="Command").check()
    expect(page.get_by_text("Command needs a repository")).to_be_visible()
    page.get_by_role("radio", name="Image", exact=True).check()
    field(page, "Name").fill(unique)
    field(page, "Image").fill("Not An Image")
    button(page, "Create Job").click()
    expect(field(page, "Image")).to_have_accessible_description(re.compile("not the name of an image"))
    field(page, "Image").fill("public.ecr.aws/docker/library/alpine:3.20")
    button(page, "Create Job").click()
    created(page, unique)
    image = {"type": "image", "image": "public.ecr.aws/docker/library/alpine:3.20", "command": None}
    assert (made(unique)["repository"], made(unique)["source"]) == (None, image)


def test_variables_are_typed_pasted_and_copied(open_console, unique, made):
    page = open_console(permissions=["clipboard-read", "clipboard-write"])
    begin(page)
    choose_repository(page)
    field(page, "Name").fill(unique)
    button(page, "Add variable").click()
    field(page, "Variable").fill("A")
    button(page, "Paste many").click()
    field(page, "Paste many").fill("# settings\nA=1\nnonsense\nexport KEY='-----BEGIN-----\nabc'\n")
    expect(field(page, "Paste many")).to_have_accessible_description(re.compile("Line 3: no KEY=value"))
    button(page, "Take over 2 variables").click()
    button(page, "Add variable").click()
    page.get_by_role("group", name="New variable").get_by_label("Variable", exact=True).fill("A")
    expect(page.get_by_text("A is there twice")).to_be_visible()
    button(page, "Remove A").last.click()
    expect(page.get_by_text("A is there twice")).not_to_be_visible()
    key = page.get_by_role("group", name="Variable KEY")
    expect(key.get_by_label("Value")).to_have_value("-----BEGIN-----\nabc")
    button(page, "Copy all").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "A=1\nKEY='-----BEGIN-----\nabc'"
    key.get_by_label("Masked").check()
    key.get_by_label("Required").check()
    button(page, "Create Job").click()
    created(page, unique)
    expect(page.get_by_role("row", name=re.compile("KEY masked, not shown required"))).to_be_visible()
    assert made(unique)["variables"] == [
        {"name": "A", "value": "1", "required": False, "masked": False},
        {"name": "KEY", "value": None, "required": True, "masked": True},
    ]


def test_repositories_of_other_blocks_are_suggested(page, console_stack, unique):
    url = f"https://git.example/{internal(unique)}"
    body = {"name": unique, "source": {"type": "dockerfile"}, "repository": {"url": url}}
    assert console_stack.request("POST", "/blocks", body)[0] == 201
    begin(page)
    suggested = page.locator(f"datalist option[value={json.dumps(url)}]")
    expect(suggested).to_have_count(1)
    identity = page.locator("datalist").get_attribute("id")
    expect(field(page, "Repository")).to_have_attribute("list", identity)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_step_fits_on_a_phone(open_console, axe, screenshot, scheme):
    page = open_console("/blocks/new", color_scheme=scheme, **PHONE)

    def look(name):
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        screenshot(page, f"create-{name}-phone-{scheme}")

    expect(button(page, "Job")).to_be_visible()
    look("flavor")
    button(page, "Job").click()
    button(page, "Continue").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look("repository")
    choose_repository(page)
    field(page, "Name").fill("An unusually long name of a job that has very much to say " * 3)
    button(page, "Add variable").click()
    field(page, "Variable").fill("DATABASE_URL")
    button(page, "Paste many").click()
    field(page, "Paste many").fill("nonsense")
    look("details")
