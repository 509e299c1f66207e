"""The proof of who asks: signed here, answered by STS later, for one request to one function."""

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import embedded_aws
import pytest

from bluegreen.aws import Access
from bluegreen.operate.identity import IdentityUnknownError, arn_of, attest
from lambda_src.contract.attestation import LIFETIME_SECONDS, SIGNED_HEADERS, URL_LIMIT
from tests.bluegreen.answering import answering

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "not-to-be-seen"}
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:payments-switch"


def test_a_proof_is_a_presigned_request_to_the_region_s_sts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    access = Access("eu-west-1", None, KEYS | {"AWS_SESSION_TOKEN": "t" * 2000})
    url = attest(access, f"{FUNCTION}:operate", "one", {"action": "freeze"})

    parts, query = urlsplit(url), parse_qs(urlsplit(url).query)
    assert (parts.scheme, parts.netloc) == ("https", "sts.eu-west-1.amazonaws.com")
    assert query["Action"] == ["GetCallerIdentity"]
    assert query["X-Amz-SignedHeaders"] == [";".join(SIGNED_HEADERS)]
    assert query["X-Amz-Expires"] == [str(LIFETIME_SECONDS)]
    assert "/eu-west-1/sts/aws4_request" in query["X-Amz-Credential"][0]
    assert len(url) < URL_LIMIT
    assert KEYS["AWS_SECRET_ACCESS_KEY"] not in url


def test_each_part_of_the_request_is_signed() -> None:
    def signature(arn: str = FUNCTION, id_: str = "one", **document: object) -> str:
        url = attest(Access("us-east-1", "http://127.0.0.1:1", KEYS), arn, id_, document)
        return parse_qs(urlsplit(url).query)["X-Amz-Signature"][0]

    found = [signature(), signature("other"), signature(id_="two"), signature(action="x")]
    assert len(set(found)) == len(found)


@pytest.mark.integration
def test_a_function_that_is_named_is_one_of_the_caller_s_account(tmp_path: Path) -> None:
    with embedded_aws.running(tmp_path / "aws") as aws:
        access = Access(embedded_aws.REGION, aws.endpoint, aws.environment())
        assert arn_of(access, "payments-switch") == FUNCTION
    assert arn_of(access, FUNCTION) == FUNCTION


DENIED = b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"


@pytest.mark.parametrize(("status", "body"), [(403, DENIED), (403, b"a proxy's page"), (None, b"")], ids=str)
def test_an_account_that_cannot_be_read(status: int | None, body: bytes) -> None:
    with answering(status, body) as (endpoint, _), pytest.raises(IdentityUnknownError):
        arn_of(Access("us-east-1", endpoint, KEYS), "payments-switch")


def test_an_endpoint_that_is_none() -> None:
    with pytest.raises(IdentityUnknownError, match="Invalid endpoint"):
        attest(Access("us-east-1", "nowhere", KEYS), FUNCTION, "one", {})
