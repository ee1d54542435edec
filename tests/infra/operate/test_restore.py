"""A whole configuration goes out of one stack and into another, and does there what it did."""

from __future__ import annotations

import json
import stat
import subprocess
import time

import pytest

from infra.operate import document, export, restore
from infra.operate.refusals import Refused
from tests.conftest import LocalStack

pytestmark = [pytest.mark.ci, pytest.mark.processes]

TIMES = {"created_at", "updated_at", "version", "next_runs", "at", "by", "current", "latest"}
SECRET, TOKEN, PASSWORD = "hush-of-a-variable", "hush-of-a-repository", "hush-of-a-registry"
NIGHTLY = {"mode": "repeat_schedule", "cron": "30 2 * * 1-5", "timezone": "Europe/Berlin", "overlap": "queue"}
SHOP = "/projects/shop/environments/prod"
LOST = ("there is no project nowhere in the document", "web may not be used in the project shop")
SECRETS = {
    "blocks/migrate/variables/KEY": SECRET,
    "blocks/private/repository/token": TOKEN,
    "projects/shop/environments/prod/blocks/migrate/variables/PASSWORD": SECRET,
    "credentials/registry.example.org": PASSWORD,
}


def masked(name, value):
    return {"name": name, "value": value, "masked": True, "required": True}


def fill(stack, repository):
    """Everything that can be said of a stack."""

    def does(method, path, body=None):
        status, _, answer = stack.request(method, path, body)
        assert status < 300, answer

    command = {"type": "command", "command": 'test "$PASSWORD" = "$EXPECTED" && test -n "$KEY"', "build": "true"}
    own = {"repository": {"url": repository.as_uri(), "source_folder": ""}, "source": command}
    values = [masked("KEY", SECRET), {"name": "EXPECTED", "value": SECRET}]
    does("POST", "/blocks", {"name": "Migrate", **own, "variables": values})
    does("POST", "/blocks", {"name": "Web", "flavor": "service", **own, "source": {**command, "command": "true"}})
    away = {"url": "https://git.example.org/shop/private", "token": TOKEN, "branch": "release"}
    does("POST", "/blocks", {"name": "Private", "repository": away, "source": {"type": "dockerfile"}})
    image = {"type": "image", "image": "registry.example.org/tool:1", "command": "tool"}
    does("POST", "/blocks", {"name": "Tool", "source": image})
    does("POST", "/projects", {"name": "Shop", "description": "sells ü", "environment": "prod"})
    reserved = {"run_overrides": "admin"}
    role = "arn:aws:iam::123456789012:role/kintoblocks/shop"
    does("PATCH", SHOP, {"name": "Production", "on_post_deployment_failure": "rollback", "role_arn": role, **reserved})
    variables = [masked("PASSWORD", SECRET)]
    configured = {"block": "migrate", "memory_mb": 512, "timeout_seconds": 60, "variables": variables}
    does("PUT", f"{SHOP}/blocks/migrate", {**configured, "run": {"mode": "run_once", "order": 3}})
    plain = {"variables": [{"name": "MODE", "value": "live"}]}
    does("PUT", f"{SHOP}/blocks/web", {"block": "web", "ref": {"branch": "main"}, "retries": {"count": 2}, **plain})
    does("PUT", f"{SHOP}/blocks/nightly", {"block": "tool", "run": NIGHTLY})
    does("PUT", f"{SHOP}/blocks/weekly", {"block": "private", "run": {**NIGHTLY, "cron": "0 3 * * 1"}})
    does("PUT", f"{SHOP}/blocks/wipe", {"block": "tool", "run": {"mode": "manual"}})
    does("POST", f"{SHOP}/blocks/weekly/pause", {"reason": "holidays", "until": "2090-01-01T00:00:00Z"})
    does("POST", f"{SHOP}/blocks/nightly/pause", {"reason": "until somebody resumes it"})
    does("POST", "/projects/shop/environments", {"name": "Dev"})
    does("POST", "/projects/shop/environments/dev/shutdown")
    does("POST", "/projects", {"name": "Other"})
    does("PATCH", "/blocks/migrate", {"projects": ["shop"]})
    does("PATCH", "/blocks/private", {"projects": ["shop"]})
    does("PUT", "/credentials/registry.example.org", {"username": "ada", "secret": PASSWORD})


