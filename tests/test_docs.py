"""What a person can set, call or meet is written down, and what is written down is there."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import get_args

import pytest

from app import app
from chalicelib.api import openapi, problems
from chalicelib.domain import problems as known
from chalicelib.domain.audit import Action
from chalicelib.domain.configured_blocks import ScheduleStatus
from chalicelib.domain.projects import DeploymentStatus, EnvironmentStatus
from chalicelib.domain.runs import RunStatus, Trigger
from chalicelib.settings import VARIABLES
from infra import template
from infra.local import options
from infra.operate import deploy, destroy, doctor, export, replay, restore, token
from infra.pipeline import kinto_pipeline

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TOLD = "\n".join(page.read_text() for page in PAGES)
API = (ROOT / "docs" / "api.md").read_text()
ROUTES = {f"{route.method} {path}": route for path, route in openapi.described(app)}
CONSOLE = {"GET /", "HEAD /", "GET /assets/{name}", "HEAD /assets/{name}"}
DOCUMENT = openapi.document(app, "KintoBlocks", "1")


def words(text=TOLD):
    """What stands between backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


@pytest.mark.parametrize("variable", VARIABLES.values())
def test_every_setting_is_written_down(variable):
    assert variable in words()


def test_every_option_of_the_laptop_is_written_down(capsys):
    with pytest.raises(SystemExit):
        options.parse(["--help"])
    found = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert found
    assert found <= words()


@pytest.mark.parametrize("command", [deploy, destroy, doctor, token, replay, export, restore, kinto_pipeline])
def test_every_option_of_operators_and_pipelines_is_written_down(command, capsys):
    with contextlib.suppress(SystemExit):
        command.main(["--help"])
    found = set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) - {"--help"}
    assert found
    assert found <= words()


def test_every_parameter_of_the_template_is_written_down():
    assert template.load()["Parameters"].keys() <= words((ROOT / "docs" / "aws.md").read_text())


@pytest.mark.parametrize("call", ROUTES)
def test_every_call_is_written_down_with_its_role(call):
    assert f"| `{call}` | {ROUTES[call].role or 'none'} |" in API


def test_what_api_gateway_makes_of_a_header_is_written_down():
    renamed = "x-amzn-Remapped-WWW-Authenticate"
    assert renamed in words(API)
    header = DOCUMENT["components"]["responses"]["Unauthenticated"]["headers"]["WWW-Authenticate"]
    assert renamed in header["description"]


def test_every_call_that_is_written_down_is_there():
    calls = {word for word in words() if re.match(r"(GET|HEAD|POST|PUT|PATCH|DELETE) /", word)}
    assert {call for call in calls if "/_local/" not in call} <= ROUTES.keys() | CONSOLE


def test_what_is_served_beside_the_calls_is_the_console_alone():
    served = {f"{method} {path}" for path, methods in app.routes.items() for method in methods}
    assert served - ROUTES.keys() == CONSOLE


@pytest.mark.parametrize("call", [call for call, route in ROUTES.items() if route.body is not None])
def test_every_field_of_a_body_is_written_down(call):
    method, path = call.split(" ", 1)
    schema = DOCUMENT["paths"][path][method.lower()]["requestBody"]["content"]["application/json"]["schema"]
    fields = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"]
    (row,) = [line for line in API.splitlines() if line.startswith(f"| `{call}` | ") and line not in calls()]
    assert fields.keys() <= words(row)


def calls():
    """The rows of the first table."""
    return API.partition("## Bodies")[0].splitlines()


def test_every_field_inside_a_body_is_written_down():
    inner = ("Repository", "DockerFile", "Image", "Command", "Variable", "Ref", "RunOnce", "RepeatSchedule", "Retries")
    fields = {name for kind in inner for name in DOCUMENT["components"]["schemas"][kind]["properties"]}
    assert fields <= words(API)


@pytest.mark.parametrize("states", [RunStatus, DeploymentStatus, EnvironmentStatus, ScheduleStatus, Trigger, Action])
def test_every_state_is_written_down(states):
    assert set(get_args(states)) <= words(API)


def test_every_final_state_of_a_run_is_explained():
    explained = set(re.findall(r"^\| `(\w+)` \| ", API, re.MULTILINE))
    assert set(get_args(RunStatus)) - {"queued", "running"} <= explained


def test_every_kind_of_problem_is_written_down_with_its_status():
    kinds = [*known.Problem.__subclasses__()]
    assert problems.InternalError in kinds
    for kind in kinds:
        assert f"| {kind.status} | `{problems._type(kind.__name__)}` |" in API


def test_every_problem_that_is_written_down_is_there():
    told = {word for word in words() if word.startswith("urn:kintoblocks:problem:")}
    assert told == {problems._type(kind.__name__) for kind in known.Problem.__subclasses__()}


def test_every_target_of_make_is_written_down():
    text = TOLD + (ROOT / "CONTRIBUTING.md").read_text()
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    assert [target for target in targets if f"make {target}" not in text] == []


def test_links_between_the_pages_lead_somewhere():
    for page in [*PAGES, ROOT / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
