"""Signatures as botocore makes them verify; whatever is changed afterwards is refused."""

import io
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from embedded_aws.access.claims import claim_of
from embedded_aws.access.keys import Key
from embedded_aws.access.refusals import Reason, Refused
from embedded_aws.access.signatures import verify
from embedded_aws.clients import Credentials
from hypothesis import assume, given
from hypothesis import strategies as st

KEY = Key("arn:aws:iam::123456789012:user/operator", Credentials.random())
SESSION = Key(
    "arn:aws:sts::123456789012:assumed-role/r/s",
    Credentials("ASIA" + "A" * 16, "secret", "token/+="),
    math.inf,
)
HOST = "127.0.0.1:4566"
SERVICES = ("s3", "dynamodb", "lambda", "ec2")
Environ = dict[str, Any]

texts = st.text(st.characters(exclude_categories=["C"]), max_size=12)
segments = st.lists(texts.filter(lambda text: text not in (".", "..")), max_size=3)
queries = st.lists(st.tuples(texts.filter(lambda text: not text.startswith("X-Amz")), texts), max_size=3)


def request(service: str, path: list[str], query: list[tuple[str, str]], body: bytes) -> AWSRequest:
    target = "/" + "/".join(quote(segment, safe="") for segment in path if segment)
    search = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in query)
    url = f"http://{HOST}{target}" + (f"?{search}" if search else "")
    headers = {"Host": HOST, "X-Amz-Target": "Service.Operation", "Content-Type": "text/plain; x=1"}
    return AWSRequest("POST", url, headers if service != "s3" else {"Host": HOST}, body)


def signed(
    service: str,
    path: list[str],
    query: list[tuple[str, str]],
    body: bytes,
    key: Key = KEY,
    *,
    presigned: bool = False,
) -> Environ:
    """The request as the server gets it."""
    sent = request(service, path, query, body)
    found = BotocoreCredentials(
        key.credentials.access_key_id, key.credentials.secret_access_key, key.credentials.session_token
    )
    header, in_query = (S3SigV4Auth, S3SigV4QueryAuth) if service == "s3" else (SigV4Auth, SigV4QueryAuth)
    (in_query if presigned else header)(found, service, "us-east-1").add_auth(sent)
    parts = urlsplit(str(sent.url))
    environ: Environ = {
        "REQUEST_METHOD": "POST",
        "RAW_URI": parts.path + (f"?{parts.query}" if parts.query else ""),
        "QUERY_STRING": parts.query,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    for name, value in sent.headers.items():
        variable = name.upper().replace("-", "_")
        environ[variable if variable == "CONTENT_TYPE" else f"HTTP_{variable}"] = (
            value.decode() if isinstance(value, bytes) else str(value)
        )
    return environ


def check(environ: Environ, key: Key = KEY) -> None:
    verify(claim_of(environ), key, environ)


def reason(environ: Environ, key: Key = KEY) -> Reason:
    with pytest.raises(Refused) as refused:
        check(environ, key)
    return refused.value.reason


@given(st.sampled_from(SERVICES), segments, queries, st.binary(max_size=40), st.booleans())
def test_what_botocore_signs_verifies(
    service: str, path: list[str], query: list[tuple[str, str]], body: bytes, presigned: bool
) -> None:
    query = list(dict(query).items())  # botocore presigns one value for each name
    environ = signed(service, path, query, b"" if presigned else body, presigned=presigned)
    check(environ)
    assert environ["wsgi.input"].read() == (b"" if presigned else body)


@given(st.sampled_from(SERVICES), segments, queries, st.binary(min_size=1, max_size=40), st.data())
def test_what_is_changed_afterwards_does_not(
    service: str, path: list[str], query: list[tuple[str, str]], body: bytes, data: st.DataObject
) -> None:
    environ = signed(service, path, query, body)
    change = data.draw(st.sampled_from(sorted(CHANGES)))
    before = dict(environ)
    CHANGES[change](environ)
    assume(environ != before)
    assert reason(environ) in (Reason.mismatch, Reason.wrong_payload, Reason.wrong_token)


def _flip(environ: Environ) -> None:
    body = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(bytes([body[0] ^ 1]) + body[1:])


def _replace(name: str, old: str, new: str) -> Callable[[Environ], None]:
    def change(environ: Environ) -> None:
        environ[name] = environ[name].replace(old, new, 1)

    return change


def _set(name: str, value: str) -> Callable[[Environ], None]:
    return lambda environ: environ.__setitem__(name, value)


def _more(environ: Environ) -> None:
    environ["QUERY_STRING"] += "&more=1"
    environ["RAW_URI"] += "&more=1"


def _bit_of_signature(environ: Environ) -> None:
    header = environ["HTTP_AUTHORIZATION"]
    environ["HTTP_AUTHORIZATION"] = header[:-1] + ("0" if header[-1] != "0" else "1")


CHANGES: dict[str, Callable[[Environ], None]] = {
    "body": _flip,
    "host": _set("HTTP_HOST", "localhost:4566"),
    "method": _set("REQUEST_METHOD", "PUT"),
    "path": _replace("RAW_URI", "/", "/x"),
    "query": _more,
    "region": _replace("HTTP_AUTHORIZATION", "us-east-1", "us-east-2"),
    "service": _replace("HTTP_AUTHORIZATION", "/aws4_request", "x/aws4_request"),
    "signature": _bit_of_signature,
    "signed header": _replace("HTTP_X_AMZ_DATE", "0Z", "1Z"),
    "token": _set("HTTP_X_AMZ_SECURITY_TOKEN", "another"),
}


def test_an_unsigned_header_may_be_anything_but_for_s3() -> None:
    for service in SERVICES:
        environ = signed(service, [], [], b"") | {"HTTP_X_AMZ_META_MORE": "1", "HTTP_ACCEPT": "x"}
        if service == "s3":
            assert reason(environ) is Reason.unsigned_headers
        else:
            check(environ)


def test_a_session_needs_its_own_token_and_time() -> None:
    environ = signed("dynamodb", [], [], b"", SESSION)
    check(environ, SESSION)
    check(signed("s3", ["a"], [], b"", SESSION, presigned=True), SESSION)
    without = signed("dynamodb", [], [], b"", Key(SESSION.arn, Credentials("ASIA" + "A" * 16, "secret")))
    assert reason(without, SESSION) is Reason.wrong_token
    other = Key(SESSION.arn, Credentials("ASIA" + "A" * 16, "secret", "another"))
    assert reason(signed("dynamodb", [], [], b"", other), SESSION) is Reason.wrong_token
    over = Key(SESSION.arn, SESSION.credentials, time.time() - 1)
    assert reason(environ, over) is Reason.expired_token


@pytest.mark.parametrize(
    ("seconds", "presigned", "expected"),
    [
        (-14 * 60, False, None),
        (-16 * 60, False, Reason.skewed),
        (14 * 60, False, None),
        (16 * 60, False, Reason.skewed),
        (-59 * 60, True, None),
        (-61 * 60, True, Reason.expired),
        (16 * 60, True, Reason.skewed),
    ],
)
def test_a_signature_lasts_as_long_as_aws_says(
    seconds: int, presigned: bool, expected: Reason | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = datetime.now(UTC) + timedelta(seconds=seconds)

    class Clock(datetime):
        @classmethod
        def utcnow(cls) -> "Clock":
            return cls.fromtimestamp(moved.timestamp(), UTC).replace(tzinfo=None)

    with monkeypatch.context() as patch:
        patch.setattr("botocore.auth.datetime.datetime", Clock)
        environ = signed("s3", ["a"], [], b"", presigned=presigned)
    if expected is None:
        check(environ)
    else:
        assert reason(environ) is expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, Reason.missing),
        ("", Reason.incomplete),
        ("Basic YTpi", Reason.incomplete),
        ("Bearer x", Reason.incomplete),
        ("AWS AKIA:signature", Reason.old_version),
        ("AWS4-HMAC-SHA256", Reason.incomplete),
        ("AWS4-HMAC-SHA256 Credential=AKIA/20261129/us-east-1/s3/aws4_request", Reason.incomplete),
        ("AWS4-HMAC-SHA256 Credential=AKIA/x, SignedHeaders=host, Signature=" + "0" * 64, Reason.incomplete),
        ("AWS4-ECDSA-P256-SHA256 Credential=x, SignedHeaders=host, Signature=00", Reason.incomplete),
    ],
)
def test_a_header_that_is_no_signature(header: str | None, expected: Reason) -> None:
    environ = {"HTTP_X_AMZ_DATE": "20261129T000000Z", "QUERY_STRING": ""}
    environ |= {} if header is None else {"HTTP_AUTHORIZATION": header}
    assert reason(environ) is expected


