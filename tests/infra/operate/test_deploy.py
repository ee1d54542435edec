from __future__ import annotations

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.validate import validate_parameters
from moto.cloudformation.models import cloudformation_backends

from infra import template
from infra.operate import bucket, changes, deploy, kept
from infra.operate.refusals import Refused
from infra.operate.stage import chosen, parser
from tests.infra.operate.conftest import TEMPLATE

FUNCTION = "  Tick:\n    Type: AWS::Serverless::Function\n    Properties: {CodeUri: ./deployment.zip}\n"


def test_a_stack_is_made_and_its_address_is_told(operator):
    code, output, errors = operator.run("deploy", "--set", "HistoryDays=60")
    assert (code, errors) == (0, "")
    assert f"as {operator.stack} in account 123456789012, us-east-1, as arn:aws:sts::" in output
    assert f"Making the bucket {operator.stack}-123456789012-us-east-1" in output
    assert "  Add      Table  AWS::DynamoDB::Table" in output
    assert "CREATE_COMPLETE" in output
    assert "Console and API: https://abc.execute-api.us-east-1.amazonaws.com/api/\n" in output
    assert operator.described()["StackStatus"] == "CREATE_COMPLETE"


def test_the_same_again_changes_nothing(operator):
    assert operator.run("deploy", "--set", "HistoryDays=60", "--set", "AlarmEmail=a@example.org")[0] == 0
    code, output, errors = operator.run("deploy")
    assert (code, errors) == (0, "")
    assert "Nothing has changed" in output
    assert "Uploading" not in output


def test_what_was_set_before_stays_set(operator):
    assert operator.run("deploy", "--set", "HistoryDays=60")[0] == 0
    operator.pack(TEMPLATE.replace("-letters", "-post"), b"other code")
    code, output, errors = operator.run("deploy", "--set", "AlarmEmail=ada@example.org")
    assert (code, errors) == (0, "")
    assert "UPDATE_COMPLETE" in output
    request = deploy._parameters({"Parameters": {"A": {}, "B": {}, "C": {}}}, {"B": "2"}, operator.described())
    assert request == [{"ParameterKey": "B", "ParameterValue": "2"}]
    known = [{"ParameterKey": "A"}, {"ParameterKey": "B"}, {"ParameterKey": "GONE"}]
    present = {"StackStatus": "UPDATE_COMPLETE", "Parameters": known}
    assert deploy._parameters({"Parameters": {"A": {}, "B": {}, "C": {}}}, {"B": "2"}, present) == [
        {"ParameterKey": "B", "ParameterValue": "2"},
        {"ParameterKey": "A", "UsePreviousValue": True},
    ]
    only_asked_for = {"StackStatus": "REVIEW_IN_PROGRESS", "Parameters": known}
    assert deploy._parameters({"Parameters": {"A": {}}}, {}, only_asked_for) == []


def test_functions_are_pointed_at_the_package_and_a_new_one_is_a_new_address(operator, tmp_path):
    told = template.load(_written(tmp_path, TEMPLATE.replace("Outputs:", FUNCTION + "Outputs:")))
    bucket.ensure(operator.stage)
    addresses = []
    for code in (b"one", b"two", b"one"):
        addresses.append(bucket.upload(operator.stage, code, "package-", ".zip"))
        deploy._point_at(told, f"s3://{operator.stage.bucket}/{addresses[-1]}")
        assert told["Resources"]["Tick"]["Properties"]["CodeUri"].endswith(addresses[-1])
    assert addresses[0] == addresses[2] != addresses[1]
    assert bucket.exists(operator.stage)


def _written(folder, text):
    path = folder / "a.yaml"
    path.write_text(text)
    return path


