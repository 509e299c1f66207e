"""Who is asking, as STS says."""

from pathlib import Path

import embedded_aws
import pytest

from bluegreen.aws import Access
from bluegreen.operate.identity import IdentityUnknownError, caller
from lambda_src.contract.limits import BY_LIMIT
from tests.bluegreen.answering import answering

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
LONG = f"arn:aws:sts::123456789012:assumed-role/{'r' * 64}/{'s' * 64}"


def answer(arn: str) -> bytes:
    result = f"<GetCallerIdentityResult><Arn>{arn}</Arn></GetCallerIdentityResult>"
    return f"<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>".encode()


@pytest.mark.integration
def test_the_identity_is_the_callers(tmp_path: Path) -> None:
    with embedded_aws.running(tmp_path / "aws") as aws:
        found = caller(Access(embedded_aws.REGION, aws.endpoint, aws.environment()))
        assert found == aws.client("sts").get_caller_identity()["Arn"]


def test_of_a_long_one_the_end_is_kept() -> None:
    with answering(200, answer(LONG)) as (endpoint, _):
        found = caller(Access("us-east-1", endpoint, KEYS))
    assert len(found) == BY_LIMIT
    assert found.endswith("/" + "s" * 64)


DENIED = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"


@pytest.mark.parametrize(
    ("status", "body"), [(403, DENIED), (403, b"a proxy's page"), (200, b"{}"), (None, b"")], ids=str
)
def test_one_that_cannot_be_read(status: int | None, body: bytes) -> None:
    with answering(status, body) as (endpoint, _), pytest.raises(IdentityUnknownError):
        caller(Access("us-east-1", endpoint, KEYS))


def test_an_endpoint_that_is_none() -> None:
    with pytest.raises(IdentityUnknownError, match="Invalid endpoint"):
        caller(Access("us-east-1", "nowhere", KEYS))
