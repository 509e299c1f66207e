"""The service's HTTP: what it answers, and what is wrong with a request that it refuses.

Source of the idempotency rules: IETF draft "The Idempotency-Key HTTP Header Field".
"""

import asyncio
import contextlib
import json
import logging
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from http import HTTPStatus
from typing import Any

import pymysql
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from botocore.exceptions import BotoCoreError, ClientError

from examples.service.acquirer import (
    DECLINED,
    MISUNDERSTOOD,
    REUSED,
    UNANSWERED,
    Acquirer,
    NotAuthorisedError,
)
from examples.service.ledger import Ledger, LedgerUnavailableError, Place, described
from examples.service.metrics import Metrics
from examples.service.payments import Payment, Payments
from examples.service.sessions import Session, Sessions
from examples.service.settings import Settings

COOKIE = "session"
COLOUR = "X-Colour"
RETRY_SECONDS = "1"
REPLAYED = "Idempotent-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
LARGEST = 10**12  # cents
CURRENCY = re.compile(r"[A-Z]{3}")
# Whatever `health_path` a deployment has: each has a segment that begins so (CKV_BG_25).
HEALTH = r"/{_:(?:.*/)?health[^/]*(?:/.*)?}"
HEALTH_NAME = "health"
LARGEST_BODY = 8 * 1024  # what the web firewall inspects
METRICS_SECONDS = 10.0
USED = "this Idempotency-Key was used for another payment before"
# By class, what the customer gets.
NOT_AUTHORISED = {
    DECLINED: (HTTPStatus.PAYMENT_REQUIRED, "the acquirer declined the payment"),
    REUSED: (HTTPStatus.UNPROCESSABLE_ENTITY, USED),
    UNANSWERED: (HTTPStatus.SERVICE_UNAVAILABLE, "the acquirer is not available"),
    MISUNDERSTOOD: (HTTPStatus.BAD_GATEWAY, "the acquirer's answer is not understood"),
}
# Key of a request's own fields of its log line.
ABOUT = "about"

log = logging.getLogger(__name__)


class Refused(Exception):  # noqa: N818 - named after what happens to the request
    """The request is answered with an error."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class Service:
    """The handlers of one colour."""

    def __init__(
        self, colour: str, sessions: Sessions, ledger: Ledger, metrics: Metrics, acquirer: Acquirer | None
    ) -> None:
        self._colour, self._sessions, self._metrics, self._acquirer = colour, sessions, metrics, acquirer
        self.ledger, self.payments = ledger, Payments(ledger, colour, metrics)

    def application(self, inner: Sequence[Middleware] = ()) -> web.Application:
        """`inner`: middlewares next to the handlers, which may raise Refused."""
        application = web.Application(middlewares=[self._answered, *inner], client_max_size=LARGEST_BODY)
        application.router.add_get(HEALTH, self._health, name=HEALTH_NAME)
        application.router.add_get("/", self._about)
        application.router.add_post("/payments", self._pay)
        application.router.add_get("/payments", self._find)
        application.cleanup_ctx.append(self._running)
        if self._acquirer is not None:
            application.cleanup_ctx.append(self._calling)
        return application

    async def _running(self, _: web.Application) -> AsyncIterator[None]:
        """Warm before the first request; metrics up to the end of the last one."""
        await asyncio.to_thread(self.ledger.warm)

        async def write_metrics() -> None:
            while True:
                await asyncio.sleep(METRICS_SECONDS)
                self._metrics.write()

        writing = asyncio.create_task(write_metrics())
        yield
        writing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await writing
        self._metrics.write()

    async def _calling(self, _: web.Application) -> AsyncIterator[None]:
        if self._acquirer is not None:
            async with self._acquirer.running():
                yield

    @web.middleware
    async def _answered(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer with the handler or with what is wrong; log and measure."""
        begun = time.monotonic()
        pays = (request.method, request.path) == ("POST", "/payments")
        self._metrics.pending += pays
        try:
            answer = await _answer(request, handler)
        finally:
            self._metrics.pending -= pays
        answer.headers[COLOUR] = self._colour
        seconds = time.monotonic() - begun
        if pays:
            self._metrics.time("PaymentMs", seconds)
            self._metrics.count("Payments")
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self._metrics.count("Failures")
        resource = request.match_info.route.resource
        if resource is None or resource.name != HEALTH_NAME:
            fields = {
                "method": request.method,
                "route": resource.canonical if resource else None,
                "status": answer.status,
                "ms": round(1000 * seconds, 1),
                **request.get(ABOUT, {}),
            }
            log.info("answered", extra={"fields": fields})
        return answer

    async def _health(self, _: web.Request) -> web.Response:
        """Healthy while it answers: a ledger that is closed for a moment is no reason to end tasks."""
        return web.json_response({"status": "healthy", "colour": self._colour})

    async def _about(self, _: web.Request) -> web.Response:
        return web.json_response({"service": "payments", "colour": self._colour})

    async def _pay(self, request: web.Request) -> web.Response:
        key = _key(request)
        amount, currency = _order(await request.read())
        token, session = await self._session(request)
        payment, new = await self._paid(key, session.session_id, amount, currency)
        if (payment.session_id, payment.amount, payment.currency) != (session.session_id, amount, currency):
            raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, USED)
        request[ABOUT] = {"payment_id": payment.payment_id, "replayed": not new}
        told = payment.told() | {"session_begun_by": session.begun_by}
        answer = web.json_response(told, status=HTTPStatus.CREATED.value)
        if not new:
            answer.headers[REPLAYED] = "true"
        if token is not None:
            answer.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="Strict")
        return answer

    async def _paid(self, key: str, session_id: str, amount: int, currency: str) -> tuple[Payment, bool]:
        """Authorised, where there is an acquirer, then written; and whether by this request.

        What is written already was authorised: a client that asks again gets its answer without the acquirer.
        Only the INSERT decides: two requests that find nothing both have one authorisation.
        """
        if self._acquirer is not None:
            found = await self.payments.find(key)
            if found is not None:
                return found, False
            await self._acquirer.authorise(key, amount, currency)
        return await self.payments.write(key, session_id, amount, currency)

    async def _find(self, request: web.Request) -> web.Response:
        """The payment of a key, to the session that made it."""
        key = _key(request)
        session = await self._known(request.cookies.get(COOKIE, ""))
        payment = await self.payments.find(key)
        if payment is None or payment.session_id != session.session_id:
            raise Refused(HTTPStatus.NOT_FOUND, "this session has no payment with this Idempotency-Key")
        return web.json_response(payment.told())

    async def _session(self, request: web.Request) -> tuple[str | None, Session]:
        """The session, and its token where it begins with this request."""
        given = request.cookies.get(COOKIE)
        return (None, await self._known(given)) if given is not None else await self._sessions.begin()

    async def _known(self, token: str) -> Session:
        session = await self._sessions.find(token)
        if session is None:
            raise Refused(HTTPStatus.UNAUTHORIZED, "this session has ended, or there never was one")
        return session


