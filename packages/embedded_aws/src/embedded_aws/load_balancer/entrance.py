"""One listener: a port of this machine, its TLS, and the way of a request through its rules."""

import random
import socket
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from aiohttp import web

from embedded_aws.access.hosts import is_own
from embedded_aws.certificates import present, tls_server
from embedded_aws.load_balancer import answers
from embedded_aws.load_balancer.configuration import Json, Listener
from embedded_aws.load_balancer.forwarding import Forwarder
from embedded_aws.load_balancer.measures import Measures
from embedded_aws.load_balancer.rules import Asked, action_for, names_host
from embedded_aws.load_balancer.targets import Targets

HOST = "127.0.0.1"
BACKLOG = 512
CLIENT_IDLE_SECONDS = 75.0
DEFAULT_PORTS = {"HTTP": 80, "HTTPS": 443}
LONGEST_HEADER_BYTES = 16 * 1024


class Entrance:
    """Serves one listener. `ports`: gives local ports by the ports that they stand for."""

    def __init__(
        self,
        listener: Listener,
        *,
        targets: Targets,
        forwarder: Forwarder,
        measures: Measures,
        ports: Callable[[], Mapping[int, int]],
    ) -> None:
        self._listener, self._targets, self._forwarder = listener, targets, forwarder
        self._measures, self._ports = measures, ports
        self._socket = _bound(listener.local_port)
        self._tls = tls_server(*listener.certificate) if listener.certificate else None
        server = web.Server(
            self._answer,
            keepalive_timeout=CLIENT_IDLE_SECONDS,
            max_line_size=LONGEST_HEADER_BYTES,
            max_field_size=LONGEST_HEADER_BYTES,
        )
        self._runner = web.ServerRunner(server)

    @property
    def port(self) -> int:
        """The local port."""
        port: int = self._socket.getsockname()[1]
        return port

    async def open(self) -> None:
        """Begin to serve."""
        await self._runner.setup()
        await web.SockSite(self._runner, self._socket, ssl_context=self._tls, backlog=BACKLOG).start()

    def update(self, listener: Listener) -> None:
        """Go by another version of the listener from the next request on."""
        if self._tls and listener.certificate and listener.certificate != self._listener.certificate:
            present(self._tls, *listener.certificate)
        self._listener = listener

    async def close(self) -> None:
        """Finish what is in flight and stop."""
        await self._runner.cleanup()

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        listener, asked = self._listener, _asked(request)
        if not self._serves(request.headers.get("Host", ""), asked):
            self._measures.own(listener.balancer, HTTPStatus.MISDIRECTED_REQUEST)
            return answers.error(HTTPStatus.MISDIRECTED_REQUEST)
        action = action_for(listener.rules, asked)
        match action["Type"]:
            case "forward":
                return await self._forward(request, listener, action)
            case "redirect":
                place = (listener.protocol, listener.port)
                answer = answers.redirect(action["RedirectConfig"], asked, place, self._ports())
            case "fixed-response":
                answer = answers.fixed(action["FixedResponseConfig"])
            case _:
                answer = answers.error(HTTPStatus.NOT_IMPLEMENTED)
        self._measures.own(listener.balancer, answer.status)
        return answer

    def _serves(self, host: str, asked: Asked) -> bool:
        """Whether a host is this machine's own, or one that a rule of the listener names."""
        default_port = DEFAULT_PORTS.get(self._listener.protocol, 0)
        return is_own(host, self.port, default_port) or names_host(self._listener.rules, asked)

    async def _forward(
        self, request: web.BaseRequest, listener: Listener, action: Json
    ) -> web.StreamResponse:
        arn = _draw(action)
        target = self._targets.next_of(arn) if arn else None
        if arn is None or target is None:
            self._measures.own(listener.balancer, HTTPStatus.SERVICE_UNAVAILABLE)
            return answers.error(HTTPStatus.SERVICE_UNAVAILABLE)
        return await self._forwarder.forward(request, listener, self._targets.groups[arn], target)


def _asked(request: web.BaseRequest) -> Asked:
    host = request.headers.get("Host", "")
    return Asked(
        method=request.method,
        host=host.rpartition(":")[0] or host,
        path=request.url.raw_path,
        query=request.url.raw_query_string,
        headers=request.headers,
        source=request.remote or HOST,
    )


def _draw(action: Json) -> str | None:
    """The target group that gets this request; None where all weights are 0.

    Each request is drawn anew: groups without a healthy target keep their share, as on the real one.
    """
    groups: list[dict[str, Any]] = action.get("ForwardConfig", {}).get("TargetGroups") or [
        {"TargetGroupArn": action["TargetGroupArn"]}
    ]
    weights = [int(group.get("Weight", 1)) for group in groups]
    if not any(weights):
        return None
    (chosen,) = random.choices(groups, weights)  # noqa: S311 - a share of traffic, not a secret
    return str(chosen["TargetGroupArn"])


def _bound(port: int) -> socket.socket:
    """A socket on that port, which this listener had before, or on a free one."""
    bound = socket.socket()
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((HOST, port))
    except OSError:
        bound.bind((HOST, 0))
    return bound
