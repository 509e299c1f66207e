"""One companion, as the embedded AWS holds it: a child process that is told, and tells, JSON lines."""

import contextlib
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

Message = dict[str, Any]
OnMessage = Callable[[Message], None]

EXIT_SECONDS = 5.0  # a service finishes its requests

log = logging.getLogger(__name__)


class Companion:
    """`python -m <module>`, started in `root` (default: where this process runs).

    `on_message` gets what it tells, in a thread of its own; an empty message when it has ended.
    Its errors go where this process's own go.
    """

    def __init__(self, module: str, on_message: OnMessage, root: str | None = None) -> None:
        self._on_message = on_message
        self._telling = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module],
            cwd=root,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._reader = threading.Thread(target=self._listen, daemon=True, name=module)
        self._reader.start()

    def hear(self, on_message: OnMessage) -> None:
        """Have another one get what it tells from now on."""
        self._on_message = on_message

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send one message. One that has ended is told nothing; `running` says so."""
        stdin = self._process.stdin
        with self._telling, contextlib.suppress(BrokenPipeError, ValueError):
            if stdin is not None:
                stdin.write(json.dumps(message) + "\n")
                stdin.flush()

    def close(self) -> None:
        """End it."""
        for end in (self._process.terminate, self._process.kill):
            end()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(EXIT_SECONDS)
                return

    def _listen(self) -> None:
        for line in self._process.stdout or ():
            self._pass_on(json.loads(line))
        self._process.wait()
        self._pass_on({})

    def _pass_on(self, message: Message) -> None:
        try:
            self._on_message(message)
        except Exception:  # one message less is better than nobody who listens
            log.exception("a message of %s had no effect", self._reader.name)
