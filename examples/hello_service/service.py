#!/usr/local/bin/python
"""The smallest service that the platform runs: HTTPS on PORT, `/health`, and the name of its colour.

docs/tutorial.md makes an image of it; docs/service.md says what an image has to be.
"""

import os
import signal
import ssl
import subprocess
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COLOUR, PORT = os.environ.get("COLOUR", "no colour"), int(os.environ.get("PORT", "8443"))
OPENSSL = ("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "825", "-subj", "/CN=service")


class Service(BaseHTTPRequestHandler):
    """Answers the load balancer's checks and its clients."""

    timeout = 60

    def do_GET(self) -> None:
        body = b"healthy\n" if self.path == "/health" else f"hello from {COLOUR}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def certified(directory: Path) -> ssl.SSLContext:
    """TLS with a key of this task's own: the load balancer verifies no certificate of a target."""
    key, certificate = directory / "key.pem", directory / "certificate.pem"
    command = [*OPENSSL, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def main() -> None:
    """Serve until SIGTERM, which ECS sends before it ends a task."""
    with tempfile.TemporaryDirectory() as directory, ThreadingHTTPServer(("", PORT), Service) as server:
        server.socket = certified(Path(directory)).wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )

        def end(*_: object) -> None:
            threading.Thread(target=server.shutdown).start()

        signal.signal(signal.SIGTERM, end)
        server.serve_forever()


if __name__ == "__main__":
    main()
