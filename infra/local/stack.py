"""Creates the template's resources in the laptop's AWS, as CloudFormation would, and gives the functions' variables."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from infra.local import resources
from infra.local.persistence import keys
from infra.local.resolve import Resolver

NAME = "kinto-local"

# The property that names a resource, and its ARN.
_NAMED = {
    "AWS::CodeBuild::Project": ("Name", "codebuild:{region}:{account}:project/{name}"),
    "AWS::DynamoDB::Table": ("TableName", "dynamodb:{region}:{account}:table/{name}"),
    "AWS::ECR::Repository": ("RepositoryName", "ecr:{region}:{account}:repository/{name}"),
    "AWS::Events::Rule": ("Name", "events:{region}:{account}:rule/{name}"),
    "AWS::IAM::Role": ("RoleName", "iam::{account}:role/{name}"),
    "AWS::KMS::Alias": ("AliasName", "kms:{region}:{account}:{name}"),
    "AWS::KMS::Key": ("", "kms:{region}:{account}:key/{name}"),
    "AWS::Logs::LogGroup": ("LogGroupName", "logs:{region}:{account}:log-group:{name}:*"),
    "AWS::SQS::Queue": ("QueueName", "sqs:{region}:{account}:{name}"),
    "AWS::Scheduler::ScheduleGroup": ("Name", "scheduler:{region}:{account}:schedule-group/{name}"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", "states:{region}:{account}:stateMachine:{name}"),
}
# What the laptop does not need: nobody is denied anything here, and functions and API run in the process itself.
SKIPPED = {
    "AWS::ApiGateway::GatewayResponse",
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::Permission",
    "AWS::Logs::MetricFilter",
    "AWS::SNS::Topic",
    "AWS::SQS::QueuePolicy",
    "AWS::Serverless::Api",
    "AWS::Serverless::Function",
}


def create(
    template: dict[str, Any], region: str, account: str, parameters: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Create what is missing, with these parameters of the template; return the functions' environment."""
    stack = _Stack(template, region, account, parameters or {})
    for resource in stack.wanted.values():
        if resource["Type"] not in SKIPPED:
            _create(stack, resource)
    environment = template.get("Globals", {}).get("Function", {}).get("Environment", {})
    variables = {name: str(value) for name, value in stack.resolve(environment.get("Variables", {})).items()}
    return variables | {"KINTO_LOCAL_REPOSITORIES": "true"}


class _Stack:
    def __init__(self, template: dict[str, Any], region: str, account: str, parameters: Mapping[str, str]) -> None:
        self._region, self._account = region, account
        values = {**_pseudo_parameters(region, account), **parameters}
        resolver = Resolver(template, values, self._ref, self._attribute)
        self.resolve = resolver.resolve
        # A resource without a type adds to a function that is made elsewhere.
        self.wanted = {
            logical: {**resource, "Logical": logical}
            for logical, resource in template.get("Resources", {}).items()
            if "Type" in resource and ("Condition" not in resource or resolver.holds(resource["Condition"]))
        }

    def name(self, resource: Mapping[str, Any]) -> str:
        if resource["Type"] == "AWS::KMS::Key":
            return keys.id_of(self.description(resource))
        property_name, _ = _NAMED[resource["Type"]]
        given = resource.get("Properties", {}).get(property_name)
        return str(self.resolve(given)) if given else f"{NAME}-{resource['Logical']}"

    def description(self, key: Mapping[str, Any]) -> str:
        """What finds a key again, which has no name."""
        return f"{NAME} {key['Logical']}"

    def _ref(self, logical: str) -> str:
        resource = self.wanted.get(logical)
        if resource is None or resource["Type"] not in _NAMED:
            return logical
        if resource["Type"] == "AWS::StepFunctions::StateMachine":
            return self._attribute(logical, "Arn")
        if resource["Type"] == "AWS::SQS::Queue":
            return f"https://sqs.{self._region}.amazonaws.com/{self._account}/{self.name(resource)}"
        return self.name(resource)

    def _attribute(self, logical: str, attribute: str) -> str:
        resource = self.wanted.get(logical)
        if attribute in ("Name", "QueueName") and resource:
            return self.name(resource)
        if attribute == "RepositoryUri" and resource:
            return f"{self._account}.dkr.ecr.{self._region}.amazonaws.com/{self.name(resource)}"
        if attribute != "Arn":
            raise ValueError(f"The attribute {attribute} of {logical} is not known on the laptop")
        if resource is None or resource["Type"] not in _NAMED:
            return f"arn:aws:lambda:{self._region}:{self._account}:function:{logical}"
        pattern = _NAMED[resource["Type"]][1]
        return "arn:aws:" + pattern.format(region=self._region, account=self._account, name=self.name(resource))


def _create(stack: _Stack, resource: Mapping[str, Any]) -> None:
    maker = _MAKERS.get(resource["Type"])
    if maker is None:
        raise ValueError(f"{resource['Logical']}: the laptop does not know how to make a {resource['Type']}")
    properties = stack.resolve(resource.get("Properties", {}))
    if resource["Type"] == "AWS::KMS::Key":
        properties["Description"] = stack.description(resource)
    maker(stack.name(resource), properties)


_MAKERS = {
    "AWS::CodeBuild::Project": resources.project,
    "AWS::DynamoDB::Table": resources.table,
    "AWS::ECR::Repository": resources.repository,
    "AWS::Events::Rule": resources.rule,
    "AWS::KMS::Alias": resources.alias,
    "AWS::KMS::Key": resources.key,
    "AWS::Logs::LogGroup": resources.log_group,
    "AWS::SQS::Queue": resources.queue,
    "AWS::Scheduler::ScheduleGroup": resources.schedule_group,
    "AWS::StepFunctions::StateMachine": resources.state_machine,
}


@functools.cache
def _pseudo_parameters(region: str, account: str) -> dict[str, str]:
    return {
        "AWS::AccountId": account,
        "AWS::Partition": "aws",
        "AWS::Region": region,
        "AWS::StackName": NAME,
        "AWS::StackId": f"arn:aws:cloudformation:{region}:{account}:stack/{NAME}/local",
        "AWS::URLSuffix": "amazonaws.com",
    }
