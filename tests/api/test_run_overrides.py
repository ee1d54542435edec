"""Who may run a job with another command or variables, over HTTP."""

from __future__ import annotations

import itertools

import pytest

NUMBERS = itertools.count()
ROLE = "arn:aws:iam::123456789012:role/kintoblocks/overrides"
MASKED = {"name": "KEY", "value": "hush", "masked": True}


class Shop:
    """A job in an environment, and a deployer of its project."""

    def __init__(self, stack, of_block=(), of_configuration=()):
        self.stack = stack
        name = f"overrides-{next(NUMBERS)}"
        self.environment = f"/projects/{name}/environments/default"
        source = {"type": "command", "command": "true"}
        block = {"name": name, "repository": {"url": "file:///nowhere"}, "source": source, "variables": list(of_block)}
        self.admin("POST", "/blocks", block)
        self.admin("POST", "/projects", {"name": name})
        self.admin("PUT", f"{self.environment}/blocks/job", {"block": name, "variables": list(of_configuration)})
        token = {"name": name, "role": "deployer", "projects": [name]}
        self.secret = self.admin("POST", "/tokens", token)["secret"]

    def admin(self, method, path, body=None):
        status, _, answer = self.stack.request(method, path, body)
        assert status < 300, answer
        return answer

    def deployer(self, method, path, body=None):
        status, _, answer = self.stack.request(method, path, body, {"Authorization": f"Bearer {self.secret}"})
        return status, answer

    def run(self, **body):
        return self.deployer("POST", f"{self.environment}/blocks/job/runs", {"force": True, **body})

    def rule(self):
        return self.deployer("GET", f"{self.environment}/blocks/job")[1]["run_overrides"]


COMMAND = {"command": "env"}
VARIABLES = {"variables": [{"name": "BASH_ENV", "value": "$(env)"}]}


@pytest.mark.parametrize("where", ["of_block", "of_configuration"])
@pytest.mark.parametrize("overrides", [COMMAND, VARIABLES])
def test_a_deployer_gets_no_masked_value_by_another_command(stack, where, overrides):
    shop = Shop(stack, **{where: [MASKED]})
    status, problem = shop.run(**overrides)
    assert (status, problem["type"]) == (403, "urn:kintoblocks:problem:forbidden")
    assert problem["detail"] == (
        "Only an admin may run job with another command or variables: they could print what is masked: KEY."
    )
    assert shop.rule() == {"role": "admin", "reason": "they could print what is masked: KEY"}
    assert shop.admin("GET", f"{shop.environment}/blocks/job/runs")["items"] == []
    assert shop.run()[0] == 202, "as it is configured"
    assert shop.admin("POST", f"{shop.environment}/blocks/job/runs", {"force": True, **overrides})["by"] == "admin"


def test_a_deployer_may_where_nothing_is_masked(stack):
    shop = Shop(stack)
    assert shop.rule() == {"role": "deployer", "reason": None}
    assert shop.run(**COMMAND, **VARIABLES)[0] == 202


def test_a_deployer_does_not_act_by_the_role_of_the_jobs(stack):
    shop = Shop(stack)
    shop.admin("PATCH", shop.environment, {"role_arn": ROLE})
    status, problem = shop.run(**COMMAND)
    assert (status, "run as a role of their own" in problem["detail"]) == (403, True)


def test_an_admin_reserves_or_allows_it(stack):
    shop = Shop(stack)
    assert shop.admin("PATCH", shop.environment, {"run_overrides": "admin"})["run_overrides"] == "admin"
    status, problem = shop.run(**VARIABLES)
    assert (status, "this environment reserves them to admins" in problem["detail"]) == (403, True)
    shop = Shop(stack, of_block=[MASKED])
    shop.admin("PATCH", shop.environment, {"run_overrides": "deployer"})
    assert shop.run(**COMMAND)[0] == 202
    assert shop.admin("PATCH", shop.environment, {"run_overrides": None})["run_overrides"] is None
    assert shop.run(**COMMAND)[0] == 403


def test_only_an_admin_changes_it(stack):
    shop = Shop(stack)
    assert shop.deployer("PATCH", shop.environment, {"run_overrides": "deployer"})[0] == 403
    status, _, answer = stack.request("PATCH", shop.environment, {"run_overrides": "viewer"})
    assert (status, [error["field"] for error in answer["errors"]]) == (422, ["run_overrides"])
    body = {"name": "Prod", "run_overrides": "admin"}
    made = shop.admin("POST", f"{shop.environment.removesuffix('/default')}", body)
    assert made["run_overrides"] == "admin"
