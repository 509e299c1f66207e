"""One request to one target, and its answer back.

Which failure of a target is which status: Elastic Load Balancing user guide, "HTTP error codes".
"""

import asyncio
import contextlib
from http import HTTPStatus

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from embedded_aws.load_balancer import answers
from embedded_aws.load_balancer.configuration import Group, Listener
from embedded_aws.load_balancer.headers import end_to_end, to_target
from embedded_aws.load_balancer.measures import Measures
from embedded_aws.load_balancer.targets import Target

CONNECT_SECONDS = 10
IDLE_CONNECTION_SECONDS = 60  # targets have to keep theirs open longer, or some requests get status 502
WHOLE_BYTES = 64 * 1024  # what is longer, or of unknown length, passes through in pieces
TLS_NOT_VERIFIED = False  # the real one doesn't verify its targets' certificates either


class Forwarder:
    """Keeps connections to targets open, and forwards over them."""

    def __init__(self, measures: Measures) -> None:
        self._measures = measures
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=TLS_NOT_VERIFIED, limit=0, keepalive_timeout=IDLE_CONNECTION_SECONDS
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )

    async def forward(
        self, request: web.BaseRequest, listener: Listener, group: Group, target: Target
    ) -> web.StreamResponse:
        """Forward a request; what the target makes impossible becomes an answer with status 502 or 504."""
        self._measures.chosen(listener.balancer, group.suffix)
        exchange = _Exchange(request, listener, group, self._measures)
        try:
            async with asyncio.timeout(None) as scope:
                with target.serving(scope):
                    return await exchange.run(self._session, target)
        except aiohttp.ServerTimeoutError:  # no connection, or no byte, for too long
            status = HTTPStatus.GATEWAY_TIMEOUT
        except (aiohttp.ClientError, OSError):  # TimeoutError, an OSError: the deregistration delay is over
            status = HTTPStatus.BAD_GATEWAY
        return self._failed(exchange, status)

    def _failed(self, exchange: "_Exchange", status: HTTPStatus) -> web.StreamResponse:
        if not exchange.connected:
            self._measures.unreachable(exchange.listener.balancer, exchange.group.suffix)
        if exchange.reply is not None:  # too late for a status: the client must see that something is missing
            if exchange.request.transport is not None:
                exchange.request.transport.abort()
            return exchange.reply
        self._measures.own(exchange.listener.balancer, status.value)
        return answers.error(status)


class _Exchange:
    def __init__(
        self, request: web.BaseRequest, listener: Listener, group: Group, measures: Measures
    ) -> None:
        self.request, self.listener, self.group = request, listener, group
        self.reply: web.StreamResponse | None = None  # once its head is on the way to the client
        self.connected = False
        self._measures = measures

    async def run(self, session: aiohttp.ClientSession, target: Target) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        address = target.registered.address
        if address is None:
            raise ConnectionRefusedError("nothing on this machine stands for that target")
        request = self.request
        host, port = address
        started = loop.time()
        async with session.request(
            request.method,
            URL(f"{self.group.protocol.lower()}://{host}:{port}{request.raw_path}", encoded=True),
            headers=self._headers(),
            data=await self._body(),
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(sock_connect=CONNECT_SECONDS, sock_read=self.listener.idle),
        ) as answer:
            self.connected = True
            self._measures.answered(
                self.listener.balancer, self.group.suffix, answer.status, loop.time() - started
            )
            return await self._return(answer)

    def _headers(self) -> CIMultiDict[str]:
        return to_target(
            self.request.headers,
            client=self.request.remote or "",
            protocol=self.listener.protocol,
            port=self.listener.port,
        )

    async def _body(self) -> bytes | aiohttp.StreamReader | None:
        if not self.request.can_read_body:
            return None
        if self.request.headers.get("Expect", "").lower() == "100-continue":  # the client waits for it
            await self.request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.request.writer.output_size = 0  # the answer itself has not begun
        length = self.request.content_length
        if length is not None and length <= WHOLE_BYTES:
            return await self.request.read()
        return self.request.content

    async def _return(self, answer: aiohttp.ClientResponse) -> web.StreamResponse:
        headers = end_to_end(answer.headers)
        length = answer.content_length
        if self.request.method != "HEAD" and length is not None and length <= WHOLE_BYTES:
            body = await answer.read()
            return web.Response(status=answer.status, reason=answer.reason, headers=headers, body=body)
        reply = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
        self.reply = reply
        await reply.prepare(self.request)
        with contextlib.suppress(ConnectionResetError):  # the client is gone
            async for piece in answer.content.iter_any():
                await reply.write(piece)
            await reply.write_eof()
        return reply
