"""The service's HTTP: what it answers, and what is wrong with a request that it refuses.

Source of the idempotency rules: IETF draft "The Idempotency-Key HTTP Header Field".
"""

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import pymysql
from aiohttp import web

from examples.payment_service.incident import SLOW_SECONDS, Incident
from examples.payment_service.ledger import LedgerUnavailableError
from examples.payment_service.payments import PAGE, Payments
from examples.payment_service.sessions import Session, Sessions

COOKIE = "session"
COLOUR = "X-Colour"
RETRY_SECONDS = "1"
REPLAYED = "Idempotent-Replayed"
KEY = re.compile(r"[\x21-\x7e]{1,255}")
CURRENCY = re.compile(r"[A-Z]{3}")
# Whatever `health_path` a deployment has (CKV_BG_25): on the laptop this service stands in for its own.
HEALTH = re.compile(r"/health[^/]*(/|$)")

log = logging.getLogger(__name__)


class Refused(Exception):  # noqa: N818 - named after what happens to the request
    """The request is answered with an error."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


class Service:
    """One colour. `targets`: names of its targets by the local port that they listen at; `image`: the version
    that was deployed, None before the first one.
    """

    def __init__(
        self,
        colour: str,
        sessions: Sessions,
        payments: Payments,
        targets: Mapping[int, str],
        image: str | None = None,
    ) -> None:
        self._image = image
        self.incident = Incident()
        self._colour, self._targets = colour, targets
        self._sessions, self._payments = sessions, payments

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        try:
            answer = await self._answer(request)
        except Refused as refused:
            answer = web.json_response({"error": str(refused)}, status=refused.status.value)
        except (LedgerUnavailableError, pymysql.MySQLError) as error:
            log.warning("the ledger: %s", type(error).__name__)
            answer = web.json_response({"error": "the ledger is not available"}, status=503)
            answer.headers["Retry-After"] = RETRY_SECONDS
        answer.headers[COLOUR] = self._colour
        return answer

    async def _answer(self, request: web.BaseRequest) -> web.Response:
        match request.method, request.path:
            case "GET", path if HEALTH.search(path):
                return self._health()
            case "GET", "/":
                return self._about(request)
            case "POST", "/payments":
                return await self._pay(request)
            case "GET", "/payments":
                return await self._list(request)
        raise Refused(HTTPStatus.NOT_FOUND, "there is GET /, GET /health, GET and POST /payments")

    def _health(self) -> web.Response:
        well = self.incident.healthy
        status = HTTPStatus.OK if well else HTTPStatus.SERVICE_UNAVAILABLE
        told = {"status": "healthy" if well else "unhealthy", "colour": self._colour}
        return web.json_response(told, status=status.value)

    def _about(self, request: web.BaseRequest) -> web.Response:
        port = request.transport.get_extra_info("sockname")[1] if request.transport else 0
        return web.json_response(
            {
                "service": "payments",
                "colour": self._colour,
                "target": self._targets.get(port),
                "image": self._image,
            }
        )

    async def _pay(self, request: web.BaseRequest) -> web.Response:
        await self._suffer()
        key = request.headers.get("Idempotency-Key", "")
        if not KEY.fullmatch(key):
            raise Refused(HTTPStatus.BAD_REQUEST, "Idempotency-Key: 1 to 255 visible ASCII characters")
        amount, currency = _order(await request.read())
        token, session = await self._session(request)
        payment, new = await self._payments.write(key, session.session_id, amount, currency)
        if (payment.session_id, payment.amount, payment.currency) != (session.session_id, amount, currency):
            raise Refused(
                HTTPStatus.UNPROCESSABLE_ENTITY, "this Idempotency-Key was used for another payment before"
            )
        told = payment.told() | {"session_begun_by": session.begun_by}
        answer = web.json_response(told, status=HTTPStatus.CREATED.value)
        if not new:
            answer.headers[REPLAYED] = "true"
        if token is not None:
            answer.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="Strict")
        return answer

    async def _suffer(self) -> None:
        """What an incident does to a payment: before anything is written."""
        incident = self.incident
        if not incident.hits():
            return
        match incident.mode:
            case "slow":
                await asyncio.sleep(SLOW_SECONDS)
            case "errors":
                raise Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "told to fail")
            case _:
                raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "told to be unhealthy")

    async def _session(self, request: web.BaseRequest) -> tuple[str | None, Session]:
        """The session, and its token where it begins with this request."""
        given = request.cookies.get(COOKIE)
        if given is None:
            return await self._sessions.begin()
        session = await self._sessions.find(given)
        if session is None:
            raise Refused(HTTPStatus.UNAUTHORIZED, "this session has ended, or there never was one")
        return None, session

    async def _list(self, request: web.BaseRequest) -> web.Response:
        """A page of what was written, rows as `Payments.page` has them; `more`: whether others follow.

        `database`: of that colour, whatever it has; else the writer's.
        """
        after = request.query.get("after", "0")
        if not after.isdecimal():
            raise Refused(HTTPStatus.BAD_REQUEST, "after: the number of a row")
        database = request.query.get("database")
        if database not in {None, "blue", "green"}:
            raise Refused(HTTPStatus.BAD_REQUEST, "database: blue or green")
        rows = await self._payments.page(request.query.get("prefix", ""), int(after), database)
        return web.json_response({"payments": rows, "more": len(rows) == PAGE})


def _order(body: bytes) -> tuple[int, str]:
    """Amount and currency."""
    try:
        order: Any = json.loads(body)
        amount, currency = order["amount"], order["currency"]
    except (ValueError, KeyError, TypeError):
        raise Refused(
            HTTPStatus.BAD_REQUEST, 'the body is JSON like {"amount": 1250, "currency": "EUR"}, in cents'
        ) from None
    if not isinstance(amount, int) or isinstance(amount, bool) or amount <= 0:
        raise Refused(HTTPStatus.BAD_REQUEST, "amount: a whole number of cents above 0")
    if not isinstance(currency, str) or not CURRENCY.fullmatch(currency):
        raise Refused(HTTPStatus.BAD_REQUEST, "currency: three capitals, such as EUR")
    return amount, currency
