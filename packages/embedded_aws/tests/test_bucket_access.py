"""Who gets at a bucket: the expected owner, and what its policy denies."""

import json
import uuid
from http import HTTPStatus
from typing import Any

import embedded_aws
import pytest
from botocore.exceptions import ClientError

OWN, FOREIGN = embedded_aws.ACCOUNT_ID, "111122223333"


def bucket_of(aws: embedded_aws.LocalAws, *denials: dict[str, Any]) -> str:
    name = f"bucket-{uuid.uuid4()}"
    client = aws.client("s3")
    client.create_bucket(Bucket=name)
    client.put_object(Bucket=name, Key="here", Body=b"1")
    base = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": f"arn:aws:s3:::{name}/*"}
    if denials:
        policy = {"Version": "2012-10-17", "Statement": [base | denial for denial in denials]}
        client.put_bucket_policy(Bucket=name, Policy=json.dumps(policy))
    return name


def reads(aws: embedded_aws.LocalAws, bucket: str, **arguments: str) -> bool:
    try:
        aws.client("s3").get_object(Bucket=bucket, Key="here", **arguments)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != HTTPStatus.FORBIDDEN:
            raise
        return False
    return True


def test_only_the_expected_owner(aws: embedded_aws.LocalAws, stock: embedded_aws.LocalAws) -> None:
    bucket = bucket_of(aws)
    assert reads(aws, bucket, ExpectedBucketOwner=OWN)
    assert not reads(aws, bucket, ExpectedBucketOwner=FOREIGN)
    with pytest.raises(ClientError):
        aws.client("s3").get_bucket_versioning(Bucket=bucket, ExpectedBucketOwner=FOREIGN)
    assert reads(stock, bucket_of(stock), ExpectedBucketOwner=FOREIGN), (
        "moto can it now: remove the extension"
    )


@pytest.mark.parametrize(
    ("condition", "denied"),
    [
        ({}, True),
        ({"Bool": {"aws:SecureTransport": "false"}}, False),
        ({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, False),
        ({"StringNotEquals": {"aws:PrincipalAccount": OWN}}, False),
        ({"StringNotEquals": {"aws:PrincipalAccount": FOREIGN}}, True),
        ({"BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}, True),
        ({"StringEqualsIfExists": {"aws:Unknown": "x"}}, True),
        ({"StringEquals": {"aws:Unknown": "x"}}, False),
        ({"StringNotEquals": {"aws:PrincipalAccount": FOREIGN}, "Null": {"aws:Unknown": "false"}}, False),
    ],
    ids=str,
)
def test_a_denial_whose_conditions_are_all_met(
    aws: embedded_aws.LocalAws, condition: dict[str, Any], denied: bool
) -> None:
    statement = {"Condition": condition} if condition else {}
    assert reads(aws, bucket_of(aws, statement)) is not denied


def test_stock_moto_does_not_look_at_conditions(stock: embedded_aws.LocalAws) -> None:
    never = {"Condition": {"Bool": {"aws:SecureTransport": "true"}}}
    met_by_none = {"Condition": {"StringEquals": {"aws:Unknown": "x"}}}
    assert not (reads(stock, bucket_of(stock, never)) and reads(stock, bucket_of(stock, met_by_none)))