def test_a_payload_that_is_not_the_one_its_header_names() -> None:
    environ = signed("s3", ["a"], [], b"body")
    _flip(environ)
    assert reason(environ) is Reason.wrong_payload


def test_a_payload_of_s3_must_be_named() -> None:
    environ = signed("s3", ["a"], [], b"body")
    del environ["HTTP_X_AMZ_CONTENT_SHA256"]
    assert reason(environ) is Reason.no_payload_hash


def test_the_date_may_be_in_the_header_of_http() -> None:
    sent = AWSRequest("GET", f"http://{HOST}/", {"Host": HOST, "Date": "now"})
    keys = BotocoreCredentials(KEY.credentials.access_key_id, KEY.credentials.secret_access_key)
    SigV4Auth(keys, "lambda", "us-east-1").add_auth(sent)
    environ: Environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": "/",
        "HTTP_HOST": HOST,
        "HTTP_DATE": sent.headers["Date"],
        "HTTP_AUTHORIZATION": sent.headers["Authorization"],
        "wsgi.input": io.BytesIO(),
    }
    check(environ)
    assert reason(environ | {"HTTP_DATE": "Mon, 01 Jan 2024 00:00:00 GMT"}) is Reason.mismatch
    assert reason(environ | {"HTTP_DATE": "yesterday"}) is Reason.incomplete


def test_presigned_parameters_are_bounded() -> None:
    environ = signed("s3", ["a"], [], b"", presigned=True)
    for old, new in (("Expires=3600", "Expires=604801"), ("Expires=3600", "Expires=-1"), ("X-Amz-Date", "Y")):
        changed = {name: environ[name].replace(old, new) for name in ("RAW_URI", "QUERY_STRING")}
        assert changed["QUERY_STRING"] != environ["QUERY_STRING"]
        assert reason(environ | changed) is Reason.incomplete
    extended = {
        name: environ[name].replace("Expires=3600", "Expires=604800") for name in ("RAW_URI", "QUERY_STRING")
    }
    assert reason(environ | extended) is Reason.mismatch
