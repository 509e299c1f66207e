"""What a request says of its signature: in its `Authorization` header, or in the query of a presigned URL.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-authentication-methods.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from embedded_aws.access.refusals import Reason, Refused

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

ALGORITHM = "AWS4-HMAC-SHA256"
TIMESTAMP = "%Y%m%dT%H%M%SZ"
CREDENTIAL = re.compile(r"(?P<key>\w+)/(?P<date>\d{8})/(?P<region>[\w-]+)/(?P<service>[\w.-]+)/aws4_request")
SIGNATURE = re.compile(r"[0-9a-f]{64}")
LONGEST_EXPIRY_SECONDS = 7 * 24 * 3600
# https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
QUERY = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature")


@dataclass(frozen=True)
class Claim:
    """`time`: as it was signed; `signed_headers`: lower case; `expires`: seconds, of presigned URLs only."""

    access_key_id: str
    region: str
    service: str
    time: str
    signed_headers: tuple[str, ...]
    signature: str = field(repr=False)
    session_token: str | None = field(repr=False)
    expires: int | None = None

    @property
    def scope(self) -> str:
        """The credential scope."""
        return f"{self.time[:8]}/{self.region}/{self.service}/aws4_request"

    @property
    def signed_at(self) -> datetime:
        """When it was signed."""
        return datetime.strptime(self.time, TIMESTAMP).replace(tzinfo=UTC)


def claim_of(environ: "WSGIEnvironment") -> Claim:
    """Read a request's claim. Raises Refused: there is none, or it is malformed."""
    header = environ.get("HTTP_AUTHORIZATION")
    if header is not None:
        return _from_header(header, environ)
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    if "X-Amz-Signature" in query or "X-Amz-Credential" in query:
        return _from_query(query)
    raise Refused(Reason.old_version if "AWSAccessKeyId" in query else Reason.missing)


def _from_header(header: str, environ: "WSGIEnvironment") -> Claim:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise Refused(Reason.old_version if algorithm == "AWS" else Reason.incomplete)
    pairs = (part.strip().partition("=") for part in rest.split(","))
    parts = {name: value for name, _, value in pairs}
    absent = [name for name in ("Credential", "SignedHeaders", "Signature") if not parts.get(name)]
    if absent:
        raise Refused(
            Reason.incomplete,
            " ".join(f"Authorization header requires '{name}' parameter." for name in absent),
        )
    return _claim(
        parts["Credential"],
        _time(environ),
        parts["SignedHeaders"],
        parts["Signature"],
        environ.get("HTTP_X_AMZ_SECURITY_TOKEN"),
    )


def _from_query(query: Mapping[str, str]) -> Claim:
    absent = [name for name in QUERY if not query.get(name)]
    expires = query.get("X-Amz-Expires", "")
    if absent or query["X-Amz-Algorithm"] != ALGORITHM:
        raise Refused(Reason.incomplete, f"Query-string authentication requires {', '.join(QUERY)}.")
    if not re.fullmatch(r"\d{1,6}", expires) or int(expires) > LONGEST_EXPIRY_SECONDS:
        raise Refused(
            Reason.incomplete, f"X-Amz-Expires must be a number of at most {LONGEST_EXPIRY_SECONDS}."
        )
    return _claim(
        query["X-Amz-Credential"],
        query["X-Amz-Date"],
        query["X-Amz-SignedHeaders"],
        query["X-Amz-Signature"],
        query.get("X-Amz-Security-Token"),
        int(expires),
    )


def _claim(  # noqa: PLR0917 - the parts of a signature
    credential: str, time: str, headers: str, signature: str, token: str | None, expires: int | None = None
) -> Claim:
    scope = CREDENTIAL.fullmatch(credential)
    if scope is None:
        raise Refused(Reason.incomplete, f"Credential is malformed: {credential!r}.")
    if not _is_time(time):
        raise Refused(Reason.incomplete, "Date must be in ISO-8601 'basic format'.")
    if scope["date"] != time[:8]:
        raise Refused(
            Reason.mismatch,
            f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: "
            f"'{scope['date']}' != '{time[:8]}'.",
        )
    if not SIGNATURE.fullmatch(signature):
        raise Refused(Reason.mismatch)
    signed = tuple(headers.lower().split(";"))
    return Claim(scope["key"], scope["region"], scope["service"], time, signed, signature, token, expires)


def _time(environ: "WSGIEnvironment") -> str:
    """`X-Amz-Date`, or else `Date`, as SigV4 has it."""
    if "HTTP_X_AMZ_DATE" in environ:
        return str(environ["HTTP_X_AMZ_DATE"])
    try:
        return parsedate_to_datetime(environ["HTTP_DATE"]).astimezone(UTC).strftime(TIMESTAMP)
    except (KeyError, ValueError):
        raise Refused(
            Reason.incomplete,
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
        ) from None


def _is_time(text: str) -> bool:
    try:
        return datetime.strptime(text, TIMESTAMP).strftime(TIMESTAMP) == text
    except ValueError:
        return False
