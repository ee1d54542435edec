from __future__ import annotations

PATCHED = "from infra.local import patches; patches.apply()\n"
CLIENTS = """
import os
os.environ.update(AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_DEFAULT_REGION="us-east-1")
import moto.stepfunctions.parser.models
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service import state_task_service_sfn as task
print(task.boto_client_for("us-east-1", "sqs") is task.boto_client_for("us-east-1", "sqs"))
"""
PARSING = """
from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
text = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
(one, tree), (other, again) = AmazonStateLanguageParser.parse(text), AmazonStateLanguageParser.parse(text)
print(one is not other and tree is again)
"""
KEYS = """
from moto.kms.models import Key
print(Key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", "123456789012", "us-east-1").private_key is None)
"""
ATTRIBUTES = """
import boto3, moto, moto.core.serialize as serialize
asked, look = [], serialize.BaseJSONSerializer.get_value
serialize.BaseJSONSerializer.get_value = lambda *args: asked.append(args) or look(*args)
with moto.mock_aws():
    client = boto3.client("dynamodb", region_name="us-east-1")
    client.create_table(
        TableName="items",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
    )
    client.put_item(TableName="items", Item={"pk": {"S": "a"}, **{f"n{n}": {"N": "1"} for n in range(9)}})
    asked.clear()
    client.get_item(TableName="items", Key={"pk": {"S": "a"}})
print(len(asked) < 10)
"""


def test_an_attribute_is_not_looked_through_for_all_types(stock_says):
    assert (stock_says(PATCHED + ATTRIBUTES), stock_says(ATTRIBUTES)) == ("True", "False")


def test_a_client_is_made_once_for_all_tasks(stock_says):
    assert (stock_says(PATCHED + CLIENTS), stock_says(CLIENTS)) == ("True", "False")


def test_a_definition_is_parsed_once_for_all_executions(stock_says):
    assert (stock_says(PATCHED + PARSING), stock_says(PARSING)) == ("True", "False")


def test_a_symmetric_key_has_no_key_pair(stock_says):
    assert (stock_says(PATCHED + KEYS), stock_says(KEYS)) == ("True", "False")
