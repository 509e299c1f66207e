"""A tag of a table has one value: the last one."""

import uuid

from embedded_aws import LocalAws


def tagged(aws: LocalAws) -> list[dict[str, str]]:
    """The tags of a table whose tag got another value."""
    client = aws.client("dynamodb")
    arn = client.create_table(
        TableName=f"t-{uuid.uuid4().hex}",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "Phase", "Value": "before"}],
    )["TableDescription"]["TableArn"]
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": "Phase", "Value": "after"}])
    tags: list[dict[str, str]] = client.list_tags_of_resource(ResourceArn=arn)["Tags"]
    return tags


def test_a_tag_has_the_last_value(aws: LocalAws) -> None:
    assert tagged(aws) == [{"Key": "Phase", "Value": "after"}]


def test_stock_moto_still_has_both(stock: LocalAws) -> None:
    assert len(tagged(stock)) == 2
