"""Every call and every field of it, wrongly: a problem that says what to write instead, and nothing is stored."""

from __future__ import annotations

import base64
import itertools
import json
import re
import subprocess
import time
from urllib.parse import quote

import pytest

from chalicelib.domain.credentials import is_host
from tests.api.bad_values import Shapes, all_wrong

PROJECT, ENVIRONMENT, BLOCK, JOB, TICK = "bad-input", "default", "bad-input", "job", "tick"
HOST = "git.bad-input.example.org"
COMMIT = "0123456789abcdef0123456789abcdef01234567"
ADVICE = re.compile(
    r"write|must |leave|choose|at most|did you mean|\bthere (is|are)|send|give|needs|needed|use |read it again|"
    r"cannot be|takes|keep one|set it in",
)
ROLE = "arn:aws:iam::123456789012:role/kintoblocks/x"
VARIABLES = [{"name": "A", "value": "1", "required": False, "masked": False}]
REPOSITORY = {"url": "https://example.org/x", "token": "t0ken", "branch": "main", "source_folder": "a"}
SOURCES = [
    {"type": "command", "command": "x", "build": "make"},
    {"type": "dockerfile", "dockerfile": "Dockerfile", "command": "x"},
    {"type": "image", "image": "alpine", "command": "x"},
]
RUNS = [
    {"mode": "run_once", "phase": "pre_deployment", "order": 1, "run_on_rollback": True},
    {"mode": "repeat_schedule", "cron": "0 8 * * 1", "timezone": "UTC", "overlap": "skip", "catch_up": "none"},
    {"mode": "manual"},
]

# Right bodies of every call that takes one; together they hold every field of it.
BODIES = {
    "create_block": [
        {
            "name": "New", "internal_name": "never-there", "flavor": "job", "repository": REPOSITORY, "source": source,
            "variables": VARIABLES, "projects": [PROJECT],
        }
        for source in SOURCES
    ],
    "change_block": [
        {"name": "New", "repository": REPOSITORY, "source": source, "variables": VARIABLES, "projects": [PROJECT]}
        for source in SOURCES
    ],
    "create_project": [
        {"name": "New", "internal_name": "never-there", "description": "x", "environment": "default"},
    ],
    "change_project": [{"name": "New", "description": "x"}],
    "create_environment": [
        {
            "name": "New", "internal_name": "never-there", "on_post_deployment_failure": "keep", "role_arn": ROLE,
            "run_overrides": "admin",
        },
    ],
    "change_environment": [
        {"name": "New", "on_post_deployment_failure": "fail", "role_arn": ROLE, "run_overrides": "deployer"},
    ],
    "put_credentials": [{"username": "x", "secret": "x"}],
    "configure_block": [
        {
            "block": BLOCK, "ref": ref, "run": run, "variables": VARIABLES, "memory_mb": 64, "timeout_seconds": 9,
            "retries": {"count": 1, "backoff_seconds": 1},
        }
        for ref, run in itertools.product(({"branch": "main"}, {"tag": "v1"}, {"commit": COMMIT}), RUNS)
    ],
    "pause_schedule": [{"reason": "x", "until": "2099-01-01T00:00:00Z"}],
    "run_now": [{"command": "x", "variables": VARIABLES, "reason": "x", "force": False}],
    "create_token": [{"name": "x", "role": "viewer", "projects": [PROJECT], "expires_at": "2099-01-01T00:00:00Z"}],
    "preview_schedule": [{"cron": "0 8 * * 1", "timezone": "UTC", "from": "2026-01-01T00:00:00Z", "count": 1}],
}  # fmt: skip

# What each parameter of an address is where nothing is wrong, and what nothing is called.
GONE = {
    "block": "nothing-here", "project": "nothing-here", "environment": "nothing-here", "hostname": "nothing-here",
    "number": "999", "host": "nothing.here", "token": "0" * 12, "run": f"{'0' * 26}-20261122T080000000000-m0",
}  # fmt: skip
BAD_NAMES = [
    *("UPPER", "a%20b", "%00", "..", "x" * 300, "%F0%9F%98%80", "a%2Fb", "x-", "%E0%A4", "0", "99999999999999999999"),
]


@pytest.fixture(scope="module")
def document(stack):
    return stack.request("GET", "/openapi.json")[2]