class Rich:
    """A stack with everything, what was exported of it, and commands for any stack."""

    def __init__(self, folder):
        self.folder = folder
        repository = folder / "repository"
        repository.mkdir()
        git = ("git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-C", str(repository))
        for arguments in (("init", "-q", "-b", "main"), ("commit", "-q", "--allow-empty", "-m", "a commit")):
            subprocess.run([*git, *arguments], check=True, capture_output=True)
        self.stacks = []
        self.stack = self.another()
        fill(self.stack, repository)

    def another(self):
        stack = LocalStack(self.folder / f"state{len(self.stacks)}")
        self.stacks.append(stack)
        return stack.start()


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    rich = Rich(tmp_path_factory.mktemp("rich"))
    yield rich
    for stack in rich.stacks:
        stack.kill()


@pytest.fixture
def give(monkeypatch, capsys):
    """`give(command, stack, *options)`: exit code, output and errors."""

    def given(command, stack, *options):
        monkeypatch.setenv("KINTO_TEST_TOKEN", stack.token)
        capsys.readouterr()
        code = command.main(["--url", stack.url, "--token-env", "KINTO_TEST_TOKEN", *options])
        return code, *capsys.readouterr()

    return given


@pytest.fixture
def exported(rich, give, tmp_path):
    file = tmp_path / "stack.json"
    code, output, errors = give(export, rich.stack, "--file", str(file))
    assert (code, output) == (0, ""), errors
    return file


@pytest.fixture
def secrets(tmp_path):
    file = tmp_path / "secrets.json"
    file.write_text(json.dumps(SECRETS))
    return str(file)


def everything(stack):
    """All that a stack answers of its configuration, but for times, versions and who did it."""

    def get(path):
        status, _, answer = stack.request("GET", path)
        assert status == 200, answer
        return answer

    found = {path: get(f"{path}?limit=100")["items"] for path in ("/blocks", "/projects", "/credentials")}
    for project in found["/projects"]:
        path = f"/projects/{project['internal_name']}"
        found[path] = get(path)
        for environment in found[path]["environments"]:
            inside = f"{path}/environments/{environment['internal_name']}"
            found[inside] = get(inside)
            for block in found[inside]["blocks"]:
                found[f"{inside}/{block['hostname']}"] = get(f"{inside}/blocks/{block['hostname']}")
    return timeless(found)


def timeless(value):
    if isinstance(value, dict):
        return {name: timeless(one) for name, one in value.items() if name not in TIMES}
    return [timeless(one) for one in value] if isinstance(value, list) else value


def deployed(stack):
    """How a deployment ends, with what its runs say."""
    status, _, answer = stack.request("POST", f"{SHOP}/deployments")
    assert status == 202, answer
    deadline = time.monotonic() + 60
    while answer["status"] == "running" and time.monotonic() < deadline:
        time.sleep(0.2)
        answer = stack.request("GET", f"{SHOP}/deployments/{answer['number']}")[2]
    return answer["status"], [(run["hostname"], run["status"]) for run in answer["phases"]["pre_deployment"]]


def test_a_stack_is_restored_into_an_empty_one_and_deploys_there(rich, give, exported, secrets):
    target = rich.another()
    code, output, errors = give(restore, target, "--file", str(exported), "--secrets", secrets)
    assert (code, errors) == (0, "")
    assert "Still to be set" not in output
    assert everything(target) == everything(rich.stack)
    assert everything(target)["/projects/shop/environments/dev"]["status"] == "shutdown"
    before = [target.request("GET", path)[2] for path in (SHOP, "/blocks", "/projects", "/credentials")]
    code, output, _ = give(restore, target, "--file", str(exported), "--secrets", secrets)
    assert (code, output) == (0, "Everything is as the document says.\n")
    assert [target.request("GET", path)[2] for path in (SHOP, "/blocks", "/projects", "/credentials")] == before
    # A private repository that is not there would fail any deployment.
    target.request("DELETE", f"{SHOP}/blocks/weekly")
    assert deployed(target) == ("deployed", [("migrate", "succeeded")])


def test_what_was_exported_is_one_document_without_any_secret(exported):
    text = exported.read_text()
    told = json.loads(text)
    assert next(iter(told)) == "kintoblocks"
    assert told["kintoblocks"] == 1
    assert "hush" not in text.replace(f'"EXPECTED",\n          "value": "{SECRET}"', "")
    assert set(told["to_be_set"]) == set(SECRETS)
    assert stat.S_IMODE(exported.stat().st_mode) == 0o600


def test_without_secrets_nothing_runs_until_they_are_set(rich, give, exported, secrets):
    target = rich.another()
    code, output, _ = give(restore, target, "--file", str(exported))
    assert code == 0
    assert {line.strip() for line in output.partition("Still to be set")[2].splitlines()} >= set(SECRETS)
    status, _, answer = target.request("POST", f"{SHOP}/deployments")
    assert (status, "PASSWORD" in answer["detail"]) == (409, True)
    code, output, _ = give(restore, target, "--file", str(exported))
    assert (code, "steps done" in output) == (0, False)
    code, output, errors = give(restore, target, "--file", str(exported), "--secrets", secrets)
    assert (code, errors, "Still to be set" in output) == (0, "", False)
    assert everything(target) == everything(rich.stack)
    interrupted(target, give, exported)
    differing(target, give, exported, secrets)


