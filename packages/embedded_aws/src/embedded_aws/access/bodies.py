"""The body of a WSGI request, read before it is dispatched."""

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def body_of(environ: "WSGIEnvironment") -> bytes:
    """All of it; it can be read again afterwards."""
    body: bytes = environ["wsgi.input"].read()
    environ["wsgi.input"] = io.BytesIO(body)
    return body
