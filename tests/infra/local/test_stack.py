from __future__ import annotations

import json

import boto3
import pytest

from infra import template
from infra.local import stack
from infra.local.aws import EmbeddedAws
from infra.local.persistence.database import Database

REGION, ACCOUNT = "us-east-1", "123456789012"


@pytest.fixture
def aws():
    embedded = EmbeddedAws(Database(None))
    embedded.start()
    yield embedded
    embedded.stop()


def created(resources, **variables):
    environment = {"Function": {"Environment": {"Variables": variables}}}
    return stack.create({"Globals": environment, "Resources": resources}, REGION, ACCOUNT)


@pytest.mark.usefixtures("aws")
def test_the_products_own_stack_is_created_and_again_without_harm():
    environment = stack.create(template.load(), REGION, ACCOUNT)
    assert stack.create(template.load(), REGION, ACCOUNT) == environment
    assert [name for name, value in environment.items() if not value] == ["KINTO_PRIVATE_HOSTS"]
    assert not any("${" in value for value in environment.values())
    assert boto3.client("dynamodb").list_tables()["TableNames"]
    machines = boto3.client("stepfunctions").list_state_machines()["stateMachines"]
    for machine in machines:
        described = boto3.client("stepfunctions").describe_state_machine(stateMachineArn=machine["stateMachineArn"])
        assert "${" not in described["definition"]


@pytest.mark.usefixtures("aws")
def test_a_parameter_decides_what_is_made():
    rules = stack.create(template.load(), REGION, ACCOUNT)
    assert (rules["SCHEDULE_BACKEND"], rules.get("KINTO_SCHEDULER_ROLE")) == ("rules", None)
    groups = boto3.client("scheduler").list_schedule_groups()["ScheduleGroups"]
    assert [group["Name"] for group in groups] == ["default"]
    scheduler = stack.create(template.load(), REGION, ACCOUNT, {"ScheduleBackend": "scheduler"})
    assert scheduler["SCHEDULE_BACKEND"] == "scheduler"
    assert scheduler["KINTO_SCHEDULER_ROLE"].startswith("arn:aws:iam::")
    assert boto3.client("scheduler").get_schedule_group(Name=scheduler["KINTO_SCHEDULER_GROUP"])


