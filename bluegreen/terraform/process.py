"""One Terraform process: supervised, and interrupted once however often the operator asks for it."""

import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

SUPERVISOR = Path(__file__).with_name("supervisor.py")
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# How long Terraform may take after an interrupt. It cancels the calls in progress and saves its state, which
# takes seconds; to kill it costs the state of what it was creating.
INTERRUPT_GRACE_SECONDS = 300
CHUNK = 65536

OnInterrupt = Callable[[int], None]  # gets how many there have been


class Interrupts:
    """Signals that would end this process, counted for as long as the block lasts.

    `fd` is readable when one has come. Outside of the main thread none comes: Python delivers them there.
    """

    def __init__(self) -> None:
        self.count = 0
        self._former: dict[int, Any] = {}

    def __enter__(self) -> "Interrupts":
        self.fd, self._write = os.pipe()
        os.set_blocking(self._write, False)
        if threading.current_thread() is threading.main_thread():
            for number in SIGNALS:
                former = signal.getsignal(number)
                if former is not None and former is not signal.SIG_IGN:  # nohup
                    self._former[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, former in self._former.items():
            signal.signal(number, former)
        os.close(self.fd)
        os.close(self._write)

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.count += 1
        try:
            os.write(self._write, b"!")
        except BlockingIOError:  # the 65,537th need not be known
            return


@contextmanager
def supervised(
    command: Sequence[str],
    directory: Path,
    environment: Mapping[str, str],
    stderr: int,
    *,
    umask: int,
    grace: float | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    """`command` under the supervisor. Closing the standard input of what this yields interrupts the command.

    A session of its own: a terminal's Ctrl-C would reach Terraform as often as it is pressed, and at the
    second one Terraform drops its state. `umask`: of the command, as subprocess has it; `grace`: seconds
    between its interrupt and its kill, by default enough to save a state.
    """
    with subprocess.Popen(
        [sys.executable, "-I", str(SUPERVISOR), str(grace or INTERRUPT_GRACE_SECONDS), *command],
        cwd=directory,
        env=dict(environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        start_new_session=True,
        umask=umask,
    ) as child:
        try:
            yield child
        finally:
            interrupt(child)  # it has ended, or an exception is on its way


def interrupt(child: "subprocess.Popen[bytes]") -> None:
    """Interrupt the supervised command; again, and nothing happens."""
    if child.stdin is not None:
        child.stdin.close()


def lines(
    child: "subprocess.Popen[bytes]",
    interrupts: Interrupts,
    on_interrupt: OnInterrupt,
    seconds: float | None = None,
) -> Iterator[str]:
    """Lines of its output until that ends. The first interrupt interrupts the command, further ones are
    reported. Raises TimeoutError when that takes longer than `seconds`.
    """
    deadline = time.monotonic() + seconds if seconds is not None else None
    assert child.stdout is not None  # noqa: S101 - `supervised` made it a pipe
    output = child.stdout.fileno()
    rest = b""
    told = 0
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        selector.register(interrupts.fd, selectors.EVENT_READ)
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            ready = {key.fd for key, _ in selector.select(left)}
            if left == 0:
                raise TimeoutError
            if interrupts.fd in ready:
                os.read(interrupts.fd, CHUNK)
                interrupt(child)
            while told < interrupts.count:
                told += 1
                on_interrupt(told)
            if output in ready:
                chunk = os.read(output, CHUNK)
                *whole, rest = (rest + chunk).split(b"\n")
                yield from (line.decode(errors="replace") + "\n" for line in whole)
                if not chunk:
                    break
    if rest:
        yield rest.decode(errors="replace")
