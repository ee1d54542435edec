"""Secrets are planted, everything is done with them, and then looked for wherever a stack keeps or tells something.

What is promised: the text of a masked value, a token or a password is nowhere but where the table below says. A job
that changes its own secret before it prints it (`CODED`, here in base64) has told it, to the log of that run.
"""

from __future__ import annotations

import base64
import io
import json
import secrets
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from dulwich.repo import Repo
from dulwich.server import DictBackend
from dulwich.web import make_wsgi_chain

from infra.operate import export
from tests.certificates import authority, serving
from tests.conftest import ROOT, LocalStack
from tests.deployments.conftest import Project, Repository, states, until
from tests.places import Processes, Recorded, Search, files, of_aws

pytestmark = [pytest.mark.ci, pytest.mark.processes]

# Never said back, whatever is wrong with the request they come in.
BAD = ("a list", "too long", "a control character", "twice", "unfinished", "too large", "no fields", "an address",
       "another key", "a conflict", "stale", "run now", "a token", "a basic token", "a token as a name", "a query",
       "a password")  # fmt: skip
MASKED = ("DEFAULT", "OWN", "NEXT", "PEM", "CODED")
PLANTED = (*MASKED, "OPEN", "of a block", "of a host", "of a registry", "wrong token", *BAD)
# Which secrets each place has: OPEN is a variable that is not masked, and shows that each place was searched.
EXPECTED = {
    "answers": {"OPEN"},
    "answers with logs": {"OPEN", "CODED"},
    "answers with a new token": {"viewer", "deployer", "revoked"},
    "audit": {"OPEN"},
    "export": {"OPEN"},
    "table": {"OPEN"},
    "executions": {"OPEN"},
    "builds": {"OPEN"},
    "log streams": {"OPEN", "CODED"},
    "targets": set(),
    "queues": set(),
    "log of the functions": set(),
    "command lines": {"OPEN"},
    # The jobs' own, and nobody else's: tokens go through files that are gone when git is.
    "environments": {"OPEN", *MASKED},
    "the git server": {"of a block", "of a host", "wrong token"},
    "state.db": {"OPEN", "CODED"},
    "state.db-mark": set(),
    # Whole rows: in the file, a long one lies in pieces.
    "rows of the database": {"OPEN", "CODED"},
    "admin-token": {"admin"},
}
# What shows that also the places in which no secret may be were searched.
WORDS = {"targets": "dead-letters", "log of the functions": "CloudWatchMetrics", "queues": "dead"}

APP = """
import importlib.util, logging, os
from chalicelib import logs

specification = importlib.util.spec_from_file_location("kintoblocks_app", os.environ["KINTO_APP"])
product = importlib.util.module_from_spec(specification)
specification.loader.exec_module(product)
app, use_clock = product.app, product.use_clock
handler = logging.FileHandler(os.environ["KINTO_LINES"])
handler.setFormatter(logs.JsonLines())
logging.getLogger().addHandler(handler)
"""
PRINTS = r"""
echo "$OWN" "https://ada:$OWN@host/?k=$OWN" "{\"k\": \"$OWN\"}"
echo "$DEFAULT" >&2
printf %.9s "$OWN"; sleep 0.1; echo "${OWN#?????????}"
echo "$PEM"; echo "$OPEN"
printf %s "$CODED" | base64
set -x; : "$OWN"; "$OWN"; cat "/$OWN"
exit 3
"""
HELD = r"""sh -c 'until [ -e "$TRACE.on" ]; do sleep 0.1; done' held "$OPEN" """


class _Quiet(WSGIRequestHandler):
    def log_message(self, *arguments):
        """Requests are no news."""


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def private(application, passwords, seen):
    """A git server that lets in by these passwords only, and notes what it is sent."""

    def guarded(environ, start_response):
        sent = environ.get("HTTP_AUTHORIZATION", "")
        seen.append(sent)
        if base64.b64decode(sent.removeprefix("Basic ")).decode().partition(":")[2] not in passwords:
            start_response("401 Unauthorized", [("WWW-Authenticate", 'Basic realm="git"')])
            return [b""]
        # Whole, so that it has a length: git takes the mere end of a TLS connection for a broken one.
        whole = io.BytesIO()

        def begin(status, headers):
            start_response(status, headers)
            return whole.write

        whole.writelines(application(environ, begin))
        return [whole.getvalue()]

    return guarded


