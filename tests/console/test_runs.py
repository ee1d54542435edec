"""Runs: a job's history with every tick, its strip, its log; run now, cancelled, paused, by a person in a browser."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.console.conftest import PHONE
from tests.deployments.conftest import until
from tests.schedules.test_over_http import lose

pytestmark = pytest.mark.ci

FIRST_MINUTE = {"cron": "0 0 1 1 *"}
LINES = r"for i in $(seq 1 300); do printf '\033[32mline %d\033[0m of <b>many</b>\n' $i; done; echo {long}; "
# When the browser began to ask for the log, in milliseconds.
LOG_READS = """performance.getEntriesByType('resource')
    .filter(one => one.name.includes('/logs')).map(one => one.startTime)"""
WAIT = "echo begun >> $TRACE; until [ -e $TRACE.gate ]; do sleep 0.05; done; "


def job_path(project, hostname):
    return f"/projects/{project.name}/default/blocks/{hostname}"


def open_gate(project):
    Path(f"{project.trace}.gate").touch()


def history(page):
    return page.get_by_role("region", name="History")


def row(page, text):
    return history(page).get_by_role("row").filter(has_text=text)


def log(page):
    return page.get_by_role("region", name="Log lines")


def line(page, number):
    return log(page).get_by_role("link", name=f"Line {number}", exact=True)


def pressed(page, name):
    return page.get_by_role("button", name=name, pressed=True)


def at_end(page):
    return log(page).evaluate("box => box.scrollHeight - box.scrollTop - box.clientHeight < 12")


def start(page, **told):
    """Run now, from the job's page; what is told goes into the fields of the dialog."""
    page.get_by_role("button", name="Run now").click()
    dialog = page.get_by_role("dialog")
    for label, text in told.items():
        dialog.get_by_label(label).fill(text)
    dialog.get_by_role("button", name="Run now").click()
    return dialog


def run_in_address(page):
    return re.search(r"/runs/([^?]+)", page.url)[1]


def test_a_log_comes_while_the_job_runs_and_is_followed_searched_wrapped_and_downloaded(
    project, open_console, axe, screenshot
):
    text = LINES.replace("{long}", "x" * 400) + WAIT + "echo the end"
    project.scheduled("talk", text, **FIRST_MINUTE)
    page = open_console(job_path(project, "talk"))
    start(page)
    expect(page.get_by_role("heading", name="Run of talk")).to_be_visible()
    expect(log(page)).to_contain_text("line 300 of <b>many</b>")
    expect(page.get_by_text("Live: read every three seconds")).to_be_visible()
    expect(log(page)).not_to_contain_text("\x1b")
    expect(pressed(page, "Follow")).to_be_visible()
    until(lambda: at_end(page))

    log(page).hover()
    page.mouse.wheel(0, -1500)
    expect(page.get_by_role("button", name="Follow", pressed=False)).to_be_visible()
    open_gate(project)
    expect(log(page)).to_contain_text("the end")
    expect(page.get_by_text("302 lines")).to_be_visible()
    expect(page.get_by_text("The log is complete")).to_be_visible()
    assert not at_end(page)
    page.get_by_role("button", name="Follow").click()
    until(lambda: at_end(page))
    assert min(later - before for before, later in pairwise(page.evaluate(LOG_READS))) >= 2990

    search = page.get_by_role("searchbox", name="Search the log")
    search.fill("LINE 29")
    expect(page.get_by_text("1 of 11")).to_be_visible()
    expect(line(page, 29)).to_be_in_viewport()
    search.press("Enter")
    expect(page.get_by_text("2 of 11")).to_be_visible()
    expect(line(page, 290)).to_be_in_viewport()
    page.get_by_role("button", name="Previous match").click()
    page.get_by_role("button", name="Previous match").click()
    expect(page.get_by_text("11 of 11")).to_be_visible()
    assert log(page).locator("mark").all_text_contents() == ["line 29"] * 11
    axe(page)
    screenshot(page, "run-log")
    search.fill("nowhere")
    expect(page.get_by_text("Not found")).to_be_visible()

    wide = "box => box.scrollWidth > box.clientWidth"
    assert not log(page).evaluate(wide)
    pressed(page, "Wrap").click()
    assert log(page).evaluate(wide)
    page.get_by_role("button", name="Wrap").click()
    page.get_by_role("button", name="Timestamps").click()
    expect(log(page).get_by_role("time").first).to_have_text(re.compile(r"\d\d:\d\d:\d\d\.\d{3}"))

    with page.expect_download() as saved:
        page.get_by_role("button", name="Download").click()
    run = run_in_address(page)
    assert saved.value.suggested_filename == f"{run}.log"
    assert Path(saved.value.path()).read_text().splitlines() == project.log(run)
    assert "\x1b[32mline 1\x1b[0m" in project.log(run)[0]


