"""One connection to the embedded AWS: any number of requests, and a line in the server's log for each."""

import traceback
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from moto.moto_server.werkzeug_app import MotoRequestHandler
from werkzeug.exceptions import InternalServerError
from werkzeug.wsgi import LimitedStream

from embedded_aws.access.gate import CALLER
from embedded_aws.serial import Application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SIGNED = "X-Amz-Signature="
BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)
DRAINED_BYTES = 1024 * 1024  # at a time

Answer = tuple[str, list[tuple[str, str]], bytes]


class RequestHandler(MotoRequestHandler):
    """moto's, but for the end of a request: werkzeug closes the connection then. A new one, with a thread,
    costs a quarter of what a request does.
    """

    protocol_version = "HTTP/1.1"  # as AWS answers
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request."""
        self.environ = environ = self.make_environ()
        try:
            body = _limited(environ)
            answer = _answer(self.server.app, environ)
            while body.read(DRAINED_BYTES):  # what was not read: the next request comes after it
                pass
        except Exception:  # noqa: BLE001 - moto's
            self.log_error("%s", traceback.format_exc())
            self.close_connection = True
            answer = _answer(InternalServerError(), environ)
        self._send(*answer)
        self.environ = {}  # the next request's may be too malformed to have one

    def _send(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        code, _, reason = status.partition(" ")
        bodiless = self.command == "HEAD" or int(code) in BODILESS
        self.send_response(int(code), reason)
        for name, value in headers:
            if bodiless or name.lower() != "content-length":
                self.send_header(name, value)
        if not bodiless:
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if not bodiless:
            self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Called once for each response. The caller's ARN is `-` where the request was refused."""
        caller = getattr(self, "environ", {}).get(CALLER, "-")
        line = self.requestline.translate(self._control_char_table)
        if SIGNED in line:  # a presigned URL is a key to what it names
            line = line.partition("?")[0] + "?… " + self.request_version
        self.log("info", '"%s" %s %s %s', line, code, size, caller)


def _limited(environ: "WSGIEnvironment") -> Any:
    """The request's body as a stream that ends with it."""
    if not environ.get("wsgi.input_terminated"):  # not sent in chunks, which end by themselves
        length = str(environ.get("CONTENT_LENGTH") or "0")
        environ["wsgi.input"] = LimitedStream(environ["wsgi.input"], int(length))
    return environ["wsgi.input"]


def _answer(application: Application, environ: "WSGIEnvironment") -> Answer:
    start: list[Any] = []
    body = b"".join(application(environ, lambda *given: start.extend(given)))
    return start[0], start[1], body
