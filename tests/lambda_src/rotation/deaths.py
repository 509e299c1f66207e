"""Ends a step right after one of its calls to AWS or to the database, as a function dies that Lambda cuts
off.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pymysql
import pytest
from pymysql.connections import Connection


class Died(BaseException):
    """No handler of the function's own catches it."""


class Calls:
    """Counts the calls that have had their effect, and dies after the one that has the number `fatal`."""

    def __init__(self, fatal: int | None = None) -> None:
        self.made: list[str] = []
        self._fatal = fatal

    def add(self, name: str) -> None:
        self.made.append(name)
        if len(self.made) == self._fatal:
            raise Died


@contextmanager
def counting(*clients: Any, fatal: int | None = None) -> Iterator[Calls]:
    """The calls of these AWS clients, and everybody's logins and statements: don't make others inside the
    block.
    """
    calls = Calls(fatal)

    def answered(model: Any, **_: Any) -> None:
        calls.add(model.name)

    for client in clients:
        client.meta.events.register("after-call", answered)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Connection, "query", _counted(Connection.query, calls, _first_word))
            patch.setattr(pymysql, "connect", _counted(pymysql.connect, calls, lambda *_: "login"))
            yield calls
    finally:
        for client in clients:
            client.meta.events.unregister("after-call", answered)


def _counted(stock: Callable[..., Any], calls: Calls, name: Callable[..., str]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        answer = stock(*args, **kwargs)
        calls.add(name(*args))
        return answer

    return call


def _first_word(_: Connection[Any], statement: bytes | str, *__: Any) -> str:
    text = statement.decode() if isinstance(statement, bytes) else statement
    return text.split()[0]
