"""What the laptop has beyond the service: incidents, which target answers, and the audit's list of payments.

The list is for the audit of `bluegreen local load`. A service that listed payments to every caller would
have a leak; so it is not the service's own.
"""

import asyncio
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from bluegreen.operate.service.incident import SLOW_SECONDS, Incident
from examples.service.application import HEALTH_NAME, Refused, Service
from examples.service.payments import fetch

LIST = (
    "SELECT number, idempotency_key, payment_id, colour FROM payment "
    "WHERE number > %s AND LEFT(idempotency_key, %s) = %s ORDER BY number LIMIT %s"
)
PAGE = 5000


class Rehearsed:
    """`targets`: names of the targets by the local port that they listen at; `image`: the version that was
    deployed, None before the first one.
    """

    def __init__(self, colour: str, targets: Mapping[int, str], image: str | None) -> None:
        self._colour, self._targets, self._image = colour, targets, image
        self._incident = Incident()

    def begin(self, mode: str, share: float) -> None:
        """Fail so from now on."""
        self._incident = Incident(mode, share)

    def inner(self, service: Service) -> Sequence[Middleware]:
        """The middlewares next to the service's handlers."""

        @web.middleware
        async def rehearse(request: web.Request, handler: Handler) -> web.StreamResponse:
            resource = request.match_info.route.resource
            match request.method, request.path:
                case "POST", "/payments":
                    await self._suffer()
                case "GET", "/payments" if "prefix" in request.query:
                    return await _list(service, request)
                case "GET", "/":
                    return self._about(request)
                case _ if resource and resource.name == HEALTH_NAME and not self._incident.healthy:
                    raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "told to be unhealthy")
            return await handler(request)

        return [rehearse]

    async def _suffer(self) -> None:
        """What an incident does to a payment: before anything is written."""
        if not self._incident.hits():
            return
        match self._incident.mode:
            case "slow":
                await asyncio.sleep(SLOW_SECONDS)
            case "errors":
                raise Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "told to fail")
            case _:
                raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "told to be unhealthy")

    def _about(self, request: web.Request) -> web.Response:
        port = request.transport.get_extra_info("sockname")[1] if request.transport else 0
        return web.json_response(
            {
                "service": "payments",
                "colour": self._colour,
                "target": self._targets.get(port),
                "image": self._image,
            }
        )


async def _list(service: Service, request: web.Request) -> web.Response:
    """PAGE rows at most with keys of that `prefix`, past row `after`: row, key, payment and colour of each.

    `more`: whether others follow. `database`: of that colour, whatever it has; else the writer's.
    """
    after, database = request.query.get("after", "0"), request.query.get("database")
    if not after.isdecimal():
        raise Refused(HTTPStatus.BAD_REQUEST, "after: the number of a row")
    if database not in {None, "blue", "green"}:
        raise Refused(HTTPStatus.BAD_REQUEST, "database: blue or green")
    prefix = request.query["prefix"]
    values = (int(after), len(prefix), prefix, PAGE)
    rows = await service.payments.run(
        lambda: service.ledger.read(lambda found, _: fetch(found, LIST, values), database)
    )
    return web.json_response({"payments": rows, "more": len(rows) == PAGE})
