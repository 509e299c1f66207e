"""Clients that pay while the ledger moves, and find out what is lost, duplicated or split.

Clients that only retry on errors miss a mover that doesn't wait. So these also repeat keys that were already
answered, and look for the other colour although nothing told them to.
"""

import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bluegreen.operate.databases.server import Server
from examples.service import ledger as service
from examples.service.ledger import Ledger as Client
from examples.service.ledger import LedgerUnavailableError, Place
from examples.service.payments import Payment, write
from lambda_src.contract.values import Colour
from tests.lambda_src.ledger.ledgers import Ledger, eventually

CLIENTS = 8
REPEATED = WANDERING = 0.15
BULK = 2000
CLEAN = {"lost": 0, "duplicated": 0, "split": 0}


@dataclass
class Load:
    """What the clients saw. `answered`: key → payment; `contradicted`: keys that were answered with two."""

    ledger: Ledger
    answered: dict[str, str] = field(default_factory=dict)
    contradicted: set[str] = field(default_factory=set)
    failed: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)
    # Answered since the last check; the number of the last row that was checked; a lock of each client.
    recent: dict[str, str] = field(default_factory=dict)
    checked: int = 0
    moments: list[float] = field(default_factory=list)  # of the answers, by the monotonic clock
    turns: list[threading.Lock] = field(default_factory=list)

    def pay(self, client: Client, key: str) -> None:
        new = Payment(str(uuid.uuid4()), "0" * 64, 1250, "EUR", "blue")
        try:
            payment = client.write(lambda connection, _: write(connection, key, new)).payment_id
        except LedgerUnavailableError:
            return  # no answer: its outcome is nobody's claim
        self.moments.append(time.monotonic())
        if key not in self.answered:
            self.recent[key] = payment
        if self.answered.setdefault(key, payment) != payment:
            self.contradicted.add(key)

    def run(self, own: Colour, seed: int, think: float) -> None:
        """One client, until it is stopped."""
        chance = random.Random(seed)  # noqa: S311 - not a secret
        client = Client(places(self.ledger), own)
        mine: list[str] = []
        try:
            for number in range(10**9):
                if self.stopped.is_set():
                    return
                again = mine and chance.random() < REPEATED
                key = chance.choice(mine) if again else f"{seed}-{number}"
                if chance.random() < WANDERING:
                    client.try_first(chance.choice(list(Colour)))
                with self.turns[seed]:
                    self.pay(client, key)
                if key in self.answered:
                    mine.append(key)
                self.stopped.wait(think)
        except Exception as error:  # noqa: BLE001 - a thread's own: the test reads it
            self.failed.append(repr(error))

    def bulk(self, writer: Colour, count: int = BULK) -> None:
        """One transaction with many rows, as the application: replication takes a while for it."""
        rows = ", ".join(
            f"('{uuid.uuid4()}', UUID(), REPEAT('0', 64), 1, 'EUR', 'blue')" for _ in range(count)
        )
        columns = "(idempotency_key, payment_id, session_id, amount, currency, colour)"
        with self.ledger.application(writer) as connected:
            connected.change("pay in bulk", f"INSERT INTO payment {columns} VALUES {rows}")  # noqa: S608

    def await_payments(self, more: int = 50) -> None:
        """Wait until that many more were answered."""
        wanted = len(self.answered) + more
        eventually(lambda: len(self.answered) >= wanted or self.failed)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """No client pays in the block, and none is in the midst of it."""
        with ExitStack() as stack:
            for turn in self.turns:
                stack.enter_context(turn)
            yield

    def check(self) -> None:
        """The verdict on what was paid since the last check has to be clean."""
        with self.paused():
            answered, self.recent = self.recent, {}
            assert self._judge(answered, self.checked) == CLEAN
            servers = self.ledger.servers.values()
            self.checked = max(
                server.ask("SELECT MAX(number) FROM payments.payment")[0][0] for server in servers
            )

    def verdict(self) -> dict[str, int]:
        """Lost on either database, duplicated, split; after replication has settled."""
        return self._judge(self.answered, 0)

    def _judge(self, answers: dict[str, str], after: int) -> dict[str, int]:
        servers = self.ledger.servers

        def settled() -> bool:
            blue, green = (_written(servers[colour], after) for colour in Colour)
            return blue == green or _stuck(self.ledger)

        eventually(settled)
        blue, green = (_written(servers[colour], after) for colour in Colour)
        answered = set(answers.items())
        return {
            "lost": len(answered - (blue & green)),
            "duplicated": len(self.contradicted),
            "split": len(blue ^ green),
        }


@contextmanager
def paying(ledger: Ledger, clients: int = CLIENTS, think: float = 0) -> Iterator[Load]:
    """Clients of both colours for as long as the block lasts. `think`: seconds between payments."""
    load = Load(ledger, turns=[threading.Lock() for _ in range(clients)])
    threads = [
        threading.Thread(target=load.run, args=(list(Colour)[seed % 2], seed, think), daemon=True)
        for seed in range(clients)
    ]
    for thread in threads:
        thread.start()
    try:
        load.await_payments()
        yield load
        load.await_payments()
    finally:
        load.stopped.set()
        for thread in threads:
            thread.join(service.PATIENCE_SECONDS + service.ANSWER_SECONDS + 5)
    assert load.failed == []


def places(ledger: Ledger) -> dict[str, Place]:
    """As a service of either colour is told."""
    found = {}
    for colour, member in ledger.members.items():
        place = member.place
        found[colour.value] = Place(place.host, place.port, place.ca, "payments", f"of-{colour}")
    return found


def _written(server: Server, after: int) -> set[tuple[str, str]]:
    found = server.ask("SELECT idempotency_key, payment_id FROM payments.payment WHERE number > %s", after)
    return {(key, payment) for key, payment in found}


def _stuck(ledger: Ledger) -> bool:
    """Replication has stopped with an error: that is a split."""
    statement = "SHOW GLOBAL STATUS LIKE 'Slave_running'"
    return any(server.ask(statement) != [("Slave_running", "ON")] for server in ledger.servers.values())
