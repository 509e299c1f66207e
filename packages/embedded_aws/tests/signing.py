"""Requests as they go over the wire, signed as an SDK signs them or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from embedded_aws import REGION, LocalAws
from embedded_aws.clients import Credentials

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Answer:
    """`headers`: names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: str


def signed(
    credentials: Credentials,
    service: str,
    request: tuple[str, str, bytes],
    headers: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The headers of a request, with those of its signature. `request`: method, URL and body."""
    method, url, body = request
    made = AWSRequest(method, url, dict(headers or {}) | {"Host": urlsplit(url).netloc}, body)
    found = BotocoreCredentials(
        credentials.access_key_id, credentials.secret_access_key, credentials.session_token
    )
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(found, service, REGION).add_auth(made)
    return dict(made.headers.items())


def send(
    aws: LocalAws, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Answer:
    """One request, as it is. `target`: path and query."""
    connection = HTTPConnection(urlsplit(aws.endpoint).netloc, timeout=60)
    try:
        connection.request(method, target, body, dict(headers or {}))
        answer = connection.getresponse()
        found = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, found, answer.read().decode())
    finally:
        connection.close()


def send_signed(
    aws: LocalAws, service: str, request: tuple[str, str, bytes], headers: Mapping[str, str] | None = None
) -> Answer:
    """One request with the run's own keys. `request`: method, path with query, and body."""
    method, target, body = request
    keys = signed(aws.credentials, service, (method, aws.endpoint + target, body), headers)
    return send(aws, method, target, body, keys)
