"""What the ledger's modules hand to each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from ..contract.values import Colour

DATABASE = "payments"
LOCAL = "ledger_local"


class State(StrEnum):
    """`open`: the writer takes payments. `moving`: no database does; the move can be reverted. `handed`: it
    can't.
    """

    OPEN = "open"
    MOVING = "moving"
    HANDED = "handed"


@dataclass(frozen=True)
class Row:
    """The row of `ledger_epoch` on one database. `age`: seconds since it was changed, by that database's
    clock.
    """

    epoch: int
    writer: Colour
    state: State
    move_id: str
    age: float

    def __str__(self) -> str:
        return f"({self.epoch}, {self.writer}, {self.state})"


@dataclass(frozen=True)
class Account:
    """A database account."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Endpoint:
    """Where a database is. `ca`: a PEM file of the authorities that may sign its certificate."""

    host: str
    port: int
    ca: str

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Channel:
    """Replication as the target has it. `running`: receiver and applier; `lag`: seconds, None where unknown.

    `error`: number and text of the last one, without the statement that it quotes.
    """

    running: bool
    lag: int | None
    error: str | None


@dataclass(frozen=True)
class Source:
    """What a target's channel replicates from. `address` as the target reaches it; `ca`: a file on the
    target.
    """

    address: Endpoint
    account: Account


Watch = Callable[[str], None]
Endpoints = Mapping[Colour, Endpoint]
