"""A deployment with a remote state, and an embedded AWS that has nothing yet; a bucket for each test."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import embedded_aws
import pytest
from botocore.config import Config

from tests.bluegreen.cli.conftest import write_stack
from tests.default_session import led_to

ACCOUNT = embedded_aws.ACCOUNT_ID
FOREIGN = "111122223333"


@dataclass(frozen=True)
class Remote:
    """The deployment `staging` and the AWS that its state is to be kept in."""

    aws: embedded_aws.LocalAws
    stack: Path
    bucket: str
    alias: str

    @property
    def s3(self) -> Any:
        return self.aws.client("s3")

    @property
    def kms(self) -> Any:
        return self.aws.client("kms")

    def of_account(self, account_id: str, service: str) -> Any:
        """A client with credentials of that account."""
        return client_of(self.aws, account_id, service)

    def write(self, **backend: str) -> None:
        """Synthesize anew, with other values in the backend."""
        write_stack(Path.cwd(), "staging", document(self.bucket, self.alias, **backend))


def document(bucket: str, alias: str, **backend: str) -> dict[str, Any]:
    """As `modules/foundation/backend.py` and the provider block have it."""
    s3 = {
        "bucket": bucket,
        "key": "payments-staging/terraform.tfstate",
        "region": "us-east-1",
        "encrypt": True,
        "kms_key_id": alias,
        "use_lockfile": True,
    }
    tags = {"Environment": "staging", "CostCenter": "payments"}
    provider = {"allowed_account_ids": [ACCOUNT], "default_tags": [{"tags": tags}], "region": "us-east-1"}
    return {"terraform": {"backend": {"s3": s3 | backend}}, "provider": {"aws": [provider]}}


def credentials_of(aws: embedded_aws.LocalAws, account_id: str) -> dict[str, str]:
    """Credentials of a session in that account."""
    return embedded_aws.as_administrator_of(aws, account_id).credentials.variables()


def client_of(aws: embedded_aws.LocalAws, account_id: str, service: str) -> Any:
    """A client with credentials of that account."""
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name="us-east-1",
        endpoint_url=aws.endpoint,
        config=Config(proxies={}),
        **{name.lower(): value for name, value in credentials_of(aws, account_id).items()},
    )


@pytest.fixture(scope="session")
def state_aws(
    _integration: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[embedded_aws.LocalAws]:
    """An embedded AWS for states."""
    with embedded_aws.running(tmp_path_factory.mktemp("state-aws")) as aws:
        yield aws


@pytest.fixture
def remote(state_aws: embedded_aws.LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Remote:
    """A checkout with `staging` synthesized, and an environment that leads to the embedded AWS."""
    monkeypatch.chdir(tmp_path)
    led_to(state_aws, monkeypatch)
    unique = uuid.uuid4().hex[:12]
    bucket, alias = f"states-{unique}", f"alias/states-{unique}"
    stack = write_stack(tmp_path, "staging", document(bucket, alias))
    return Remote(state_aws, stack, bucket, alias)


def answer_of(text: str) -> dict[str, Any]:
    """The JSON document on standard output."""
    found: dict[str, Any] = json.loads(text)
    return found
