"""Stock moto lets any account at a bucket, whatever owner is expected, and takes a denial whose condition is
not met for one that is. Bucket policies are decided before (`authorisation/`).
"""

from collections.abc import Callable
from typing import Any

from moto.iam.access_control import PermissionResult
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from embedded_aws.extensions import Server, replace

EXPECTED_OWNER = "x-amz-expected-bucket-owner"
DENIED = (
    "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>bluegreen</RequestId></Error>"
)
Respond = Callable[[S3Response, Any, str], Any]


def install(_: Server) -> None:
    """Extend moto's object storage."""
    replace(S3Response, "_bucket_response", _as_expected)
    replace(S3Response, "_key_response", _as_expected)
    replace(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)


def _as_expected(stock: Respond, response: S3Response, request: Any, full_url: str) -> Any:
    expected = request.headers.get(EXPECTED_OWNER)
    name = response.parse_bucket_name_from_url(request, full_url)
    bucket = _bucket(response, name)
    if expected and bucket is not None and bucket.account_id != expected:
        return 403, {}, "" if request.method == "HEAD" else DENIED
    return stock(response, request, full_url)


def _bucket(response: S3Response, name: str | None) -> FakeBucket | None:
    from moto.s3.exceptions import MissingBucket  # noqa: PLC0415

    try:
        return response.backend.get_bucket(name or "")
    except MissingBucket:
        return None
