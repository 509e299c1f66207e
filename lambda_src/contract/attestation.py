"""How a caller proves who it is: Lambda doesn't tell a function who invoked it.

The caller signs a request to `sts:GetCallerIdentity` and sends it along, not yet made: a presigned URL. The
function has STS answer it, so that STS checks the signature and says whose it is. Headers that are signed with
it bind it to one request to one function. https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""  # noqa: E501 - an address

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

# Of the event, and of a workflow's plan.
KEY = "attestation"
# Until STS is asked. A state machine's first step may be retried for a while.
LIFETIME_SECONDS = 300
# How far a caller's clock may be ahead.
SKEW_SECONDS = 60
# A presigned URL with a session token, which AWS limits by nothing but practice.
URL_LIMIT = 8192
REQUEST, FUNCTION, DIGEST = "x-bluegreen-request", "x-bluegreen-function", "x-bluegreen-digest"
SIGNED_HEADERS = ("host", DIGEST, FUNCTION, REQUEST)
QUERY: Mapping[str, str] = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}


@dataclass(frozen=True)
class Attestation:
    """As it came. `digest`: of the request that it came with. Neither logged nor stored."""

    url: str = field(repr=False)
    digest: str


def headers(request_id: str, function_arn: str, digest: str) -> dict[str, str]:
    """What is signed besides the host. `function_arn`: with the alias that is invoked."""
    return {REQUEST: request_id, FUNCTION: function_arn, DIGEST: digest}


def digest_of(document: Mapping[str, object]) -> str:
    """SHA-256 of all that is asked for: the event, or the workflow's plan, without its attestation."""
    asked = {name: value for name, value in document.items() if name != KEY}
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
