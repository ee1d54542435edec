"""Configure KintoBlock, as a person does it: adding by search, run once, repeat schedule, variables, two tabs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.console.conftest import PHONE

pytestmark = pytest.mark.ci

REFUSED = r"the server responded with a status of 4(09|12|22)"


@pytest.fixture
def job(project):
    """A block of the project's own, configured nowhere."""
    return project.block("tidy", {"type": "command", "command": 'test "$KEY" = hunter2'})


@pytest.fixture
def shown(open_console, project):
    """The project's page."""
    return opened(open_console, project)


def opened(open_console, project, **options):
    page = open_console(f"/projects/{project.name}/default", **options)
    expect(page.get_by_role("heading", name="KintoBlocks")).to_be_visible()
    return page


def section(page):
    return page.get_by_role("region", name="KintoBlocks")


def card(page, hostname):
    return section(page).get_by_role("listitem").filter(has=page.get_by_role("heading", name=hostname, exact=True))


def panel(page):
    return page.get_by_role("dialog", name="Configure KintoBlock")


def add(page, block):
    """Searches the block and adds it by keyboard; the panel."""
    page.get_by_role("button", name="Add KintoBlock").click()
    page.get_by_role("combobox", name="Search KintoBlocks").fill(block)
    expect(page.get_by_role("option", selected=True)).to_contain_text(block)
    page.keyboard.press("Enter")
    expect(panel(page).get_by_label("Hostname")).to_be_visible()
    return panel(page)


def configure(page, hostname):
    """Opens the panel by the gear; the panel."""
    page.get_by_role("button", name=f"Configure KintoBlock {hostname}", exact=True).click()
    expect(panel(page).get_by_label("Hostname")).to_have_value(hostname)
    return panel(page)


def done(page):
    panel(page).get_by_role("button", name="Done Configuring").click()


def stored(project, hostname):
    return project.get(f"{project.environment}/blocks/{hostname}")


def test_a_job_is_found_by_keyboard_and_runs_once_before_each_deployment(shown, project, job, axe):
    shown.get_by_role("button", name="Add KintoBlock").click()
    search = shown.get_by_role("combobox", name="Search KintoBlocks")
    expect(search).to_be_focused()
    search.press_sequentially(project.name)
    expect(shown.get_by_role("option")).to_have_count(1)
    search.press("ArrowDown")
    axe(shown)
    search.press("Enter")
    expect(panel(shown).get_by_label("Hostname")).to_have_value(job)
    expect(panel(shown).get_by_label("Hostname")).to_be_focused()
    expect(panel(shown).get_by_role("radio", name="Pre-Deployment")).to_be_checked()
    axe(shown)
    done(shown)
    expect(panel(shown)).to_have_count(0)
    expect(card(shown, job)).to_contain_text("ONCE BEFORE DEPLOYMENT")
    expect(section(shown)).to_contain_text(f"{job} runs from the next deployment on.")
    assert stored(project, job)["run"] == {
        "mode": "run_once",
        "phase": "pre_deployment",
        "order": 0,
        "run_on_rollback": False,
    }


def test_the_same_block_again_gets_a_hostname_of_its_own_and_may_run_after_each_deployment(shown, project, job):
    project.configure(job, job)
    expect(card(shown, job)).to_be_visible()
    opened = add(shown, job)
    expect(opened.get_by_label("Hostname")).to_have_value(f"{job}-2")
    opened.get_by_role("radio", name="Post-Deployment").check()
    opened.get_by_label("Order").fill("7")
    opened.get_by_label("Run on rollback").check()
    opened.get_by_label("Ref", exact=True).select_option("Tag")
    opened.get_by_label("Tag", exact=True).fill("v1")
    done(shown)
    expect(card(shown, f"{job}-2")).to_contain_text("ONCE AFTER DEPLOYMENT")
    found = stored(project, f"{job}-2")
    assert found["run"] == {"mode": "run_once", "phase": "post_deployment", "order": 7, "run_on_rollback": True}
    assert found["ref"] == {"tag": "v1"}


