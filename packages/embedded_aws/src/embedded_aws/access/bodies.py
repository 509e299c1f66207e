"""The body of a WSGI request, read before it is dispatched."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

DRAINED_BYTES = 1024 * 1024


def body_of(environ: "WSGIEnvironment") -> bytes:
    """All of it; it can be read again afterwards."""
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):  # sent in chunks, which end by themselves
        body: bytes = stream.read()
    else:
        body = stream.read(_length(environ))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def drain(environ: "WSGIEnvironment") -> None:
    """Read what the client is still sending: closing with unread data would lose the answer."""
    if not environ.get("wsgi.input_terminated"):
        environ["wsgi.input"].read(min(_length(environ), DRAINED_BYTES))


def _length(environ: "WSGIEnvironment") -> int:
    text = str(environ.get("CONTENT_LENGTH") or "0")
    return int(text) if text.isdecimal() else 0
