"""Stock moto lets any account at a bucket, whatever owner is expected, and takes a denial whose condition is
not met for one that is.

What the bucket of the state refuses could not be tried. TLS is taken as given: loopback stands in for it.
"""

import fnmatch
import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import request as current_request
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.iam.models import get_account_id_from
from moto.s3.models import FakeBucket
from moto.s3.responses import S3Response

from embedded_aws.extensions import Server, replace

EXPECTED_OWNER = "x-amz-expected-bucket-owner"
HEADERS = ("x-amz-server-side-encryption",)
DENIED = (
    "<Error><Code>AccessDenied</Code><Message>Access Denied</Message><RequestId>bluegreen</RequestId></Error>"
)
Values = Mapping[str, str]
Respond = Callable[[S3Response, Any, str], Any]

OPERATORS: dict[str, Callable[[str | None, str], bool]] = {
    "Bool": lambda found, given: found == given,
    "Null": lambda found, given: (found is None) == (given == "true"),
    "NumericLessThan": lambda found, given: found is not None and float(found) < float(given),
    "StringEquals": lambda found, given: found == given,
    "StringNotEquals": lambda found, given: found != given,
}


def install(_: Server) -> None:
    """Extend moto's object storage."""
    replace(S3Response, "_bucket_response", _as_expected)
    replace(S3Response, "_key_response", _as_expected)
    replace(FakeBucket, "get_permission", _get_permission)


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


def _get_permission(
    _stock: Callable[..., PermissionResult], bucket: FakeBucket, action: str, resource: str
) -> PermissionResult:
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    document = json.loads(bucket.policy)
    found = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    values = _values()
    denials = [statement for statement in found if statement["Effect"] == "Deny"]
    if any(_applies(statement, action, resource, values) for statement in denials):
        return PermissionResult.DENIED
    rest = {**document, "Statement": [statement for statement in found if statement["Effect"] != "Deny"]}
    permitted: PermissionResult = IAMPolicy(json.dumps(rest)).is_action_permitted(action, resource)
    return permitted


def _values() -> Values:
    """What the conditions of a policy can ask about the request that is being answered."""
    authorization = current_request.headers.get("Authorization", "")
    key = authorization.partition("Credential=")[2].partition("/")[0]
    headers = {
        f"s3:{name}": current_request.headers[name] for name in HEADERS if name in current_request.headers
    }
    return {
        "aws:PrincipalAccount": get_account_id_from(key),
        "aws:PrincipalIsAWSService": "false",
        "aws:SecureTransport": "true",
        "s3:TlsVersion": "1.3",
        **headers,
    }


def _applies(statement: Mapping[str, Any], action: str, resource: str, values: Values) -> bool:
    return (
        _matches(statement["Action"], action)
        and _matches(statement["Resource"], resource)
        and all(
            _holds(operator, values.get(key), str(given))
            for operator, pairs in statement.get("Condition", {}).items()
            for key, given in pairs.items()
        )
    )


def _matches(patterns: str | list[str], value: str) -> bool:
    listed = [patterns] if isinstance(patterns, str) else patterns
    return any(fnmatch.fnmatchcase(value, pattern) for pattern in listed)


def _holds(operator: str, found: str | None, given: str) -> bool:
    name = operator.removesuffix("IfExists")
    if name != operator and found is None:
        return True
    return OPERATORS[name](found, given)
