"""The two state machines as texts: nothing dangles, nothing is unreachable, every call is one that AWS knows."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import botocore.session
import pytest

from app import app
from infra import template

FOLDER = Path(__file__).parents[2] / "infra" / "statemachines"
FILES = sorted(path.name for path in FOLDER.glob("*.asl.json"))
FIELDS = {
    "Task": {"Resource", "Parameters", "ResultSelector", "ResultPath", "OutputPath", "Retry", "Catch", "Next", "End"},
    "Map": {
        *("ItemsPath", "ItemSelector", "ItemProcessor", "MaxConcurrency", "ResultPath", "Retry", "Catch", "Next", "End")
    },
    "Choice": {"Choices", "Default"},
    "Wait": {"SecondsPath", "Next", "End"},
    "Pass": {"InputPath", "Next", "End"},
    "Succeed": set(),
}
RETRY_FIELDS = {"ErrorEquals", "IntervalSeconds", "MaxAttempts", "BackoffRate", "MaxDelaySeconds", "JitterStrategy"}
CALLS = {
    "arn:aws:states:::lambda:invoke": ("lambda", "Invoke"),
    "arn:aws:states:::codebuild:startBuild.sync": ("codebuild", "StartBuild"),
    "arn:aws:states:::states:startExecution.sync:2": ("stepfunctions", "StartExecution"),
}


def definition(name):
    return json.loads((FOLDER / name).read_text())


def graphs(name):
    """Each graph of a definition: the whole, and what each Map goes through for one item."""
    waiting = [definition(name)]
    while waiting:
        graph = waiting.pop()
        yield graph
        waiting += [state["ItemProcessor"] for state in graph["States"].values() if state["Type"] == "Map"]


def states(name, kind=None):
    found = [(told, state) for graph in graphs(name) for told, state in graph["States"].items()]
    return [(told, state) for told, state in found if kind in (None, state["Type"])]


def tasks(name, resource):
    return [(told, state) for told, state in states(name, "Task") if f":::{resource}" in state["Resource"]]


def targets(state):
    """Where a state may lead."""
    choices = [*state.get("Choices", []), *state.get("Catch", []), state]
    return [way[word] for way in choices for word in ("Next", "Default") if word in way]


def reachable(graph, start):
    found, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += targets(graph["States"][name])
    return found


each_file = pytest.mark.parametrize("name", FILES)


def test_there_are_two():
    assert FILES == ["deployment.asl.json", "job-run.asl.json"]


@each_file
def test_every_next_and_default_exists(name):
    for graph in graphs(name):
        assert graph["StartAt"] in graph["States"]
        for told, state in graph["States"].items():
            assert set(targets(state)) <= set(graph["States"]), told


@each_file
def test_every_state_is_reached(name):
    for graph in graphs(name):
        assert reachable(graph, graph["StartAt"]) == set(graph["States"])


@each_file
def test_from_every_state_there_is_a_way_to_an_end(name):
    for graph in graphs(name):
        ends = {told for told, state in graph["States"].items() if state.get("End") or state["Type"] == "Succeed"}
        for told in graph["States"]:
            assert ends & reachable(graph, told), told


@each_file
def test_every_state_says_either_where_it_leads_or_that_it_ends(name):
    for told, state in states(name):
        needs = state["Type"] not in ("Choice", "Succeed")
        assert (("Next" in state) + (state.get("End") is True)) == needs, told
        assert state["Type"] != "Choice" or "Default" in state, told


@each_file
def test_states_have_only_fields_of_their_type(name):
    for told, state in states(name):
        assert set(state) - {"Type", "Comment"} <= FIELDS[state["Type"]], told


@each_file
def test_names_are_unique_in_the_whole_machine_and_short_enough(name):
    counted = Counter(told for told, _ in states(name))
    assert [told for told, count in counted.items() if count > 1 or len(told) > 80] == []


@each_file
def test_what_all_errors_stand_for_is_said_last_and_alone(name):
    for told, state in states(name):
        for rules in (state.get("Retry", []), state.get("Catch", [])):
            for index, rule in enumerate(rules):
                if "States.ALL" in rule["ErrorEquals"]:
                    assert rule["ErrorEquals"] == ["States.ALL"], told
                    assert index == len(rules) - 1, told


@each_file
def test_retries_keep_the_bounds_of_the_language(name):
    for told, state in states(name):
        for rule in state.get("Retry", []):
            assert set(rule) <= RETRY_FIELDS, told
            assert 1 <= rule["IntervalSeconds"] <= 99_999_999
            assert 0 <= rule["MaxAttempts"] <= 99_999_999
            assert rule["BackoffRate"] >= 1
            assert rule.get("MaxDelaySeconds", 10_000) > rule["IntervalSeconds"]
            assert rule["JitterStrategy"] in ("FULL", "NONE")


@each_file
def test_every_function_is_tried_again_after_any_error(name):
    found = tasks(name, "lambda:invoke")
    assert found
    for told, state in found:
        (rule,) = state["Retry"]
        assert (rule["ErrorEquals"], rule["MaxAttempts"]) == (["States.ALL"], 5), told


@each_file
def test_every_build_is_caught_and_waits_where_the_account_has_no_room(name):
    found = tasks(name, "codebuild:startBuild")
    assert found
    for told, state in found:
        assert [rule["ErrorEquals"] for rule in state["Retry"]] == [["CodeBuild.AccountLimitExceededException"]], told
        (caught,) = state["Catch"]
        assert caught["ErrorEquals"] == ["States.ALL"], told
        assert caught["Next"] == state["Next"], "the step that finishes a build sees how it ended either way"
        assert caught["ResultPath"] == state["ResultPath"] == "$.result", told


def test_a_job_of_a_deployment_that_fails_leaves_its_siblings_alone():
    found = tasks("deployment.asl.json", "states:startExecution")
    assert len(found) == 3
    for told, state in found:
        assert [rule["ErrorEquals"] for rule in state["Catch"]] == [["States.ALL"]], told


def test_waves_go_one_after_another_and_jobs_of_a_wave_side_by_side():
    maps = dict(states("deployment.asl.json", "Map"))
    for phase, name in (
        ("pre_deployment", "PreDeployment"), ("deployment", "Deploy"), ("post_deployment", "PostDeployment")
    ):  # fmt: skip
        assert maps[name]["MaxConcurrency"] == 1
        assert maps[name]["ItemsPath"] == f"$.{phase}"
        assert maps[name]["ItemSelector"]["phase"] == phase
        assert "MaxConcurrency" not in maps[f"Run {phase}"]
    assert "MaxConcurrency" not in maps["Images"]


def test_phases_are_in_order():
    whole = definition("deployment.asl.json")
    order, name = [], whole["StartAt"]
    while name:
        order.append(name)
        name = whole["States"][name].get("Next")
    assert order == ["Prepare", "Images", "PreDeployment", "Deploy", "PostDeployment", "Complete"]


@each_file
def test_every_call_is_one_that_aws_knows_with_parameters_of_it(name):
    session = botocore.session.get_session()
    for told, state in states(name, "Task"):
        service, operation = CALLS[state["Resource"]]
        shape = session.get_service_model(service).operation_model(operation).input_shape
        known = {member[0].upper() + member[1:] for member in shape.members}
        required = {member[0].upper() + member[1:] for member in shape.required_members}
        given = {parameter.removesuffix(".$") for parameter in state["Parameters"]}
        assert required <= given <= known, told


def logical(name):
    """A function's id in CloudFormation, as Chalice makes it."""
    return "".join(part.capitalize() for part in name.split("_"))


