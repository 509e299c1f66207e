"""Calls functions, and holds a line to processes, to see whether they live."""

import base64
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from embedded_aws import LocalAws

PATIENCE_SECONDS = 30.0

# A handler that calls the test (`event["port"]`), and ends when the test answers.
HOLDS_THE_LINE = """
import socket

def handler(event, context):
    with socket.create_connection(("127.0.0.1", event["port"])) as line:
        line.sendall(b"here")
        return line.recv(4).decode()
"""


@dataclass(frozen=True)
class Answer:
    """What Invoke returned. `error`: what AWS calls FunctionError; `log`: the lines of LogResult."""

    payload: Any
    error: str | None
    log: list[str]
    version: str


def invoke(aws: LocalAws, name: str, event: Any = None, **arguments: Any) -> Answer:
    """Invoke a function and wait for its answer."""
    answer = aws.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), **arguments)
    log = base64.b64decode(answer.get("LogResult", "")).decode().splitlines()
    payload = json.loads(answer["Payload"].read() or "null")
    return Answer(payload, answer.get("FunctionError"), log, answer["ExecutedVersion"])


@contextmanager
def listening() -> Iterator[socket.socket]:
    """A place on loopback that processes under test connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE_SECONDS)
        yield listener


def port_of(listener: socket.socket) -> int:
    """Where it listens."""
    port: int = listener.getsockname()[1]
    return port


def pick_up(listener: socket.socket) -> socket.socket:
    """Wait for a process to call, and to say that it is there."""
    line, _ = listener.accept()
    line.settimeout(PATIENCE_SECONDS)
    assert line.recv(4) == b"here"
    return line


def is_cut(line: socket.socket) -> bool:
    """Wait until no process holds the other end any more."""
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True
