"""boto3's default session in a test process: it keeps the credentials that it has found first."""

import os
from functools import cache
from typing import Any

import boto3
import pytest
from embedded_aws import LocalAws


def led_to(aws: LocalAws, patch: pytest.MonkeyPatch) -> None:
    """Until the patch is undone, `boto3.client` talks to that AWS, with its keys, and to no other."""
    for name, value in aws.environment({}).items():
        patch.setenv(name, value)
    session = boto3.DEFAULT_SESSION
    found = session.get_credentials() if session else None
    if found is None or found.access_key != aws.credentials.access_key_id:
        boto3.DEFAULT_SESSION = None  # the next client makes a new one, which later tests share


def client(service: str) -> Any:
    """A client of the AWS that the environment leads to. To make one takes longer than three requests."""
    return _client(service, os.environ["AWS_ENDPOINT_URL"], os.environ["AWS_ACCESS_KEY_ID"])


@cache
def _client(service: str, _endpoint: str, _key: str) -> Any:
    return boto3.client(service)  # type: ignore[call-overload]  # its stubs know service names as literals only