def test_a_pattern_is_told_in_words_with_its_next_runs_while_one_types(shown, project, job, complaints, axe):
    complaints.allow(REFUSED)
    opened = add(shown, job)
    opened.get_by_role("tab", name="Repeat Schedule").click()
    pattern = opened.get_by_label("CRON PATTERN")
    expect(pattern).to_have_value("* * * * *")
    expect(pattern).to_have_accessible_description("Every minute", ignore_case=True)
    for label, cron in [
        ("Every minute", "* * * * *"),
        ("Every 30 minutes", "*/30 * * * *"),
        ("Hourly", "0 * * * *"),
        ("Daily at 8:00 UTC", "0 8 * * *"),
        ("Mondays at 8:00 UTC", "0 8 * * 1"),
    ]:
        opened.get_by_role("group", name="Quick Patterns").get_by_role("button", name=label, exact=True).click()
        expect(pattern).to_have_value(cron)
    pattern.fill("30 2 * *")
    expect(pattern).to_have_accessible_description(re.compile("has 4 fields; write five"))
    axe(shown)
    pattern.press_sequentially(" 1-5")
    opened.get_by_label("Time zone").fill("Asia/Tokyo")
    expect(pattern).to_have_accessible_description(re.compile("at 02:30 on every day from Monday to Friday", re.I))
    runs = opened.get_by_role("table", name="Next five runs")
    expect(runs.get_by_role("columnheader")).to_have_text(["UTC", "Local (Asia/Tokyo)"])
    expect(runs.get_by_role("row")).to_have_count(6)
    for row in runs.get_by_role("row").all()[1:]:
        expect(row.get_by_role("cell")).to_contain_text(["17:30", "02:30"])
    opened.get_by_role("radio", name="Queue").check()
    opened.get_by_role("radio", name="Last").check()
    done(shown)
    expect(card(shown, job)).to_contain_text("REPEATS WEEKDAYS AT 2:30")
    expect(card(shown, job)).to_contain_text("Next run")
    expect(section(shown)).to_contain_text("schedule, limits and variables are live at once")
    assert stored(project, job)["run"] == {
        "mode": "repeat_schedule",
        "cron": "30 2 * * 1-5",
        "timezone": "Asia/Tokyo",
        "overlap": "queue",
        "catch_up": "last",
    }


def test_while_the_server_is_away_a_pattern_is_not_told_in_the_words_of_another(shown, job, complaints):
    complaints.allow("ERR_INTERNET_DISCONNECTED|Failed to fetch")
    opened = add(shown, job)
    opened.get_by_role("tab", name="Repeat Schedule").click()
    pattern = opened.get_by_label("CRON PATTERN")
    expect(pattern).to_have_accessible_description("Every minute", ignore_case=True)
    shown.context.set_offline(True)
    pattern.fill("0 4 * * *")
    expect(pattern).to_have_accessible_description("…")
    shown.context.set_offline(False)
    expect(pattern).to_have_accessible_description(re.compile("at 04:00", re.I))


def test_a_pattern_that_is_due_oddly_comes_with_its_warning(shown, job):
    opened = add(shown, job)
    opened.get_by_role("tab", name="Repeat Schedule").click()
    opened.get_by_label("CRON PATTERN").fill("0 0 31 * *")
    expect(opened.get_by_role("status").filter(has_text="There is no day 31 in February")).to_be_visible()


def test_what_is_wrong_stands_at_its_fields_and_what_was_typed_stays(shown, project, job, complaints):
    complaints.allow(REFUSED)
    opened = add(shown, job)
    opened.get_by_label("Hostname").fill("Not A Name")
    done(shown)
    expect(opened.get_by_label("Hostname")).to_have_accessible_description(re.compile("2 to 48 lower-case"))
    opened.get_by_label("Hostname").fill("tidy")
    opened.get_by_label("Branch", exact=True).fill("")
    opened.get_by_label("Memory Limit", exact=True).select_option("Another…")
    opened.get_by_label("Memory Limit in MB").fill("7")
    opened.get_by_label("Timeout", exact=True).select_option("Another…")
    opened.get_by_label("Timeout in seconds").fill("")
    opened.get_by_label("Retries").fill("99")
    plain = opened.get_by_text("A value that is not masked can be read in the AWS account")
    expect(plain).to_have_count(0)
    opened.get_by_role("button", name="Add variable").click()
    opened.get_by_label("Variable", exact=True).fill("KINTO_MINE")
    expect(plain).to_be_visible()
    opened.get_by_label("Masked").check()
    expect(plain).to_have_count(0)
    opened.get_by_label("Masked").uncheck()
    done(shown)
    expect(opened.get_by_role("alert")).to_contain_text("5 fields need other values")
    expect(opened.get_by_label("Branch", exact=True)).to_have_accessible_description(re.compile("must not be empty"))
    expect(opened.get_by_label("Memory Limit in MB")).to_have_accessible_description(re.compile("between 32 and"))
    expect(opened.get_by_label("Timeout in seconds")).to_have_accessible_description(re.compile("whole number"))
    expect(opened.get_by_label("Retries")).to_have_accessible_description(re.compile("between 0 and 10"))
    expect(opened.get_by_label("Variable", exact=True)).to_have_accessible_description(re.compile("KINTO_ are ours"))
    expect(opened.get_by_label("Memory Limit in MB")).to_have_value("7")
    opened.get_by_label("Branch", exact=True).fill("main")
    opened.get_by_label("Memory Limit in MB").fill("200")
    opened.get_by_label("Timeout", exact=True).select_option("1 hour")
    opened.get_by_label("Retries").fill("2")
    opened.get_by_label("Back-off in seconds").fill("30")
    expect(opened.get_by_label("Retries")).to_have_accessible_description(re.compile("^Waits 30 seconds, 1 minute"))
    opened.get_by_label("Variable", exact=True).fill("MINE")
    done(shown)
    expect(card(shown, "tidy")).to_be_visible()
    found = stored(project, "tidy")
    assert (found["memory_mb"], found["timeout_seconds"]) == (200, 3600)
    assert found["retries"] == {"count": 2, "backoff_seconds": 30}


