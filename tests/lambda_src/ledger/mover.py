"""Movers that end as a Lambda function ends: in a process of their own, at any statement or after any step.

`python -m tests.lambda_src.ledger.mover` reads a request a line and forks for each, so that no mover inherits
anything from the one before. A mover that dies runs no clean-up; one that freezes keeps its connections.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from lambda_src.contract.values import Colour
from lambda_src.ledger import move
from lambda_src.ledger.accounts import Kind
from lambda_src.ledger.database import Session
from lambda_src.ledger.errors import LedgerError
from lambda_src.ledger.models import Account, Endpoint
from tests.lambda_src.ledger import aurora
from tests.lambda_src.ledger.ledgers import Ledger
from tests.workspaces import ROOT

MOVED, FAILED, DIED = 0, 5, 7
DIE, CUT, FREEZE = ACTS = ("die", "cut", "freeze")
BEFORE, AFTER = MOMENTS = ("before", "after")


@dataclass(frozen=True)
class Point:
    """Where a mover is hit: at a statement, counted over both databases, or after a step.

    `among`: statements with these purposes are counted; none: all.
    """

    act: str
    statement: int = 0
    moment: str = AFTER
    step: str = ""
    among: tuple[str, ...] = ()

    def __str__(self) -> str:
        where = (
            f"after the step {self.step!r}"
            if self.step
            else f"{self.moment} statement {self.statement} {self.among}"
        )
        return f"{self.act} {where}"


@dataclass(frozen=True)
class Ended:
    """`statements`: (database, purpose) of those that were sent; `hit`: whether it came to its point."""

    code: int
    statements: list[tuple[str, str]]
    hit: bool
    error: str = ""


@dataclass
class Movers:
    """The process that forks them. `frozen`: one is stopped and waits for `thaw`."""

    process: subprocess.Popen[str]
    frozen: bool = field(default=False, init=False)

    def run(self, ledger: Ledger, target: Colour, point: Point) -> Ended | None:
        """Move, and hit the mover there. None: it is frozen."""
        told = {
            "places": {c: asdict(member.place) for c, member in ledger.members.items()},
            "accounts": {c: asdict(m.accounts[Kind.MOVER]) for c, m in ledger.members.items()},
            "target": target,
            "point": asdict(point),
        }
        return self._exchange(json.dumps(told))

    def thaw(self) -> Ended:
        """Let the frozen mover go on, to its end."""
        ended = self._exchange("thaw")
        assert ended
        return ended

    def _exchange(self, line: str) -> Ended | None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        self.frozen = bool(answer.get("frozen"))
        return None if self.frozen else Ended(**answer)


@contextmanager
def movers() -> Iterator[Movers]:
    """Start the process before any thread: it forks."""
    command = [sys.executable, "-m", "tests.lambda_src.ledger.mover"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Movers(process)
        assert process.stdin
        process.stdin.close()
        process.wait(60)


def main() -> None:
    """Until there are no more requests."""
    aurora.choose()
    for line in sys.stdin:
        report, written = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(report)
            _mover(json.loads(line), written)
        os.close(written)
        _, status = os.waitpid(pid, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            print(json.dumps({"frozen": True}), flush=True)  # noqa: T201 - the protocol
            sys.stdin.readline()
            os.kill(pid, signal.SIGCONT)
            _, status = os.waitpid(pid, 0)
        with os.fdopen(report) as lines:
            notes = [json.loads(note) for note in lines]
        answer = {
            "code": os.waitstatus_to_exitcode(status),
            "statements": [note["statement"] for note in notes if "statement" in note],
            "hit": any("hit" in note for note in notes),
            "error": next((note["error"] for note in notes if "error" in note), ""),
        }
        print(json.dumps(answer), flush=True)  # noqa: T201 - as above


def _mover(told: dict[str, Any], written: int) -> None:
    places = {Colour(name): Endpoint(**place) for name, place in told["places"].items()}
    accounts = {Colour(name): Account(**account) for name, account in told["accounts"].items()}
    hitting = _Hitting(Point(**told["point"]), written)
    Session._run = hitting.run  # type: ignore[method-assign, assignment]
    code = MOVED
    try:
        move.run(places, accounts, Colour(told["target"]), move_id=str(os.getpid()), after=hitting.after)
    except LedgerError as error:
        code = FAILED
        hitting.note(error=f"{type(error).__name__}: {error}")
    finally:
        os._exit(code if sys.exc_info()[0] is None else 1)


class _Hitting:
    def __init__(self, point: Point, written: int) -> None:
        self._point, self._written, self._count = point, written, 0
        stock = Session._run
        self._stock = stock
        hitting = self

        def run(connected: Session, purpose: str, statement: str, values: tuple[object, ...]) -> Any:
            return hitting.statement(connected, purpose, statement, values)

        self.run = run

    def note(self, **said: object) -> None:
        os.write(self._written, json.dumps(said).encode() + b"\n")

    def statement(self, connected: Session, purpose: str, statement: str, values: tuple[object, ...]) -> Any:
        counted = not self._point.among or purpose in self._point.among
        self._count += counted
        number = self._count if counted else 0
        self._hit_at(number, BEFORE, connected)
        self.note(statement=(connected.where, purpose))
        answer = self._stock(connected, purpose, statement, values)
        if self._hit_at(number, AFTER, connected):
            return self._stock(connected, purpose, statement, values)  # fails: it is cut off
        return answer

    def after(self, step: str) -> None:
        if step == self._point.step:
            self._act(None)

    def _hit_at(self, number: int, moment: str, connected: Session) -> bool:
        """Whether the answer is lost."""
        point = self._point
        if point.step or (number, moment) != (point.statement, point.moment) or not number:
            return False
        self._act(connected)
        return point.act == CUT

    def _act(self, connected: Session | None) -> None:
        self.note(hit=True)
        if self._point.act == DIE:
            os._exit(DIED)
        if self._point.act == FREEZE:
            os.kill(os.getpid(), signal.SIGSTOP)
        if self._point.act == CUT and connected:
            with suppress(OSError):
                connected._connection._sock.shutdown(socket.SHUT_RDWR)  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
