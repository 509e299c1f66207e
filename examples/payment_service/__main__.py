"""The process of one colour's service: `python -m examples.payment_service`, started by the embedded AWS.

It is told `start` (`colour`, `targets`, `table`, `region`, `databases`: JSON, by colour `host`, `port`, `ca`
and the ARN of the `secret` with the account, `state`: the directory of the embedded AWS; of a version that
was deployed the `image`, and its manifest's `annotations`: one that says `crash` ends at once) and tells
`ports`, one a target; it is told an `incident` with a `number`, and tells that number as `acknowledged`.
"""

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import embedded_aws
from aiohttp import web
from embedded_aws.certificates import self_signed, tls_server
from embedded_aws.companions.channel import Channel

from examples.payment_service.incident import Incident
from examples.payment_service.ledger import Ledger, Place
from examples.payment_service.payments import Payments
from examples.payment_service.service import Service
from examples.payment_service.sessions import Sessions

HOST = "127.0.0.1"
BACKLOG = 512
USERNAME = "payments"  # of the account, where its secret has none
# Longer than the load balancer keeps its own: who closes first must be the one that sends.
IDLE_SECONDS = 75.0


async def main() -> None:
    """Serve until the embedded AWS ends."""
    channel = Channel()
    service: Service | None = None
    async for message in channel.messages():
        if "start" in message:
            service, ports = await _start(message["start"])
            channel.tell({"ports": ports})
        elif service is not None:
            service.incident = Incident(**message["incident"])
            channel.tell({"acknowledged": message["number"]})


async def _start(settings: dict[str, Any]) -> tuple[Service, list[int]]:
    if "crash" in settings.get("annotations", {}):
        raise SystemExit(1)
    sockets = [socket.create_server((HOST, 0), backlog=BACKLOG) for _ in settings["targets"]]
    ports: list[int] = [bound.getsockname()[1] for bound in sockets]
    names = [f"{id_}:{port}" for id_, port in settings["targets"]]
    colour = settings["colour"]
    told = json.loads(settings["databases"])

    def read(name: str) -> Place:
        place, aws = told[name], embedded_aws.find(Path(settings["state"]))
        if aws is None:  # it is being stopped, and stops its services
            raise RuntimeError(
                f"no embedded AWS runs in {settings['state']}: {place['secret']} can't be read"
            )
        value = json.loads(embedded_aws.secret_value(aws, place["secret"]))
        username = value.get("username", USERNAME)
        return Place(place["host"], place["port"], place["ca"], username, value["password"])

    places = {name: await asyncio.to_thread(read, name) for name in told}
    ledger = Ledger(places, colour, read)
    await asyncio.to_thread(ledger.warm)
    service = Service(
        colour,
        await asyncio.to_thread(Sessions, settings["table"], settings["region"], colour),
        Payments(ledger, colour),
        dict(zip(ports, names, strict=True)),
        image=settings.get("image"),
    )
    runner = web.ServerRunner(web.Server(service.answer, keepalive_timeout=IDLE_SECONDS))
    await runner.setup()
    certificate, private_key = self_signed(f"{colour}.payments.test")
    tls = tls_server(certificate.decode(), private_key.decode())
    for bound in sockets:
        await web.SockSite(runner, bound, ssl_context=tls, backlog=BACKLOG).start()
    return service, ports


if __name__ == "__main__":
    asyncio.run(main())