def test_a_masked_value_is_kept_over_an_edit_and_never_shown(shown, project, job):
    opened = add(shown, job)
    opened.get_by_role("button", name="Add variable").click()
    opened.get_by_label("Variable", exact=True).fill("KEY")
    opened.get_by_label("Masked").check()
    opened.get_by_label("Value").fill("hunter2")
    done(shown)
    expect(card(shown, job)).to_be_visible()
    again = configure(shown, job)
    expect(again.get_by_label("Hostname")).to_be_disabled()
    expect(again.get_by_label("Value")).to_have_value("")
    again.get_by_label("Timeout", exact=True).select_option("10 minutes")
    done(shown)
    expect(section(shown)).to_contain_text("takes effect with the next deployment")
    assert "hunter2" not in shown.content()
    assert stored(project, job)["timeout_seconds"] == 600
    assert project.ran(job)["status"] == "succeeded"


def test_what_comes_from_the_block_is_told_and_can_be_overridden(shown, project):
    defaults = [{"name": "REGION", "value": "north"}, {"name": "KEY", "value": "hunter2", "masked": True}]
    block = project.block("greet", {"type": "command", "command": "echo $REGION"}, variables=defaults)
    opened = add(shown, block)
    given = opened.get_by_role("region", name="From the block")
    expect(given.get_by_role("listitem")).to_contain_text(["REGION=north", "KEY"])
    given.get_by_role("button", name="Override REGION").click()
    expect(opened.get_by_label("Value")).to_have_value("north")
    opened.get_by_label("Value").fill("south")
    expect(given.get_by_role("listitem").first).to_contain_text("given below")
    done(shown)
    expect(card(shown, block)).to_be_visible()
    assert project.log(project.ran(block)["id"]) == ["south"]


def test_a_service_has_no_run_mode(shown, project):
    block = project.block("web", {"type": "command", "command": "true"}, flavor="service")
    opened = add(shown, block)
    expect(opened.get_by_role("tab")).to_have_count(0)
    opened.get_by_label("Memory Limit", exact=True).select_option("512 MB")
    done(shown)
    expect(card(shown, block)).to_contain_text("SERVICE")
    assert (stored(project, block)["run"], stored(project, block)["memory_mb"]) == (None, 512)


def test_both_tabs_keep_what_was_typed_and_nothing_is_dropped_unasked(shown, project, job):
    opened = add(shown, job)
    opened.get_by_label("Order").fill("3")
    opened.get_by_role("tab", name="Repeat Schedule").click()
    opened.get_by_label("CRON PATTERN").fill("5 4 * * *")
    shown.keyboard.press("Escape")
    question = shown.get_by_role("dialog", name="Drop your changes?")
    question.get_by_role("button", name="Keep editing").click()
    expect(opened.get_by_label("CRON PATTERN")).to_have_value("5 4 * * *")
    opened.get_by_role("tab", name="Repeat Schedule").press("ArrowLeft")
    expect(opened.get_by_role("tab", name="Run Once")).to_be_focused()
    expect(opened.get_by_label("Order")).to_have_value("3")
    shown.mouse.click(20, 20)
    question.get_by_role("button", name="Drop changes").click()
    expect(shown.get_by_role("dialog")).to_have_count(0)
    expect(shown.get_by_role("button", name="Add KintoBlock")).to_be_focused()
    assert project.get(project.environment)["blocks"] == []


def test_what_another_person_changed_meanwhile_is_shown_and_both_changes_can_stay(shown, project, job, complaints, axe):
    complaints.allow(REFUSED)
    project.configure(job, job, memory_mb=128, timeout_seconds=300)
    configure(shown, job).get_by_label("Timeout", exact=True).select_option("30 minutes")
    other = shown.context.new_page()
    other.goto(f"{project.stack.url}/#/projects/{project.name}/default")
    configure(other, job).get_by_label("Memory Limit", exact=True).select_option("512 MB")
    done(other)
    expect(panel(other)).to_have_count(0)
    done(shown)
    meanwhile = panel(shown).get_by_role("region", name="Changed meanwhile")
    expect(meanwhile.get_by_role("row", name="Memory Limit")).to_contain_text("512")
    axe(shown)
    assert stored(project, job)["timeout_seconds"] == 300
    meanwhile.get_by_role("button", name="Send mine again").click()
    expect(panel(shown)).to_have_count(0)
    found = stored(project, job)
    assert (found["memory_mb"], found["timeout_seconds"]) == (512, 1800)


