"""DynamoDB's promises that a lock is built on: a condition and its write are one, and so is a transaction."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from botocore.exceptions import ClientError
from embedded_aws import LocalAws

from tests.control_table import create_control_table

REQUESTS, AT_ONCE = 200, 40
LOCK = {"kind": {"S": "control"}, "id": {"S": "traffic"}}


@pytest.fixture
def table(aws: LocalAws) -> str:
    """A table with the keys and the index of the switch's."""
    return create_control_table(aws.client("dynamodb"), f"table-{uuid.uuid4()}")


def take(dynamodb: Any, table: str, holder: str) -> dict[str, Any] | None:
    """Take the lock if nobody has it; returns the item that was in the way."""
    try:
        dynamodb.update_item(
            TableName=table,
            Key=LOCK,
            UpdateExpression="SET #h = :h, #t = if_not_exists(#t, :zero) + :one",
            ConditionExpression="attribute_not_exists(#h)",
            ExpressionAttributeNames={"#h": "holder", "#t": "token"},
            ExpressionAttributeValues={":h": {"S": holder}, ":zero": {"N": "0"}, ":one": {"N": "1"}},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except dynamodb.exceptions.ConditionalCheckFailedException as error:
        found: dict[str, Any] = error.response["Item"]
        return found
    return None


def test_of_two_hundred_concurrent_conditional_updates_one_wins(aws: LocalAws, table: str) -> None:
    clients = [aws.client("dynamodb") for _ in range(AT_ONCE)]
    line = Barrier(AT_ONCE)

    def attempts(number: int) -> list[dict[str, Any] | None]:
        line.wait()
        return [take(clients[number], table, f"{number}-{i}") for i in range(REQUESTS // AT_ONCE)]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = [answer for answers in pool.map(attempts, range(AT_ONCE)) for answer in answers]

    item = aws.client("dynamodb").get_item(TableName=table, Key=LOCK, ConsistentRead=True)["Item"]
    assert len(found) == REQUESTS
    assert found.count(None) == 1
    assert item["token"] == {"N": "1"}
    assert all(refused == item for refused in found if refused is not None)


def transaction(table: str, *, condition: str) -> list[dict[str, Any]]:
    put = {"kind": {"S": "action"}, "id": {"S": "request-1"}, "started_at": {"S": "2026-11-25T18:00:00.000Z"}}
    update = {
        "TableName": table,
        "Key": LOCK,
        "UpdateExpression": "SET #h = :other",
        "ConditionExpression": condition,
        "ExpressionAttributeNames": {"#h": "holder"},
        "ExpressionAttributeValues": {":other": {"S": "other"}, ":me": {"S": "me"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return [{"Put": {"TableName": table, "Item": put}}, {"Update": update}]


def test_a_transaction_whose_condition_fails_changes_nothing(aws: LocalAws, table: str) -> None:
    dynamodb = aws.client("dynamodb")
    take(dynamodb, table, "me")
    before = dynamodb.scan(TableName=table)["Items"]
    with pytest.raises(ClientError) as cancelled:
        dynamodb.transact_write_items(TransactItems=transaction(table, condition="#h <> :me"))

    reasons = cancelled.value.response["CancellationReasons"]
    assert cancelled.value.response["Error"]["Code"] == "TransactionCanceledException"
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert reasons[1]["Item"] == before[0]
    assert dynamodb.scan(TableName=table)["Items"] == before


def test_a_transaction_whose_conditions_hold_changes_all(aws: LocalAws, table: str) -> None:
    dynamodb = aws.client("dynamodb")
    take(dynamodb, table, "me")
    dynamodb.transact_write_items(TransactItems=transaction(table, condition="#h = :me"))

    items = {item["id"]["S"]: item for item in dynamodb.scan(TableName=table)["Items"]}
    assert items["traffic"]["holder"] == {"S": "other"}
    assert set(items) == {"traffic", "request-1"}


def test_of_many_concurrent_transactions_one_wins_whole(aws: LocalAws, table: str) -> None:
    take(aws.client("dynamodb"), table, "me")
    line = Barrier(20)

    def attempt(_: int) -> bool:
        dynamodb = aws.client("dynamodb")
        line.wait()
        try:
            dynamodb.transact_write_items(TransactItems=transaction(table, condition="#h = :me"))
        except dynamodb.exceptions.TransactionCanceledException:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(attempt, range(20))) == 1


def test_the_index_gives_the_newest_first(aws: LocalAws, table: str) -> None:
    dynamodb = aws.client("dynamodb")
    for minute in (3, 1, 2):
        item = {"kind": "action", "id": f"request-{minute}", "started_at": f"2026-11-25T18:0{minute}:00.000Z"}
        dynamodb.put_item(TableName=table, Item={key: {"S": value} for key, value in item.items()})
    take(dynamodb, table, "me")  # without a time: not in the index
    newest = dynamodb.query(
        TableName=table,
        IndexName="by-time",
        KeyConditionExpression="kind = :kind",
        ExpressionAttributeValues={":kind": {"S": "action"}},
        ScanIndexForward=False,
        Limit=2,
    )["Items"]

    assert [item["id"]["S"] for item in newest] == ["request-3", "request-2"]
