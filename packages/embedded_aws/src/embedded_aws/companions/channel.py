"""A companion's own end of the line to the embedded AWS: JSON, a line a message, on stdin and stdout."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from typing import Any, TextIO

MESSAGE_LIMIT_BYTES = 16 * 1024 * 1024


class Channel:
    """Take it before anything prints: what does afterwards goes to stderr."""

    def __init__(self) -> None:
        self._output: TextIO = os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1)
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send one message; exit where nobody listens any more."""
        try:
            self._output.write(json.dumps(message) + "\n")
        except BrokenPipeError:
            leave()

    async def messages(self) -> AsyncIterator[dict[str, Any]]:
        """What the embedded AWS tells. Exits the process when it has ended."""
        reader = asyncio.StreamReader(limit=MESSAGE_LIMIT_BYTES)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            yield json.loads(line)
        leave()


def leave() -> None:
    """End this process at once, whatever it is doing: its embedded AWS is gone."""
    os._exit(0)
