from __future__ import annotations

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

EVERYTHING = {
    "text": {"S": "é\n\u2028"},
    "empty": {"S": ""},
    "number": {"N": "12345678901234567890.5"},
    "yes": {"BOOL": True},
    "nothing": {"NULL": True},
    "binary": {"B": b"\x00\xff"},
    "binaries": {"BS": [b"\x00", b"\x01"]},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "list": {"L": [{"S": "a"}, {"M": {"deep": {"L": [{"B": b"\x02"}]}}}]},
    "map": {"M": {"a": {"N": "1"}, "b": {"M": {}}}},
}


def key(pk, sk="x"):
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def update(client, pk, expression, **values):
    client.update_item(
        TableName="t",
        Key=key(pk),
        UpdateExpression=expression,
        ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
    )


def after_restart(machine, **table):
    machine.restart()
    machine.table(**table)
    return machine.items()


def test_an_item_of_every_type_comes_back_as_it_was(machine):
    machine.table()
    machine.client("dynamodb").put_item(TableName="t", Item={**key("a"), **EVERYTHING})
    before = machine.items()
    assert after_restart(machine) == before == [{**key("a"), **EVERYTHING}]
    assert after_restart(machine) == before


def test_an_item_updated_with_binary_values_comes_back_as_it_was(machine):
    machine.table()
    update(machine.client("dynamodb"), "a", "SET b = :b, l = :l", b={"B": b"\x00"}, l={"L": [{"B": b"\x01"}]})
    before = machine.items()
    assert after_restart(machine) == before == [{**key("a"), "b": {"B": b"\x00"}, "l": {"L": [{"B": b"\x01"}]}}]


def test_every_kind_of_write_is_kept(machine):
    machine.table()
    client = machine.client("dynamodb")
    for name in "abcd":
        client.put_item(TableName="t", Item={**key(name), "n": {"N": "1"}})
    update(client, "a", "ADD n :one", one={"N": "1"})
    update(client, "new", "SET n = :one", one={"N": "1"})
    client.delete_item(TableName="t", Key=key("b"))
    batch = [{"PutRequest": {"Item": {**key("e"), "n": {"N": "5"}}}}, {"DeleteRequest": {"Key": key("c")}}]
    client.batch_write_item(RequestItems={"t": batch})
    client.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": "t", "Item": {**key("f"), "n": {"N": "6"}}}},
            {"Delete": {"TableName": "t", "Key": key("d")}},
            {"ConditionCheck": {"TableName": "t", "Key": key("a"), "ConditionExpression": "attribute_exists(pk)"}},
            {
                "Update": {
                    "TableName": "t",
                    "Key": key("e"),
                    "UpdateExpression": "SET n = n + :one",
                    "ExpressionAttributeValues": {":one": {"N": "1"}},
                }
            },
        ]
    )
    before = machine.items()
    assert after_restart(machine) == before
    assert {item["pk"]["S"]: item["n"]["N"] for item in before} == {"a": "2", "e": "6", "f": "6", "new": "1"}


def test_a_write_that_was_refused_is_not_kept(machine):
    machine.table()
    client = machine.client("dynamodb")
    client.put_item(TableName="t", Item=key("a"))
    before = stored(machine)
    with pytest.raises(ClientError):
        client.put_item(TableName="t", Item=key("a"), ConditionExpression="attribute_not_exists(pk)")
    with pytest.raises(ClientError):
        update(client, "new", "SET a = :a, b = :b", a={"S": "x" * 300_000}, b={"S": "x" * 300_000})
    refused = {"Put": {"TableName": "t", "Item": key("b"), "ConditionExpression": "attribute_exists(pk)"}}
    with pytest.raises(ClientError):
        client.transact_write_items(TransactItems=[{"Put": {"TableName": "t", "Item": key("c")}}, refused])
    assert stored(machine) == before
    assert after_restart(machine) == [key("a")]


def stored(machine):
    with machine.database.lock:
        return list(machine.database.select("SELECT sequence, rows, checksums FROM totals"))


def test_a_transaction_is_one_transaction_of_the_database(machine):
    machine.table()
    ((before, _, _),) = stored(machine)
    puts = [{"Put": {"TableName": "t", "Item": key(str(number))}} for number in range(50)]
    machine.client("dynamodb").transact_write_items(TransactItems=puts)
    ((after, rows, _),) = stored(machine)
    assert (after - before, rows) == (1, 50)


def test_a_deleted_table_takes_its_items_along(machine):
    machine.table()
    machine.client("dynamodb").put_item(TableName="t", Item=key("a"))
    machine.client("dynamodb").delete_table(TableName="t")
    machine.table()
    assert machine.items() == []
    assert after_restart(machine) == []


def test_a_table_with_a_hash_key_only_is_kept_too(machine):
    machine.table(range_key=None)
    client = machine.client("dynamodb")
    for name in "ab":
        client.put_item(TableName="t", Item={"pk": {"S": name}})
    client.delete_item(TableName="t", Key={"pk": {"S": "a"}})
    assert after_restart(machine, range_key=None) == [{"pk": {"S": "b"}}]


def test_a_restored_item_can_be_queried_and_changed(machine):
    machine.table()
    client = machine.client("dynamodb")
    for sk in "cab":
        client.put_item(TableName="t", Item={**key("p", sk), "n": {"N": "1"}})
    after_restart(machine)
    asked = {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": {"S": "p"}}}
    found = machine.client("dynamodb").query(TableName="t", **asked)["Items"]
    assert [item["sk"]["S"] for item in found] == ["a", "b", "c"]
    machine.client("dynamodb").update_item(
        TableName="t",
        Key=key("p", "a"),
        UpdateExpression="ADD n :one",
        ConditionExpression="n = :one",
        ExpressionAttributeValues={":one": {"N": "1"}},
    )
    assert after_restart(machine)[0]["n"] == {"N": "2"}


def test_items_are_kept_through_a_restart_in_which_their_table_was_not_made(machine):
    machine.table()
    machine.client("dynamodb").put_item(TableName="t", Item=key("a"))
    machine.restart()
    assert after_restart(machine) == [key("a")]


def test_expired_items_are_deleted(machine):
    machine.table()
    client = machine.client("dynamodb")
    now = int(machine.aws.now().timestamp())
    client.put_item(TableName="t", Item={**key("old"), "expires": {"N": str(now - 1)}})
    client.put_item(TableName="t", Item={**key("later"), "expires": {"N": str(now + 3600)}})
    client.put_item(TableName="t", Item=key("never"))
    machine.aws.expire(timedelta(days=90))
    assert [item["pk"]["S"] for item in machine.items()] == ["later", "never"]
    assert [item["pk"]["S"] for item in after_restart(machine)] == ["later", "never"]
