"""The gate around an application that would answer otherwise."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pytest
from embedded_aws.access.gate import Gate
from embedded_aws.access.keys import Keyring
from embedded_aws.clients import Credentials

ENVIRON = {
    "CONTENT_TYPE": "application/json",
    "HTTP_HOST": "127.0.0.1:4566",
    "HTTP_X_BLUEGREEN_TOKEN": "token",
    "PATH_INFO": "/_bluegreen/identity",
    "REQUEST_METHOD": "GET",
}


def application(_environ: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Access-Control-Allow-Origin", "*"), ("ETag", "1")])
    return [b"served"]


def answered(environ: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Status and headers."""
    got: list[Any] = []

    def start(*answer: Any) -> Any:
        got.extend(answer)

    gate = Gate(
        application,
        application,
        port=4566,
        keys=Keyring(Credentials.random()),
        token="token",
        admit=lambda *_: None,
    )
    list(gate(environ | {"wsgi.input": BytesIO()}, start))
    return got[0], dict(got[1])


def test_no_answer_has_a_cors_header() -> None:
    assert answered(ENVIRON) == ("200 OK", {"ETag": "1"})


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"PATH_INFO": "/_bluegreen/../_bluegreen/reset", "HTTP_X_BLUEGREEN_TOKEN": ""}, "403 FORBIDDEN"),
        ({"PATH_INFO": "//_bluegreen/reset"}, "403 FORBIDDEN"),
        ({"HTTP_HOST": ""}, "421 MISDIRECTED REQUEST"),
        ({"HTTP_X_BLUEGREEN_TOKEN": "t\u00f6ken"}, "403 FORBIDDEN"),
        ({"CONTENT_TYPE": ""}, "415 UNSUPPORTED MEDIA TYPE"),
        ({"CONTENT_LENGTH": "-1", "HTTP_ORIGIN": "null"}, "403 FORBIDDEN"),
    ],
)
def test_what_is_refused(changed: dict[str, str], status: str) -> None:
    assert answered(ENVIRON | changed)[0] == status