@pytest.fixture(scope="module")
def shapes(document):
    return Shapes(document)


@pytest.fixture(scope="module")
def there(stack, tmp_path_factory):
    """What exists: a block, configured as a job and as a schedule, deployed once; the parameters that name it."""
    folder = tmp_path_factory.mktemp("repository")
    who = ["-c", "user.name=test", "-c", "user.email=test@example.org"]
    for arguments in (["init", "-q", "-b", "main"], [*who, "commit", "-q", "--allow-empty", "-m", "one"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True)
    source = {"type": "command", "command": "true"}
    made(stack, "POST", "/blocks", {"name": BLOCK, "repository": {"url": f"file://{folder}"}, "source": source})
    made(stack, "POST", "/projects", {"name": PROJECT})
    where = f"/projects/{PROJECT}/environments/{ENVIRONMENT}"
    made(stack, "PUT", f"{where}/blocks/{JOB}", {"block": BLOCK})
    made(stack, "PUT", f"/credentials/{HOST}", {"secret": "x"})
    yearly = {"mode": "repeat_schedule", "cron": "0 0 1 1 *"}
    made(stack, "PUT", f"{where}/blocks/{TICK}", {"block": BLOCK, "run": yearly})
    made(stack, "POST", f"{where}/deployments")
    deadline = time.monotonic() + 60
    while (told := made(stack, "GET", f"{where}/deployments/1"))["status"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    run = told["phases"]["pre_deployment"][0]["id"]
    names = {"block": BLOCK, "project": PROJECT, "environment": ENVIRONMENT, "number": "1", "run": run}
    token = made(stack, "POST", "/tokens", {"name": "there", "role": "viewer", "projects": [PROJECT]})["id"]
    return {**names, "hostname": JOB, "host": HOST, "token": token}


def made(stack, method, path, body=None):
    status, _, answer = stack.request(method, path, body)
    assert status < 300, answer
    return answer


def everything(stack):
    """All that these tests could have changed, as the API tells it."""
    where = f"/projects/{PROJECT}/environments/{ENVIRONMENT}"
    addresses = [
        *("/blocks?limit=100", "/projects?limit=100", "/credentials", "/tokens?limit=100", f"/projects/{PROJECT}"),
        *(f"/blocks/{BLOCK}", where),
        *(f"{where}/deployments", f"{where}/deployments/1", f"{where}/activity"),
        *(f"{where}/blocks/{name}{more}" for name in (JOB, TICK) for more in ("", "/runs")),
    ]
    return [made(stack, "GET", address) for address in addresses]


@pytest.fixture(scope="module", autouse=True)
def before(stack, there):
    return everything(stack)


def operations(document):
    """Every operation but those of HEAD, whose answers have no body to look at."""
    return [
        (method.upper(), path, told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
        if method != "head"
    ]


def addressed(path, there, **instead):
    for name, value in {**there, **instead}.items():
        path = path.replace("{" + name + "}", value)
    return path


def bodies(document):
    """(method, path, operation's id, schema, body) of every right body."""
    for method, path, told in operations(document):
        if "requestBody" in told:
            schema = told["requestBody"]["content"]["application/json"]["schema"]
            for body in BODIES[told["operationId"]]:
                yield method, path, told["operationId"], schema, body


def right(told):
    """A body with which a call would do what it does, as JSON text; None where it takes none."""
    return json.dumps(BODIES[told["operationId"]][0]) if "requestBody" in told else None


def refused(stack, method, path, body=None, headers=None, status=None):
    """The problem that the request is answered with."""
    got, answered, problem = stack.request(method, path, body, headers)
    about = f"{method} {path[:200]} {str(body)[:300]} {headers}: {got} {problem}"
    assert 400 <= got < 500, about
    assert answered["Content-Type"] == "application/problem+json", about
    assert {"type", "title", "status", "detail"} <= problem.keys(), about
    assert problem["status"] == got, about
    # What no route is, the gateway refuses before any code of ours.
    assert problem["type"].startswith("urn:kintoblocks:problem:") or problem["type"] == "about:blank", about
    assert len(json.dumps(problem)) < 40_000, "an answer to nonsense is short"
    assert status is None or got in ((status,) if isinstance(status, int) else status), about
    if got == 422:
        assert problem["errors"], about
        assert all(ADVICE.search(error["message"]) for error in problem["errors"]), about
    else:
        assert problem["detail"].strip(), about
    return problem


def errors(problem):
    return {error["field"]: error["message"] for error in problem["errors"]}


# Bodies.


def test_every_call_that_takes_a_body_has_right_ones_here(document):
    taking = {told["operationId"] for _, _, told in operations(document) if "requestBody" in told}
    assert taking == BODIES.keys()


def test_the_right_bodies_hold_every_field(document, shapes):
    for name in BODIES:
        told = [(schema, body) for _, _, operation, schema, body in bodies(document) if operation == name]
        seen = {place.owner for schema, body in told for place in shapes.places(schema, body)} - {None}
        assert seen == shapes.fields(told[0][0]), name


@pytest.mark.ci
def test_every_wrong_value_of_every_field_is_told_by_the_fields_name(stack, document, shapes, there):
    sent = set()
    for method, path, name, schema, body in bodies(document):
        for place in shapes.places(schema, body):
            for value in shapes.wrong_values(place):
                key = (name, place.owner or place.path, repr(value))
                if key not in sent:
                    sent.add(key)
                    problem = refused(stack, method, addressed(path, there), place.wrong(body, value), status=422)
                    told = [field for field in errors(problem) if field.startswith(place.path)]
                    assert told, f"{name} {place.path}={value!r}: {problem}"
    assert len(sent) > 500


@pytest.mark.parametrize("bogus", ["bogus", "a b", "", "x" * 300, "é", "__class__"])
def test_an_unknown_field_is_told_wherever_it_is(stack, document, shapes, there, bogus):
    sent = set()
    for method, path, name, schema, body in bodies(document):
        inside = [place for place in shapes.places(schema, body) if isinstance(place.value, dict)]
        for place in [None, *inside]:
            if (name, place and place.path) in sent:
                continue
            sent.add((name, place and place.path))
            wrong = place.wrong(body, {**place.value, bogus: 1}) if place else {**body, bogus: 1}
            problem = refused(stack, method, addressed(path, there), wrong, status=422)
            (field,) = errors(problem)
            assert field.startswith(place.path if place else ""), problem
            assert "is not a field here" in errors(problem)[field]


def test_all_that_is_wrong_is_told_at_once(stack, document, shapes, there):
    for method, path, name, schema, body in bodies(document):
        wrong, paths = all_wrong(shapes.places(schema, body), body)
        problem = refused(stack, method, addressed(path, there), wrong, status=422)
        assert errors(problem).keys() == paths, name


def test_all_that_is_missing_is_told_at_once(stack, document, shapes, there):
    for method, path, name, schema, _ in bodies(document):
        (whole,) = shapes.members(schema)
        if needed := whole.get("required"):
            problem = refused(stack, method, addressed(path, there), {}, status=422)
            assert errors(problem).keys() == set(needed), name


@pytest.mark.parametrize(
    "text",
    [
        *("{", "[]", '"x"', "1", "null", "{'a': 1}", '{"a": NaN}', '{"a": 1e999}', '{"a": 1, "a": 2}'),
        *('{"a": ' + "[" * 500 + "]" * 500 + "}", "{}x", '{"a": ' + "9" * 5000 + "}", "name=x", "[" * 100_000),
    ],
    ids=lambda text: ascii(text[:12]),
)
def test_what_is_no_json_object_is_malformed_for_every_call(stack, document, there, text):
    for method, path, _ in operations(document):
        refused(stack, method, addressed(path, there), text.encode(), status=(400, 422))


def test_a_body_that_is_not_utf_8_is_malformed_for_every_call(stack, document, there):
    for method, path, _ in operations(document):
        refused(stack, method, addressed(path, there), b'{"name": "\xff"}', status=400)


def test_a_call_that_takes_no_body_says_so(stack, document, there):
    for method, path, told in operations(document):
        if "requestBody" not in told:
            problem = refused(stack, method, addressed(path, there), {"bogus": 1}, status=422)
            assert errors(problem) == {"bogus": "is not a field here: there are none"}


@pytest.mark.parametrize("size", [1_000_001, 1_100_000])
def test_a_body_of_a_megabyte_is_too_large_for_every_call(stack, document, there, size):
    text = b'{"name": "' + b"x" * (size - 12) + b'"}'
    for method, path, _ in operations(document):
        problem = refused(stack, method, addressed(path, there), text, status=413)
        assert str(len(text)) in problem["detail"]


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "", "*/*", "é"]
)
def test_another_content_type_is_not_taken(stack, document, there, kind):
    for method, path, told in operations(document):
        if "requestBody" in told:
            problem = refused(stack, method, addressed(path, there), right(told), {"Content-Type": kind}, 415)
            assert "application/json" in problem["detail"]


def test_an_empty_body_where_one_is_needed_is_told(stack, document, there):
    for method, path, told in operations(document):
        if told.get("requestBody", {}).get("required"):
            refused(stack, method, addressed(path, there), b"", status=(400, 415))


# Who asks.


@pytest.mark.parametrize(
    "told",
    [None, "", "Bearer ", "Basic YTpi", "Bearer x", "Bearer kinto_0123456789ab_" + "x" * 43, "é"],
    ids=lambda told: repr(told)[:20],
)
def test_without_a_token_that_is_valid_there_is_nothing_to_see(stack, document, there, told):
    for method, path, operation in operations(document):
        if operation["security"]:
            problem = refused(
                stack, method, addressed(path, there), right(operation), {"Authorization": told}, status=401
            )
            assert "token" in problem["detail"]


def test_a_token_of_which_one_letter_is_another_is_not_valid(stack):
    token = stack.token[:-1] + ("a" if stack.token[-1] != "a" else "b")
    refused(stack, "GET", "/blocks", headers={"Authorization": f"Bearer {token}"}, status=401)


def test_who_has_no_token_does_not_learn_what_is_there(stack, document, there):
    for method, path, operation in operations(document):
        if operation["security"]:
            told = [
                refused(stack, method, address, headers={"Authorization": None}, status=401)["detail"]
                for address in (addressed(path, there), addressed(path, GONE))
            ]
            assert told[0] == told[1]


# Addresses.


def test_what_is_not_there_is_not_found_by_each_of_its_names(stack, document, there):
    for method, path, told in operations(document):
        for name in re.findall(r"{(\w+)}", path):
            if (told["operationId"], name) in (("configure_block", "hostname"), ("put_credentials", "host")):
                continue  # these add one
            address = addressed(path, {**there, name: GONE[name]})
            problem = refused(stack, method, address, right(told), status=404)
            assert GONE[name] in problem["detail"], problem


@pytest.mark.parametrize("bad", BAD_NAMES)
def test_no_bad_name_in_an_address_is_more_than_not_found(stack, document, there, bad):
    for method, path, told in operations(document):
        for name in re.findall(r"{(\w+)}", path):
            if told["operationId"] == "put_credentials" and is_host(bad):
                continue  # a number is a good name for a host
            refused(stack, method, addressed(path, {**there, name: bad}), right(told), status=(400, 404, 422))


@pytest.mark.parametrize(
    "path", ["/nothing", "//blocks", "/blocks/a/b", "/BLOCKS", "/blocks%00", "/..", "/%2e%2e/blocks", "/" + "x" * 5000]
)
def test_an_address_that_is_none_is_not_found(stack, path):
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        refused(stack, method, path, status=(403, 404, 405))


def test_a_method_that_an_address_does_not_take_is_told_with_those_it_takes(stack, document, there):
    for path, methods in document["paths"].items():
        for method in {"get", "post", "put", "patch", "delete"} - methods.keys():
            problem = refused(stack, method.upper(), addressed(path, there), status=405)
            assert any(one.upper() in problem["detail"] for one in methods), problem


# Queries.

LIMITS = ["0", "101", "-1", "x", "", "1.5", "1e1", " 1", "1&limit=2", "9" * 30, "%00", "٣"]


def cursor(text):
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


CURSORS = [
    *("", "x", "!!!", "%00", "é", "x" * 3000, "eyJ9", "W10"),
    *(cursor(text) for text in ("[]", "{}", "null", '["a", {}]', '["000000000000", {"pk": {"S": "x"}}]', "[" * 900)),
]
POSITIONS = [
    *("x", "!!!", "%00", "é", "x" * 3000),
    *(cursor(text) for text in ("{}", '["a"]', "[-1]", "[99]", "[0,5]", '[0,"x"]', "[1e99]")),
]
NAMES = ["", "x", "UPPER", "%00", "a b", "x-", "x" * 49, "é"]
PERSONS = ["", " ", "x" * 201]
SEARCHES = [*PERSONS, "%00", "%0A", "a%1Fb", "%7F"]


def test_every_parameter_of_a_query_is_checked(stack, document, there):
    for method, path, told in operations(document):
        for parameter in told["parameters"]:
            if parameter["in"] == "query":
                named = {"limit": LIMITS, "cursor": CURSORS, "after": POSITIONS, "by": PERSONS, "search": SEARCHES}
                named |= dict.fromkeys(("project", "environment", "hostname", "block"), NAMES)
                values = named.get(parameter["name"]) or ["bogus", "", "FAILED", "failed&status=failed", "%00"]
                assert parameter["name"] in named or "enum" in parameter["schema"], "a parameter without a row here"
                for value in values:
                    sent = value if "&" in value or "%" in value else quote(value)
                    address = f"{addressed(path, there)}?{parameter['name']}={sent}"
                    problem = refused(stack, method, address, status=422)
                    assert parameter["name"] in errors(problem) or "status" in errors(problem), problem


@pytest.mark.parametrize("query", ["bogus=1", "LIMIT=1", "=1", "%FF=1"])
def test_an_unknown_parameter_is_told_by_every_call(stack, document, there, query):
    for method, path, told in operations(document):
        problem = refused(stack, method, f"{addressed(path, there)}?{query}", right(told), status=422)
        assert "is not a parameter here" in json.dumps(problem), problem


def test_a_cursor_of_another_list_is_not_taken(stack, there):
    page = made(stack, "GET", f"/projects/{PROJECT}/environments/{ENVIRONMENT}/blocks/{JOB}/runs?limit=1")
    other = f"/projects/{PROJECT}/environments/{ENVIRONMENT}/blocks/{TICK}/runs"
    if page["next"]:
        refused(stack, "GET", f"{other}?cursor={page['next']}", status=422)


def test_errors_of_query_and_body_are_told_together(stack):
    problem = refused(stack, "POST", "/schedules/preview?bogus=1", {"cron": 7}, status=422)
    assert errors(problem).keys() == {"bogus", "cron"}


# Headers.


@pytest.mark.parametrize(
    ("told", "status"),
    [
        *(('"999999"', 412), ('W/"999999"', 412)),
        *((value, 400) for value in ("", "1", "x", '"', '"x"', '"-1"', '"01"', '"1", "2"', '"1"x', f'"{"9" * 40}"')),
    ],
)
def test_if_match_is_read_strictly(stack, document, there, told, status):
    asked = 0
    for method, path, operation in operations(document):
        if any(parameter["name"] == "If-Match" for parameter in operation["parameters"]):
            asked += 1
            address = addressed(path, {**there, "hostname": TICK})
            refused(stack, method, address, right(operation), {"If-Match": told}, status)
    assert asked


def test_a_block_is_added_only_where_there_is_none_yet(stack, document, there):
    asked = 0
    for method, path, operation in operations(document):
        if any(parameter["name"] == "If-None-Match" for parameter in operation["parameters"]):
            asked += 1
            address = addressed(path, {**there, "hostname": TICK})
            refused(stack, method, address, right(operation), {"If-None-Match": "*"}, 412)
    assert asked == 2


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "é", "a\tb"])
def test_an_idempotency_key_is_a_short_word(stack, document, there, key):
    asked = 0
    for method, path, operation in operations(document):
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation["parameters"]):
            asked += 1
            problem = refused(
                stack, method, addressed(path, there), right(operation), {"Idempotency-Key": key}, status=400
            )
            assert "1 to 255" in problem["detail"]
    assert asked


