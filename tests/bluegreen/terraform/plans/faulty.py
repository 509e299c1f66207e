"""The way to the embedded AWS, which a test can break: the network gone, or credentials expired."""

import http.client
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

EXPIRED = "The security token included in the request is expired"
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length"}


class Way(ThreadingHTTPServer):
    """`fault`: None, "network gone" or "expired credentials".

    It has the port of the embedded AWS at the other address of loopback. Clients sign the `Host` that they
    ask, so it has to arrive unchanged, and the embedded AWS takes no port but its own.
    """

    daemon_threads = True
    address_family = socket.AF_INET6
    fault: str | None = None

    def __init__(self, endpoint: str) -> None:
        target = urlsplit(endpoint)
        super().__init__(("::1", target.port or 80), _Handler)
        self.target = target.netloc

    @property
    def endpoint(self) -> str:
        return f"http://[::1]:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer goes out in one piece
    server: Way

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        match self.server.fault:
            case None:
                self._forward(body)
            case "network gone":
                self.close_connection = True
                self.connection.close()
            case _:
                self._refuse()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = _pass_on  # noqa: N815

    def _forward(self, body: bytes) -> None:
        connection = http.client.HTTPConnection(self.server.target, timeout=60)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        self._answer(answer.status, answer.read(), answer.getheaders())
        connection.close()

    def _refuse(self) -> None:
        """As AWS's protocols word it: JSON, query, S3."""
        if "json" in self.headers.get("Content-Type", ""):
            text = f'{{"__type": "ExpiredTokenException", "message": "{EXPIRED}"}}'
        else:
            text = f"<Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>{EXPIRED}</Message></Error>"
            if self.command == "POST":
                text = f"<ErrorResponse>{text}</ErrorResponse>"
        self._answer(400, text.encode(), [])

    def _answer(self, status: int, body: bytes, headers: list[tuple[str, str]]) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        if self.command == "HEAD":
            length = dict(headers).get("Content-Length", "0")
            self.send_header("Content-Length", length)
            self.end_headers()
            return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Standard error is for tests."""


@contextmanager
def way_to(endpoint: str) -> Iterator[Way]:
    """It leads there while the block lasts."""
    way = Way(endpoint)
    thread = threading.Thread(target=way.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield way
    finally:
        way.shutdown()
        way.server_close()
        thread.join()