@pytest.fixture(scope="module")
def planted():
    """The secrets by name; in each the text that is looked for has no letter that anything would write otherwise."""
    return {name: f"k{secrets.token_hex(20)}" for name in PLANTED}


@pytest.fixture(scope="module")
def git(tmp_path_factory, planted):
    """A private repository over TLS: its address, the certificate to trust, and what the server was sent."""
    repository = Repository(tmp_path_factory.mktemp("git") / "repository")
    seen = []
    with Repo(str(repository.folder)) as opened:
        application = make_wsgi_chain(DictBackend({"/": opened}))
        let_in = {planted["of a block"], planted["of a host"]}
        guarded = private(application, let_in, seen)
        server = make_server("127.0.0.1", 0, guarded, server_class=_Server, handler_class=_Quiet)
        certificate, context = authority(tmp_path_factory.mktemp("certified"))
        with serving(server, context) as port:
            yield f"127.0.0.1:{port}", certificate, seen


@pytest.fixture(scope="module")
def found(tmp_path_factory, planted, git):
    """Everything was done with the secrets: which of them each place holds, and the text of some places."""
    host, certificate, seen = git
    folder = tmp_path_factory.mktemp("secrets")
    (folder / "app.py").write_text(APP)
    environment = {
        "KINTO_APP": str(ROOT / "app.py"), "KINTO_LINES": str(folder / "lines"), "KINTO_PRIVATE_HOSTS": "127.0.0.1/32",
        "SSL_CERT_FILE": str(certificate), "GIT_SSL_CAINFO": str(certificate),
    }  # fmt: skip
    stack = LocalStack(folder / "state", product=folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        stack.start()
    try:
        yield searched(stack, planted, host, folder, seen)
    finally:
        stack.kill()


def searched(stack, planted, host, folder, seen):
    recorded = Recorded(stack)
    tokens = {"admin": stack.token, **made_tokens(recorded)}
    # Of a token what follows its id is secret.
    search = Search({**planted, **{name: token.split("_", 2)[2] for name, token in tokens.items()}})
    processes = Processes(search)
    processes.start()
    everything_is_done(recorded, planted, host, folder, tokens, processes)
    processes.stop()
    texts = {**of_answers(recorded), **of_aws(stack), "the git server": seen}
    texts["audit"] = recorded.request("GET", "/audit?limit=100")[2]
    texts["export"] = (folder / "exported").read_text()
    assert stack.stop() == 0
    texts["rows of the database"] = stack.stored()
    told = (stack.output, folder / "lines", *stack.state_dir.glob("log*"))
    texts["log of the functions"] = "\n".join(path.read_text() for path in told)
    of_files = {str(name): text for name, text in files(stack.state_dir).items() if not str(name).startswith("log")}
    names = {place: search.names(text) for place, text in {**texts, **of_files}.items()}
    names |= {"command lines": processes.found["cmdline"], "environments": processes.found["environ"]}
    return names, texts


def made_tokens(recorded):
    """The secrets of new tokens, of which one is revoked at once."""
    made = {}
    for name in ("viewer", "deployer", "revoked"):
        told = {"name": name, "role": name.replace("revoked", "admin")}
        answer = recorded.request("POST", "/tokens", told)[2]
        made[name] = answer["secret"]
    assert recorded.request("DELETE", f"/tokens/{answer['id']}")[0] == 204
    return made


def of_answers(recorded):
    """What was answered, by what the answer may hold."""
    found = {"answers": [], "answers with logs": [], "answers with a new token": []}
    for call, text in recorded.answers:
        kind = " with logs" if call.endswith("/logs") else " with a new token" if call == "POST /tokens" else ""
        found[f"answers{kind}"].append(text)
    return found


def everything_is_done(recorded, planted, host, folder, tokens, processes):
    project = Project(recorded, Repository(folder / "repository"), folder)
    recorded.request("PUT", f"/credentials/{host}", {"secret": planted["of a host"], "username": "ada"})
    configured(project, planted, f"https://{host}/", host)
    first = project.deploy()
    assert states(first) == {"web": "succeeded", "loud": "failed"}, first
    changed(project, planted)
    assert project.deploy()["status"] == "deployed_with_failures"
    assert project.roll_back(1)["status"] == "deployed"
    recorded.advance(120)
    until(lambda: [run["status"] for run in project.runs("ticking")] == ["failed", "failed"])
    outcomes = {name: project.ran(name)["status"] for name in ("loud", "building", "elsewhere", "refused", "pulling")}
    ends = {"building": "start_failed", "elsewhere": "succeeded", "refused": "start_failed", "pulling": "start_failed"}
    assert outcomes == {"loud": "failed", **ends}
    run = project.run("held")
    until(lambda: "OPEN" in processes.found["cmdline"])
    project.post(f"/runs/{run}/cancel")
    assert project.finished(run)["status"] == "cancelled"
    project.cancel(project.start())
    asked_wrongly(project, planted, tokens)
    read(project)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KINTO_TOKEN", recorded.token)
        assert export.main(["--url", recorded.url, "--file", str(folder / "exported")]) == 0


def variables(planted):
    several = f"-----BEGIN-----\n{planted['PEM']}\n-----END-----"
    texts = {"OWN": planted["OWN"], "PEM": several, "CODED": planted["CODED"]}
    return [*(masked(name, value) for name, value in texts.items()), {"name": "OPEN", "value": planted["OPEN"]}]


def masked(name, value):
    return {"name": name, "value": value, "masked": True}


def configured(project, planted, url, host):
    """Jobs that print what they know, fail, are held, can't be fetched, built or pulled, and one that ticks."""
    default = [masked("DEFAULT", planted["DEFAULT"])]
    own = {"url": url, "token": planted["of a block"]}
    after = {"mode": "run_once", "phase": "post_deployment"}
    ticking = {"mode": "repeat_schedule", "cron": "* * * * *", "overlap": "allow"}
    for hostname, command, repository, run in (
        ("loud", {"command": PRINTS}, own, after),
        ("ticking", {"command": PRINTS}, own, ticking),
        ("held", {"command": HELD}, own, None),
        ("elsewhere", {"command": "true"}, {"url": f"{url}/"}, None),
        ("building", {"command": "true", "build": PRINTS}, own, None),
        ("refused", {"command": "true"}, {"url": url, "token": planted["wrong token"]}, None),
    ):
        source = {"type": "command", **command}
        block = project.block(hostname, source, repository=repository, variables=default)
        later = {"mode": "repeat_schedule", "cron": "0 0 1 1 *"}
        project.configure(hostname, block, run=run or later, variables=variables(planted))
    project.call("PUT", "/credentials/127.0.0.1:9", {"secret": planted["of a registry"], "username": "ada"})
    image = project.block("pulling", {"type": "image", "image": "127.0.0.1:9/a/b:1"})
    project.configure("pulling", image, run={"mode": "repeat_schedule", "cron": "0 0 1 1 *"})
    project.service(text="true")


def changed(project, planted):
    """A masked value is another one, and the token of a block is given again."""
    block = f"loud-{project.name}"
    told = [masked("OWN", planted["NEXT"]), *variables(planted)[1:]]
    project.configure("loud", block, run={"mode": "run_once", "phase": "post_deployment"}, variables=told)
    url = project.get(f"/blocks/{block}")["repository"]["url"]
    project.call("PATCH", f"/blocks/{block}", {"repository": {"url": url, "token": planted["of a block"]}})
    project.get(f"{project.environment}/changes")


def asked_wrongly(project, planted, tokens):
    """Requests that are refused, each with a secret of its own."""
    bad = iter(BAD)
    block, environment = f"/blocks/loud-{project.name}", project.environment
    at, plain = f"{environment}/blocks/loud", {"block": f"loud-{project.name}"}

    def refused(name, status, method, path, body=None, **headers):
        assert name == next(bad)
        found, answer = project.ask(method, path, body, **headers)
        assert found == status, (name, found, answer)

    def of(value, **more):
        return {**plain, "variables": [masked("X", value) | more]}

    refused("a list", 422, "PUT", at, of([planted["a list"]]))
    refused("too long", 422, "PUT", at, of(planted["too long"] * 200))
    refused("a control character", 422, "PUT", at, of(planted["a control character"] + "\0"))
    refused("twice", 422, "PUT", at, {**plain, "variables": [masked("X", planted["twice"])] * 2})
    refused("unfinished", 400, "PUT", at, json.dumps(of(planted["unfinished"]))[:-4])
    refused("too large", 413, "PUT", at, of(planted["too large"] * 25_000))
    refused("no fields", 400, "PUT", at, json.dumps([planted["no fields"]]))
    url = f"https://ada:{planted['an address']}@example.org/x"
    refused("an address", 422, "PATCH", block, {"repository": {"url": url}})
    project.ask("POST", f"{environment}/blocks/loud/runs", {"force": True}, Idempotency_Key="k")
    again = {"variables": [{"name": "X", "value": planted["another key"]}]}
    refused("another key", 409, "POST", f"{environment}/blocks/loud/runs", again, Idempotency_Key="k")
    new = {"name": "loud", "internal_name": block[8:], "source": {"type": "image", "image": "x"}}
    refused("a conflict", 409, "POST", "/blocks", {**new, "variables": of(planted["a conflict"])["variables"]})
    refused("stale", 412, "PUT", at, of(planted["stale"]), If_Match='"999"')
    refused("run now", 422, "POST", f"{environment}/blocks/loud/runs", {"variables": [masked("X", planted["run now"])]})
    sent = f"Bearer kinto_0123456789ab_{planted['a token']}xx"
    refused("a token", 401, "GET", "/blocks", Authorization=sent)
    basic = base64.b64encode(f"ada:{planted['a basic token']}".encode()).decode()
    refused("a basic token", 401, "GET", "/blocks", Authorization=f"Basic {basic}")
    refused("a token as a name", 404, "DELETE", f"/tokens/{planted['a token as a name']}")
    refused("a query", 422, "GET", f"/blocks?access_token={planted['a query']}")
    refused("a password", 422, "PUT", "/credentials/h.example.org", {"secret": f"{planted['a password']} "})
    assert next(bad, None) is None
    project.ask("GET", "/blocks", Authorization=f"Bearer {tokens['revoked']}")
    project.ask("DELETE", block, Authorization=f"Bearer {tokens['viewer']}")
    project.ask("DELETE", f"/tokens/{tokens['deployer']}")


def read(project):
    """Everything that can be asked, the console included."""
    where = project.environment
    for path in ("/", "/health", "/openapi.json", "/me", "/credentials", "/tokens", "/audit?limit=100", "/projects",
                 "/blocks", f"{where}/activity", f"{where}/changes", f"{where}/deployments/1/changes", where,
                 *(f"{where}/deployments/{number}" for number in (1, 2, 3, 4))):  # fmt: skip
        assert project.ask("GET", path)[0] in (200, 409), path
    for one in project.get(where)["blocks"]:
        project.get(f"{where}/blocks/{one['hostname']}")
        project.get(f"/blocks/{one['block']}")
        for run in project.runs(one["hostname"]):
            project.get(f"/runs/{run['id']}")
            project.log(run["id"])


def test_each_secret_is_where_it_is_meant_to_be_and_nowhere_else(found):
    names, _ = found
    assert {place: told for place, told in names.items() if told or place in EXPECTED} == EXPECTED


def test_the_places_in_which_no_secret_is_were_searched(found):
    _, texts = found
    for place, word in WORDS.items():
        assert word in json.dumps(texts[place], default=str), place


def test_a_log_shows_stars_in_the_place_of_what_is_masked(found):
    _, texts = found
    told = "\n".join(texts["answers with logs"])
    for shown in ('"***"', "https://ada:***@host/?k=***", '{\\\\\\"k\\\\\\": \\\\\\"***', "+ : ***"):
        assert shown in told or shown.replace("\\\\\\", "\\") in told, shown


@pytest.mark.parametrize("form", range(6))
def test_the_search_finds_a_secret_in_every_form(form):
    secret = secrets.token_hex(20)
    hidden = [
        *(base64.b64encode(f"{'x' * skip}{secret}and more".encode()) for skip in range(3)),
        secret.encode().hex(), f"https://ada:{secret}@host", {"a": [f'"{secret}"']},
    ]  # fmt: skip
    assert Search({"planted": secret}).names(hidden[form]) == {"planted"}
    assert Search({"planted": secrets.token_hex(20)}).names(hidden[form]) == set()