# What only the words' rules or the present state tell.

WHERE = f"/projects/{PROJECT}/environments/{ENVIRONMENT}"
COMMAND = {"type": "command", "command": "x"}


def new(**told):
    return {"name": "New", "source": COMMAND, "repository": {"url": "https://h/x"}} | told


def configured(**told):
    return {"block": BLOCK} | told


def variables(*names, **told):
    return [{"name": name, "value": "x", **told} for name in names]


@pytest.mark.parametrize(
    ("method", "path", "body", "field", "says"),
    [
        ("POST", "/blocks", new(name="日本語"), "internal_name", "2 to 48 lower-case"),
        ("POST", "/blocks", new(repository=None), "repository", "needed for this source type"),
        ("POST", "/blocks", new(source={"type": "image", "image": "a"}), "repository", "leave it out"),
        ("POST", "/blocks", new(source={"type": "dockerfile"}, flavor="service"), "source.command", "deploys"),
        ("POST", "/blocks", new(variables=variables("A", "A")), "variables[1].name", "twice"),
        ("POST", "/blocks", new(variables=variables(*(f"V{n}" for n in range(65)))), "variables", "at most 64"),
        (
            "POST", "/blocks", new(variables=[{"name": f"V{n}", "value": "x" * 4096} for n in range(9)]), "variables",
            "32768 bytes",
        ),
        ("POST", "/blocks", new(source={"type": "image", "image": "a", "build": "x"}), "source.build", "leave it out"),
        ("POST", "/blocks", new(source={"command": "x"}), "source.type", "is missing"),
        ("POST", "/blocks", new(source={"type": "zip"}), "source.type", '"dockerfile", "image" or "command"'),
        ("POST", "/projects", {"name": "!!!"}, "internal_name", "2 to 48 lower-case"),
        ("POST", f"/projects/{PROJECT}/environments", {"name": "!!!"}, "internal_name", "2 to 48 lower-case"),
        ("PATCH", f"/blocks/{BLOCK}", {"repository": None}, "repository", "needed for this source type"),
        ("PATCH", f"/blocks/{BLOCK}", {"source": {"type": "image", "image": "a"}}, "repository", "leave it out"),
        ("PATCH", f"/blocks/{BLOCK}", {"name": None}, "name", "cannot be removed"),
        ("PATCH", f"/blocks/{BLOCK}", {"internal_name": "new"}, "internal_name", "is not a field here"),
        ("PATCH", f"/blocks/{BLOCK}", {"source": {"command": None}}, "source.command", "is missing"),
        ("PATCH", f"/blocks/{BLOCK}", {"source": {"dockerfile": "x"}}, "source.dockerfile", "leave it out"),
        ("PATCH", f"/blocks/{BLOCK}", {"variables": variables("A", "A")}, "variables[1].name", "twice"),
        ("PUT", f"{WHERE}/blocks/new", configured(block="nothing-here"), "block", "there is no block nothing-here"),
        ("PUT", f"{WHERE}/blocks/UPPER", configured(), "hostname", "2 to 48 lower-case"),
        ("PUT", f"{WHERE}/blocks/new", configured(ref={}), "ref", "exactly one of branch, tag, commit"),
        ("PUT", f"{WHERE}/blocks/new", configured(ref={"branch": "a", "tag": "b"}), "ref", "not branch and tag"),
        ("PUT", f"{WHERE}/blocks/new", configured(ref={"commit": "abc"}), "ref.commit", "40 hexadecimal"),
        ("PUT", f"{WHERE}/blocks/new", configured(run={"mode": "hourly"}), "run.mode", '"repeat_schedule" or "manual"'),
        ("PUT", f"{WHERE}/blocks/new", configured(run={"mode": "run_once", "cron": "x"}), "run.cron", "leave it out"),
        ("PUT", f"{WHERE}/blocks/new", configured(run={"mode": "repeat_schedule"}), "run.cron", "is missing"),
        (
            "PUT", f"{WHERE}/blocks/new", configured(variables=[{"name": "S", "masked": True}]), "variables[0].value",
            "no value of S is stored",
        ),
        ("PUT", f"{WHERE}/blocks/new", configured(variables=variables("A", "A")), "variables[1].name", "twice"),
        ("POST", f"{WHERE}/blocks/{JOB}/runs", {"variables": variables("A", "A")}, "variables[1].name", "twice"),
        (
            "POST", f"{WHERE}/blocks/{JOB}/runs", {"variables": variables("S", masked=True)}, "variables[0].masked",
            "configuration",
        ),
        ("POST", "/schedules/preview", {"cron": "0 8 * * 1-5/2/3"}, "cron", "write"),
    ],
)  # fmt: skip
def test_the_words_own_rules_are_told_by_field(stack, method, path, body, field, says):
    told = errors(refused(stack, method, path, body, status=422))
    assert told.keys() == {field}
    assert says in told[field]