def interrupted(target, give, exported):
    """An import that was cut off is gone on with: what it left unsaid is no difference."""
    for path in ("/projects/other", f"{SHOP}/blocks/nightly"):
        assert target.request("DELETE", path)[0] == 204
    assert target.request("POST", f"{SHOP}/blocks/weekly/resume")[0] == 200
    target.request("POST", "/projects", {"name": "Other", "environment": "default"})
    code, output, errors = give(restore, target, "--file", str(exported))
    assert (code, errors) == (0, "")
    assert "create    projects/shop/environments/prod/blocks/nightly\n" in output
    assert "complete  projects/shop/environments/prod/blocks/weekly: paused\n" in output


def differing(target, give, exported, secrets):
    """What somebody has said otherwise is told, and changed only when asked for."""
    assert target.request("PATCH", "/blocks/web", {"name": "The Web"})[0] == 200
    assert target.request("PATCH", SHOP, {"role_arn": None})[0] == 200
    code, output, errors = give(restore, target, "--file", str(exported), "--secrets", secrets)
    assert code == 1
    assert "  change    blocks/web: name\n" in output
    assert f"  change    {SHOP[1:]}: role_arn\n" in output
    assert errors == "Nothing was changed: the stack says otherwise in 2 places; see --overwrite.\n"
    assert target.request("GET", "/blocks/web")[2]["name"] == "The Web"
    code, _, errors = give(restore, target, "--file", str(exported), "--secrets", secrets, "--overwrite")
    assert (code, errors) == (0, "")
    assert target.request("GET", "/blocks/web")[2]["name"] == "Web"
    assert give(restore, target, "--file", str(exported))[1] == "Everything is as the document says.\n"
    told = json.loads(exported.read_text())
    told["blocks"][3]["flavor"] = "job"
    exported.write_text(json.dumps(told))
    code, _, errors = give(restore, target, "--file", str(exported), "--overwrite")
    assert (code, "blocks/web: its flavor can't be changed" in errors) == (1, True)


def test_everything_that_is_wrong_with_a_document_is_told_at_once(exported):
    told = json.loads(exported.read_text())
    told["blocks"][1]["nonsense"] = 1
    told["projects"][1]["environments"][1]["blocks"][0]["run"] = {"mode": "repeat_schedule", "cron": "* * *"}
    told["credentials"][0]["username"] = " "
    with pytest.raises(Refused) as refused:
        document.read(json.dumps(told))
    for place in ("blocks[1].nonsense", "projects[1].environments[1].blocks[0].run.cron", "credentials[0].username"):
        assert f"  {place}: " in str(refused.value)


def test_what_is_wrong_together_is_told_at_once_too(exported):
    told = json.loads(exported.read_text())
    told["blocks"][0]["variables"][0]["value"] = SECRET
    told["blocks"].append(told["blocks"][2])
    told["projects"][1]["environments"][1]["blocks"][0]["block"] = "nobody"
    told["projects"][1]["environments"][1]["blocks"][2]["run"] = {"mode": "run_once"}
    told["blocks"][3]["projects"] = ["other", "nowhere"]
    with pytest.raises(Refused) as refused:
        document.read(json.dumps(told))
    lines = ("is there twice", "there is no block nobody", "does not belong here", "a service has no run mode")
    for line in (*lines, *LOST):
        assert line in str(refused.value), line
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"kintoblocks": 2}', "{"])
def test_what_is_no_document_is_refused(text):
    with pytest.raises(Refused, match=r"no JSON|no document of ours"):
        document.read(text)


def test_a_token_is_sent_to_safe_addresses_only(monkeypatch, capsys):
    monkeypatch.setenv("KINTO_TOKEN", "kinto_x")
    assert export.main(["--url", "http://example.org"]) == 1
    assert "https:// addresses only" in capsys.readouterr().err
    monkeypatch.delenv("KINTO_TOKEN")
    assert export.main(["--url", "https://example.org"]) == 1
    assert "make -s token STAGE=dev" in capsys.readouterr().err


def test_secrets_for_something_else_are_refused(rich, give, exported, tmp_path):
    file = tmp_path / "secrets.json"
    file.write_text('{"blocks/migrate/variables/KEYS": "hush"}')
    code, _, errors = give(restore, rich.stack, "--file", str(exported), "--secrets", str(file))
    assert (code, "blocks/migrate/variables/KEYS" in errors, "hush" in errors) == (1, True, False)