def test_the_bucket_is_closed(operator):
    assert operator.run("deploy")[0] == 0
    block = boto3.client("s3").get_public_access_block(Bucket=operator.stage.bucket)
    assert all(block["PublicAccessBlockConfiguration"].values())


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--set", "Nonsense=1"), "--set takes NAME=VALUE with a NAME of HistoryDays, AlarmEmail"),
        (("--set", "HistoryDays"), "--set takes NAME=VALUE"),
        (("--stack", "Not_A_Name"), "Not_A_Name can't be a stack's name"),
        (("--stack", "a" * 33), "can't be a stack's name"),
        (("--stack", "team-tokens"), "its key would be that of the tokens of a stack team. Choose another"),
        (("--stack", "team-s-one"), "the rules of its schedules would count as those of a stack team,"),
        (("--stack", "team-s-s-a"), "those of a stack team,"),
    ],
)
def test_wrong_options_are_told_before_anything_is_done(operator, options, told):
    code, _, errors = operator.run("deploy", *options)
    assert code == 1
    assert told in errors
    assert operator.described() is None


@pytest.mark.parametrize("stack", ["tokens", "team-tokens-2", "team-s", "s-team", "teams-one", "kintoblocks-dev"])
def test_these_names_collide_with_no_other_stack(stack):
    assert chosen(parser("").parse_args(["dev", "--stack", stack])).stack == stack


@pytest.mark.parametrize("command", ["doctor", "token", "destroy", "replay"])
def test_every_command_refuses_a_name_that_collides(operator, command):
    code, output, errors = operator.run(command, "--stack", "team-tokens")
    assert code == 1
    assert "team-tokens can't be a stack's name" in output + errors


def test_without_a_package_it_says_how_to_make_one(operator):
    (operator.package / "template.yaml").unlink()
    code, _, errors = operator.run("deploy")
    assert (code, "make package STAGE=dev" in errors) == (1, True)


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("ROLLBACK_COMPLETE", "make destroy STAGE=dev"),
        ("DELETE_FAILED", "make destroy STAGE=dev"),
        ("UPDATE_IN_PROGRESS", "Wait"),
        ("UPDATE_ROLLBACK_FAILED", "Continue update rollback"),
    ],
)
def test_a_stack_that_cannot_be_updated_is_left_alone_with_advice(operator, status, advice):
    assert operator.run("deploy")[0] == 0
    _moto_stack(operator).status = status
    code, _, errors = operator.run("deploy")
    assert code == 1
    assert f"{operator.stack} is {status}" in errors
    assert advice in errors


@pytest.mark.parametrize("status", changes.READY)
def test_a_stack_that_rests_well_is_no_obstacle(operator, status):
    assert changes.obstacle(operator.stage, {"StackStatus": status}) is None


def _moto_stack(operator):
    backend = cloudformation_backends["123456789012"]["us-east-1"]
    return next(stack for stack in backend.stacks.values() if stack.name == operator.stack)


def test_a_failed_change_is_told_with_the_reasons_of_what_failed_first(operator, capsys):
    assert operator.run("deploy")[0] == 0
    stack = _moto_stack(operator)
    seen = changes.events_so_far(operator.stage, stack.stack_id)
    stack._add_stack_event("UPDATE_FAILED", "no room for another table")
    stack._add_stack_event("UPDATE_FAILED", "Resource update cancelled")
    stack.status = "UPDATE_ROLLBACK_COMPLETE"
    with pytest.raises(Refused) as refused:
        changes.follow(operator.stage, stack.stack_id, seen)
    first, *reasons = str(refused.value).splitlines()
    assert first == f"The stack {operator.stack} is UPDATE_ROLLBACK_COMPLETE, because:"
    assert [reason.partition(":")[2].strip() for reason in reasons] == ["no room for another table"]
    assert "UPDATE_FAILED" in capsys.readouterr().out


def test_a_template_that_cloudformation_refuses_is_told(operator):
    operator.pack("Resources: {Table: {Type: 'AWS::Nonsense::Thing', Properties: {}}}\n")
    code, _, errors = operator.run("deploy")
    assert code == 1
    assert errors
    assert "Traceback" not in errors


def accepted(service, operation, request):
    """What botocore's own model has against a request."""
    model = boto3.client(service).meta.service_model.operation_model(operation)
    validate_parameters(request, model.input_shape)


