"""The process of one colour's service: the example's application, started by the embedded AWS.

It is told `start` (`colour`, `targets`, `table`, `region`, `databases`: JSON, by colour `host`, `port`, `ca`
and the ARN of the `secret` with the account, `state`: the directory of the embedded AWS; `variables`: JSON,
of the task definition; `egress`: the proxy that is its way outside; of a version that was deployed the
`image`, and its manifest's `annotations`: one that says `crash` ends at once) and tells
`ports`, one a target; it is told an `incident` with a `number`, and tells that number as `acknowledged`.
"""

import asyncio
import json
import logging
import os
import signal
import socket
from pathlib import Path
from typing import Any

import embedded_aws
from aiohttp import web
from embedded_aws.companions.channel import Channel, leave

from bluegreen.operate.service.rehearsed import Rehearsed
from bluegreen.operate.service.task import environment
from examples.service import application, logs, metrics, serving
from examples.service.settings import Settings

HOST = "127.0.0.1"
USERNAME = "payments"  # of the account, where its secret has none


async def main() -> None:
    """Serve until the embedded AWS ends, or ends this process as ECS does."""
    channel = Channel()
    rehearsed: Rehearsed | None = None
    ending: asyncio.Task[None] | None = None

    def end(runner: web.AppRunner) -> None:
        nonlocal ending
        ending = asyncio.create_task(_end(runner))

    async for message in channel.messages():
        if "start" in message:
            rehearsed, runner, ports = await _start(message["start"])
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end, runner)
            channel.tell({"ports": ports})
        elif rehearsed is not None:
            rehearsed.begin(**message["incident"])
            channel.tell({"acknowledged": message["number"]})


async def _end(runner: web.AppRunner) -> None:
    """Finish what is in flight: another version has replaced this one."""
    await runner.cleanup()
    leave()


async def _start(told: dict[str, Any]) -> tuple[Rehearsed, web.AppRunner, list[int]]:
    if "crash" in told.get("annotations", {}):
        raise SystemExit(1)
    sockets = [socket.create_server((HOST, 0), backlog=serving.BACKLOG) for _ in told["targets"]]
    ports: list[int] = [bound.getsockname()[1] for bound in sockets]
    names = [f"{id_}:{port}" for id_, port in told["targets"]]

    def read_secret(arn: str) -> str:
        """With the run's control token: the secret's policy admits service and rotation only."""
        aws = embedded_aws.find(Path(told["state"]))
        if aws is None:  # it is being stopped, and stops its services
            raise RuntimeError(f"no embedded AWS runs in {told['state']}: {arn} can't be read")
        return json.dumps({"username": USERNAME, **json.loads(embedded_aws.secret_value(aws, arn))})

    colour = told["colour"]
    own = json.loads(told["databases"])[colour]["secret"]
    settings = Settings.of(environment(told, await asyncio.to_thread(read_secret, own)))
    _leave_by(told["egress"])
    logs.begin(colour, settings.log_level)
    logging.getLogger(metrics.__name__).setLevel(settings.log_level)  # the embedded AWS reads none of them
    rehearsed = Rehearsed(colour, dict(zip(ports, names, strict=True)), told.get("image"))
    built = application.build(settings, read_secret, rehearsed.inner)
    runner = serving.runner(built, settings.stop_seconds)
    await runner.setup()
    tls = await asyncio.to_thread(serving.server_tls)
    for bound in sockets:
        await web.SockSite(runner, bound, ssl_context=tls, backlog=serving.BACKLOG).start()
    return rehearsed, runner, ports


def _leave_by(proxy: str) -> None:
    """HTTP clients reach everything by it, whatever the user's own proxies are. AWS's clients use none."""
    os.environ |= {"HTTPS_PROXY": proxy, "https_proxy": proxy, "NO_PROXY": "", "no_proxy": ""}


if __name__ == "__main__":
    asyncio.run(main())
