"""The process that holds both servers of a deployment: `python -m bluegreen.operate.databases`.

The embedded AWS starts it and ends it. It is told `start` (`directory`, `targets`: host and port of each
colour) and tells `ports` once both servers answer; then an `administrator` (`server`, `name`, `password`,
`database`), which that server gets as RDS gives it to a new cluster, and acknowledges its `number`. A server
that ends is started again, as RDS does.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

from embedded_aws.companions.channel import Channel
from safe_io import private

from bluegreen.operate.databases import pair
from bluegreen.operate.databases.certificates import Authority
from bluegreen.operate.databases.server import LOOPBACK, Server, free_port

LOOK_SECONDS = 0.2


async def main() -> None:
    """Hold the servers until the embedded AWS ends; they end with this process."""
    channel = Channel()
    watching: asyncio.Task[None] | None = None
    servers: list[Server] = []
    async for message in channel.messages():
        if "start" in message and watching is None:
            servers = _start(message["start"])
            channel.tell({"ports": [server.port for server in servers]})
            watching = asyncio.create_task(_watch(servers))
        if "administrator" in message:
            _administer(servers, **message["administrator"])
            channel.tell({"acknowledged": message["number"]})


def _administer(servers: list[Server], server: int, name: str, password: str, database: str) -> None:
    if database:
        servers[server].create_database(database)
    servers[server].create_administrator(name, password)


def _start(settings: dict[str, Any]) -> list[Server]:
    """In this thread, which is the process's main one: see `server._ends_with_this_process`."""
    directory = private.folder(Path(settings["directory"]))
    authority = Authority.create(directory, pair.AUTHORITY)
    servers = []
    for colour, target in zip(pair.COLOURS, settings["targets"], strict=True):
        server = pair.configured(directory, authority, colour, *_address(*target))
        if not server.installed:
            server.install()
        server.start()
        servers.append(server)
    places = {server.directory.name: {"host": server.host, "port": server.port} for server in servers}
    with private.writer(directory / pair.PLACES) as file:
        file.write(json.dumps(places))
    return servers


def _address(host: str, port: int) -> tuple[str, int]:
    """As wanted where this machine can: macOS has 127.0.0.1 only, and another server may hold the port."""
    try:
        return host, free_port(host, port)
    except OSError:
        return LOOPBACK, free_port(LOOPBACK)


async def _watch(servers: list[Server]) -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        for server in servers:
            if server.process is None or server.process.poll() is not None:
                server.start()


if __name__ == "__main__":
    asyncio.run(main())
