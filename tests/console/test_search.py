"""Lists are searched on the server: what is on no page yet is found, and the address keeps the search."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from playwright.sync_api import expect

from tests.console.conftest import PHONE

pytestmark = pytest.mark.ci

MANY = 60


@pytest.fixture(scope="module")
def large(tmp_path_factory, console_stack):
    """A stack with more blocks and projects than a page of the console shows."""
    stack = type(console_stack)(tmp_path_factory.mktemp("large") / "state").start()
    for number in range(MANY):
        block = {"name": f"Block {number:02}", "source": {"type": "image", "image": "alpine:3"}}
        assert stack.request("POST", "/blocks", block)[0] == 201
        assert stack.request("POST", "/projects", {"name": f"Project {number:02}"})[0] == 201
    yield stack
    stack.kill()


def cards(page, path):
    if path == "/":
        return page.locator(".home-card")
    return page.get_by_role("main").get_by_role("listitem").filter(has=page.get_by_role("heading", level=2))


LISTS = [("/blocks", "Block", "KintoBlocks"), ("/projects", "Project", "projects"), ("/", "Project", "projects")]


@pytest.mark.parametrize(("path", "name", "what"), LISTS)
def test_list_finds_what_is_not_loaded_and_keeps_the_search(open_console, large, axe, path, name, what):
    page = open_console(path, stack=large)
    search = page.get_by_role("searchbox", name=f"Search {what}")
    expect(cards(page, path).first).to_contain_text(f"{name} 00")
    search.press_sequentially(f"{name.upper()} 59")
    expect(cards(page, path)).to_have_count(1)
    expect(cards(page, path)).to_contain_text(f"{name} 59")
    expect(page.get_by_text("1 found", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"#{path}\?search={name.upper()}\+59$"))
    axe(page)

    page.reload()
    expect(search).to_have_value(f"{name.upper()} 59")
    expect(cards(page, path)).to_have_count(1)
    cards(page, path).get_by_role("link", name=f"{name} 59").click()
    expect(page.get_by_role("heading", level=1, name=f"{name} 59")).to_be_visible()
    page.go_back()
    expect(search).to_have_value(f"{name.upper()} 59")
    expect(cards(page, path)).to_have_count(1)

    search.fill(f"{name} 1")
    expect(cards(page, path)).to_have_count(15)
    search.fill("no such thing")
    one = {"Block": "KintoBlock"}.get(name, "project")
    expect(page.get_by_text(f"No {one} matches “no such thing”.")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Clear the search").click()
    expect(search).to_have_value("")
    expect(cards(page, path).first).to_contain_text(f"{name} 00")
    assert page.url.endswith(f"#{path}")


def test_typing_asks_once_it_pauses_and_late_answers_are_dropped(open_console, large):
    page = open_console("/blocks", stack=large)
    expect(cards(page, "/blocks").first).to_be_visible()
    held, asked = [], []

    def hold(route):
        asked.append(route.request.url)
        if "search=block+1" in route.request.url or "search=block%201" in route.request.url:
            held.append(route)
        else:
            route.continue_()

    page.route("**/blocks?*search=*", hold)
    search = page.get_by_role("searchbox", name="Search KintoBlocks")
    search.press_sequentially("block 1")
    expect(page).to_have_url(re.compile(r"search=block\+1$"))
    expect(page.get_by_text("Searching…")).to_be_visible()
    expect(cards(page, "/blocks").first).to_be_visible()
    search.fill("block 42")
    expect(cards(page, "/blocks")).to_have_count(1)
    assert len(asked) == 2
    for route in held:
        route.continue_()
    page.wait_for_load_state("networkidle")
    expect(cards(page, "/blocks")).to_have_count(1)
    expect(cards(page, "/blocks")).to_contain_text("Block 42")


def test_search_goes_through_empty_pages_up_to_a_bound_and_then_on_demand(open_console, large):
    page = open_console("/blocks", stack=large)
    expect(cards(page, "/blocks").first).to_be_visible()
    asked = []

    def search_slowly(route):
        """The server, as if there were a thousand blocks more before each of the first twelve pages."""
        asked.append(route.request.url)
        if len(asked) <= 12:
            empty = {"items": [], "next": f"page{len(asked)}"}
            route.fulfill(status=200, content_type="application/json", body=json.dumps(empty))
        else:
            route.continue_(url=re.sub(r"&?cursor=[^&]*", "", route.request.url))

    page.route("**/blocks?*search=*", search_slowly)
    page.get_by_role("searchbox", name="Search KintoBlocks").fill("block 42")
    expect(page.get_by_text("No KintoBlock matches “block 42”.")).to_be_visible()
    expect(page.get_by_text("not all of them have been searched yet")).to_be_visible()
    assert len(asked) == 10
    page.get_by_role("button", name="Search further").click()
    expect(cards(page, "/blocks")).to_have_count(1)
    expect(page.get_by_role("button", name="Search further")).to_have_count(0)


def test_block_to_add_is_searched_on_the_server(open_console, large, axe, screenshot):
    page = open_console("/projects/project-00/default", stack=large)
    page.get_by_role("button", name="Add KintoBlock").click()
    dialog = page.get_by_role("dialog", name="Add KintoBlock")
    expect(dialog.get_by_role("option")).to_have_count(25)
    asked = []
    page.on("request", lambda request: asked.append(request.url) if "/blocks?" in request.url else None)
    dialog.get_by_role("combobox", name="Search KintoBlocks").press_sequentially("block 59")
    expect(dialog.get_by_role("option")).to_have_text([re.compile("Block 59")])
    assert len(asked) == 1
    assert "search=" in asked[0]
    axe(page)
    screenshot(page, "search-add-block", full_page=False)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Configure KintoBlock").get_by_label("Hostname")).to_have_value("block-59")


def test_projects_of_a_token_are_searched_on_the_server(open_console, large):
    page = open_console("/tokens", stack=large)
    page.get_by_role("button", name="Create token").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Chosen projects").check()
    dialog.get_by_role("checkbox", name="Project 03").check()
    search = dialog.get_by_role("searchbox", name="Search projects")
    search.fill("project-59")
    expect(dialog.get_by_role("group", name="Chosen projects").get_by_role("checkbox")).to_have_count(1)
    dialog.get_by_role("checkbox", name="Project 59").check()
    search.fill("no such thing")
    expect(dialog.get_by_text("No project matches “no such thing”.")).to_be_visible()
    expect(dialog.get_by_text(re.compile("Chosen: project-03 and project-59"))).to_be_visible()


def test_pasted_text_that_no_name_has_is_searched_all_the_same(open_console, large):
    page = open_console("/blocks", stack=large)
    search = page.get_by_role("searchbox", name="Search KintoBlocks")
    search.fill("\tBlock \x07 07  ")
    expect(cards(page, "/blocks")).to_have_count(1)
    page.goto(page.url.partition("#")[0] + f"#/blocks?search={uuid.uuid4().hex * 20}")
    expect(page.get_by_text(re.compile("No KintoBlock matches"))).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("options", "size"), [({}, 1280), (PHONE, 360)])
def test_searches_fit(open_console, large, axe, screenshot, options, size):
    page = open_console("/blocks?search=block%201", stack=large, **options)
    base = page.url.partition("#")[0]
    for path, search, there in [
        ("/blocks", "block+1", "15 found"),
        ("/blocks", "no+such+thing", "No KintoBlock matches"),
        ("/projects", "project+5", "15 found"),
        ("/", "project+5", "15 found"),
    ]:
        page.goto(f"{base}#{path}?search={search}")
        expect(page.get_by_text(there).first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        axe(page)
        screenshot(page, f"search-{path.strip('/') or 'home'}-{search[:2]}-{size}", full_page=False)