def test_one_may_take_what_another_person_saved(shown, project, job, complaints):
    complaints.allow(REFUSED)
    project.configure(job, job)
    configure(shown, job).get_by_label("Timeout", exact=True).select_option("30 minutes")
    project.configure(job, job, timeout_seconds=600)
    done(shown)
    panel(shown).get_by_role("button", name="Take theirs").click()
    expect(panel(shown).get_by_label("Timeout", exact=True)).to_have_value("600")
    panel(shown).get_by_role("button", name="Remove from environment").click()
    question = shown.get_by_role("dialog", name=f"Remove {job}?")
    question.get_by_role("button", name="Remove from environment").click()
    expect(shown.get_by_role("dialog")).to_have_count(0)
    assert project.get(project.environment)["blocks"] == []


def test_a_pause_meanwhile_is_no_reason_to_ask(shown, project, job, complaints):
    complaints.allow(REFUSED)
    project.configure(job, job, run={"mode": "repeat_schedule", "cron": "0 8 * * *"})
    configure(shown, job).get_by_label("Timeout", exact=True).select_option("30 minutes")
    project.post(f"{project.environment}/blocks/{job}/pause", {"reason": "the disk is full"})
    done(shown)
    expect(panel(shown)).to_have_count(0)
    assert stored(project, job)["timeout_seconds"] == 1800
    expect(card(shown, job)).to_contain_text("Paused: the disk is full")
    expect(card(shown, job).get_by_role("definition")).to_have_text("—")


def test_a_hostname_that_somebody_took_meanwhile_is_not_written_over(shown, project, job, complaints):
    complaints.allow(REFUSED)
    opened = add(shown, job)
    opened.get_by_label("Timeout", exact=True).select_option("1 hour")
    project.configure(job, job, timeout_seconds=600)
    done(shown)
    expect(opened.get_by_label("Hostname")).to_have_accessible_description(re.compile("taken in this environment"))
    assert stored(project, job)["timeout_seconds"] == 600
    opened.get_by_label("Hostname").fill("another")
    done(shown)
    expect(card(shown, "another")).to_be_visible()
    assert stored(project, "another")["timeout_seconds"] == 3600


def test_a_block_is_removed_once_nothing_of_it_runs(shown, project, complaints):
    complaints.allow(REFUSED)
    project.before("wait", "sleep 60")
    run = project.run("wait")
    configure(shown, "wait").get_by_role("button", name="Remove from environment").click()
    question = shown.get_by_role("dialog", name="Remove wait?")
    question.get_by_role("button", name="Remove from environment").click()
    expect(question.get_by_role("alert")).to_contain_text(f"run {run}", ignore_case=True)
    project.post(f"/runs/{run}/cancel")
    project.finished(run)
    question.get_by_role("button", name="Remove from environment").click()
    expect(shown.get_by_role("dialog")).to_have_count(0)
    expect(section(shown)).to_contain_text("No KintoBlock is configured here yet.")
    assert project.get(project.environment)["blocks"] == []


def test_a_card_leads_to_its_job(shown, project, job):
    project.configure(job, job)
    card(shown, job).get_by_role("link", name=job).click()
    expect(shown).to_have_url(re.compile(f"#/projects/{project.name}/default/blocks/{job}$"))


def test_a_search_without_an_outcome_leads_on(shown, axe):
    shown.get_by_role("button", name="Add KintoBlock").click()
    shown.get_by_role("combobox", name="Search KintoBlocks").fill("there is no such block")
    expect(shown.get_by_role("status").filter(has_text="No KintoBlock matches")).to_be_visible()
    axe(shown)
    shown.get_by_role("link", name="Create New KintoBlock").click()
    expect(shown).to_have_url(re.compile("#/blocks/new$"))


@pytest.mark.parametrize("options", [{**PHONE}, {"color_scheme": "dark", "viewport": {"width": 1600, "height": 1000}}])
def test_the_panel_fits(open_console, project, job, options, axe, screenshot):
    run = {"mode": "repeat_schedule", "cron": "0 8 * * 1", "timezone": "America/Argentina/Buenos_Aires"}
    project.configure(f"{'long-' * 9}job", job, run=run)
    page = opened(open_console, project, **options)
    expect(card(page, f"{'long-' * 9}job")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    axe(page)
    configure(page, f"{'long-' * 9}job")
    expect(panel(page).get_by_role("table", name="Next five runs")).to_contain_text("08:00")
    assert panel(page).evaluate("panel => panel.scrollWidth <= panel.clientWidth")
    axe(page)
    screenshot(page, f"configure-{options['viewport']['width']}", full_page=False)
