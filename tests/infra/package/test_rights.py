"""The second emulator refuses what no policy allows, so that what passes in test_second_opinion.py has its rights."""

from __future__ import annotations

import contextlib
import copy
import json

import pytest
from botocore.exceptions import ClientError

from tests.infra.package.emulator import REGION, STACK, wait

pytestmark = pytest.mark.ci

ENVIRONMENT = "/projects/rights/environments/default"
COMMAND = {"type": "command", "command": "true"}
REPOSITORY = {"url": "https://github.com/example/shop"}
# A commit need not be looked up.
NIGHTLY = {
    "block": "rights",
    "ref": {"commit": "0" * 40},
    "run": {"mode": "repeat_schedule", "cron": "0 4 * * *", "timezone": "UTC"},
}
TOKEN = {"name": "another", "role": "viewer"}
ACCOUNT = "000000000000"


def role_of(emulator, function):
    return emulator.client("lambda").get_function_configuration(FunctionName=function)["Role"].rpartition("/")[2]


@contextlib.contextmanager
def rights(emulator, role, change):
    """Give a role another policy for a while; `change` gets the first that it has."""
    iam = emulator.client("iam")
    name = iam.list_role_policies(RoleName=role)["PolicyNames"][0]
    policy = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    put = {"RoleName": role, "PolicyName": name}
    iam.put_role_policy(**put, PolicyDocument=json.dumps(change(copy.deepcopy(policy))))
    try:
        yield
    finally:
        iam.put_role_policy(**put, PolicyDocument=json.dumps(policy))


def without(action):
    def change(policy):
        for statement in policy["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            statement["Action"] = [other for other in actions if other != action]
        policy["Statement"] = [statement for statement in policy["Statement"] if statement["Action"]]
        return policy

    return change


def about(action, resource):
    """Give a right, but to another resource."""

    def change(policy):
        without(action)(policy)["Statement"].append({"Effect": "Allow", "Action": [action], "Resource": resource})
        return policy

    return change


def test_a_function_that_may_not_write_to_the_table_fails(emulator):
    function = emulator.outputs["MintToken"]
    other_table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/another-table"
    for change in (without("dynamodb:PutItem"), about("dynamodb:PutItem", other_table)):
        with rights(emulator, role_of(emulator, function), change):
            result, failed = emulator.call(function, TOKEN)
            assert (failed, result["errorMessage"]) == (True, "Failed to write transaction items")
        assert emulator.invoke(function, TOKEN)["secret"], "the same call with the right"


def test_a_masked_value_is_not_taken_while_its_key_may_not_be_used(emulator):
    role = role_of(emulator, emulator.outputs["APIHandlerName"])
    masked = [{"name": "KEY", "value": "secret", "masked": True}]
    block = {"name": "masked", "source": COMMAND, "repository": REPOSITORY, "variables": masked}
    key = emulator.client("kms").describe_key(KeyId=f"alias/{STACK}-tokens")["KeyMetadata"]["Arn"]
    for change in (without("kms:Encrypt"), about("kms:Encrypt", key)):
        with rights(emulator, role, change):
            status, problem = emulator.request("POST", "/blocks", block)
            assert status == 503
            assert "AccessDeniedException" in problem["detail"]
            assert "kms:Encrypt" in problem["detail"]
    assert emulator.request("POST", "/blocks", block)[0] == 201
    assert emulator.request("DELETE", "/blocks/masked")[0] == 204


@pytest.fixture
def user(emulator):
    """Somebody of the account without any right: name and keys."""
    iam, name = emulator.client("iam"), "somebody"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return name, (key["AccessKeyId"], key["SecretAccessKey"])


def refused(call):
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response["Error"]["Code"]


def test_a_caller_may_invoke_the_function_that_its_policy_names_and_no_other(emulator, user):
    name, keys = user
    mint, reconcile = emulator.outputs["MintToken"], emulator.outputs["Reconcile"]
    assert refused(lambda: emulator.call(mint, TOKEN, keys)) == "AccessDeniedException"
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{mint}"
    statement = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    emulator.client("iam").put_user_policy(UserName=name, PolicyName="mint", PolicyDocument=policy)
    assert emulator.call(mint, TOKEN, keys)[0]["secret"]
    assert refused(lambda: emulator.call(reconcile, {}, keys)) == "AccessDeniedException"


def test_a_caller_with_keys_of_nobody_is_refused(emulator):
    keys = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    assert refused(lambda: emulator.call(emulator.outputs["MintToken"], TOKEN, keys)) in (
        *("UnrecognizedClientException", "InvalidClientTokenId"),
    )


@pytest.fixture
def scheduled(emulator):
    """A block and a project, and where the block is to be configured; all of it is removed."""
    block = {"name": "rights", "source": COMMAND, "repository": REPOSITORY}
    assert emulator.request("POST", "/blocks", block)[0] == 201
    assert emulator.request("POST", "/projects", {"name": "rights"})[0] == 201
    place = f"{ENVIRONMENT}/blocks/rights"
    yield place
    assert emulator.request("DELETE", place)[0] in (204, 404)
    assert emulator.request("DELETE", "/projects/rights")[0] == 204
    assert emulator.request("DELETE", "/blocks/rights")[0] == 204


def test_a_schedule_stays_pending_while_the_function_may_not_put_its_rule(emulator, scheduled):
    role = role_of(emulator, emulator.outputs["APIHandlerName"])
    others = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/another-s-*"
    with rights(emulator, role, about("events:PutRule", others)):
        answer = emulator.request("PUT", scheduled, NIGHTLY)[1]
        assert answer["schedule_status"] == "pending"
        assert "AccessDenied" in answer["schedule_reason"]
        assert emulator.client("events").list_rules(NamePrefix=f"{STACK}-s-")["Rules"] == []
    emulator.invoke(emulator.outputs["Watchdog"], {"everything": True})  # without waiting for the next attempt
    assert emulator.request("GET", scheduled)[1]["schedule_status"] == "published"


def deployed(emulator):
    """Deploy, and return how that ended."""
    status, started = emulator.request("POST", f"{ENVIRONMENT}/deployments", {})
    assert status == 202, started
    place = f"{ENVIRONMENT}/deployments/{started['number']}"
    wait(lambda: emulator.request("GET", place)[1]["status"] != "running", 120, lambda: emulator.request("GET", place))
    return emulator.request("GET", place)[1]


def test_a_deployment_passes_with_the_rights_of_its_functions(emulator, scheduled):
    """Of a schedule, which runs nothing: this emulator has no builds. It does not enforce the machines' own roles."""
    assert emulator.request("PUT", scheduled, NIGHTLY)[0] in (200, 201)
    for _ in range(3):  # the third lets the history of the first expire
        assert deployed(emulator)["status"] == "deployed"
    steps = emulator.client("stepfunctions")
    machine = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{STACK}-deployment"

    def states():
        return [execution["status"] for execution in steps.list_executions(stateMachineArn=machine)["executions"]]

    wait(lambda: "RUNNING" not in states(), 120, states)
    assert states() == ["SUCCEEDED"] * 3