def test_a_line_has_an_address(project, open_console):
    project.scheduled("talk", "seq 1 400", **FIRST_MINUTE)
    run = project.ran("talk")["id"]
    page = open_console(f"/runs/{run}?line=250")
    expect(line(page, 250)).to_be_in_viewport()
    expect(line(page, 1)).not_to_be_in_viewport()
    line(page, 251).click()
    expect(page).to_have_url(re.compile(rf"/runs/{run}\?line=251$"))
    page.get_by_role("textbox", name="Go to line").fill("9")
    page.get_by_role("textbox", name="Go to line").press("Enter")
    expect(line(page, 9)).to_be_in_viewport()
    page.reload()
    expect(page).to_have_url(re.compile(r"\?line=9$"))
    expect(line(page, 9)).to_be_in_viewport()


def test_of_a_big_log_a_part_is_drawn_and_every_line_can_be_looked_at(project, open_console):
    project.scheduled("talk", "seq 1 12000", **FIRST_MINUTE)
    page = open_console(f"/runs/{project.ran('talk')['id']}")
    expect(page.get_by_text("12,000 lines")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Lines 1 to 2,000 are not drawn")).to_be_attached()
    until(lambda: at_end(page))
    assert log(page).get_by_role("link").count() == 10_000
    page.get_by_role("textbox", name="Go to line").fill("7")
    page.get_by_role("textbox", name="Go to line").press("Enter")
    expect(line(page, 7)).to_be_in_viewport()
    page.get_by_role("searchbox").fill("11999")
    expect(line(page, 11999)).to_be_in_viewport()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download").click()
    assert Path(saved.value.path()).read_text() == "".join(f"{number}\n" for number in range(1, 12_001))


def test_where_there_is_no_log_it_says_why(project, open_console):
    project.scheduled("silent", "true", **FIRST_MINUTE)
    page = open_console(f"/runs/{project.ran('silent')['id']}")
    expect(page.get_by_text("It printed nothing")).to_be_visible()
    project.scheduled("unset", "true", **FIRST_MINUTE, variables=[{"name": "NOWHERE", "required": True}])
    page.goto(page.url.partition("#")[0] + f"#/runs/{project.ran('unset')['id']}")
    expect(page.get_by_text("It never began: required variables have no value: NOWHERE")).to_be_visible()
    expect(page.get_by_text("Start failed")).to_be_visible()


def test_run_now_with_another_command_and_variables_and_the_same_again(project, open_console, axe, screenshot):
    project.scheduled("report", "echo the usual", **FIRST_MINUTE)
    page = open_console(job_path(project, "report"))
    page.get_by_role("button", name="Run now").click()
    dialog = page.get_by_role("dialog", name="Run now: report")
    expect(dialog.get_by_text("echo the usual")).to_be_visible()
    dialog.get_by_label("Command").fill('echo "$GREETING, $KINTO_TRIGGER"; exit 4')
    dialog.get_by_role("button", name="Add variable").click()
    dialog.get_by_role("textbox", name="Variable").fill("GREETING")
    dialog.get_by_role("textbox", name="Value").fill("hello")
    dialog.get_by_label("Reason").fill("just to see")
    axe(page)
    screenshot(page, "run-now")
    dialog.get_by_role("button", name="Run now").click()

    expect(page.get_by_text("By hand, by admin: just to see")).to_be_visible()
    expect(log(page)).to_contain_text("hello, manual")
    expect(page.get_by_text("It ended with exit code 4")).to_be_visible()
    expect(page.get_by_text("GREETING=hello")).to_be_visible()
    first = run_in_address(page)
    page.get_by_role("button", name="Run again").click()
    dialog = page.get_by_role("dialog", name="Run again: report")
    expect(dialog.get_by_label("Command")).to_have_value('echo "$GREETING, $KINTO_TRIGGER"; exit 4')
    expect(dialog.get_by_role("textbox", name="Value")).to_have_value("hello")
    dialog.get_by_label("Command").fill('echo "$GREETING again"')
    dialog.get_by_role("button", name="Run again").click()
    expect(log(page)).to_contain_text("hello again")
    assert run_in_address(page) != first
    assert len(project.runs("report")) == 2


def test_a_deployer_is_told_why_the_command_stays(project, open_console, axe):
    project.scheduled("report", "true", **FIRST_MINUTE, variables=[{"name": "KEY", "value": "hush", "masked": True}])
    deployer = {"name": "Dora", "role": "deployer", "projects": [project.name]}
    page = open_console(job_path(project, "report"), token=project.post("/tokens", deployer)["secret"])
    page.get_by_role("button", name="Run now").click()
    dialog = page.get_by_role("dialog", name="Run now: report")
    expect(dialog.get_by_text("Only an admin may choose another command or variables")).to_contain_text(
        "they could print what is masked: KEY"
    )
    expect(dialog.get_by_label("Command")).to_have_count(0)
    expect(dialog.get_by_role("button", name="Add variable")).to_have_count(0)
    axe(page)
    dialog.get_by_label("Reason").fill("as it is")
    dialog.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("By hand, by Dora: as it is")).to_be_visible()