def build(
    settings: Settings,
    read_secret: Callable[[str], str],
    inner: Callable[[Service], Sequence[Middleware]] = lambda _: (),
) -> web.Application:
    """The application of a task. `read_secret`: the current value of a secret, by its ARN."""

    def reread(colour: str) -> Place:
        return settings.place(colour, read_secret(settings.secrets[colour]))

    metrics = Metrics(settings.colour, settings.namespace)
    ledger = Ledger(settings.places, settings.colour, reread, metrics)
    sessions = Sessions(settings.table, settings.region, settings.colour)
    acquirer = Acquirer(settings.acquirer, settings.acquirer_ca, metrics) if settings.acquirer else None
    service = Service(settings.colour, sessions, ledger, metrics, acquirer)
    return service.application(inner(service))


async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except (Refused, web.HTTPException) as refused:  # this service's, the router's
        return _error(HTTPStatus(refused.status), str(refused))
    except NotAuthorisedError as error:
        return _not_authorised(error)
    except (LedgerUnavailableError, pymysql.MySQLError) as error:
        return _unavailable("the ledger", error)
    except (BotoCoreError, ClientError) as error:
        return _unavailable("AWS", error)
    except Exception:  # the customer gets an answer; the log says where
        log.exception("failed")
        return _error(HTTPStatus.INTERNAL_SERVER_ERROR, "the service failed")


def _not_authorised(error: NotAuthorisedError) -> web.Response:
    """Nothing is written. After 503 the same key again: the acquirer may have authorised it."""
    log.warning("the acquirer: %s, %s", error.kind, error)
    answer = _error(*NOT_AUTHORISED[error.kind])
    if error.kind == UNANSWERED:
        answer.headers["Retry-After"] = RETRY_SECONDS
    return answer


def _unavailable(what: str, error: Exception) -> web.Response:
    log.warning("%s: %s", what, described(error))
    answer = _error(HTTPStatus.SERVICE_UNAVAILABLE, f"{what} is not available")
    answer.headers["Retry-After"] = RETRY_SECONDS
    return answer


def _error(status: HTTPStatus, message: str) -> web.Response:
    return web.json_response({"error": message}, status=status.value)


def _key(request: web.Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not KEY.fullmatch(key):
        raise Refused(HTTPStatus.BAD_REQUEST, "Idempotency-Key: 1 to 255 visible ASCII characters")
    return key


def _order(body: bytes) -> tuple[int, str]:
    """Amount and currency."""
    try:
        order: Any = json.loads(body)
        amount, currency = order["amount"], order["currency"]
    except (ValueError, KeyError, TypeError):
        raise Refused(
            HTTPStatus.BAD_REQUEST, 'the body is JSON like {"amount": 1250, "currency": "EUR"}, in cents'
        ) from None
    if not isinstance(amount, int) or isinstance(amount, bool) or not 0 < amount <= LARGEST:
        raise Refused(HTTPStatus.BAD_REQUEST, f"amount: a whole number of cents, 1 to {LARGEST}")
    if not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
        raise Refused(HTTPStatus.BAD_REQUEST, "currency: three capitals, such as EUR")
    return amount, currency
