"""A network between a task and its databases that breaks during COMMIT."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

COMMIT = 2  # of what a client sends for a payment: the INSERT, then the COMMIT
CHUNK = 65536


@dataclass
class Network:
    """`break_at`: None, or when the connection of the next COMMIT breaks: `before` or `after`
    the server has it.
    """

    break_at: str | None = None
    broken: threading.Event = field(default_factory=threading.Event)

    def connect(self, client: socket.socket, server: socket.socket) -> None:
        """Carry one connection until either end closes it."""
        breaking = threading.Event()
        ways = ((client, server, self._request), (server, client, self._answer))
        for source, target, look in ways:

            def carry(source=source, target=target, look=look):  # type: ignore[no-untyped-def]
                turn = 0
                with suppress(OSError):
                    while data := source.recv(CHUNK):
                        turn = turn + 1 if self.break_at else 0
                        if not look(breaking, turn):
                            break
                        target.sendall(data)
                for end in (source, target):
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)

            threading.Thread(target=carry, daemon=True).start()

    def _request(self, breaking: threading.Event, turn: int) -> bool:
        if turn == COMMIT and not breaking.is_set():
            breaking.set()
            when, self.break_at = self.break_at, None
            self.broken.set()
            return when == "after"
        return True

    def _answer(self, breaking: threading.Event, _: int) -> bool:
        return not breaking.is_set()


@contextmanager
def between(hosts: list[str], port: int) -> Iterator[tuple[Network, int]]:
    """A network to that port of the hosts, at another port of theirs."""
    network = Network()
    with ExitStack() as stack:
        first = stack.enter_context(socket.create_server((hosts[0], 0)))
        own = int(first.getsockname()[1])
        listening = [first, *(stack.enter_context(socket.create_server((host, own))) for host in hosts[1:])]

        def accept(host: str, bound: socket.socket) -> None:
            with suppress(OSError):
                while True:
                    client, _ = bound.accept()
                    network.connect(client, socket.create_connection((host, port)))

        for host, bound in zip(hosts, listening, strict=True):
            threading.Thread(target=accept, args=(host, bound), daemon=True).start()
        yield network, own