def test_what_the_server_refuses_stands_at_its_field_and_nothing_typed_is_lost(project, open_console, complaints):
    complaints.allow("422")
    project.scheduled("report", "true", **FIRST_MINUTE)
    page = open_console(job_path(project, "report"))
    dialog = start(page, Reason="x" * 501, Command="echo kept")
    expect(dialog.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("Command")).to_have_value("echo kept")
    dialog.get_by_label("Reason").fill("shorter")
    dialog.get_by_role("button", name="Run now").click()
    expect(page.get_by_text("By hand, by admin: shorter")).to_be_visible()


def test_while_a_run_is_active_another_is_refused_or_forced_and_either_can_be_cancelled(
    project, open_console, complaints
):
    complaints.allow("409")
    project.scheduled("slow", WAIT, **FIRST_MINUTE)
    active = project.run("slow")
    project.wait_for("begun")
    page = open_console(job_path(project, "slow"))
    dialog = start(page, Reason="in a hurry")
    refusal = dialog.get_by_role("alert")
    expect(refusal).to_contain_text("Another run of it is active")
    expect(dialog.get_by_label("Reason")).to_have_value("in a hurry")
    assert active in refusal.get_by_role("link", name="Look at it").get_attribute("href")
    refusal.get_by_role("button", name="Run anyway").click()
    expect(page.get_by_text("By hand, by admin: in a hurry")).to_be_visible()
    forced = run_in_address(page)
    assert forced != active

    other = page.context.new_page()
    other.goto(page.url.partition("#")[0] + f"#/runs/{active}")
    expect(other.get_by_role("main").get_by_text("Running", exact=True)).to_be_visible()
    for tab in (page, other):
        tab.get_by_role("button", name="Cancel run").click()
        dialog = tab.get_by_role("dialog", name="Cancel run")
        dialog.get_by_role("button", name="Cancel run").click()
        expect(tab.get_by_role("main").get_by_text("Cancelled", exact=True)).to_be_visible()
        expect(tab.get_by_role("button", name="Run again")).to_be_visible()
    assert {run["status"] for run in project.runs("slow")} == {"cancelled"}


def test_two_tabs_see_each_others_runs(project, open_console):
    project.scheduled("slow", WAIT, **FIRST_MINUTE)
    one, two = (open_console(job_path(project, "slow")) for _ in range(2))
    expect(history(two).get_by_text("Nothing ran yet")).to_be_visible()
    start(one)
    expect(row(two, "Running")).to_have_count(1)
    open_gate(project)
    expect(row(two, "Succeeded")).to_have_count(1)
    expect(one.get_by_role("main").get_by_text("Succeeded", exact=True)).to_be_visible()


