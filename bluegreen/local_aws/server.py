"""The process of the embedded AWS: moto's server with our extensions. `lifecycle.start` starts it.

    python -m bluegreen.local_aws.server STATE_DIR READY_FD

It binds a free port itself, writes `aws.json`, says so on READY_FD, and serves until SIGTERM, or until its
`aws.json` is gone: removing a checkout stops its server.
"""

import os
import secrets
import signal
import sys
import time
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer

from bluegreen.local_aws import state
from bluegreen.local_aws.control import Control
from bluegreen.local_aws.extensions import Server, install_for
from bluegreen.local_aws.handle import CONTROL_PATH, LocalAws, client_variables
from bluegreen.local_aws.repeats import Repeats
from bluegreen.local_aws.serial import ENTRANCE, SERIAL_SERVICES, one_at_a_time

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"
LOOK_SECONDS = 0.4  # between two looks for the file that makes the server findable
HOSTS = 1024  # of requests, one for each service and region


def main() -> None:
    """Serve until stopped."""
    state_dir, ready = Path(sys.argv[1]), int(sys.argv[2])
    listener = Listener(HOST, 0, _nothing_yet)
    endpoint = f"http://{HOST}:{listener.port}"
    _configure_moto(endpoint, listener.port)
    aws = LocalAws(state_dir, endpoint, os.getpid(), secrets.token_hex(16))
    server = Server(endpoint, state.functions_dir(state_dir))
    signal.signal(signal.SIGTERM, lambda *_: _exit(server))
    _serve_moto(listener, aws, server)
    listener.recorded = state.record(aws)
    _announce(ready, server)
    listener.serve_forever()


class Listener(ThreadedWSGIServer):
    """Werkzeug's threaded server, which stops when the file that makes it findable is removed."""

    recorded: IO[str]
    _next_look = 0.0

    def service_actions(self) -> None:
        """Called by `serve_forever` every half second, and after each request."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_SECONDS
        if os.fstat(self.recorded.fileno()).st_nlink == 0:
            signal.raise_signal(signal.SIGTERM)


def _configure_moto(endpoint: str, port: int) -> None:
    """Before moto is imported: it reads most of its settings then."""
    os.environ |= client_variables(endpoint)
    os.environ["MOTO_PORT"] = str(port)  # where moto's Step Functions call other services
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # they take long to load, and nobody asks for one
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # or roles can't attach AWS's own policies


def _serve_moto(listener: Listener, aws: LocalAws, server: Server) -> None:
    # Imported here: they read the environment that _configure_moto sets.
    from moto.core.config import default_user_config  # noqa: PLC0415
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        MotoRequestHandler,
        create_backend_app,
    )

    default_user_config["stepfunctions"] = {"execute_state_machine": True}

    def create_app(service: Any) -> Any:
        install_for(service, server)
        app = create_backend_app(service)
        return one_at_a_time(app, ENTRANCE) if service in SERIAL_SERVICES else app

    dispatcher = DomainDispatcherApplication(create_app)
    # It looks through all of moto's folders for each request, which takes a third of the time of one.
    dispatcher.get_backend_for_host = lru_cache(HOSTS)(dispatcher.get_backend_for_host)  # type: ignore[method-assign]
    moto, control = Repeats(dispatcher), Control(aws, server)

    def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        own = environ.get("PATH_INFO", "").startswith(CONTROL_PATH)
        return (control if own else moto)(environ, start_response)

    MotoRequestHandler.protocol_version = "HTTP/1.1"  # as AWS answers
    listener.RequestHandlerClass = MotoRequestHandler
    listener.app = application


def _nothing_yet(_environ: "WSGIEnvironment", _start_response: "StartResponse") -> Iterable[bytes]:
    raise NotImplementedError("requests wait until the application is in place")


def _announce(ready: int, server: Server) -> None:
    """Tell the starter, and go where it has gone: a start that was killed leaves no server behind."""
    try:
        os.write(ready, b"ready")
        os.close(ready)
    except BrokenPipeError:
        _exit(server)


def _exit(server: Server) -> None:
    """At once, whatever threads are doing. Functions first: the lock lasts until this process is gone."""
    server.close()
    os._exit(0)


if __name__ == "__main__":
    main()
