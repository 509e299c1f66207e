"""An acquirer on this machine: HTTPS, and for each key one authorisation, however often it is asked."""

import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from embedded_aws.certificates import self_signed, tls_server

from bluegreen.operate.databases.certificates import Authority

Order = dict[str, Any]


@dataclass
class Acquirer:
    """`ways`: how it answers the next requests, then as it should. `certificate`: for clients to trust."""

    port: int
    certificate: Path
    ways: list[str | int] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)  # keys, one a request
    authorised: dict[str, Order] = field(default_factory=dict)
    closes: bool = False  # each connection, after its answer
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, key: str, order: Order) -> tuple[int, Order] | None:
        """Status and body; None: the connection is closed instead."""
        with self._lock:
            self.asked.append(key)
            way = self.ways.pop(0) if self.ways else "well"
            if isinstance(way, int):
                return way, {}
            if self.authorised.setdefault(key, order) != order:
                return 422, {}
        told = {"authorisation": f"a-{key}", **order}
        match way:
            case "lost":
                return None
            case "slow":
                time.sleep(1)
            case "part":
                told["amount"] -= 1
        return 201, told


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        acquirer: Acquirer = self.server.acquirer  # type: ignore[attr-defined]
        found = acquirer.answer(self.headers["Idempotency-Key"], json.loads(body))
        if found is None or self.path != "/v1/authorisations":
            self.close_connection = True
            return
        answer = json.dumps(found[1]).encode()
        self.send_response(found[0])
        self.send_header("Content-Length", str(len(answer)))
        if acquirer.closes:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def acquirer(
    directory: Path, name: str = "api.acquirer.example", *, closes: bool = False
) -> Iterator[Acquirer]:
    """One that has a certificate for that name or address, and answers below /v1."""
    trusted, context = _certified(directory, name)
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        found = Acquirer(server.server_address[1], trusted, closes=closes)
        server.acquirer = found  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def _certified(directory: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """The file of what clients trust, and the server's context."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        certificate, key = self_signed(name)
        file = directory / f"{name}.pem"
        file.write_bytes(certificate)
        return file, tls_server(certificate.decode(), key.decode())
    authority = Authority.create(directory, name)
    files = authority.issue(directory, [name])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return authority.path, context
