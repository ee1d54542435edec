"""KintoBlocks in the console: the list, one of them to change and to delete, and the credentials they need."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.conftest import LocalStack
from tests.console.conftest import PHONE

pytestmark = pytest.mark.ci

MANY = 51
SECRET = "hunter2-is-secret"


@pytest.fixture
def block(console_stack):
    """`block(**fields)`: the internal name of a new block of a command; `block.read(name)` and `block.change(...)`."""

    class Blocks:
        def __call__(self, **fields):
            name = f"b{uuid.uuid4().hex[:8]}"
            source = {"type": "command", "command": "make"}
            body = {"name": name, "source": source, "repository": {"url": "https://git.example/owner/shop"}, **fields}
            return self._done("POST", "/blocks", body)["internal_name"]

        def read(self, name):
            return self._done("GET", f"/blocks/{name}")

        def change(self, name, /, **fields):
            return self._done("PATCH", f"/blocks/{name}", fields)

        def _done(self, *request):
            status, _, answer = console_stack.request(*request)
            assert status < 300, answer
            return answer

    return Blocks()


def button(page, name):
    return page.get_by_role("button", name=name, exact=True)


def edit(open_console, name):
    page = open_console(f"/blocks/{name}")
    button(page, "Edit").click()
    return page


def saved(page):
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(button(page, "Edit")).to_be_visible()


def test_where_there_is_no_block_it_is_said_what_to_do_and_many_come_in_pages(tmp_path, open_console, axe, screenshot):
    stack = LocalStack(tmp_path / "state").start()
    try:
        page = open_console("/blocks", stack=stack)
        expect(page.get_by_text("There are no KintoBlocks yet.")).to_be_visible()
        expect(page.get_by_role("link", name="Create New KintoBlock")).to_be_visible()
        axe(page)
        for number in range(MANY):
            body = {"name": f"Block {number:02}", "source": {"type": "image", "image": f"alpine:{number}"}}
            assert stack.request("POST", "/blocks", body)[0] == 201
        page.reload()
        cards = page.get_by_role("main").get_by_role("listitem").filter(has=page.get_by_role("heading", level=2))
        expect(cards).to_have_count(MANY - 1)
        expect(page.get_by_role("main").get_by_role("listitem").first).to_have_text(re.compile("Create New KintoBlock"))
        search = page.get_by_role("searchbox", name="Search KintoBlocks")
        search.fill("BLOCK 50")
        expect(cards).to_have_count(1)
        expect(cards.get_by_role("link", name="Block 50")).to_be_visible()
        expect(page.get_by_text("1 found", exact=True)).to_be_visible()
        expect(button(page, "Show more")).not_to_be_visible()
        search.fill("")
        expect(cards).to_have_count(MANY - 1)
        button(page, "Show more").click()
        expect(cards).to_have_count(MANY)
        axe(page)
        screenshot(page, "blocks")
        page.close()
    finally:
        stack.kill()


def test_a_card_leads_to_its_block_and_says_where_it_comes_from(open_console, block, axe, screenshot):
    name = block(
        name="aaa", internal_name="a0-first", repository={"url": "https://git.example/a/b", "source_folder": "jobs"}
    )
    page = open_console("/blocks")
    card = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="aaa", exact=True))
    for said in ("a0-first", "Job", "Command", "git.example/a/b/jobs"):
        expect(card.get_by_text(said, exact=True)).to_be_visible()
    card.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1, name="aaa")).to_be_visible()
    expect(page.get_by_role("region", name="Command", exact=True)).to_have_text(re.compile("make"))
    expect(page.get_by_text("No default variables.")).to_be_visible()
    axe(page)
    screenshot(page, "block")
    assert name in page.url


def test_a_change_sends_only_what_was_changed_and_keeps_masked_values(open_console, block, axe):
    name = block(
        variables=[{"name": "KEY", "value": SECRET, "masked": True}, {"name": "A", "value": "1"}],
        repository={"url": "https://git.example/a/b", "token": SECRET},
    )
    page = edit(open_console, name)
    sent = []
    page.on("request", lambda request: sent.append(request.post_data_json) if request.method == "PATCH" else None)
    axe(page)
    key = page.get_by_role("group", name="Variable KEY")
    expect(key.get_by_label("Value")).to_have_attribute("placeholder", "not shown")
    expect(page.get_by_label("Token", exact=True)).to_have_attribute("placeholder", "stored, not shown")
    page.get_by_label("Name", exact=True).fill("Another name")
    button(page, "Save").click()
    saved(page)
    page.get_by_role("heading", level=1, name="Another name").wait_for()
    button(page, "Edit").click()
    page.get_by_label("Branch").fill("next")
    page.get_by_role("group", name="Variable A").get_by_label("Value").fill("2")
    button(page, "Save").click()
    saved(page)
    repository = {"url": "https://git.example/a/b", "branch": "next", "source_folder": ""}
    masked = {"name": "KEY", "value": None, "masked": True, "required": False}
    plain = {"name": "A", "value": "2", "masked": False, "required": False}
    assert sent == [{"name": "Another name"}, {"repository": repository, "variables": [masked, plain]}]
    assert block.read(name)["has_token"]
    button(page, "Edit").click()
    page.get_by_label("Forget the stored token").check()
    button(page, "Save").click()
    saved(page)
    assert not block.read(name)["has_token"]


def test_another_source_is_chosen_and_errors_keep_what_was_typed(open_console, block, complaints):
    complaints.allow("422")
    name = block()
    page = edit(open_console, name)
    page.get_by_role("radio", name="Image", exact=True).check()
    page.get_by_label("Image", exact=True).last.fill("Not An Image")
    button(page, "Save").click()
    image = page.get_by_role("textbox", name="Image")
    expect(image).to_have_accessible_description(re.compile("not the name of an image"))
    expect(image).to_have_value("Not An Image")
    image.fill("alpine:3.20")
    button(page, "Save").click()
    saved(page)
    assert block.read(name)["repository"] is None
    assert block.read(name)["source"]["image"] == "alpine:3.20"


@pytest.mark.parametrize(("choice", "name_then"), [("Send mine again", "Mine"), ("Take theirs", "Theirs")])
def test_what_another_person_changed_is_shown_before_anything_is_overwritten(
    open_console, block, complaints, axe, screenshot, choice, name_then
):
    complaints.allow("412")
    name = block()
    page = edit(open_console, name)
    page.get_by_label("Name", exact=True).fill("Mine")
    page.get_by_label("Build", exact=True).fill("make all")
    block.change(name, name="Theirs", source={"command": "make theirs"})
    button(page, "Save").click()
    shown = page.get_by_role("region", name="Changed meanwhile")
    expect(shown.get_by_role("heading")).to_be_focused()
    expect(shown.get_by_role("row", name=re.compile(f"Name changed by both {name} Theirs Mine"))).to_be_visible()
    expect(shown.get_by_role("row", name=re.compile("Command changed by them make make theirs make"))).to_be_visible()
    expect(shown.get_by_role("row", name=re.compile("Build changed by you — — make all"))).to_be_visible()
    axe(page)
    screenshot(page, "stale")
    button(page, choice).click()
    if choice == "Take theirs":
        expect(page.get_by_label("Name", exact=True)).to_have_value("Theirs")
        expect(page.get_by_role("textbox", name="Command", exact=True)).to_have_value("make theirs")
        expect(shown).not_to_be_visible()
        button(page, "Save").click()
    saved(page)
    found = block.read(name)
    assert found["name"] == name_then
    build = "make all" if choice == "Send mine again" else None
    assert found["source"] == {"type": "command", "command": "make theirs", "build": build}


def test_the_projects_of_a_block_are_chosen_and_shown(
    open_console, block, make_project, axe, screenshot, console_stack
):
    mine, other = make_project(), make_project()
    name = block(name=f"Shared {uuid.uuid4().hex[:6]}")
    page = edit(open_console, name)
    page.get_by_role("radio", name="Chosen projects").check()
    page.get_by_role("checkbox", name=mine.name).check()
    axe(page)
    screenshot(page, "block-projects")
    button(page, "Save").click()
    saved(page)
    expect(page.get_by_role("link", name=mine.name, exact=True)).to_be_visible()
    assert block.read(name)["projects"] == [mine.name]
    options = page.get_by_role("listbox", name="KintoBlocks").get_by_role("option")
    for project, count in ((mine, 1), (other, 0)):
        page.goto(f"{console_stack.url}/#/projects/{project.name}/default")
        button(page, "Add KintoBlock").click()
        page.get_by_role("combobox", name="Search KintoBlocks").fill(name)
        expect(page.get_by_text("1 KintoBlock" if count else "No KintoBlock").first).to_be_attached()
        expect(options).to_have_count(count)
        page.keyboard.press("Escape")
    page.goto(f"{console_stack.url}/#/blocks/{name}")
    button(page, "Edit").click()
    page.get_by_role("radio", name="All projects").check()
    button(page, "Save").click()
    saved(page)
    expect(page.get_by_text("all may use it")).to_be_visible()
    assert block.read(name)["projects"] is None


def test_a_block_is_deleted_by_its_word(open_console, block):
    name = block(name=f"Old {uuid.uuid4().hex[:6]}")
    page = open_console(f"/blocks/{name}")
    button(page, "Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Delete KintoBlock")).to_be_disabled()
    dialog.get_by_label("Type DELETE to confirm").fill("DELETE")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="KintoBlocks")).to_be_visible()
    expect(page.get_by_text("is deleted")).to_be_visible()


def test_a_block_that_is_configured_is_not_deleted_and_it_is_said_where(open_console, project, complaints):
    complaints.allow("409")
    project.before("migrate", "true")
    page = open_console(f"/blocks/migrate-{project.name}")
    button(page, "Delete").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Type DELETE to confirm").fill("DELETE")
    dialog.get_by_role("button", name="Delete KintoBlock").click()
    expect(dialog.get_by_role("alert")).to_have_text(re.compile(f"is configured in {project.name}/default/migrate"))


def test_a_block_that_is_not_there_says_so(open_console, complaints):
    complaints.allow("404")
    page = open_console("/blocks/nothing-here")
    expect(page.get_by_role("alert")).to_have_text(re.compile("Not found", re.IGNORECASE))
    expect(page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="KintoBlocks")).to_be_visible()


def test_credentials_are_added_replaced_and_forgotten(open_console, console_stack, complaints, axe, screenshot):
    complaints.allow("422")
    host = f"{uuid.uuid4().hex[:8]}.example"
    page = open_console("/credentials")
    button(page, "Add credentials").click()
    button(page, "Add").click()
    secret = page.get_by_label("Token or password")
    expect(secret).to_have_accessible_description(re.compile("is missing"))
    expect(page.get_by_label("Host")).to_have_accessible_description(re.compile("is missing"))
    axe(page)
    secret.fill("with a space")
    page.get_by_label("Host").fill("under_score")
    button(page, "Add").click()
    expect(secret).to_have_accessible_description(re.compile("visible ASCII characters only"))
    expect(secret).to_have_value("with a space")
    page.get_by_label("Host").fill(f"https://{host.upper()}/v2/")
    page.get_by_label("User name").fill("ada")
    secret.fill(SECRET)
    button(page, "Add").click()
    entry = page.get_by_role("listitem").filter(has_text=host)
    expect(entry.get_by_text("User name ada")).to_be_visible()
    axe(page)
    screenshot(page, "credentials")
    assert SECRET not in page.content()
    button(page, f"Replace the secret for {host}").click()
    expect(page.get_by_label("Host")).to_be_disabled()
    expect(page.get_by_label("Token or password")).to_be_focused()
    page.get_by_label("Token or password").fill("another")
    button(page, "Replace").click()
    expect(page.get_by_role("dialog")).not_to_be_visible()
    button(page, f"Forget the secret for {host}").click()
    page.get_by_role("dialog").get_by_role("button", name="Forget", exact=True).click()
    expect(entry).not_to_be_visible()
    hosts = [one["host"] for one in console_stack.request("GET", "/credentials")[2]["items"]]
    assert host not in hosts


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_blocks_fit_on_a_phone(open_console, block, axe, screenshot, scheme):
    variables = [{"name": "LONG" * 12, "value": "x" * 300}]
    name = block(name="a-very-long-name-without-any-space-" * 5, internal_name=f"a-{scheme}", variables=variables)
    page = open_console("/blocks", color_scheme=scheme, **PHONE)
    for path in ("/blocks", f"/blocks/{name}", "/credentials"):
        page.goto(page.url.partition("#")[0] + f"#{path}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.get_by_text("Loading")).to_have_count(0)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        screenshot(page, f"{path.split('/')[1]}-{path.count('/')}-phone-{scheme}")
    assert page.url.endswith("/credentials")
