"""What CloudFormation is asked for is what the code uses."""

from __future__ import annotations

import json

import boto3
import msgspec
import pytest
from moto.events.models import EventPattern

from app import app
from chalicelib.settings import VARIABLES, Settings
from chalicelib.store import cursors
from chalicelib.store.items import Item
from infra import template
from infra.local import stack
from infra.local.persistence import ACCOUNT, REGION

MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{stack.NAME}"


@pytest.fixture(scope="module")
def embedded(embed):
    return embed()


@pytest.fixture(scope="module")
def loaded():
    return template.load()


@pytest.fixture(scope="module")
def environment(loaded):
    return loaded["Globals"]["Function"]["Environment"]["Variables"]


def resources(loaded, kind):
    # What has no type adds to what Chalice makes.
    return {name: one["Properties"] for name, one in loaded["Resources"].items() if one.get("Type") == kind}


def mentions(value, function):
    """Every argument of an intrinsic function, however deep."""
    if isinstance(value, dict):
        own = [value[function]] if function in value else []
        return own + [found for inner in value.values() for found in mentions(inner, function)]
    return [found for inner in value for found in mentions(inner, function)] if isinstance(value, list) else []


def functions():
    return {"".join(part.capitalize() for part in function.name.split("_")) for function in app.pure_lambda_functions}


def schema(keys):
    return {(key["AttributeName"], key["KeyType"]) for key in keys}


# The table.


def test_the_tables_keys_and_indexes_are_the_models(loaded):
    (table,) = resources(loaded, "AWS::DynamoDB::Table").values()
    model = Item._get_schema()
    assert schema(table["KeySchema"]) == schema(model["key_schema"])
    wanted = {index["IndexName"]: index for index in table["GlobalSecondaryIndexes"]}
    declared = {index["index_name"]: index for index in model["global_secondary_indexes"]}
    assert wanted.keys() == declared.keys()
    for name, index in wanted.items():
        assert schema(index["KeySchema"]) == schema(declared[name]["key_schema"])
        assert index["Projection"]["ProjectionType"] == declared[name]["projection"]["ProjectionType"]


def test_the_keys_that_cursors_are_held_to_are_those_of_the_indexes():
    indexes = Item._get_schema()["global_secondary_indexes"]
    declared = {index["index_name"]: schema(index["key_schema"]) for index in indexes}
    assert {name: {(p, "HASH"), (s, "RANGE")} for name, (p, s) in cursors.INDEX_KEYS.items()} == declared


def test_the_tables_attributes_are_those_of_its_keys(loaded):
    (table,) = resources(loaded, "AWS::DynamoDB::Table").values()
    keys = [table["KeySchema"], *(index["KeySchema"] for index in table["GlobalSecondaryIndexes"])]
    types = {one["AttributeName"]: one["AttributeType"] for one in table["AttributeDefinitions"]}
    assert types.keys() == {key["AttributeName"] for part in keys for key in part}
    assert types == {name: Item.get_attributes()[name].attr_type for name in types}


def test_what_expires_says_so_in_the_column_that_the_table_looks_at(loaded):
    (table,) = resources(loaded, "AWS::DynamoDB::Table").values()
    attribute = table["TimeToLiveSpecification"]["AttributeName"]
    assert Item.get_attributes()[attribute].attr_type == "N"


def test_what_people_said_outlives_the_stack(loaded):
    policies = {name: one["DeletionPolicy"] for name, one in loaded["Resources"].items() if "DeletionPolicy" in one}
    # A creation that fails leaves nothing behind that would stand in the way of the next.
    assert policies == {"Table": "RetainExceptOnCreate", "Key": "RetainExceptOnCreate"}
    kept = policies.keys()
    assert all(loaded["Resources"][name]["UpdateReplacePolicy"] == "Retain" for name in kept)


# The functions.


def test_every_attribute_asked_for_is_of_a_resource_or_a_function(loaded):
    asked = {name for name, _ in mentions(loaded, "Fn::GetAtt")}
    made = {name for name, one in loaded["Resources"].items() if "Type" in one}
    assert asked - made <= functions()


def test_every_reference_is_to_a_resource_or_a_parameter(loaded):
    known = loaded["Resources"].keys() | loaded["Parameters"].keys() | functions()
    assert {name for name in mentions(loaded, "Ref") if not name.startswith("AWS::")} <= known


