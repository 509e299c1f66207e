"""The process of the embedded AWS: moto's server with our extensions. `lifecycle.start` starts it.

    python -m embedded_aws.server STATE_DIR READY_FD REGION

It binds a free port itself, writes `aws.json`, says so on READY_FD, and serves until SIGTERM, or until its
`aws.json` is gone: removing a checkout stops its server.
"""

import gc
import os
import secrets
import signal
import sys
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from safe_io import private
from werkzeug.serving import ThreadedWSGIServer

from embedded_aws import state
from embedded_aws.access.gate import Gate
from embedded_aws.access.keys import Keyring
from embedded_aws.authorisation.authority import Authority
from embedded_aws.clients import Credentials
from embedded_aws.control import Control
from embedded_aws.extensions import Server, install_for
from embedded_aws.handle import LocalAws
from embedded_aws.repeats import Repeats
from embedded_aws.rules.conditions import conditions
from embedded_aws.rules.front import Front
from embedded_aws.serial import ENTRANCE, SERIAL_SERVICES, one_at_a_time

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HOST = "127.0.0.1"
LOOK_SECONDS = 0.4  # between two looks for the file that makes the server findable
HOSTS = 1024  # of requests, one for each service and region
TOKEN_BYTES = 32
# What moto serves that AWS's APIs don't have: its own pages, which may do anything, and instance metadata.
CLOSED = ("moto_api", "moto_api._internal", "instance_metadata")


def main() -> None:
    """Serve until stopped."""
    os.umask(private.UMASK)  # of the functions and companions, too
    state_dir, ready, region = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    listener = Listener(HOST, 0, _nothing_yet)
    endpoint = f"http://{HOST}:{listener.port}"
    token = secrets.token_urlsafe(TOKEN_BYTES)
    aws = LocalAws(state_dir, endpoint, os.getpid(), token, Credentials.random(), region)
    _configure_moto(aws, listener.port)
    server = Server(endpoint, state.functions_dir(state_dir), Keyring(aws.credentials), Authority(), region)
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
        """Called by `serve_forever` every half second, and after each new connection."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_SECONDS
        if os.fstat(self.recorded.fileno()).st_nlink == 0:
            signal.raise_signal(signal.SIGTERM)


def _configure_moto(aws: LocalAws, port: int) -> None:
    """Before moto is imported: it reads most of its settings then."""
    os.environ |= aws.variables()
    os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"  # no page may read an answer
    os.environ["MOTO_PORT"] = str(port)  # where moto's Step Functions call other services
    os.environ["MOTO_EC2_LOAD_DEFAULT_AMIS"] = "false"  # they take long to load, and nobody asks for one
    os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # or roles can't attach AWS's own policies


def _serve_moto(listener: Listener, aws: LocalAws, server: Server) -> None:
    # Imported here: they read the environment that _configure_moto sets.
    from moto.core.config import default_user_config  # noqa: PLC0415
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415
        DomainDispatcherApplication,
        create_backend_app,
    )

    from embedded_aws.access.handler import RequestHandler  # noqa: PLC0415

    default_user_config["stepfunctions"] = {"execute_state_machine": True}
    _keep_managed_policies_to(aws.region)

    def create_app(service: Any) -> Any:
        gc.disable()  # loading makes up to a million objects: searching them for garbage takes as long again
        try:
            install_for(service, server)
            app = create_backend_app(service)
        finally:
            gc.freeze()
            gc.enable()
        return one_at_a_time(app, ENTRANCE) if service in SERIAL_SERVICES else app

    dispatcher = DomainDispatcherApplication(create_app)
    dispatcher.get_backend_for_host = _open_backends(dispatcher.get_backend_for_host)  # type: ignore[assignment,method-assign]
    listener.RequestHandlerClass = RequestHandler
    listener.app = Gate(
        Front(Repeats(dispatcher), conditions),
        Control(aws, server),
        port=listener.port,
        keys=server.keys,
        token=aws.token,
        admit=server.authority.admit,
    )


def _keep_managed_policies_to(region: str) -> None:
    """Only the partition of the server's region has AWS's own policies.

    moto looks for an access key in each partition, and parses all of them for each: most of a second.
    """
    from moto.iam.models import IAMBackend  # noqa: PLC0415 - as above
    from moto.utilities.utils import get_partition  # noqa: PLC0415

    parse, own = IAMBackend._init_aws_policies, get_partition(region)

    def policies(backend: IAMBackend) -> Any:
        return parse(backend) if backend.region_name == own else []

    IAMBackend._init_aws_policies = policies  # type: ignore[method-assign,assignment]


def _open_backends(find: Callable[[str | None], Any]) -> Callable[[str | None], Any]:
    """moto's search, without what is CLOSED: paths that look like it are then those of any service.

    moto looks through all of its folders for each request, which takes a third of the time of one.
    """

    @lru_cache(HOSTS)
    def found(host: str | None) -> Any:
        backend = None if host in CLOSED else find(host)
        return None if backend in CLOSED else backend

    return found


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
