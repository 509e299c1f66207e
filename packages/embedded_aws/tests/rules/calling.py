"""Calls whose parameters botocore doesn't judge before AWS does."""

from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from embedded_aws import REGION, LocalAws

from packages.embedded_aws.tests.roles import role_of_anything

UNCHECKED = Config(parameter_validation=False, retries={"total_max_attempts": 1}, proxies={})


def unchecked(aws: LocalAws, service: str) -> Any:
    """A client that sends what it is given, once."""
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=REGION,
        endpoint_url=aws.endpoint,
        aws_access_key_id=aws.credentials.access_key_id,
        aws_secret_access_key=aws.credentials.secret_access_key,
        config=UNCHECKED,
    )


def code_of(aws: LocalAws, service: str, operation: str, **arguments: Any) -> str:
    """The code with which AWS refuses a call; empty where it carries it out."""
    try:
        getattr(unchecked(aws, service), operation)(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def role(aws: LocalAws) -> str:
    """One that any function or state machine may have."""
    services = ("lambda.amazonaws.com", "states.amazonaws.com")
    return role_of_anything(aws.client("iam"), "rules", *services)
