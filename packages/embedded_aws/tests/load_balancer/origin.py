"""A target that does as it is told: a real HTTP server on a loopback address, in a thread of its own."""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from embedded_aws.certificates import self_signed, tls_server

Handler = Callable[[web.BaseRequest], Coroutine[Any, Any, web.StreamResponse]]


class Origin:
    """`name` is told in every answer. What it does with a request stands in the path, see `_answer`."""

    def __init__(self, name: str, host: str, *, tls: bool = False) -> None:
        self.name, self.host, self.port = name, host, 0
        self.health = 200
        self.slow_health = False
        self.seen: list[dict[str, Any]] = []
        self._context = _context(name) if tls else None
        self._loop = asyncio.new_event_loop()
        self._released = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    @property
    def target(self) -> dict[str, Any]:
        """As RegisterTargets takes it."""
        return {"Id": self.host, "Port": self.port}

    def release(self) -> None:
        """Let the requests to /hold and /stream go on, now and from now on."""
        self._loop.call_soon_threadsafe(self._released.set)

    def requests(self, path: str) -> list[dict[str, Any]]:
        """What was asked of this path."""
        return [seen for seen in self.seen if seen["path"].partition("?")[0] == path]

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        runner = self._loop.run_until_complete(self._start())
        self._started.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _start(self) -> web.ServerRunner:
        runner = web.ServerRunner(web.Server(self._answer, keepalive_timeout=75), shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, self.host, 0, ssl_context=self._context)
        await site.start()
        self.port = runner.addresses[0][1]
        return runner

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.read() if request.path != "/upload" else b""
        peer = request.transport.get_extra_info("peername")[1] if request.transport else 0
        self.seen.append(
            {
                "method": request.method,
                "path": request.raw_path,
                "headers": dict(request.headers),
                "body": body.decode("latin-1"),
                "peer": peer,
            }
        )
        return await _DEEDS.get(request.path.split("/")[1], _tell)(self, request)

    async def held(self) -> None:
        await self._released.wait()


async def _tell(origin: Origin, _: web.BaseRequest) -> web.StreamResponse:
    answer = web.json_response({"name": origin.name, **origin.seen[-1]})
    answer.headers["Connection"] = "X-Private"
    answer.headers["X-Private"] = "between load balancer and target"
    answer.headers["X-Public"] = "for the client"
    return answer


async def _health(origin: Origin, _: web.BaseRequest) -> web.StreamResponse:
    if origin.slow_health:
        await asyncio.sleep(3600)
    return web.Response(status=origin.health)


async def _hold(origin: Origin, _: web.BaseRequest) -> web.StreamResponse:
    await origin.held()
    return web.Response(text=origin.name)


async def _status(_: Origin, request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(status=int(request.path.rpartition("/")[2]), text="as told")


async def _die(_: Origin, request: web.BaseRequest) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _garbage(_: Origin, request: web.BaseRequest) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.write(b"this is not HTTP\r\n\r\n")
    request.transport.close()
    return web.Response()


async def _stream(origin: Origin, request: web.BaseRequest) -> web.StreamResponse:
    """One piece at once, the second when released; /stream/torn ends in between."""
    answer = web.StreamResponse()
    await answer.prepare(request)
    await answer.write(b"first")
    await origin.held()
    if request.path.endswith("/torn"):
        assert request.transport is not None
        request.transport.abort()
        return answer
    await answer.write(b"second")
    await answer.write_eof()
    return answer


async def _upload(_: Origin, request: web.BaseRequest) -> web.StreamResponse:
    size = 0
    async for piece in request.content.iter_any():
        size += len(piece)
    return web.Response(text=json.dumps({"size": size, "headers": dict(request.headers)}))


async def _large(_: Origin, request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(body=b"x" * int(request.path.rpartition("/")[2]))


_DEEDS: dict[str, Callable[[Origin, web.BaseRequest], Coroutine[Any, Any, web.StreamResponse]]] = {
    "health": _health,
    "hold": _hold,
    "status": _status,
    "die": _die,
    "garbage": _garbage,
    "stream": _stream,
    "upload": _upload,
    "large": _large,
}


def _context(name: str) -> ssl.SSLContext:
    certificate, private_key = self_signed(f"{name}.test")
    return tls_server(certificate.decode(), private_key.decode())
