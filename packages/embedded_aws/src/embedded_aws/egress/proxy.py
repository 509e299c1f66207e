"""The proxy that carries, or refuses, what the services send outside: CONNECT, on loopback, with a password.

A password, because other programs of this machine reach the port, too. What a network would drop stays
unanswered for HOLD_SECONDS, or until the client gives up.
"""

import base64
import contextlib
import hmac
import secrets
import selectors
import socket
import threading
from http import HTTPStatus
from socketserver import BaseRequestHandler, ThreadingTCPServer

from embedded_aws.egress import client_hello
from embedded_aws.egress.network import FIREWALL, RefusedError, Way, way
from embedded_aws.egress.refusals import Refusals
from embedded_aws.egress.stand_ins import StandIns

HOST = "127.0.0.1"
HOLD_SECONDS = 60.0  # longer than clients wait
IDLE_SECONDS = 350.0  # of a connection through a NAT gateway. Source: VPC user guide, "NAT gateway basics"
HEAD_BYTES, CHUNK = 8 * 1024, 64 * 1024
CONNECTIONS = 1024  # at the same time; others are closed


class Proxy(ThreadingTCPServer):
    """`url(colour)`: what HTTPS_PROXY of a colour's service is."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, stand_ins: StandIns, refusals: Refusals) -> None:
        super().__init__((HOST, 0), _Connection)
        self.stand_ins, self.refusals = stand_ins, refusals
        self.free = threading.BoundedSemaphore(CONNECTIONS)
        self._password = secrets.token_urlsafe(32)
        threading.Thread(target=self.serve_forever, daemon=True, name="egress").start()

    def url(self, colour: str) -> str:
        """With the name and password of that colour's service."""
        return f"http://{colour}:{self._password}@{HOST}:{self.server_address[1]}"

    def colour(self, authorization: str) -> str | None:
        """Whose service sent that header; None: no service of this run."""
        with contextlib.suppress(ValueError):
            found = base64.b64decode(authorization.removeprefix("Basic "), validate=True).decode()
            colour, _, password = found.partition(":")
            if hmac.compare_digest(password.encode(), self._password.encode()):
                return colour
        return None


class _Connection(BaseRequestHandler):
    """One of a client, from its CONNECT to its end."""

    server: Proxy
    request: socket.socket

    def handle(self) -> None:
        if not self.server.free.acquire(blocking=False):
            return
        try:
            with contextlib.suppress(OSError):
                self._serve()
        finally:
            self.server.free.release()

    def _serve(self) -> None:
        self.request.settimeout(HOLD_SECONDS)
        head = self._head()
        found = head and self._asked(head)
        if not found:
            return
        colour, host, port = found
        try:
            found_way = way(self.server.stand_ins, colour, host, port)
            self._pass(found_way)
        except RefusedError as refused:
            self.server.refusals.add(colour, f"{host}:{port}", refused.by, str(refused))
            self._refuse(refused)

    def _head(self) -> bytes:
        """Up to the empty line; a client sends nothing after it before it has the answer."""
        found = b""
        while not found.endswith(b"\r\n\r\n") and len(found) < HEAD_BYTES:
            data = self.request.recv(HEAD_BYTES)
            if not data:
                return b""
            found += data
        return found

    def _asked(self, head: bytes) -> tuple[str, str, int] | None:
        """Colour, host and port; None: answered with what is wrong."""
        lines = head.decode("latin-1").split("\r\n")
        words = lines[0].split()
        headers = {
            name.strip().lower(): value.strip()
            for name, _, value in (line.partition(":") for line in lines[1:])
        }
        colour = self.server.colour(headers.get("proxy-authorization", ""))
        if colour is None:
            self._answer(HTTPStatus.PROXY_AUTHENTICATION_REQUIRED, 'Proxy-Authenticate: Basic realm="egress"')
            return None
        if len(words) != 3 or words[0] != "CONNECT":  # noqa: PLR2004 - method, target, version
            self._answer(HTTPStatus.METHOD_NOT_ALLOWED, "Allow: CONNECT")
            return None
        host, _, port = words[1].rpartition(":")
        if not host or not port.isascii() or not port.isdecimal():
            self._answer(HTTPStatus.BAD_REQUEST)
            return None
        return colour, host, int(port)

    def _answer(self, status: HTTPStatus, *headers: str) -> None:
        lines = [f"HTTP/1.1 {status.value} {status.phrase}", *headers, "Content-Length: 0", "", ""]
        self.request.sendall("\r\n".join(lines).encode())

    def _pass(self, found: Way) -> None:
        """The handshake of TCP first, as the firewall lets it: a client says a name only afterwards."""
        hello = b""
        opened = found.open()
        if not opened:
            self._established()
            hello = self._hello(found)
        with socket.create_connection((HOST, found.end.local_port), timeout=IDLE_SECONDS) as outside:
            if opened:
                self._established()
            outside.sendall(hello)
            self.request.settimeout(IDLE_SECONDS)
            _carry(self.request, outside)

    def _established(self) -> None:
        self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")

    def _hello(self, found: Way) -> bytes:
        """The client hello, once the firewall has passed it. Raises RefusedError."""
        hello = b""
        try:
            while not client_hello.complete(hello) and len(hello) < client_hello.LARGEST:
                data = self.request.recv(CHUNK)
                if not data:
                    raise ConnectionError("gone before it said a name")
                hello += data
            name = client_hello.server_name(hello)
        except client_hello.NotTlsError as error:
            if found.firewall is not None and found.firewall.drops:
                raise RefusedError(FIREWALL, f"{found.firewall.name}: {error}") from error
            return hello
        found.passes(name)
        return hello

    def _refuse(self, refused: RefusedError) -> None:
        """Silence, or an end at once: a name that does not resolve, a reset."""
        if not refused.silent:
            self._answer(HTTPStatus.BAD_GATEWAY)
            return
        while self.request.recv(CHUNK):  # until the client gives up, or HOLD_SECONDS without a byte
            pass


def _carry(one: socket.socket, other: socket.socket) -> None:
    """Both ways, until an end closes or both are idle."""
    with selectors.DefaultSelector() as ways:  # select() takes no descriptor above 1,023
        ways.register(one, selectors.EVENT_READ, other)
        ways.register(other, selectors.EVENT_READ, one)
        while ready := ways.select(IDLE_SECONDS):
            for key, _ in ready:
                data = key.fileobj.recv(CHUNK)  # type: ignore[union-attr]
                if not data:
                    return
                key.data.sendall(data)
