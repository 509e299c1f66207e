"""Connections to a running embedded AWS: each is kept for any number of requests, and waits for no other."""

import contextlib
import socket
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlsplit

import pytest
from embedded_aws import LocalAws
from embedded_aws.access.keys import OPERATOR

from packages.embedded_aws.tests.signing import FORM, send_signed, signed

LIST_USERS = b"Action=ListUsers&Version=2010-05-08"
HELD = 200  # connections at once


class Connection:
    """One connection of a client that never makes another."""

    def __init__(self, aws: LocalAws) -> None:
        self._aws, self.http = aws, HTTPConnection(urlsplit(aws.endpoint).netloc, timeout=30)
        self.http.connect()
        self.http.auto_open = 0

    def ask(
        self, method: str, target: str, body: bytes | Iterator[bytes], headers: Mapping[str, str]
    ) -> tuple[int, bytes]:
        """Status and body of the answer to a request, as it is."""
        self.http.request(method, target, body, dict(headers))
        answer: HTTPResponse = self.http.getresponse()
        return answer.status, answer.read()

    def list_users(self) -> tuple[int, bytes]:
        """A read by the operator."""
        request = ("POST", self._aws.endpoint + "/", LIST_USERS)
        keys = signed(self._aws.credentials, "iam", request, {"Content-Type": FORM})
        return self.ask("POST", "/", LIST_USERS, keys)


@pytest.fixture
def connection(aws: LocalAws) -> Iterator[Connection]:
    with contextlib.closing((opened := Connection(aws)).http):
        yield opened


@pytest.mark.parametrize(
    ("method", "body", "headers"),
    [
        ("POST", LIST_USERS, {"Content-Type": FORM}),
        ("PUT", b"x" * 3_000_000, {}),
        ("PUT", b"x" * 3_000_000, {"Host": "evil.example"}),
        ("PUT", b"x" * 3_000_000, {"Expect": "100-continue"}),
        ("HEAD", b"", {}),
    ],
    ids=["form", "large", "of-another-host", "expecting-100", "head"],
)
def test_a_connection_outlasts_a_request_that_is_refused(
    connection: Connection, method: str, body: bytes, headers: dict[str, str]
) -> None:
    assert connection.ask(method, "/bucket/key", body, headers)[0] >= 400
    assert [connection.list_users()[0] for _ in range(3)] == [200, 200, 200]


def test_a_connection_outlasts_a_body_in_chunks(connection: Connection) -> None:
    assert connection.ask("PUT", "/bucket/key", iter([b"x" * 100_000] * 3), {})[0] == 403
    assert connection.list_users()[0] == 200


def test_what_cannot_be_read_ends_its_connection_only(aws: LocalAws, connection: Connection) -> None:
    assert connection.ask("POST", "/", b"", {"Content-Length": "many"})[0] == 500
    assert connection.http.sock is None  # the answer says so
    assert Connection(aws).list_users()[0] == 200


def test_connections_that_send_nothing_more_delay_no_other(aws: LocalAws) -> None:
    address = (urlsplit(aws.endpoint).hostname, urlsplit(aws.endpoint).port)
    with contextlib.ExitStack() as held:
        for _ in range(HELD):
            waiting = held.enter_context(socket.create_connection(address, timeout=30))
            waiting.sendall(b"PUT /bucket/key HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf")
        answer = send_signed(aws, "iam", ("POST", "/", LIST_USERS), {"Content-Type": FORM})
        assert answer.status == 200


def test_a_line_of_the_log_has_no_caller_of_the_request_before(aws: LocalAws, connection: Connection) -> None:
    log = aws.state_dir / "aws.log"
    written = log.stat().st_size
    connection.list_users()
    connection.http.sock.sendall(b"NONSENSE\r\n\r\n")
    assert connection.http.sock.recv(4096)
    lines = log.read_bytes()[written:].decode().splitlines()
    assert [line.rpartition(" ")[2] for line in lines if '"POST / ' in line] == [OPERATOR]
    assert [line.rpartition(" ")[2] for line in lines if '"NONSENSE" ' in line] == ["-"]
