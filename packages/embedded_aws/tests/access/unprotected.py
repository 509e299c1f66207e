"""The embedded AWS as moto's server is, without a gate: what a hostile page could do to it.

python -m packages.embedded_aws.tests.access.unprotected STATE_DIR READY_FD
"""

import os
from collections.abc import Iterable
from typing import Any

from embedded_aws import server
from embedded_aws.handle import CONTROL_PATH, LocalAws
from embedded_aws.serial import Application


class NoGate:
    """In the place of `access.gate.Gate`."""

    def __init__(self, application: Application, control: Application, **_: Any) -> None:
        self._application, self._control = application, control

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        """Answer one request, whosever it is."""
        own = environ["PATH_INFO"].startswith(CONTROL_PATH)
        return (self._control if own else self._application)(environ, start_response)


def _configure_moto(aws: LocalAws, port: int) -> None:
    configure_moto(aws, port)
    del os.environ["MOTO_DISABLE_GLOBAL_CORS"]


configure_moto = server._configure_moto

if __name__ == "__main__":
    vars(server).update(Gate=NoGate, _configure_moto=_configure_moto, CLOSED=())
    server.main()