def test_every_function_has_a_caller(loaded):
    called = {name for name, _ in mentions(loaded, "Fn::GetAtt")} & functions()
    assert functions() - called == {"MintToken"}, "the operator calls this one"


def test_the_functions_get_every_setting_that_has_no_default(environment):
    needed = {VARIABLES[field.name] for field in _fields() if field.required}
    assert needed <= environment.keys() <= set(VARIABLES.values())


def _fields():
    return msgspec.structs.fields(Settings)


def test_every_setting_has_a_variable():
    assert VARIABLES.keys() == {field.name for field in _fields()}


def test_every_function_that_a_rule_calls_lets_it(loaded):
    rules = resources(loaded, "AWS::Events::Rule")
    called = {target["Arn"]["Fn::GetAtt"][0] for rule in rules.values() for target in rule["Targets"]} | {"Tick"}
    permissions = resources(loaded, "AWS::Lambda::Permission").values()
    allowed = {permission["FunctionName"]["Fn::GetAtt"][0] for permission in permissions}
    assert called <= allowed
    assert all(permission["Principal"] == "events.amazonaws.com" for permission in permissions)


def test_what_scheduler_needs_is_there_only_where_it_is_used(loaded, environment):
    assert loaded["Conditions"]["UsesScheduler"] == {"Fn::Equals": [{"Ref": "ScheduleBackend"}, "scheduler"]}
    conditional = {name for name, one in loaded["Resources"].items() if one.get("Condition") == "UsesScheduler"}
    assert conditional == {"ScheduleGroup", "SchedulerRole", "SchedulerPolicy"}
    assert not [one for one in loaded["Resources"].values() if "UsesScheduler" not in one.get("Condition", "")
                and "SchedulerRole" in json.dumps(one)]  # fmt: skip
    role = {"Fn::GetAtt": ["SchedulerRole", "Arn"]}
    assert environment["KINTO_SCHEDULER_ROLE"] == {"Fn::If": ["UsesScheduler", role, {"Ref": "AWS::NoValue"}]}


# Names, as the laptop resolves them.


def test_the_settings_name_what_is_there(embedded):
    settings = embedded.settings
    machines = {m["stateMachineArn"] for m in boto3.client("stepfunctions").list_state_machines()["stateMachines"]}
    assert {settings.deployment_machine, settings.job_run_machine} == machines
    assert boto3.client("dynamodb").list_tables()["TableNames"] == [settings.table]
    assert set(boto3.client("codebuild").list_projects()["projects"]) == {settings.run_project, settings.image_project}
    assert settings.key in {alias["AliasName"] for alias in boto3.client("kms").list_aliases()["Aliases"]}
    (repository,) = boto3.client("ecr").describe_repositories()["repositories"]
    assert repository["repositoryUri"] == settings.image_repository


# The rules.


