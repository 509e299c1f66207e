"""The entry point of a task: serve with TLS on PORT until SIGTERM, then finish what is in flight.

ECS takes the task out of its target group, sends SIGTERM, and kills it `stop_timeout_seconds` later.
"""

import asyncio
import logging
import os
import signal

from aiohttp import web

from examples.service import application, logs, serving
from examples.service.settings import Settings


async def main() -> None:
    """Serve."""
    settings = Settings.of(os.environ)
    logs.begin(settings.colour, settings.log_level)
    stopped = asyncio.Event()
    for signal_ in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signal_, stopped.set)
    built = application.build(settings, settings.read_secret)
    runner = serving.runner(built, settings.stop_seconds)
    await runner.setup()
    tls = await asyncio.to_thread(serving.server_tls)
    site = web.TCPSite(runner, settings.address, settings.port, ssl_context=tls, backlog=serving.BACKLOG)
    await site.start()
    logging.getLogger(__name__).info("serving on port %s", settings.port)
    await stopped.wait()
    logging.getLogger(__name__).info("stopping")
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
