"""A small package and the laptop's AWS to deploy it to, with the product's functions behind its Lambda."""

from __future__ import annotations

import functools
import itertools
import json
import time
from pathlib import Path

import boto3
import pytest
from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.cloudformation.models import CloudFormationBackend

from infra.operate import changes, deploy, destroy, doctor, letters, replay, token
from infra.operate.stage import Stage

NUMBERS = itertools.count(1)
COMMANDS = {"deploy": deploy, "destroy": destroy, "doctor": doctor, "token": token, "replay": replay}
# What moto's CloudFormation can make of the product's template; CodeUri is what deploy has to fill in.
TEMPLATE = """
AWSTemplateFormatVersion: '2010-09-09'
Parameters:
  HistoryDays: {Type: String, Default: '90'}
  AlarmEmail: {Type: String, Default: ''}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      TableName: !Sub '${AWS::StackName}-table'
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
  Key:
    Type: AWS::KMS::Key
    DeletionPolicy: Retain
    Properties: {KeyPolicy: '{"Version": "2012-10-17", "Statement": []}'}
  Letters:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Sub '${AWS::StackName}-letters', MessageRetentionPeriod: !Ref HistoryDays}
Outputs:
  EndpointURL: {Value: !Sub 'https://abc.execute-api.${AWS::Region}.${AWS::URLSuffix}/api/'}
  MintToken: {Value: MintToken}
  Reconcile: {Value: Reconcile}
"""


class Operator:
    """Somebody who gives commands for one stack that no other test has."""

    def __init__(self, dist, capsys):
        self.stack = f"operated-{next(NUMBERS)}"
        self.package = dist / "dev"
        self.package.mkdir(parents=True)
        self.pack()
        self._capsys = capsys

    def pack(self, template=TEMPLATE, code=b"code"):
        (self.package / "template.yaml").write_text(template)
        (self.package / "deployment.zip").write_bytes(code)

    def run(self, command, *options):
        """Exit code, output and errors."""
        self._capsys.readouterr()
        code = COMMANDS[command].main(["dev", "--stack", self.stack, *options])
        return code, *self._capsys.readouterr()

    @functools.cached_property
    def stage(self):
        return Stage("dev", self.stack, boto3.Session())

    def described(self):
        return self.stage.described()

    def rule(self, name):
        events = boto3.client("events")
        events.put_rule(Name=name, ScheduleExpression="cron(0 8 * * ? *)")
        arn = "arn:aws:lambda:us-east-1:123456789012:function:Tick"
        events.put_targets(Rule=name, Targets=[{"Id": "tick", "Arn": arn}])
        return name

    def machine(self, name):
        """A state machine that waits."""
        definition = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 120, "End": True}}}
        role = "arn:aws:iam::123456789012:role/machine"
        machine = boto3.client("stepfunctions").create_state_machine(
            name=f"{self.stack}-{name}", definition=json.dumps(definition), roleArn=role
        )
        return machine["stateMachineArn"]


@pytest.fixture(scope="module")
def aws(embed):
    """The product on the laptop's AWS, its functions called by Lambda's Invoke."""
    embedded = embed()
    from app import app
    from infra.local.lambdas import Lambdas

    before = LambdaSimpleBackend.invoke, CloudFormationBackend.execute_change_set
    lambdas = Lambdas(app)
    lambdas.install()
    CloudFormationBackend.execute_change_set = _with_outputs(before[1])
    yield embedded
    deadline = time.monotonic() + 20
    while not lambdas.idle() and time.monotonic() < deadline:
        time.sleep(0.05)
    LambdaSimpleBackend.invoke, CloudFormationBackend.execute_change_set = before


def _with_outputs(execute):
    """Moto forgets the outputs and settings of a stack that a change set has made."""

    def executed(backend, change_set_name, stack_name=None):
        execute(backend, change_set_name, stack_name)
        change_set = backend.describe_change_set(change_set_name)
        stack = change_set.stack
        stack._parse_template()
        stack.output_map = stack._create_output_map()
        stack.parameters = change_set.parameters

    return executed


@pytest.fixture
def operator(aws, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(deploy, "DIST", tmp_path)
    monkeypatch.setattr(changes, "PAUSE_SECONDS", 0.05)
    monkeypatch.setattr(letters, "WAIT_SECONDS", 0)
    return Operator(tmp_path, capsys)


@pytest.fixture
def nowhere(monkeypatch, tmp_path):
    """A machine that knows no account."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(Path(tmp_path) / "none"))
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "PROFILE", "REGION", "DEFAULT_REGION"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