def test_every_tick_is_in_the_history_with_why_it_did_not_run(project, open_console, complaints, axe, screenshot):
    complaints.allow("422")
    stack = project.stack
    stack.to_an_hour()
    project.scheduled("backup", WAIT, "* * * * *")
    page = open_console(job_path(project, "backup"))
    expect(page.get_by_text("REPEATS EVERY MINUTE")).to_be_visible()
    expect(page.get_by_text("Its runs come here, one bar each.")).to_be_visible()

    stack.advance(60, wait=False)
    project.wait_for("begun")
    stack.advance(60, wait=False)
    expect(row(page, "overlap: run")).to_have_count(1)
    active = project.runs("backup", "&status=running")[0]["id"]
    assert active in row(page, "overlap: run").get_by_role("link").first.get_attribute("href")
    open_gate(project)
    expect(row(page, "Succeeded")).to_have_count(1)

    page.get_by_role("button", name="Pause").click()
    dialog = page.get_by_role("dialog", name="Pause: backup")
    dialog.get_by_role("button", name="Pause").click()
    expect(dialog.get_by_label("Reason")).to_have_attribute("aria-invalid", "true")
    dialog.get_by_label("Reason").fill("the bank is closed")
    dialog.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("until somebody resumes it: the bank is closed")).to_be_visible()
    expect(page.get_by_text("Paused: nothing runs until somebody resumes it.")).to_be_visible()
    stack.advance(60)
    expect(row(page, "paused by admin: the bank is closed")).to_have_count(1)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("until somebody resumes it")).to_have_count(0)

    lose(project)
    stack.advance(60 * 60)
    until(lambda: len(project.runs("backup", "&status=missed")) > 30)
    expect(row(page, "nobody delivered this tick within 25 minutes").first).to_be_visible()
    counts = {status: len(project.runs("backup", f"&status={status}")) for status in ("succeeded", "skipped", "missed")}
    assert counts["skipped"] == 2
    last = project.runs("backup")[:60]
    expect(page.get_by_role("toolbar", name=f"Last {len(last)} runs").get_by_role("link")).to_have_count(len(last))
    expect(page.get_by_text(f"2 skipped, {counts['missed']} missed")).to_be_visible()
    axe(page)
    screenshot(page, "job")
    see_one_bar_after_another(page)
    filter_the_history(page, counts)


def see_one_bar_after_another(page):
    bars = page.get_by_role("toolbar").get_by_role("link")
    bars.last.focus()
    page.keyboard.press("Home")
    expect(bars.first).to_be_focused()
    assert "took" in bars.first.get_attribute("aria-label")
    page.keyboard.press("ArrowRight")
    expect(bars.nth(1)).to_be_focused()
    expect(page.get_by_role("region", name="Last 60 runs").get_by_text("overlap: run")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_text("It never began: overlap")).to_be_visible()
    page.go_back()


def filter_the_history(page, counts):
    rows = history(page).get_by_role("row").filter(has=page.get_by_role("cell"))
    expect(rows).to_have_count(25)
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(min(50, sum(counts.values())))
    history(page).get_by_label("Status").select_option("Skipped")
    expect(rows).to_have_count(2)
    expect(page).to_have_url(re.compile(r"\?status=skipped$"))
    page.reload()
    expect(rows).to_have_count(2)
    expect(history(page).get_by_label("Status")).to_have_value("skipped")
    history(page).get_by_label("Trigger").select_option("By hand")
    expect(page.get_by_text("No run is like this")).to_be_visible()
    history(page).get_by_role("button", name="Show all").click()
    expect(rows).to_have_count(25)
    expect(page).to_have_url(re.compile(r"/blocks/backup$"))


def test_a_rare_trigger_is_found_behind_pages_that_hold_none_of_it(project, open_console):
    unset = [{"name": "NOWHERE", "required": True}]
    project.scheduled("backup", "true", "* * * * *", variables=unset)
    project.ran("backup")
    project.stack.advance(60 * 60)
    page = open_console(f"{job_path(project, 'backup')}?trigger=manual")
    expect(row(page, "By hand")).to_have_count(1)


def test_a_service_has_runs_and_nothing_to_start(project, open_console):
    project.service()
    project.deploy()
    page = open_console(job_path(project, "web"))
    expect(row(page, "Deployment 1")).to_have_count(1)
    expect(page.get_by_role("button", name="Run now")).to_have_count(0)
    expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    row(page, "Deployment 1").get_by_role("link", name="Log").click()
    expect(page.get_by_role("link", name="Deployment 1")).to_be_visible()
    expect(page.get_by_role("button", name="Run again")).to_have_count(0)


@pytest.mark.parametrize("options", [PHONE, {"viewport": {"width": 1600, "height": 1000}, "color_scheme": "dark"}])
def test_job_and_run_fit_a_phone_and_a_wide_dark_screen(project, open_console, axe, screenshot, options):
    project.command(
        "backup",
        "echo " + "long " * 100 + "; exit 3",
        run={"mode": "repeat_schedule", **FIRST_MINUTE, "timezone": "America/Argentina/ComodRivadavia"},
        retries={"count": 1, "backoff_seconds": 1},
    )
    run = project.ran("backup")["id"]
    page = open_console(job_path(project, "backup"), **options)
    expect(row(page, "Failed")).to_have_count(1)
    for name, path in (("job", job_path(project, "backup")), ("run", f"/runs/{run}")):
        page.goto(page.url.partition("#")[0] + f"#{path}")
        expect(page.locator(".status").get_by_text("Failed").first).to_be_visible()
        expect(page.get_by_text("Attempt 2")).to_have_count(1 if name == "run" else 0)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        axe(page)
        screenshot(page, f"{name}-{options['viewport']['width']}")
