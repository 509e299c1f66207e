"""Verifies Signature Version 4: botocore's own signers compute what the client's must have been.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
"""

import hashlib
import hmac
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.compat import HTTPHeaders
from botocore.credentials import Credentials as BotocoreCredentials
from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY

from embedded_aws.access import chunks
from embedded_aws.access.bodies import body_of
from embedded_aws.access.claims import TIMESTAMP, Claim
from embedded_aws.access.keys import Key
from embedded_aws.access.refusals import Reason, Refused

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SKEW_SECONDS = 15 * 60
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
PAYLOAD_HEADER = "HTTP_X_AMZ_CONTENT_SHA256"
# Payloads whose hash is not in the signature itself: of S3 only.
UNHASHED = (UNSIGNED_PAYLOAD, *chunks.STREAMS)


def verify(claim: Claim, key: Key, environ: "WSGIEnvironment") -> None:
    """Raise Refused unless the request was signed with that key, in time, as it is. It can still be read."""
    _check_token(claim, key)
    _check_time(claim)
    _check_headers(claim, environ)
    signer, request = _signer(claim, key), _request(claim, environ)
    payload = _payload(claim, environ)
    request.headers["X-Amz-Content-SHA256"] = payload
    signed = signer.string_to_sign(request, signer.canonical_request(request))
    if not hmac.compare_digest(signer.signature(signed, request), claim.signature):
        raise Refused(Reason.mismatch)
    if payload in chunks.SIGNED_STREAMS:
        chunks.verify(
            claim,
            body_of(environ),
            lambda text: signer.signature(text, request),
            trailing=payload == chunks.WITH_TRAILER,
        )


def _check_token(claim: Claim, key: Key) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_use-resources.html"""
    expected = key.credentials.session_token or ""
    if not hmac.compare_digest(expected.encode(), (claim.session_token or "").encode()):
        raise Refused(Reason.wrong_token)
    if key.expires is not None and key.expires <= time.time():
        raise Refused(Reason.expired_token)


def _check_time(claim: Claim) -> None:
    """Within 15 minutes of now, or for as long as a presigned URL says."""
    now = datetime.now(UTC)
    age = (now - claim.signed_at).total_seconds()
    if age < -SKEW_SECONDS:
        raise Refused(
            Reason.skewed, f"Signature not yet current: {claim.time} is still later than {_shown(now)}"
        )
    if claim.expires is not None:
        if age > claim.expires:
            raise Refused(Reason.expired, "Request has expired")
    elif age > SKEW_SECONDS:
        raise Refused(Reason.skewed, f"Signature expired: {claim.time} is now earlier than {_shown(now)}")


def _shown(moment: datetime) -> str:
    return moment.strftime(TIMESTAMP)


def _check_headers(claim: Claim, environ: "WSGIEnvironment") -> None:
    """`host` must be signed, and for S3 each `x-amz-*` that is sent."""
    needed = {"host"}
    if claim.service == "s3":
        sent: dict[str, str] = environ.get(PRESERVED_HEADER_NAMES_ENVIRON_KEY) or {}  # those with a `_`
        needed |= {
            sent.get(variable, _name(variable)).lower()
            for variable in environ
            if variable.startswith("HTTP_X_AMZ_")
        }
    if needed - set(claim.signed_headers):
        raise Refused(Reason.unsigned_headers)


class _Signer(SigV4Auth):
    """Signs exactly the headers that the client has signed; stock leaves some out and takes all others."""

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        headers: HTTPHeaders = request.context["signed"]
        return headers


class _S3Signer(_Signer, S3SigV4Auth):
    """As S3 has it: the path as it was sent."""


def _signer(claim: Claim, key: Key) -> Any:
    found = BotocoreCredentials(key.credentials.access_key_id, key.credentials.secret_access_key)
    signer = _S3Signer if claim.service == "s3" else _Signer
    return signer(found, claim.service, claim.region)


def _request(claim: Claim, environ: "WSGIEnvironment") -> AWSRequest:
    """The request as the client had it before it was signed."""
    target = environ["RAW_URI"]
    path = target.partition("?")[0] if target.startswith("/") else urlsplit(target).path
    query = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    request = AWSRequest(
        environ["REQUEST_METHOD"],
        f"http://{environ['HTTP_HOST']}{path}",
        params=[(name, value) for name, value in query if name != "X-Amz-Signature"],  # type: ignore[arg-type]
    )
    signed = HTTPHeaders()
    for name in claim.signed_headers:
        signed[name] = _header(name, environ)
    request.context |= {"timestamp": claim.time, "signed": signed}
    return request


def _payload(claim: Claim, environ: "WSGIEnvironment") -> str:
    """What stands for the payload in the signature. Raises Refused where it is not the payload's hash."""
    said = environ.get(PAYLOAD_HEADER)
    if claim.service == "s3":
        said = said or (UNSIGNED_PAYLOAD if claim.expires is not None else None)
        if said is None:
            raise Refused(Reason.no_payload_hash)
        if said in UNHASHED:
            return said
    found = hashlib.sha256(body_of(environ)).hexdigest()
    if said is not None and not hmac.compare_digest(found, str(said).lower()):
        raise Refused(Reason.wrong_payload)
    return found


def _header(name: str, environ: "WSGIEnvironment") -> str:
    variable = name.upper().replace("-", "_")
    value = str(
        environ.get(variable if variable in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{variable}", "")
    )
    try:
        return value.encode("latin-1").decode()  # WSGI's strings are bytes in disguise
    except UnicodeError:
        return value


def _name(variable: str) -> str:
    return variable.removeprefix("HTTP_").lower().replace("_", "-")
