"""What AWS's answers mean for a resource whose creation did not finish. Clients are real, answers are
given.
"""

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from bluegreen.terraform.recovery import Condition, condition_of
from bluegreen.terraform.recovery.conditions import Kind

TABLE, CLUSTER = {"name": "t"}, {"cluster_identifier": "c"}
DENIED = "AccessDeniedException"


def judged(
    type_: str, attributes: dict[str, str], service: str, call: str, answer: dict[str, Any]
) -> Condition:
    client = boto3.client(  # type: ignore[call-overload]
        service, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stubber:
        stubber.add_response(call, answer)
        return condition_of(type_, attributes, lambda _: client)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("available", Kind.complete),
        ("creating", Kind.changing),
        ("modifying", Kind.changing),
        ("failed", Kind.broken),
        ("inaccessible-encryption-credentials", Kind.broken),
    ],
)
def test_a_cluster(status: str, kind: Kind) -> None:
    answer = {"DBClusters": [{"Status": status}]}
    found = judged("aws_rds_cluster", CLUSTER, "rds", "describe_db_clusters", answer)
    assert found == Condition(kind, status)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("ACTIVE", Kind.complete),
        ("CREATING", Kind.changing),
        ("INACCESSIBLE_ENCRYPTION_CREDENTIALS", Kind.broken),
    ],
)
def test_a_table(status: str, kind: Kind) -> None:
    answer = {"Table": {"TableStatus": status}}
    found = judged("aws_dynamodb_table", TABLE, "dynamodb", "describe_table", answer)
    assert found == Condition(kind, status)


@pytest.mark.parametrize(
    ("code", "kind"), [("ResourceNotFoundException", Kind.missing), (DENIED, Kind.unknown)], ids=str
)
def test_a_table_that_is_not_there_or_can_not_be_read(code: str, kind: Kind) -> None:
    client = boto3.client(
        "dynamodb", region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stubber:
        stubber.add_client_error("describe_table", code)
        assert condition_of("aws_dynamodb_table", TABLE, lambda _: client).kind is kind


def test_another_type_is_the_operators_to_judge() -> None:
    assert condition_of("terraform_data", {}, lambda _: None).kind is Kind.unknown