@pytest.mark.usefixtures("aws")
def test_a_table_has_its_indexes_and_its_time_to_live():
    keys = [{"AttributeName": "a", "KeyType": "HASH"}]
    index = {"IndexName": "by_a", "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}
    properties = {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
        "KeySchema": keys,
        "GlobalSecondaryIndexes": [index],
        "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    }
    name = created({"T": {"Type": "AWS::DynamoDB::Table", "Properties": properties}}, T={"Ref": "T"})["T"]
    client = boto3.client("dynamodb")
    assert name == "kinto-local-T"
    assert client.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"][0]["IndexName"] == "by_a"
    assert client.describe_time_to_live(TableName=name)["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"


@pytest.mark.usefixtures("aws")
def test_a_machine_gets_its_substitutions_and_a_changed_definition():
    def machine(result):
        state = {"Type": "Pass", "Result": result, "End": True}
        definition = {"StartAt": "A", "States": {"A": state}}
        substitutions = {"Function": {"Fn::GetAtt": ["Work", "Arn"]}}
        properties = {
            "DefinitionString": json.dumps(definition),
            "DefinitionSubstitutions": substitutions,
            "RoleArn": {"Fn::GetAtt": ["R", "Arn"]},
        }
        return {
            "R": {"Type": "AWS::IAM::Role"},
            "M": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties},
        }

    arn = created(machine("${Function}"), M={"Ref": "M"})["M"]
    client = boto3.client("stepfunctions")

    def result():
        definition = json.loads(client.describe_state_machine(stateMachineArn=arn)["definition"])
        return definition["States"]["A"]["Result"]

    assert result() == "arn:aws:lambda:us-east-1:123456789012:function:Work"
    created(machine("other"))
    assert result() == "other"


@pytest.mark.usefixtures("aws")
def test_rules_have_their_targets():
    target = {"Id": "f", "Arn": {"Fn::GetAtt": ["Watchdog", "Arn"]}}
    scheduled = {"ScheduleExpression": "rate(5 minutes)", "Targets": [target]}
    matched = {"EventPattern": {"source": ["aws.states"]}, "Targets": [target], "State": "DISABLED"}
    created(
        {
            "A": {"Type": "AWS::Events::Rule", "Properties": scheduled},
            "B": {"Type": "AWS::Events::Rule", "Properties": matched},
        }
    )
    client = boto3.client("events")
    rules = {rule["Name"]: rule for rule in client.list_rules()["Rules"]}
    assert rules["kinto-local-A"]["ScheduleExpression"] == "rate(5 minutes)"
    assert json.loads(rules["kinto-local-B"]["EventPattern"]) == {"source": ["aws.states"]}
    assert rules["kinto-local-B"]["State"] == "DISABLED"
    targets = client.list_targets_by_rule(Rule="kinto-local-A")["Targets"]
    assert targets == [{"Id": "f", "Arn": "arn:aws:lambda:us-east-1:123456789012:function:Watchdog"}]


@pytest.mark.usefixtures("aws")
def test_queues_groups_repositories_and_logs_are_made_and_named():
    resources = {
        "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"MessageRetentionPeriod": 1209600}},
        "Group": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "g"}},
        "Images": {
            "Type": "AWS::ECR::Repository",
            "Properties": {"RepositoryName": "im", "ImageTagMutability": "IMMUTABLE"},
        },
        "Logs": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/l", "RetentionInDays": 30}},
    }
    made = created(
        resources,
        URL={"Ref": "Dead"},
        ARN={"Fn::GetAtt": ["Dead", "Arn"]},
        URI={"Fn::GetAtt": ["Images", "RepositoryUri"]},
        LOGS={"Ref": "Logs"},
        GROUP={"Ref": "Group"},
    )
    boto3.client("sqs").send_message(QueueUrl=made["URL"], MessageBody="m")
    attributes = boto3.client("sqs").get_queue_attributes(QueueUrl=made["URL"], AttributeNames=["All"])["Attributes"]
    assert (attributes["QueueArn"], attributes["MessageRetentionPeriod"]) == (made["ARN"], "1209600")
    [repository] = boto3.client("ecr").describe_repositories()["repositories"]
    assert (repository["repositoryUri"], repository["imageTagMutability"]) == (made["URI"], "IMMUTABLE")
    [group] = boto3.client("logs").describe_log_groups()["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == (made["LOGS"], 30)
    boto3.client("scheduler").get_schedule_group(Name=made["GROUP"])


@pytest.mark.usefixtures("aws")
def test_a_project_is_made_from_cloudformations_names():
    properties = {
        "Name": "pp",
        "ServiceRole": {"Fn::GetAtt": ["R", "Arn"]},
        "Source": {"Type": "NO_SOURCE", "BuildSpec": "version: 0.2\n"},
        "Artifacts": {"Type": "NO_ARTIFACTS"},
        "Environment": {
            "Type": "LINUX_CONTAINER",
            "ComputeType": "BUILD_GENERAL1_SMALL",
            "Image": "standard",
            "EnvironmentVariables": [{"Name": "A", "Value": "b"}],
        },
        "TimeoutInMinutes": 60,
    }
    created({"R": {"Type": "AWS::IAM::Role"}, "P": {"Type": "AWS::CodeBuild::Project", "Properties": properties}})
    [project] = boto3.client("codebuild").batch_get_projects(names=["pp"])["projects"]
    assert project["source"]["buildspec"] == "version: 0.2\n"
    assert project["environment"]["environmentVariables"] == [{"name": "A", "value": "b"}]
    assert project["timeoutInMinutes"] == 60


@pytest.mark.usefixtures("aws")
def test_what_the_laptop_does_not_need_is_skipped_and_what_it_does_not_know_is_an_error():
    created({"A": {"Type": "AWS::CloudWatch::Alarm"}, "Function": {"Properties": {"Timeout": 30}}})
    with pytest.raises(ValueError, match="AWS::S3::Bucket"):
        created({"B": {"Type": "AWS::S3::Bucket"}})


@pytest.mark.usefixtures("aws")
def test_a_resource_whose_condition_does_not_hold_is_not_made():
    queue = {"Type": "AWS::SQS::Queue", "Condition": "Wanted"}
    wanted = {"Conditions": {"Wanted": {"Fn::Equals": ["a", "b"]}}, "Resources": {"Q": queue}}
    stack.create(wanted, REGION, ACCOUNT)
    assert "QueueUrls" not in boto3.client("sqs").list_queues()
