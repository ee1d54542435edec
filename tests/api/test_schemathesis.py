"""Whatever the document of the API allows, and what it forbids, asked by each kind of token: answered as documented.

schemathesis makes the requests out of the document alone, for a stack that holds something of everything. Here each
answer is held against the document and the table of roles: no 5xx; no status, header or shape that is not in it;
nothing taken that it forbids; no call above the role. tests/api/test_bad_input.py has the wrong requests that we
thought of, and reads what they are told.
"""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from datetime import UTC, datetime
from http import HTTPStatus

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode, checks
from schemathesis.core import NotSet
from schemathesis.specs.openapi import checks as of_openapi

from tests.api.test_bad_input import BLOCK, BODIES, PROJECT
from tests.api.test_roles import COLUMNS, ENVIRONMENT, TABLE
from tests.deployments.conftest import Repository
from tests.faults.story import DEFAULT, STAGING, STEPS, Story, cancels_it
from tests.faults.world import World

pytestmark = pytest.mark.ci

CHECKS = [
    checks.not_a_server_error,
    of_openapi.status_code_conformance,
    of_openapi.content_type_conformance,
    of_openapi.response_headers_conformance,
    of_openapi.response_schema_conformance,
]
ONCE = settings(database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
HOSTNAMES = ["migrate", "report", "web"]  # of blocks of the same names
SHORT, LONG = 3, 150
# The calls that look at what is asked before they let in: a role is given by who is not limited to projects, and a
# command that could print masked values by an admin.
NAMING_A_ROLE = (f"PATCH {ENVIRONMENT}", "POST /projects/{project}/environments")
REFUSED_BY_CONTENT = {
    *((403, "of_project", call) for call in NAMING_A_ROLE),
    (403, "deployer", f"POST {ENVIRONMENT}/blocks/{{hostname}}/runs"),
}
SEED = int(os.environ.get("KINTO_SEED") or random.SystemRandom().randrange(2**32))


class Stack:
    """The application in this process, with something of everything in it, which can be put back as it was."""

    def __init__(self, story):
        self.world = story.world
        _more(story)
        self.schema = schemathesis.openapi.from_wsgi("/openapi.json", app=_wsgi(story.gateway))
        self.schema.config.generation.update(with_security_parameters=False)  # it is we who say who asks
        self.tokens = _tokens(story)
        self.there = _there(story)
        self.kept = self.world.keep()
        self.requests = 0

    def ask(self, case, column):
        """The status that one kind of token is answered with, by an answer that the document foresees."""
        token = self.tokens[column]
        case.headers.pop("Authorization", None)
        response = case.call(base_url="http://localhost", headers={"Authorization": f"Bearer {token}"} if token else {})
        case.validate_response(response, checks=CHECKS)
        self.requests += 1
        return response.status_code

    def right(self, operation):
        """Right bodies of an operation, about what is there; none where it takes none."""
        told = json.dumps(BODIES.get(operation.definition.raw["operationId"], []))
        return json.loads(told.replace(f'"block": "{BLOCK}"', '"block": "migrate"').replace(f'"{PROJECT}"', '"shop"'))

    def takes(self, operation, body):
        """Whether the document allows this body."""
        document = self.schema.raw_schema
        schema = operation.definition.raw["requestBody"]["content"]["application/json"]["schema"]
        return Draft202012Validator({**document, **schema}).is_valid(body)


def _wsgi(gateway):
    """What schemathesis calls."""
    from infra.local.answers import Request
    from infra.local.web import _request_headers, _target

    def application(environ, start_response):
        sent = environ["wsgi.input"].read()
        answer = gateway(Request(environ["REQUEST_METHOD"], _target(environ), _request_headers(environ), sent))
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", answer.headers)
        return [answer.body]

    return application


def _more(story):
    """What the story has not at its middle: a deployment that runs, and what nothing holds from being deleted."""
    for method, path, body in (
        ("POST", "/projects", {"name": "Another"}),
        ("POST", "/projects", {"name": "Idle"}),
        ("POST", "/blocks", {"name": "Idle", "source": {"type": "image", "image": "alpine"}}),
        ("PUT", f"{STAGING}/blocks/web", {"block": "web"}),
        ("POST", f"{STAGING}/deployments", None),
    ):
        assert story.ask(method, path, body)[0] < 300, path
        story.number += 1  # another Idempotency-Key


def _tokens(story):
    def token(role, *projects):
        told = {"name": "t", "role": role, **({"projects": projects} if projects else {})}
        return story.ask("POST", "/tokens", told)[1]["secret"]

    roles = {role: token(role) for role in ("viewer", "deployer", "admin")}
    limited = {"of_project": token("admin", "shop", "idle"), "of_another": token("admin", "another")}
    return {"nobody": None, **roles, **limited}


def _there(story):
    """What the parameters of an address may be, so that it names something."""
    deployments = story.ask("GET", f"{DEFAULT}/deployments")[1]["items"]
    runs = [run for name in HOSTNAMES for run in story.ask("GET", f"{DEFAULT}/blocks/{name}/runs")[1]["items"]]
    one = story.ask("POST", "/tokens", {"name": "one", "role": "viewer"})[1]["id"]
    return {
        "project": ["shop", "shop", "shop", "idle"], "environment": ["default", "default", "staging"],
        "block": [*HOSTNAMES, "idle"], "hostname": [*HOSTNAMES, "new"],
        "number": ["1", *(str(one["number"]) for one in deployments)], "run": [run["id"] for run in runs],
        "host": ["git.example.org", "new.example.org"], "token": [one],
    }  # fmt: skip


@pytest.fixture(scope="module")
def embedded_stack(embed, tmp_path_factory):
    """In the middle of the story that tests/faults tells: deployments, runs that have ended and one that has not."""
    embedded = embed(executing=False)
    from app import app, use_clock
    from infra.local.web import gateway

    repository = Repository(tmp_path_factory.mktemp("schemathesis") / "repository")
    story = Story(gateway(app), app, World(embedded.database), repository)
    use_clock(lambda: story.now)
    story.token = story.invoke("mint_token", {"name": "admin", "role": "admin"})["secret"]
    story.go_to(STEPS.index(cancels_it))
    yield Stack(story)
    use_clock(lambda: datetime.now(UTC))


@st.composite
def requests(draw, stack, operation):
    """A request and whether it was led to what is there: as schemathesis makes it, with or without names and fields
    that are right."""
    mode = draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
    case = draw(operation.as_strategy(generation_mode=mode))
    led = draw(st.sampled_from([True, True, True, False]))
    if led:
        case.path_parameters = {name: draw(st.sampled_from(stack.there[name])) for name in case.path_parameters}
        if draw(st.booleans()):
            case.headers, case.query = {}, {}
    assume("another" not in case.path_parameters.values())  # the one project that `of_another` may see
    if right := stack.right(operation):
        case.body = draw(_bodies(case.body, right))
    return case, led


def _bodies(made, right):
    """One that was made, a right one, or one with fields of both."""
    chosen = st.sampled_from(right)
    if not isinstance(made, dict) or not made:
        return st.one_of(st.just(made), chosen)
    fields = st.sets(st.sampled_from(list(made)))
    both = st.builds(lambda one, names: {**one, **{name: made[name] for name in names}}, chosen, fields)
    return st.one_of(st.just(made), chosen, both)


def told_of(case, column, answer):
    """What the message of a failure says."""
    return f"{column}: {answer}\n{case.as_curl_command()}"


def hold(stack, call, examples, chance):
    """Makes so many requests of a call, each with every kind of token; how often each status was answered."""
    operation = stack.schema.find_operation_by_label(call)
    rows = dict(zip(COLUMNS, TABLE[call].split(), strict=True))
    refused = [column for column in stack.tokens if rows[column] != "ok"]
    statuses = Counter()
    stack.world.back(stack.kept)  # a call before this one may have failed in the middle
    before = stack.world.told()

    @seed(chance)
    @settings(ONCE, max_examples=examples)
    @given(requests(stack, operation))
    def each(made):
        case, led = made
        for column in refused:
            status = stack.ask(case, column)
            assert status == int(rows[column]) or (status == 404 and not led), told_of(case, column, status)
        if refused:
            assert stack.world.told() == before, "what was refused was done"
        for column in stack.tokens.keys() - refused:
            status = stack.ask(case, column)
            statuses[status] += 1
            allowed = status not in (401, 403) or (status, column, call) in REFUSED_BY_CONTENT
            assert allowed, told_of(case, column, status)
            if status < 300 and not isinstance(case.body, NotSet):
                assert stack.takes(operation, case.body), told_of(case, column, "what the document forbids was taken")
        if operation.method != "get":
            stack.world.back(stack.kept)

    each()
    return statuses


@pytest.mark.parametrize("call", TABLE)
def test_a_call_answers_as_documented_and_to_whom_it_should(embedded_stack, call):
    hold(embedded_stack, call, SHORT, chance=0)


@pytest.mark.exhaustive
@pytest.mark.parametrize("call", TABLE)
def test_a_call_answers_as_documented_to_very_many_requests(embedded_stack, call, capsys):
    statuses = hold(embedded_stack, call, LONG, SEED)
    assert any(status < 300 for status in statuses), f"none of the requests was right: {statuses}"
    with capsys.disabled():
        print(f" {call} {dict(sorted(statuses.items()))} KINTO_SEED={SEED}; {embedded_stack.requests} requests so far")
