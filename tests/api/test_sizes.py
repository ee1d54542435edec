"""Everything that can be sent has an end; what is as long as it may be is answered, never with a 5xx."""

from __future__ import annotations

import json
import time
import uuid

import pytest

from app import app
from chalicelib.api import openapi
from tests.deployments.conftest import Repository

DOCUMENT = openapi.document(app, "KintoBlocks", "1")
SCHEMAS = DOCUMENT["components"]["schemas"]
LONGEST_BODY = 1_000_000
MAX_ANSWER = 6 * 1024 * 1024  # of a Lambda function
COUNTING = """exit $(env | grep -cE '^V[0-9]+="{4096}$')"""


def operations():
    paths = DOCUMENT["paths"].items()
    return [(f"{method.upper()} {path}", call) for path, calls in paths for method, call in calls.items()]


def endless(schema, path, above=()):
    """The places of a schema at which there may be as much as somebody likes."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return [] if name in above else endless(SCHEMAS[name], path, (*above, name))
    found = [one for member in schema.get("anyOf", ()) for one in endless(member, path, above)]
    kinds = schema.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else kinds
    bounded = schema.keys() & {"enum", "const", "maxLength"} or schema.get("format") == "date-time"
    if "string" in kinds and not bounded:
        found.append(path)
    if "array" in kinds:
        found += [] if "maxItems" in schema else [f"{path}[]"]
        found += endless(schema.get("items", {}), f"{path}[]", above)
    if "integer" in kinds and not schema.keys() & {"enum", "maximum"}:
        found.append(path)
    if "object" in kinds:
        found += [] if schema.get("additionalProperties") is False else [f"{path}{{}}"]
        for name, field in schema.get("properties", {}).items():
            found += endless(field, f"{path}.{name}", above)
    return found


@pytest.mark.parametrize(("name", "call"), operations(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_field_of_a_request_has_an_end(name, call):
    found = [one for each in call.get("parameters", ()) for one in endless(each["schema"], each["name"])]
    for media in call.get("requestBody", {}).get("content", {}).values():
        found += endless(media["schema"], "body")
    assert found == []


@pytest.mark.parametrize(
    ("schema", "found"),
    [
        ({"type": "string"}, ["x"]),
        ({"type": "string", "pattern": "^a+$"}, ["x"]),
        ({"type": ["string", "null"], "maxLength": 1}, []),
        ({"type": "array", "items": {"type": "string"}}, ["x[]", "x[]"]),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, ["x"]),
        ({"type": "object"}, ["x{}"]),
        ({"$ref": "#/components/schemas/Variable"}, []),
    ],
)
def test_the_look_for_what_has_no_end_finds_it(schema, found):
    assert endless(schema, "x") == found


class Made:
    """One block in one environment of the session's stack."""

    def __init__(self, stack, name):
        self.stack, self.name = stack, name
        self.environment = f"/projects/{name}/environments/default"
        self.ask("POST", "/projects", {"name": name})

    def ask(self, method, path, body=None, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.stack.request(method, path, body, headers)

    def block(self, variables=(), **more):
        source = {"type": "command", "command": "true", **more}
        repository = {"url": "file:///nowhere", "token": None}
        body = {"name": self.name, "repository": repository, "source": source, "variables": list(variables)}
        return self.ask("POST", "/blocks", body)

    def configure(self, variables=(), hostname="job"):
        body = {"block": self.name, "variables": list(variables)}
        return self.ask("PUT", f"{self.environment}/blocks/{hostname}", body)

    def run(self, **body):
        return self.ask("POST", f"{self.environment}/blocks/job/runs", {"force": True, **body})


@pytest.fixture
def made(stack):
    return Made(stack, f"s{uuid.uuid4().hex[:12]}")


def variables(count, size, masked=False, first=0, letter="x"):
    return [{"name": f"V{n}", "value": letter * size, "masked": masked} for n in range(first, first + count)]


def fields(answer):
    return {error["field"] for error in answer["errors"]}


def test_a_body_that_is_too_large_is_413(made):
    status, _, answer = made.ask("POST", "/blocks", b'{"name": "' + b"x" * LONGEST_BODY + b'"}')
    assert (status, answer["type"]) == (413, "urn:kintoblocks:problem:too-large"), answer


@pytest.mark.parametrize("path", ["/blocks/{}", "/projects/{}", "/runs/{}", "/projects/{}/environments/{}"])
def test_a_path_that_is_too_long_leads_nowhere(made, path):
    assert made.ask("GET", path.replace("{}", "x" * 5000))[0] == 404


def test_headers_that_are_too_long_are_refused(made):
    assert made.ask("GET", "/blocks", Authorization=f"Bearer {'x' * 8000}")[0] == 401
    assert made.ask("POST", "/projects", {"name": "x"}, Idempotency_Key="x" * 256)[0] == 400
    assert made.ask("GET", f"/blocks?cursor={'x' * 5000}")[0] == 422
    assert made.ask("GET", f"/runs/none/logs?after={'x' * 5000}")[0] == 422


@pytest.mark.parametrize("letter", ["\x01", "\x7f"])
def test_a_variable_holds_no_control_characters(made, letter):
    status, _, answer = made.block(variables(1, 1, letter=letter))
    assert (status, fields(answer)) == (422, {"variables[0].value"})
    assert made.block(variables(1, 1, letter="a\t\r\n"))[0] == 201


@pytest.mark.parametrize("letter", ["x", '"', "\\", "\n", "é", "\U0001f600"])
def test_a_run_with_all_that_it_may_have_runs(made, tmp_path, letter):
    """Letters that JSON writes as two, in JSON within JSON: it reaches the build all the same."""
    repository = Repository(tmp_path / "repository")
    text = "env | grep -c ^V; : '" + "y" * 4000 + "'"
    source = {"type": "command", "command": text, "build": ": " + '"' * 4000}
    body = {"name": made.name, "repository": {"url": repository.url}, "source": source}
    size = 4096 // len(letter.encode())
    assert made.ask("POST", "/blocks", body | {"variables": variables(8, size, letter=letter)})[0] == 201
    assert made.configure()[0] == 200
    status, _, run = made.run(command=text)
    assert status == 202
    assert _ended(made, run["id"])["status"] == "succeeded"


def _ended(made, run):
    deadline = time.monotonic() + 60
    while (found := made.ask("GET", f"/runs/{run}")[2])["status"] in ("queued", "running"):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def test_what_a_run_is_given_counts_together_with_what_is_configured(made):
    assert made.block(variables(4, 4096))[0] == 201
    assert made.configure(variables(3, 4096, first=4))[0] == 200
    status, _, answer = made.run(variables=variables(2, 4096, first=10))
    assert (status, fields(answer)) == (422, {"variables"})
    assert "those that are configured included" in answer["errors"][0]["message"]
    assert made.run(variables=variables(1, 4096, first=10))[0] == 202
    assert made.run(variables=variables(7, 4096))[0] == 202, "in place of those configured"


def test_a_masked_variable_has_no_other_value_for_one_run(made):
    assert made.block(variables(1, 4, masked=True))[0] == 201
    assert made.configure(variables(1, 4, first=1, masked=True))[0] == 200
    status, _, answer = made.run(variables=variables(3, 4))
    assert (status, fields(answer)) == (422, {"variables[0].name", "variables[1].name"})
    assert made.run(variables=variables(1, 4, first=2))[0] == 202


def test_so_many_variables_and_no_more_also_for_one_run(made):
    assert made.block(variables(60, 1))[0] == 201
    assert made.configure()[0] == 200
    assert made.run(variables=variables(5, 1, first=60))[0] == 422
    assert made.run(variables=variables(4, 1, first=60))[0] == 202


def test_masked_values_are_bounded_however_they_come(made):
    """A few with each change: those kept count too, or the row that holds them would end in an error one day."""
    assert made.block()[0] == 201
    kept, statuses = [], []
    for part in range(8):
        given = variables(8, 4096, masked=True, first=part * 8)
        status, _, answer = made.configure([*({**one, "value": None} for one in kept), *given])
        statuses.append(status)
        if status == 422:
            assert fields(answer) == {"variables"}
            break
        kept += given
    assert statuses[0] == 200
    assert statuses[-1] == 422
    assert set(statuses) == {200, 422}


@pytest.mark.ci
def test_masked_values_as_long_as_they_may_be_reach_the_job_whole(made, tmp_path):
    """Of block and environment each within its own bounds; CodeBuild takes 4,096 characters of them at a time."""
    repository = Repository(tmp_path / "repository")
    many = variables(8, 4096, masked=True, letter='"')
    source = {"type": "command", "command": COUNTING}
    body = {"name": made.name, "repository": {"url": repository.url}, "source": source}
    assert made.ask("POST", "/blocks", body | {"variables": many})[0] == 201
    assert made.configure(variables(8, 4096, masked=True, first=8, letter='"'))[0] == 200
    status, _, run = made.run()
    assert status == 202
    found = _ended(made, run["id"])
    assert (found["status"], found["exit_code"]) == ("failed", 16)


@pytest.mark.ci
@pytest.mark.parametrize("kind", ["plain", "masked"])
def test_an_environment_with_all_that_it_may_have_is_answered(made, kind):
    """50 blocks with 32 KB of variables each, all quotes: its page, its changes, its deployment, and that again."""
    assert made.block(variables(8, 4096, letter='"', masked=kind == "masked"))[0] == 201
    for number in range(50):
        status, _, answer = made.configure(hostname=f"job-{number}")
        assert status == 200, answer
    sizes = {}
    for path in ("", "/changes"):
        status, _, answer = made.ask("GET", made.environment + path)
        assert status == 200
        sizes[path] = _as_lambda_answers(answer)
    status, _, first = made.ask("POST", f"{made.environment}/deployments", Idempotency_Key=made.name)
    assert status == 202
    status, _, again = made.ask("POST", f"{made.environment}/deployments", Idempotency_Key=made.name)
    assert (status, again["number"]) == (202, first["number"]), "the same deployment, not another one"
    status, _, answer = made.ask("GET", f"{made.environment}/deployments/{first['number']}")
    assert status == 200
    assert max([*sizes.values(), _as_lambda_answers(answer)]) < MAX_ANSWER


def test_an_environment_with_variables_of_its_own_is_answered(made):
    """50 blocks with 64 variables each, 32 KB together, in the letter of which escaping twice makes most."""
    many = [{"name": f"V{n:03}".ljust(128, "_"), "value": '"' * 512} for n in range(64)]
    assert made.block()[0] == 201
    hostnames = [f"job-{number:02}".ljust(48, "x") for number in range(50)]
    for hostname in hostnames:
        status, _, answer = made.configure(many, hostname)
        assert status == 200, answer
    status, _, environment = made.ask("GET", made.environment)
    assert status == 200
    assert _as_lambda_answers(environment) < MAX_ANSWER
    assert [block["hostname"] for block in environment["blocks"]] == hostnames
    for block in environment["blocks"]:
        assert block["variables"] == [{"name": one["name"], "required": False, "masked": False} for one in many]
    status, _, configured = made.ask("GET", f"{made.environment}/blocks/{hostnames[0]}")
    assert [one["value"] for one in configured["variables"]] == ['"' * 512] * 64


def _as_lambda_answers(answer):
    """The bytes that leave the function: the body is a string in JSON, and there may be nothing but ASCII in it."""
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    return len(json.dumps({"statusCode": 200, "headers": {"Content-Type": "application/json"}, "body": body}))


def test_an_answer_that_is_too_long_to_be_kept_is_the_same_again(made):
    body = {"name": made.name, "repository": {"url": "file:///nowhere"}, "variables": variables(8, 4096, letter='"')}
    body["source"] = {"type": "command", "command": "true"}
    answers = [made.ask("POST", "/blocks", body, Idempotency_Key=made.name) for _ in range(2)]
    assert [status for status, _, _ in answers] == [201, 201]
    assert answers[0][2] == answers[1][2]