def test_rules_about_several_fields_are_told_together(stack):
    body = new(source={"type": "dockerfile"}, repository=None, flavor="service", variables=variables("A", "A"))
    told = errors(refused(stack, "POST", "/blocks", body, status=422))
    assert told.keys() == {"repository", "source.command", "variables[1].name"}


TWICE = variables("A", "A")


@pytest.mark.parametrize(
    ("method", "path", "body", "fields"),
    [
        (
            "POST", "/blocks", new(name="7", repository=None, variables=TWICE),
            "internal_name repository variables[1].name",
        ),
        (
            "POST", "/blocks", new(name="7", flavor="x", repository=None, source={"type": "x"}, variables=TWICE),
            "internal_name flavor source.type variables[1].name",
        ),
        ("POST", "/blocks", new(name="", repository=None, variables=TWICE), "name repository variables[1].name"),
        ("PATCH", f"/blocks/{BLOCK}", {"flavor": "job", "variables": TWICE}, "flavor variables[1].name"),
        ("PATCH", f"/blocks/{BLOCK}", {"name": None, "repository": None}, "name"),
        ("POST", "/projects", {"name": "7", "environment": "X"}, "internal_name environment"),
        ("POST", f"/projects/{PROJECT}/environments", {"name": "7", "x": 1}, "internal_name x"),
        ("PUT", f"{WHERE}/blocks/X", configured(block="nope", variables=TWICE), "hostname block variables[1].name"),
        (
            "PUT", f"{WHERE}/blocks/X", configured(block="nope", memory_mb=1, variables=TWICE),
            "hostname block memory_mb variables[1].name",
        ),
        (
            "PUT", f"{WHERE}/blocks/{JOB}", configured(memory_mb=1, variables=[{"name": "M", "masked": True}]),
            "memory_mb variables[0].value",
        ),
        (
            "PUT", "/projects/nope/environments/nope/blocks/xx", configured(block="nope", memory_mb=1),
            "block memory_mb",
        ),
        (
            "POST", f"{WHERE}/blocks/{JOB}/runs", {"force": 1, "variables": variables("S", "S", masked=True)},
            "force variables[1].name variables[0].masked variables[1].masked",
        ),
        ("POST", f"{WHERE}/blocks/{JOB}/runs?bogus=1", None, "bogus"),
    ],
)  # fmt: skip
def test_what_is_wrong_by_itself_does_not_hide_what_is_wrong_together(stack, method, path, body, fields):
    assert errors(refused(stack, method, path, body, status=422)).keys() == set(fields.split())


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("POST", "/blocks", new(internal_name=BLOCK), f"a block {BLOCK} already"),
        ("POST", "/projects", {"name": PROJECT}, f"a project {PROJECT} already"),
        ("POST", f"/projects/{PROJECT}/environments", {"name": ENVIRONMENT}, f"an environment {ENVIRONMENT} already"),
        ("DELETE", f"/blocks/{BLOCK}", None, f"{PROJECT}/{ENVIRONMENT}/{JOB}"),
        ("POST", f"{WHERE}/deployments/1/cancel", None, "deployed already"),
        ("POST", f"{WHERE}/blocks/{JOB}/pause", {"reason": "x"}, "schedule"),
    ],
)
def test_what_the_present_state_does_not_allow_is_a_conflict_that_names_it(stack, method, path, body, says):
    assert says in refused(stack, method, path, body, status=409)["detail"]


def test_a_run_that_has_ended_is_not_cancelled(stack, there):
    assert "succeeded already" in refused(stack, "POST", f"/runs/{there['run']}/cancel", status=409)["detail"]


def test_a_configured_block_stays_the_block_it_is(stack):
    made(stack, "POST", "/blocks", new(name="bad-input-other"))
    told = errors(refused(stack, "PUT", f"{WHERE}/blocks/{JOB}", configured(block="bad-input-other"), status=422))
    made(stack, "DELETE", "/blocks/bad-input-other")
    assert told == {"block": f"{JOB} is {BLOCK}; use another hostname"}


def test_after_all_of_this_nothing_was_stored(stack, before):
    assert everything(stack) == before
