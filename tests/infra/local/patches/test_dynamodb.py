from __future__ import annotations

import threading

import pytest
from botocore.exceptions import ClientError


def incremented(cloud, threads=8, times=25):
    """The counter after each of the threads has raised it so many times."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table(pk="HASH")
    key = {"pk": {"S": "counter"}}

    def work():
        for _ in range(times):
            dynamodb.update_item(
                TableName=table,
                Key=key,
                UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return int(dynamodb.get_item(TableName=table, Key=key)["Item"]["n"]["N"])


def test_no_increment_is_lost_between_threads(aws):
    assert incremented(aws) == 200


def test_stock_moto_loses_some(stock):
    assert any(incremented(stock) < 200 for _ in range(10))


def half_an_update(cloud):
    """What is left of an item that a refused update would have made."""
    dynamodb, table = cloud.client("dynamodb"), cloud.table(pk="HASH")
    key = {"pk": {"S": "new"}}
    with pytest.raises(ClientError):
        dynamodb.update_item(
            TableName=table,
            Key=key,
            UpdateExpression="SET a = :a, b = :b",
            ExpressionAttributeValues={":a": {"S": "x" * 300_000}, ":b": {"S": "y" * 300_000}},
        )
    return dynamodb.get_item(TableName=table, Key=key).get("Item")


def test_a_refused_update_leaves_nothing(aws):
    assert half_an_update(aws) is None


def test_stock_moto_leaves_the_beginning(stock):
    assert set(half_an_update(stock)) == {"pk", "a"}


def put(table, name, **more):
    return {"Put": {"TableName": table, "Item": {"pk": {"S": name}, "sk": {"S": "x"}}, **more}}


def test_a_cancelled_transaction_changes_nothing_and_says_which_step(aws):
    dynamodb, table = aws.client("dynamodb"), aws.table()
    dynamodb.put_item(TableName=table, Item={"pk": {"S": "a"}, "sk": {"S": "x"}, "v": {"S": "old"}})
    steps = [
        put(table, "new"),
        {"Delete": {"TableName": table, "Key": {"pk": {"S": "a"}, "sk": {"S": "x"}}}},
        put(table, "b", ConditionExpression="attribute_exists(pk)"),
    ]
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException) as cancelled:
        dynamodb.transact_write_items(TransactItems=steps)
    codes = [reason["Code"] for reason in cancelled.value.response["CancellationReasons"]]
    assert codes == ["None", "None", "ConditionalCheckFailed"]
    assert [item["v"] for item in dynamodb.scan(TableName=table)["Items"]] == [{"S": "old"}]


COPIED = """
import copy
from moto.dynamodb.models import Table
table = object.__new__(Table)
table.items = {}
print(copy.deepcopy(table) is not table)
"""


def test_a_transaction_does_not_copy_its_tables(stock_says):
    kept = "from infra.local.persistence import database, items; items.keep(database.Database(None))"
    assert stock_says(f"{kept}\n{COPIED}") == "False"


def test_stock_moto_copies_them(stock_says):
    assert stock_says(COPIED) == "True"


def test_a_query_finds_what_is_in_its_partition_in_order(aws):
    dynamodb, table = aws.client("dynamodb"), aws.table()
    for number in (3, 1, 2):
        for partition in "ab":
            item = {"pk": {"S": partition}, "sk": {"S": str(number)}}
            dynamodb.put_item(TableName=table, Item=item)
    asked = {
        "TableName": table,
        "KeyConditionExpression": "pk = :a AND sk > :one",
        "ExpressionAttributeValues": {":a": {"S": "a"}, ":one": {"S": "1"}},
    }
    answer = dynamodb.query(**asked)
    assert [item["sk"]["S"] for item in answer["Items"]] == ["2", "3"]
    page = dynamodb.query(**asked, Limit=1, ScanIndexForward=False)
    assert [item["sk"]["S"] for item in page["Items"]] == ["3"]
    rest = dynamodb.query(**asked, ScanIndexForward=False, ExclusiveStartKey=page["LastEvaluatedKey"])
    assert [item["sk"]["S"] for item in rest["Items"]] == ["2"]


def test_a_query_of_an_index_finds_what_has_its_keys(aws):
    dynamodb = aws.client("dynamodb")
    dynamodb.create_table(
        TableName="indexed",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "state", "at")],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by_state",
                "KeySchema": [
                    {"AttributeName": "state", "KeyType": "HASH"},
                    {"AttributeName": "at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )
    rows = {"a": ("on", "2"), "b": ("on", "1"), "c": ("off", "3"), "d": ("on", None)}
    for name, (state, at) in rows.items():
        item = {"pk": {"S": name}, "state": {"S": state}}
        dynamodb.put_item(TableName="indexed", Item=item | ({"at": {"S": at}} if at else {}))
    answer = dynamodb.query(
        TableName="indexed",
        IndexName="by_state",
        KeyConditionExpression="#s = :on",
        ExpressionAttributeNames={"#s": "state"},
        ExpressionAttributeValues={":on": {"S": "on"}},
    )
    assert [item["pk"]["S"] for item in answer["Items"]] == ["b", "a"]