@each_file
def test_every_function_is_one_of_the_applications(name):
    functions = {logical(function.name) for function in app.pure_lambda_functions}
    for told, state in tasks(name, "lambda:invoke"):
        substitution = re.fullmatch(r"\$\{(\w+)Function\}", state["Parameters"]["FunctionName"])
        assert substitution, told
        assert substitution[1] in functions, told


def machines():
    """The resources of resources.yaml by the file of their definition."""
    resources = template.load()["Resources"].values()
    found = [one for one in resources if one.get("Type") == "AWS::StepFunctions::StateMachine"]
    files = {(FOLDER / name).read_text(): name for name in FILES}
    return {files[one["Properties"]["DefinitionString"]]: one["Properties"] for one in found}


@each_file
def test_every_substitution_is_given_and_used(name):
    used = set(re.findall(r"\$\{(\w+)\}", (FOLDER / name).read_text()))
    assert set(machines()[name]["DefinitionSubstitutions"]) == used


@each_file
def test_substitutions_of_functions_are_their_arns(name):
    for told, value in machines()[name]["DefinitionSubstitutions"].items():
        if told.endswith("Function"):
            assert value == {"Fn::GetAtt": [told.removesuffix("Function"), "Arn"]}


# What each kind of call needs, as AWS's documentation lists it; `.sync` listens through rules of AWS's own.
NEEDS = {
    "arn:aws:states:::lambda:invoke": {"lambda:InvokeFunction"},
    "arn:aws:states:::codebuild:startBuild.sync": {
        *("codebuild:StartBuild", "codebuild:StopBuild", "codebuild:BatchGetBuilds"),
        *("events:PutTargets", "events:PutRule", "events:DescribeRule"),
    },
    "arn:aws:states:::states:startExecution.sync:2": {
        *("states:StartExecution", "states:DescribeExecution", "states:StopExecution"),
        *("events:PutTargets", "events:PutRule", "events:DescribeRule"),
    },
}
MANAGED = {
    "arn:aws:states:::codebuild:startBuild.sync": "StepFunctionsGetEventForCodeBuildStartBuildRule",
    "arn:aws:states:::states:startExecution.sync:2": "StepFunctionsGetEventsForStepFunctionsExecutionRule",
}


def statements(name):
    """What the role of a machine may do for its states."""
    role = template.load()["Resources"][machines()[name]["RoleArn"]["Fn::GetAtt"][0]]["Properties"]
    return [statement for policy in role["Policies"] for statement in policy["PolicyDocument"]["Statement"]]


def listed(value):
    return value if isinstance(value, list) else [value]


@each_file
def test_the_role_may_do_what_the_states_do_and_nothing_else(name):
    allowed = {action for statement in statements(name) for action in listed(statement["Action"])}
    telling = {action for action in allowed if action.startswith(("logs:", "xray:"))}
    needed = set().union(*(NEEDS[state["Resource"]] for _, state in states(name, "Task")))
    # Another role for a job is passed on with the build.
    passed = {"iam:PassRole"} if name == "job-run.asl.json" else set()
    assert allowed - telling == needed | passed


@each_file
def test_the_role_may_invoke_the_functions_of_the_machine_and_no_other(name):
    (invoke,) = (statement for statement in statements(name) if statement["Action"] == "lambda:InvokeFunction")
    given = [value for told, value in machines()[name]["DefinitionSubstitutions"].items() if told.endswith("Function")]
    assert sorted(map(str, invoke["Resource"])) == sorted(map(str, given))


@each_file
def test_the_role_reaches_the_managed_rules_of_what_it_waits_for(name):
    (rules,) = (statement for statement in statements(name) if "events:PutRule" in statement["Action"])
    reached = {value["Fn::Sub"].rpartition("/")[2] for value in listed(rules["Resource"])}
    assert reached == {MANAGED[state["Resource"]] for _, state in states(name, "Task") if state["Resource"] in MANAGED}