def test_a_table_that_was_left_is_taken_in_with_its_key(operator):
    """Moto's CloudFormation imports nothing: the request is what can be checked."""
    assert operator.run("deploy")[0] == 0
    key = kept.key_id(operator.stage)
    assert operator.run("destroy", "--yes")[0] == 0
    told = template.load()
    found = kept.importing(operator.stage, told)
    assert found["ResourcesToImport"] == [
        {
            "ResourceType": "AWS::DynamoDB::Table",
            "LogicalResourceId": "Table",
            "ResourceIdentifier": {"TableName": f"{operator.stack}-table"},
        },
        {"ResourceType": "AWS::KMS::Key", "LogicalResourceId": "Key", "ResourceIdentifier": {"KeyId": key}},
    ]
    request = {"TemplateURL": "https://b", "ResourcesToImport": found["ResourcesToImport"]}
    names = {"StackName": operator.stack, "ChangeSetName": "import-1", "ChangeSetType": "IMPORT"}
    accepted("cloudformation", "CreateChangeSet", {**names, "Capabilities": changes.CAPABILITIES, **request})
    assert set(found["Template"]["Resources"]) == {"Table", "Key"}
    # What is imported must say that it is kept, and must not lean on what is not in this template.
    assert all(one["DeletionPolicy"] == "Retain" for one in found["Template"]["Resources"].values())
    assert all(f'"{name}"' not in json.dumps(found["Template"]["Resources"]) for name in told["Conditions"])
    assert all(f'{{"Ref": "{name}"}}' not in json.dumps(found["Template"]) for name in told["Parameters"])


def test_a_table_whose_key_nobody_knows_comes_alone(operator, capsys):
    keys = [{"AttributeName": "pk", "KeyType": "HASH"}]
    attributes = [{"AttributeName": "pk", "AttributeType": "S"}]
    boto3.client("dynamodb").create_table(
        TableName=f"{operator.stack}-table",
        KeySchema=keys,
        AttributeDefinitions=attributes,
        BillingMode="PAY_PER_REQUEST",
    )
    found = kept.importing(operator.stage, template.load())
    assert [one["LogicalResourceId"] for one in found["ResourcesToImport"]] == ["Table"]
    assert "have to be set again" in capsys.readouterr().out


def test_what_operators_name_is_named_so_in_the_template():
    told = template.load()
    resources = told["Resources"]
    assert resources["Table"]["Properties"]["TableName"] == {"Fn::Sub": "${AWS::StackName}-table"}
    assert resources["Key"]["Type"] == "AWS::KMS::Key"
    assert {"MintToken", "Reconcile"} <= told["Outputs"].keys()
    variables = told["Globals"]["Function"]["Environment"]["Variables"]
    assert variables["KINTO_RULE_PREFIX"] == {"Fn::Sub": "${AWS::StackName}-s-"}
    machines = {one["Properties"].get("StateMachineName", {}).get("Fn::Sub") for one in resources.values()
                if one.get("Type") == "AWS::StepFunctions::StateMachine"}  # fmt: skip
    assert machines == {"${AWS::StackName}-deployment", "${AWS::StackName}-job-run"}


def test_what_is_made_at_run_time_goes_with_the_stack():
    """Schedules go with their group, images with their repository; rules are removed by name."""
    resources = template.load()["Resources"]
    (group,) = [one for one in resources.values() if one.get("Type") == "AWS::Scheduler::ScheduleGroup"]
    assert group["Properties"]["Name"] == {"Ref": "AWS::StackName"}
    (images,) = [one for one in resources.values() if one.get("Type") == "AWS::ECR::Repository"]
    assert images["Properties"]["RepositoryName"] == {"Ref": "AWS::StackName"}
    assert images["Properties"]["EmptyOnDelete"] in (True, "true")


@pytest.mark.parametrize("code", ["ValidationError", "Throttling"])
def test_missing_stack_is_known_by_its_code(operator, monkeypatch, code):
    def describe(**_):
        raise ClientError({"Error": {"Code": code, "Message": "hm"}}, "DescribeStacks")

    monkeypatch.setattr(operator.stage.client("cloudformation"), "describe_stacks", describe)
    if code == "ValidationError":
        assert operator.stage.described() is None
    else:
        with pytest.raises(ClientError):
            operator.stage.described()


def test_named_roles_would_need_another_capability():
    named = [name for name, one in template.load()["Resources"].items() if "RoleName" in one.get("Properties", {})]
    assert named == []
    assert "CAPABILITY_NAMED_IAM" not in changes.CAPABILITIES
