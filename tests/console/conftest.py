"""The console in a real Chromium, as a person has it, against a real stack; whatever the browser complains of fails."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Error, expect, sync_playwright

from tests.conftest import LocalStack
from tests.deployments.conftest import make_project, own_repository, project, repository

__all__ = ["make_project", "own_repository", "project", "repository"]

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "out" / "screenshots"
AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = ("--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update")
OPTIONS = [*QUIET, "--disable-sync", "--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
PATIENCE_MILLISECONDS = 20_000
# What a person at a desk has; a test says what is other for it.
DESK = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB", "timezone_id": "Europe/Berlin"}
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`Content-Security-Policy: ${event.violatedDirective} ${event.blockedURI}`))"""
# What slides in is paler on its way; spinners never end.
STILL = """() => Promise.allSettled(document.getAnimations()
    .filter((one) => one.effect.getComputedTiming().endTime < 5000).map((one) => one.finished))"""

expect.set_options(timeout=PATIENCE_MILLISECONDS)


class Complaints:
    """What the pages of a test should not have done: errors in the console, requests to others, failed ones."""

    def __init__(self, stack):
        self.stack = stack
        self.told = []
        self.allowed = []

    def watch(self, context):
        context.on("console", lambda message: self._console(message))
        context.on("weberror", lambda error: self.told.append(f"uncaught: {error.error}"))
        context.on("request", lambda request: self._request(request))
        context.add_init_script(TELL_VIOLATIONS)

    def allow(self, pattern):
        """Complaints that contain this regular expression are what the test wants."""
        self.allowed.append(re.compile(pattern))

    def left(self):
        return [one for one in self.told if not any(pattern.search(one) for pattern in self.allowed)]

    def _console(self, message):
        if message.type in ("error", "warning", "assert"):
            self.told.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _request(self, request):
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and address.netloc != urlsplit(self.stack.url).netloc:
            self.told.append(f"a request to another host: {request.url}")
        if self.stack.token in request.url:
            self.told.append(f"the token in an address: {request.url}")


def home_card(page, text):
    """The card with this text on Home, however many pages of projects are before it."""
    cards = page.locator(".home-card")
    found = cards.filter(has_text=text)
    expect(cards.first).to_be_visible()
    while not found.count():
        shown = cards.count()
        page.get_by_role("button", name="Show more", exact=True).click()
        expect(cards).not_to_have_count(shown)
    found.first.scroll_into_view_if_needed()  # a card is filled once it is seen
    return found.first


@pytest.fixture(scope="session")
def console_stack(tmp_path_factory, built_console):
    """A stack with a manual clock and the built console."""
    stack = LocalStack(tmp_path_factory.mktemp("console") / "state")
    stack.start()
    yield stack
    stack.kill()


@pytest.fixture(scope="session")
def stack(console_stack):
    """What projects are made on."""
    return console_stack


@pytest.fixture(scope="session")
def browser(absent):
    """Chromium, without a window."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        absent(f"there is none of {', '.join(PROGRAMS)}")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield launched
        launched.close()


@pytest.fixture
def complaints(console_stack):
    """What the browser complained of; `complaints.allow(pattern)` for what a test wants to happen."""
    return Complaints(console_stack)


@pytest.fixture
def open_console(browser, console_stack, complaints):
    """`open_console(path="", token=..., stack=..., **context)`: a page signed in by its link, for a person of its own.

    `path` is what follows `#`, such as /projects/shop; `context` are options of Playwright's new_context, such as
    **PHONE or color_scheme="dark"; `token=None` comes without one. `page.context.new_page()` is a second tab.
    """
    contexts = []

    def open_page(path="", token=..., stack=console_stack, **options):
        complaints.stack = stack
        contexts.append(browser.new_context(**{**DESK, **options}))
        contexts[-1].set_default_timeout(PATIENCE_MILLISECONDS)
        complaints.watch(contexts[-1])
        page = contexts[-1].new_page()
        token = stack.token if token is ... else token
        page.goto(f"{stack.url}/#token={token}" if token else f"{stack.url}/")
        if path:
            page.goto(f"{stack.url}/#{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints.left() == []


@pytest.fixture
def page(open_console):
    """The console of an admin at a desk."""
    return open_console()


@pytest.fixture
def axe():
    """`axe(page)`: nothing that axe-core finds wrong with what the page shows now, by the rules of WCAG 2.2 AA."""

    def check(page, **options):
        page.evaluate(STILL)
        # The page's policy lets no script in; what the browser's own tools evaluate is not asked.
        page.evaluate(AXE.read_text())
        found = page.evaluate("options => axe.run(document, options)", options)
        assert found["passes"], "it has looked at nothing"
        assert [_violation(one) for one in found["violations"]] == []

    return check


def _violation(one):
    where = "; ".join(f"{node['target'][0]}: {node['failureSummary']}" for node in one["nodes"][:5])
    return f"{one['id']} ({one['impact']}): {one['help']}: {where}"


@pytest.fixture
def screenshot():
    """`screenshot(page, "home-dark")` keeps what the page shows, whole, as out/screenshots/home-dark.png; the path."""

    def keep(page, name, **options):
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        page.screenshot(path=path, **{"full_page": True, "animations": "disabled", **options})
        return path

    return keep


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Puts what the pages showed beside a test's failure: a picture, and the words as a screen reader has them."""
    report = yield
    if report.failed and call.when == "call" and "browser" in item.funcargs:
        for context in item.funcargs["browser"].contexts:
            for number, page in enumerate(context.pages):
                report.sections.append((f"page {number} at {page.url.partition('token=')[0]}", _shown(item, page)))
    return report


def _shown(item, page):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"failed-{re.sub(r'[^A-Za-z0-9-]+', '-', item.name)}.png"
    try:
        page.screenshot(path=path, timeout=5000)
        return f"{path}\n{page.locator('body').aria_snapshot(timeout=5000)}"
    except Error as error:
        return f"it can't be shown: {error}"
