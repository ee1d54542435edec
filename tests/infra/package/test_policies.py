"""Rights: each function its own, of its own stack, and nothing for everybody without a reason."""

from __future__ import annotations

import json
import re

import pytest

from app import app
from infra import template
from tests.infra.package import reach
from tests.infra.package.made import ROOT

# Why a statement is about `*`: its Sid says it, and here it is said in full.
WILDCARDS = {
    "TracesHaveNoArn": "X-Ray takes traces for the account and knows no resource to name",
    "ListsHaveNoArn": "lists of rules and schedules are of the account; what they tell is names and expressions",
    "LoginsHaveNoArn": "ECR gives one login for the account; what may be pulled and pushed is another statement",
    "DeliveriesAndTracesHaveNoArn": "log deliveries and traces of a state machine know no resource to name",
    "NetworkInterfacesAreNotYetThere": "CodeBuild makes one for each build, and looks for it by filters",
    "TheAccountDecidesByIam": "in a key's own policy `*` is that key",
}
# Ways through the code that are never taken.
NOT_TAKEN = {"api_handler": {"kms:Decrypt": "Compare Versions freezes without looking into private repositories"}}
# AWS's own rules, roles for jobs, CodeBuild's interfaces, images of the account.
OTHERS = (":rule/StepFunctionsGet", ":role/kintoblocks/*", ":network-interface/*", ":repository/${PullFrom}")
# Called by somebody who does not wait for the answer.
ASYNCHRONOUS = {"Tick", "Watchdog", "Reconcile", "ExecutionEnded", "BuildBegan"}


@pytest.fixture(scope="module")
def config():
    return json.loads((ROOT / ".chalice" / "config.json").read_text())


def names():
    return {function.name for function in app.pure_lambda_functions} | {"api_handler"}


def logical(name):
    return "APIHandler" if name == "api_handler" else "".join(part.capitalize() for part in name.split("_"))


def statements(value):
    """Every statement of a policy, wherever in `value`, whether or not its condition holds."""
    if isinstance(value, dict):
        own = [one["Fn::If"][1] if "Fn::If" in one else one for one in value.get("Statement", [])]
        return [*own, *(found for inner in value.values() for found in statements(inner))]
    return [found for inner in value for found in statements(inner)] if isinstance(value, list) else []


def every_statement(policies):
    return statements(template.load()["Resources"]) + statements(policies)


def test_every_function_has_a_policy_of_its_own(config, policies):
    files = {name: one["iam_policy_file"] for name, one in config["lambda_functions"].items()}
    assert files == {name: f"policies/{name}.json" for name in names()}
    assert policies.keys() == names()
    assert config["autogen_policy"] is False
    assert not [stage for stage in config["stages"].values() if stage.keys() & {"lambda_functions", "iam_policy_file"}]


def told(policy):
    """The actions of a policy, but for what Lambda does by itself for the function: its log, its traces, its queue."""
    own = {"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"}
    return {action for one in statements(policy) for action in one["Action"]} - own - {"sqs:SendMessage"}


@pytest.mark.parametrize("name", sorted(names()))
def test_a_function_may_do_what_its_code_can_ask_for_and_nothing_else(policies, name):
    reached = reach.reached(reach.roots()[name])
    assert set(NOT_TAKEN.get(name, {})) <= reached
    assert told(policies[name]) == reached - NOT_TAKEN.get(name, {}).keys()


def test_a_wildcard_has_a_reason(policies):
    used = set()
    for statement in every_statement(policies):
        if "*" in (statement.get("Resource"), *statement.get("Resource", [])):
            assert statement.get("Sid") in WILDCARDS, statement
            used.add(statement["Sid"])
    assert used == WILDCARDS.keys()


def test_no_right_is_for_every_action_of_a_service(policies):
    for statement in every_statement(policies):
        if statement.get("Sid") != "TheAccountDecidesByIam":
            assert "*" not in str(statement["Action"]), statement


def test_what_is_named_is_of_this_stack(policies):
    """A literal ARN holds the stack's name, but for AWS's rules, jobs' roles and images, CodeBuild's interfaces."""
    for statement in every_statement(policies):
        for arn in re.findall(r"arn:\$\{AWS::Partition\}:[^']+", str(statement.get("Resource"))):
            assert any(text in arn for text in ("${AWS::StackName}", *OTHERS)), arn


def test_passing_a_role_names_whom_it_is_passed_to(policies):
    passing = [statement for statement in every_statement(policies) if "iam:PassRole" in statement["Action"]]
    assert len(passing) > 1
    assert all("iam:PassedToService" in statement["Condition"]["StringEquals"] for statement in passing)


def test_the_api_decrypts_nothing_and_reads_no_builds(policies):
    actions = {action for statement in statements(policies["api_handler"]) for action in statement["Action"]}
    assert "kms:Decrypt" not in actions
    assert not {action for action in actions if action.startswith("codebuild:")} - {"codebuild:StopBuild"}


def test_what_is_called_without_waiting_has_a_dead_letter_queue_and_may_write_to_it(policies):
    resources = template.load()["Resources"]
    with_queue = {name for name, one in resources.items() if "DeadLetterQueue" in one.get("Properties", {})}
    assert with_queue == ASYNCHRONOUS
    writing = {logical(name) for name, policy in policies.items() if "sqs:SendMessage" in json.dumps(policy)}
    assert writing == ASYNCHRONOUS
    rules = [one["Properties"] for one in resources.values() if one.get("Type") == "AWS::Events::Rule"]
    assert all("DeadLetterConfig" in target and "RetryPolicy" in target for rule in rules for target in rule["Targets"])


def test_timeouts_fit_who_waits(config):
    seconds = {name: one["lambda_timeout"] for name, one in config["lambda_functions"].items()}
    assert seconds["api_handler"] == 29, "API Gateway waits no longer"
    assert seconds["watchdog"] <= 300, "the next one comes after five minutes"
    assert all(30 <= most <= 900 for name, most in seconds.items() if name != "api_handler")


def test_nothing_is_tried_for_ever():
    """An event that can't ever work ends in the queue within hours, and lies there until somebody has looked."""
    resources = template.load()["Resources"]
    functions = [resources[name]["Properties"]["EventInvokeConfig"] for name in ASYNCHRONOUS]
    rules = [one["Properties"] for one in resources.values() if one.get("Type") == "AWS::Events::Rule"]
    targets = [target["RetryPolicy"] for rule in rules for target in rule["Targets"]]
    assert all(one["MaximumEventAgeInSeconds"] <= 6 * 3600 for one in functions + targets)
    assert {one["MaximumRetryAttempts"] for one in functions} == {2}
    assert resources["DeadLetters"]["Properties"]["MessageRetentionPeriod"] == 14 * 86400


def test_only_a_stack_that_uses_scheduler_may_make_schedules_and_pass_their_role(policies):
    conditional, always = set(), set()
    for policy in policies.values():
        for statement in policy["Statement"]:
            if "Fn::If" in statement:
                condition, inner, otherwise = statement["Fn::If"]
                assert (condition, otherwise) == ("UsesScheduler", {"Ref": "AWS::NoValue"})
                conditional |= set(inner["Action"])
            else:
                always |= set(statement["Action"])
    assert conditional == {"scheduler:CreateSchedule", "scheduler:UpdateSchedule", "iam:PassRole"}
    # Whatever a stack's earlier backend has left is found and deleted.
    assert {one for one in always if one.startswith("scheduler:")} == {
        *("scheduler:DeleteSchedule", "scheduler:GetSchedule", "scheduler:ListSchedules"),
    }
    assert not conditional & always
