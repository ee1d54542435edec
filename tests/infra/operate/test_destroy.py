from __future__ import annotations

import io

import boto3
import pytest

from infra.operate import kept, leftovers

OWN = "0123456789abcdef-0123456789ab"


def answers(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def tables():
    return boto3.client("dynamodb").list_tables()["TableNames"]


def test_everything_goes_but_the_table_which_remembers_its_key(operator):
    assert operator.run("deploy")[0] == 0
    own, stack = operator.rule(f"{operator.stack}-s-{OWN}"), operator.stack
    others = [operator.rule(f"{stack}-s-2-s-{OWN}"), operator.rule(f"{stack}-2-s-{OWN}")]
    execution = boto3.client("stepfunctions").start_execution(stateMachineArn=operator.machine("job-run"))
    key = kept.key_id(operator.stage)
    code, output, errors = operator.run("destroy", "--yes")
    assert (code, errors) == (0, "")
    assert "  1 EventBridge rules of schedules" in output
    assert "  1 running deployments and jobs" in output
    assert f"The table {stack}-table and its key stay" in output
    assert output.endswith(f"{stack} is gone.\n")
    assert operator.described() is None
    names = {rule["Name"] for rule in boto3.client("events").list_rules()["Rules"]}
    assert own not in names
    assert names >= set(others)
    described = boto3.client("stepfunctions").describe_execution(executionArn=execution["executionArn"])
    assert described["status"] == "ABORTED"
    buckets = [one["Name"] for one in boto3.client("s3").list_buckets()["Buckets"]]
    assert operator.stage.bucket not in buckets
    assert f"{stack}-table" in tables()
    assert kept.key_id(operator.stage) == key


def test_nothing_goes_unless_the_name_is_typed(operator, monkeypatch):
    assert operator.run("deploy")[0] == 0
    for text in ("", "yes\n", "operated\n"):
        answers(monkeypatch, text)
        code, _, errors = operator.run("destroy")
        assert (code, errors) == (1, "Nothing was removed. (YES=1 removes without asking.)\n")
    assert operator.described()["StackStatus"] == "CREATE_COMPLETE"
    answers(monkeypatch, f"{operator.stack}\n")
    assert operator.run("destroy")[0] == 0
    assert operator.described() is None


def test_the_table_and_its_key_go_where_that_is_said(operator):
    assert operator.run("deploy")[0] == 0
    key = kept.key_id(operator.stage)
    code, output, errors = operator.run("destroy", "--yes", "--delete-table")
    assert (code, errors) == (0, "")
    assert "ALL blocks, projects, environments, history and tokens" in output
    assert f"{operator.stack}-table" not in tables()
    assert boto3.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_the_table_of_a_stack_that_is_gone_can_still_go(operator):
    assert operator.run("deploy")[0] == 0
    key = kept.key_id(operator.stage)
    assert operator.run("destroy", "--yes")[0] == 0
    assert operator.run("destroy", "--yes", "--delete-table")[0] == 0
    assert f"{operator.stack}-table" not in tables()
    assert boto3.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"


@pytest.mark.parametrize("options", [(), ("--delete-table",)])
def test_where_there_is_nothing_it_says_so(operator, options):
    code, output, errors = operator.run("destroy", *options)
    assert (code, errors) == (0, "")
    assert output == f"There is nothing of {operator.stack} in account 123456789012, us-east-1.\n"


def test_rules_without_a_stack_go(operator):
    operator.rule(f"{operator.stack}-s-{OWN}")
    code, output, _ = operator.run("destroy", "--yes")
    assert (code, "removed the rule" in output) == (0, True)
    assert leftovers.rules(operator.stage) == []


def test_what_the_product_publishes_is_what_is_removed(aws, operator):
    from chalicelib.aws import published
    from chalicelib.domain.configured_blocks import Configuration, ConfiguredBlock

    now = "2026-01-01T00:00:00Z"
    uid = "0123456789abcdefghjkmnpqrs"
    names = dict.fromkeys(("project", "project_uid", "environment", "environment_uid", "block_uid"), "x")
    configured = ConfiguredBlock(
        uid=uid, hostname="h", flavor="job", configuration=Configuration(block="x"), created_at=now, updated_at=now,
        **names,
    )  # fmt: skip
    operator.stack = "kinto-local"
    name = operator.rule(published.name(aws.settings, configured, "cron(0 8 * * ? *)"))
    assert name in leftovers.rules(operator.stage)
    boto3.client("events").remove_targets(Rule=name, Ids=["tick"])
    boto3.client("events").delete_rule(Name=name)
