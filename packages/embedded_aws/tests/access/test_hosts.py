"""Which hosts and which origins are served."""

import pytest
from embedded_aws.access import hosts, pages

OWN = [
    "127.0.0.1:4566",
    "localhost:4566",
    "LocalHost.:4566",
    "[::1]:4566",
    "bucket.localhost:4566",
    "my.bucket-1.s3.us-east-1.localhost:4566",
    "123456789012.localhost:4566",
    "123456789012.s3-control.localhost:4566",
    "123456789012.127.0.0.1:4566",
]
FOREIGN = [
    "",
    "127.0.0.1",
    "localhost",
    "127.0.0.1:4567",
    "127.0.0.1:",
    "127.0.0.1:4566:4566",
    "127.0.0.1:4566@evil.example",
    "evil.example:4566",
    "evil.example",
    "127.0.0.1.evil.example:4566",
    "evil.127.0.0.1:4566",
    "localhost.evil.example:4566",
    "evillocalhost:4566",
    ".localhost:4566",
    "localhost/x:4566",
    "local host:4566",
    "0.0.0.0:4566",
    "127.0.0.2:4566",
    "[::]:4566",
    "[::ffff:127.0.0.1]:4566",
    "s3.us-east-1.amazonaws.com:4566",
]


@pytest.mark.parametrize("host", OWN)
def test_own_hosts(host: str) -> None:
    assert hosts.is_own(host, 4566)


@pytest.mark.parametrize("host", FOREIGN)
def test_foreign_hosts(host: str) -> None:
    assert not hosts.is_own(host, 4566)


def test_without_a_port_it_is_the_protocols() -> None:
    assert hosts.is_own("localhost", 80)
    assert hosts.is_own("localhost", 443, default_port=443)
    assert not hosts.is_own("localhost", 443)


@pytest.mark.parametrize(
    ("headers", "of_a_page"),
    [
        ({}, False),
        ({"HTTP_SEC_FETCH_SITE": "none"}, False),
        ({"HTTP_SEC_FETCH_SITE": "same-origin"}, False),
        ({"HTTP_SEC_FETCH_SITE": "same-site"}, True),
        ({"HTTP_SEC_FETCH_SITE": "cross-site"}, True),
        ({"HTTP_SEC_FETCH_SITE": ""}, True),
        ({"HTTP_ORIGIN": "null"}, True),
        ({"HTTP_ORIGIN": ""}, True),
        ({"HTTP_ORIGIN": "http://127.0.0.1:4566", "HTTP_SEC_FETCH_SITE": "same-origin"}, True),
    ],
)
def test_what_a_page_has_made(headers: dict[str, str], of_a_page: bool) -> None:
    assert (pages.made_this(headers) is not None) == of_a_page
