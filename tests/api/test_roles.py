"""Who may call what: every route against every kind of token, as a table without gaps."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from app import app
from chalicelib.api import openapi

ROUTES = {f"{route.method} {path}" for path, route in openapi.described(app)}
# Served to everybody by what is not http.route: the console's files.
FILES = {f"{method} {path}" for method in ("GET", "HEAD") for path in ("/", "/assets/{name}")}

COLUMNS = ("nobody", "viewer", "deployer", "admin", "of_project", "of_another", "expired", "revoked")
# `of_project` and `of_another` are admins, limited to the project that the address is about, or to another one.
#                nobody viewer deployer admin of_project of_another expired revoked
EVERYBODY = "    ok     ok     ok       ok    ok         ok         ok      ok  "
SHARED = "       401    ok     ok       ok    ok         ok         401     401 "
VIEW = "         401    ok     ok       ok    ok         404        401     401 "
OPERATE = "      401    403    ok       ok    ok         404        401     401 "
CHANGE = "       401    403    403      ok    ok         404        401     401 "
STACK = "        401    403    403      ok    403        403        401     401 "

ENVIRONMENT = "/projects/{project}/environments/{environment}"
BLOCK = ENVIRONMENT + "/blocks/{hostname}"
DEPLOYMENT = ENVIRONMENT + "/deployments/{number}"
TABLE = {
    "GET /health": EVERYBODY,
    "HEAD /health": EVERYBODY,
    "GET /openapi.json": EVERYBODY,
    "HEAD /openapi.json": EVERYBODY,
    "GET /me": SHARED,
    "GET /quick-patterns": SHARED,
    "POST /schedules/preview": SHARED,
    "GET /blocks": SHARED,
    "GET /blocks/{block}": SHARED,
    "POST /blocks": STACK,
    "PATCH /blocks/{block}": STACK,
    "DELETE /blocks/{block}": STACK,
    "GET /credentials": STACK,
    "PUT /credentials/{host}": STACK,
    "DELETE /credentials/{host}": STACK,
    "GET /tokens": STACK,
    "GET /audit": "401    403    403      ok    ok         ok         401     401 ",
    "POST /tokens": STACK,
    "DELETE /tokens/{token}": STACK,
    "GET /projects": SHARED,
    "POST /projects": STACK,
    "GET /projects/{project}": VIEW,
    "PATCH /projects/{project}": CHANGE,
    "DELETE /projects/{project}": CHANGE,
    "POST /projects/{project}/environments": CHANGE,
    f"GET {ENVIRONMENT}": VIEW,
    f"PATCH {ENVIRONMENT}": CHANGE,
    f"DELETE {ENVIRONMENT}": CHANGE,
    f"GET {ENVIRONMENT}/changes": VIEW,
    f"GET {ENVIRONMENT}/activity": VIEW,
    f"POST {ENVIRONMENT}/shutdown": OPERATE,
    f"GET {BLOCK}": VIEW,
    f"PUT {BLOCK}": CHANGE,
    f"DELETE {BLOCK}": CHANGE,
    f"POST {BLOCK}/pause": OPERATE,
    f"POST {BLOCK}/resume": OPERATE,
    f"GET {BLOCK}/runs": VIEW,
    f"POST {BLOCK}/runs": OPERATE,
    f"GET {ENVIRONMENT}/deployments": VIEW,
    f"POST {ENVIRONMENT}/deployments": OPERATE,
    f"GET {DEPLOYMENT}": VIEW,
    f"GET {DEPLOYMENT}/changes": VIEW,
    f"POST {DEPLOYMENT}/cancel": OPERATE,
    f"POST {DEPLOYMENT}/rollback": OPERATE,
    "GET /runs/{run}": VIEW,
    "POST /runs/{run}/cancel": OPERATE,
    "GET /runs/{run}/logs": VIEW,
}
# Whoever may call is told that this is no parameter, and nothing is done: the token is looked at before.
NOTHING = "?nothing=1"
LET_IN = 422


def made(stack, method, path, body=None):
    status, _, answer = stack.request(method, path, body)
    assert status < 300, answer
    return answer


def token(stack, name, role, **more):
    return made(stack, "POST", "/tokens", {"name": name, "role": role, **more})


@pytest.fixture(scope="module")
def there(stack):
    """What the addresses name, and all of it is there: of another project it must look as if it were not."""
    source = {"type": "command", "command": "true"}
    made(stack, "POST", "/blocks", {"name": "role-block", "repository": {"url": "file:///gone"}, "source": source})
    for project in ("role-project", "role-other"):
        made(stack, "POST", "/projects", {"name": project})
    environment = "/projects/role-project/environments/default"
    made(stack, "PUT", f"{environment}/blocks/job", {"block": "role-block"})
    made(stack, "POST", f"{environment}/deployments")
    run = made(stack, "POST", f"{environment}/blocks/job/runs", {"force": True})["id"]
    made(stack, "PUT", "/credentials/role.example", {"secret": "x"})
    names = {"block": "role-block", "project": "role-project", "environment": "default", "hostname": "job"}
    return {**names, "number": "1", "run": run, "host": "role.example", "token": token(stack, "one", "viewer")["id"]}


@pytest.fixture(scope="module")
def secrets(stack, there):
    """What each column sends."""
    found = {role: token(stack, role, role)["secret"] for role in ("viewer", "deployer", "admin")}
    found["of_project"] = token(stack, "of project", "admin", projects=["role-project"])["secret"]
    found["of_another"] = token(stack, "of another", "admin", projects=["role-other"])["secret"]
    soon = datetime.fromisoformat(stack.now()) + timedelta(seconds=1)
    found["expired"] = token(stack, "expired", "admin", expires_at=soon.isoformat())["secret"]
    stack.advance(1)
    revoked = token(stack, "revoked", "admin")
    found["revoked"] = revoked["secret"]
    made(stack, "DELETE", f"/tokens/{revoked['id']}")
    return found


def asked(stack, secret, call, there, more=NOTHING):
    method, path = call.split(" ", 1)
    headers = {"Authorization": f"Bearer {secret}" if secret else None}
    return stack.request(method, path.format(**there) + more, {}, headers)


def test_every_route_has_its_row():
    assert TABLE.keys() == ROUTES


def test_nothing_is_served_past_the_table():
    assert {f"{method} {path}" for path, methods in app.routes.items() for method in methods} - ROUTES == FILES


@pytest.mark.parametrize("call", TABLE)
def test_each_token_may_call_what_the_table_says(stack, there, secrets, call):
    found = [asked(stack, secrets.get(column), call, there)[0] for column in COLUMNS]
    told = [LET_IN if cell == "ok" else int(cell) for cell in TABLE[call].split()]
    assert dict(zip(COLUMNS, found, strict=True)) == dict(zip(COLUMNS, told, strict=True))


@pytest.mark.parametrize("call", [call for call, row in TABLE.items() if row == VIEW])
def test_what_is_of_another_project_is_told_as_what_is_not_there(stack, there, secrets, call):
    gone = {**there, "project": "role-gone", "run": there["run"][:-2] + "zz"}
    for_limited = [asked(stack, secrets["of_another"], call, names, "") for names in (there, gone)]
    assert [answer[0] for answer in for_limited] == [404, 404]
    details = [answer[2]["detail"] for answer in for_limited]
    for name in ("project", "run"):
        details = [detail.replace(names[name], name) for detail, names in zip(details, (there, gone), strict=True)]
    assert details[0] == details[1]
    assert asked(stack, secrets["of_project"], call, there, "")[0] not in (401, 403, 404)


def test_a_limited_token_has_its_role_and_no_more(stack, there, secrets):
    for role, status in (("viewer", 403), ("deployer", LET_IN)):
        secret = token(stack, role, role, projects=["role-project"])["secret"]
        assert asked(stack, secret, f"POST {ENVIRONMENT}/deployments", there)[0] == status
        assert asked(stack, secret, f"PATCH {ENVIRONMENT}", there)[0] == 403