def execution(status, machine=f"{MACHINE}-job-run"):
    """As https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html has it."""
    name = "b2f0-20261122T080000-m1"
    return {
        "source": "aws.states",
        "detail-type": "Step Functions Execution Status Change",
        "resources": [f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{machine.rpartition(':')[2]}:{name}"],
        "detail": {
            "executionArn": f"arn:aws:states:{REGION}:{ACCOUNT}:execution:{machine.rpartition(':')[2]}:{name}",
            "stateMachineArn": machine,
            "name": name,
            "status": status,
            "startDate": 1551225271984,
            "stopDate": None if status == "RUNNING" else 1551225272000,
            "input": "{}",
            "output": None,
        },
    }


def build(status, project=f"{stack.NAME}-run"):
    """As https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications.html has it."""
    return {
        "source": "aws.codebuild",
        "detail-type": "CodeBuild Build State Change",
        "resources": [f"arn:aws:codebuild:{REGION}:{ACCOUNT}:build/{project}:8745a7a9-c340-456a-9166-edf953571bEX"],
        "detail": {
            "build-status": status,
            "project-name": project,
            "build-id": f"arn:aws:codebuild:{REGION}:{ACCOUNT}:build/{project}:8745a7a9-c340-456a-9166-edf953571bEX",
            "additional-information": {"environment": {"environment-variables": []}},
            "current-phase": "SUBMITTED",
        },
    }


OF_ANOTHER = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:somebody-elses"


@pytest.mark.parametrize(
    ("event", "goes_to"),
    [
        (execution("ABORTED"), "ExecutionEnded"),
        (execution("TIMED_OUT"), "ExecutionEnded"),
        (execution("FAILED"), "ExecutionEnded"),
        (execution("FAILED", f"{MACHINE}-deployment"), "ExecutionEnded"),
        (execution("RUNNING"), None),
        (execution("SUCCEEDED"), None),
        (execution("FAILED", OF_ANOTHER), None),
        (build("IN_PROGRESS"), "BuildBegan"),
        (build("IN_PROGRESS", f"{stack.NAME}-image"), "BuildBegan"),
        (build("SUCCEEDED"), None),
        (build("IN_PROGRESS", "somebody-elses"), None),
    ],
)
def test_rules_pick_the_events_that_their_functions_are_for(embedded, event, goes_to):
    events = boto3.client("events")
    found = [
        target["Arn"].rpartition(":")[2]
        for rule in events.list_rules()["Rules"]
        if "EventPattern" in rule and EventPattern.load(rule["EventPattern"]).matches_event(event)
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    ]
    assert found == ([goes_to] if goes_to else [])


def test_the_watchdog_looks_every_five_minutes_and_reconcile_once_a_day(loaded):
    scheduled = {
        rule["ScheduleExpression"]: rule["Targets"][0]["Arn"]
        for rule in resources(loaded, "AWS::Events::Rule").values()
        if "ScheduleExpression" in rule
    }
    assert scheduled == {
        "cron(0/5 * * * ? *)": {"Fn::GetAtt": ["Watchdog", "Arn"]},
        "cron(17 3 * * ? *)": {"Fn::GetAtt": ["Reconcile", "Arn"]},
    }


# What a job may do.


def allowed(loaded, role):
    (policy,) = loaded["Resources"][role]["Properties"]["Policies"]
    told = [statement["Action"] for statement in policy["PolicyDocument"]["Statement"]]
    return {action for actions in told for action in (actions if isinstance(actions, list) else [actions])}


def test_a_job_may_decrypt_and_pull_and_write_its_log_and_nothing_else(loaded):
    assert {action.partition(":")[0] for action in allowed(loaded, "RunRole")} == {"logs", "kms", "ecr"}
    may = allowed(loaded, "RunRole")
    assert not may & {"ecr:PutImage", "ecr:InitiateLayerUpload", "kms:Encrypt", "kms:*", "ecr:*"}


def test_what_a_job_may_in_a_vpc_is_there_before_its_project(loaded):
    """CodeBuild refuses a project in a VPC at which its role may not yet look; what is named is made before."""
    policy, project = (loaded["Resources"][name] for name in ("RunVpcPolicy", "RunProject"))
    assert "ec2:DescribeSecurityGroups" in policy["Properties"]["PolicyDocument"]["Statement"][0]["Action"]
    condition, in_vpc, _ = project["Properties"]["Description"]["Fn::If"]
    assert condition == policy["Condition"] == project["Properties"]["VpcConfig"]["Fn::If"][0]
    assert "${RunVpcPolicy}" in in_vpc["Fn::Sub"]


def test_only_the_image_project_may_push(loaded):
    assert "ecr:PutImage" in allowed(loaded, "ImageRole")


def test_an_image_once_pushed_is_not_changed(loaded):
    (repository,) = resources(loaded, "AWS::ECR::Repository").values()
    assert repository["ImageTagMutability"] == "IMMUTABLE"


def test_projects_run_what_the_runner_says_and_have_no_source(loaded):
    for project in resources(loaded, "AWS::CodeBuild::Project").values():
        assert project["Source"]["Type"] == "NO_SOURCE"
        assert "KINTO_OUTCOME" in project["Source"]["BuildSpec"]


def test_what_the_gateway_answers_for_now_says_when_to_ask_again(loaded):
    answers = loaded["Resources"]["RestAPI"]["Properties"]["GatewayResponses"].values()
    passing = [one for one in answers if one.get("StatusCode") in ("429", "503")]
    assert len(passing) == 3
    assert all(one["ResponseParameters"]["Headers"]["Retry-After"].strip("'").isdigit() for one in passing)


def test_the_template_holds_no_account_and_no_region():
    text = json.dumps(template.load())
    assert ACCOUNT not in text
    assert REGION not in text
