"""Two stacks side by side, made of the transformed template by an emulator: what the functions are told of is there.

The emulator cannot make CodeBuild projects (their names are compared with the template's), nor the API's stage.
"""

from __future__ import annotations

import json

import boto3
import pytest
from moto import mock_aws

from chalicelib.settings import from_environment

pytestmark = [
    pytest.mark.ci,
    # Alarms, queue policies, schedule groups: named one by one as they are left out.
    pytest.mark.filterwarnings("ignore:No Moto CloudFormation support"),
    pytest.mark.filterwarnings("ignore:Tried to parse"),
]

REGION, ACCOUNT = "eu-west-1", "123456789012"
UNKNOWN = ("AWS::CodeBuild::Project", "AWS::ApiGateway::Deployment", "AWS::ApiGateway::Stage")
OPTIONS = {
    "AlarmEmail": "ada@example.org",
    "AccessLogs": "true",
    "ScheduleBackend": "scheduler",
    "HistoryDays": "30",
    "RunVpc": "vpc-12345678",
    "RunSubnets": "subnet-12345678,subnet-87654321",
    "RunSecurityGroups": "sg-12345678",
}


def understood(transformed):
    """The template without what the emulator can't make; who asks for that gets its ARN written out."""
    resources = transformed["Resources"]
    projects = {
        name: f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{one['Properties']['Name']['Fn::Sub']}"
        for name, one in resources.items()
        if one["Type"] == "AWS::CodeBuild::Project"
    }

    def put(value):
        if isinstance(value, dict):
            asked = value.get("Fn::GetAtt", [None])[0]
            return {"Fn::Sub": projects[asked]} if asked in projects else {k: put(v) for k, v in value.items()}
        return [put(one) for one in value] if isinstance(value, list) else value

    kept = {name: put(one) for name, one in resources.items() if one["Type"] not in UNKNOWN}
    return {**transformed, "Resources": kept}


class Stack:
    def __init__(self, name, template, options):
        self.name = name
        self.cloudformation = boto3.client("cloudformation", REGION)
        self.cloudformation.create_stack(
            StackName=name,
            TemplateBody=json.dumps(template),
            Capabilities=["CAPABILITY_IAM"],
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in options.items()],
        )
        (self.told,) = self.cloudformation.describe_stacks(StackName=name)["Stacks"]

    def resources(self, kind):
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        found = [one for page in pages for one in page["StackResourceSummaries"] if one.get("ResourceType") == kind]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}

    def functions(self):
        client = boto3.client("lambda", REGION)
        named = self.resources("AWS::Lambda::Function")
        return {logical: client.get_function(FunctionName=name)["Configuration"] for logical, name in named.items()}


@pytest.fixture(scope="module")
def stacks(packaged, transformed):
    with mock_aws():
        s3 = boto3.client("s3", "us-east-1")
        s3.create_bucket(Bucket="packages")
        s3.upload_file(str(packaged.zip_path), "packages", "deployment.zip")
        template = understood(transformed)
        yield [Stack("kinto-dev", template, {}), Stack("kinto-prod", template, OPTIONS)]


def there():
    """What there is in the account, by the ARN or name that a setting tells."""
    iam, sqs = boto3.client("iam", REGION), boto3.client("sqs", REGION)
    machines = boto3.client("stepfunctions", REGION).list_state_machines()["stateMachines"]
    queues = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        for url in sqs.list_queues()["QueueUrls"]
    ]
    return {
        "table": boto3.client("dynamodb", REGION).list_tables()["TableNames"],
        "machine": [machine["stateMachineArn"] for machine in machines],
        "key": [alias["AliasName"] for alias in boto3.client("kms", REGION).list_aliases()["Aliases"]],
        "repository": [r["repositoryUri"] for r in boto3.client("ecr", REGION).describe_repositories()["repositories"]],
        "function": [f["FunctionArn"] for f in boto3.client("lambda", REGION).list_functions(MaxItems=50)["Functions"]],
        "role": [role["Arn"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]],
        "queue": queues,
    }


def test_stacks_are_made(stacks):
    assert [stack.told["StackStatus"] for stack in stacks] == ["CREATE_COMPLETE"] * 2


def test_every_functions_environment_names_what_is_there(stacks, transformed):
    found = there()
    for stack in stacks:
        functions = stack.functions()
        assert len(functions) == 12
        for logical, function in functions.items():
            settings = from_environment({k: str(v) for k, v in function["Environment"]["Variables"].items()})
            assert settings.table in found["table"], logical
            assert {settings.deployment_machine, settings.job_run_machine} <= set(found["machine"]), logical
            assert settings.key in found["key"], logical
            assert settings.image_repository in found["repository"], logical
            assert settings.tick_function == functions["Tick"]["FunctionArn"], logical
            assert settings.run_role in found["role"], logical
            uses_scheduler = settings.schedule_backend == "scheduler"
            assert settings.scheduler_role in (found["role"] if uses_scheduler else [None]), logical
            assert settings.dead_letters in found["queue"], logical
            assert settings.scheduler_group == stack.name, logical
            assert settings.run_project == f"{stack.name}-run", logical
            assert settings.image_project == f"{stack.name}-image", logical
    projects = [one for one in transformed["Resources"].values() if one["Type"] == "AWS::CodeBuild::Project"]
    names = {one["Properties"]["Name"]["Fn::Sub"] for one in projects}
    assert names == {"${AWS::StackName}-run", "${AWS::StackName}-image"}


def test_options_reach_the_functions(stacks):
    told = [stack.functions()["Begin"]["Environment"]["Variables"] for stack in stacks]
    assert [(one["SCHEDULE_BACKEND"], str(one["KINTO_HISTORY_DAYS"])) for one in told] == [
        ("rules", "90"), ("scheduler", "30")
    ]  # fmt: skip


def test_what_scheduler_needs_is_made_only_where_it_is_used(stacks):
    made = [stack.resources("AWS::IAM::Role").keys() & {"SchedulerRole"} for stack in stacks]
    assert made == [set(), {"SchedulerRole"}]


def test_rules_call_functions_of_their_own_stack(stacks):
    events = boto3.client("events", REGION)
    for stack in stacks:
        arns = {function["FunctionArn"] for function in stack.functions().values()}
        rules = stack.resources("AWS::Events::Rule")
        assert len(rules) == 4
        for rule in rules.values():
            (target,) = events.list_targets_by_rule(Rule=rule)["Targets"]
            assert target["Arn"] in arns
            assert target["DeadLetterConfig"]["Arn"].endswith(f":{stack.name}-dead-letters")


def test_every_function_has_a_role_of_its_own(stacks):
    roles = [function["Role"] for stack in stacks for function in stack.functions().values()]
    assert len(set(roles)) == len(roles) == 24
    assert set(roles) <= set(there()["role"])


def test_nothing_is_named_without_its_stacks_name(stacks):
    dev, prod = (
        {name for name in stack.resources(kind).values() if name}
        for stack in stacks
        for kind in ("AWS::Logs::LogGroup",)
    )
    assert dev
    assert not dev & prod
    assert all("kinto-prod" in name for name in prod)
    assert "/aws/apigateway/kinto-prod" in prod, "the access log is an option"


def test_outputs_tell_where_the_api_is_and_what_operators_call(stacks):
    for stack in stacks:
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stack.told["Outputs"]}
        functions = stack.functions()
        assert outputs["EndpointURL"].endswith(f".execute-api.{REGION}.amazonaws.com/api/")
        assert outputs["MintToken"] == functions["MintToken"]["FunctionName"]
        assert outputs["Reconcile"] == functions["Reconcile"]["FunctionName"]
