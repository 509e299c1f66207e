"""A shift across an expand migration: old and new code on one ledger, under load, there and back.

Blue's clients run the code from before, green's the code that uses what the migration adds. The share of each
is the share of the traffic. The schema changes while they pay; the ledger moves with the traffic, and back.
"""

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import pymysql

from examples.service import payments
from examples.service.ledger import DUPLICATE_KEY
from examples.service.ledger import Ledger as Client
from examples.service.payments import Payment
from lambda_src.contract.values import Colour
from lambda_src.ledger import preflight
from lambda_src.ledger.accounts import Kind
from tests.lambda_src.ledger.clients import CLEAN, Load, paying, places
from tests.lambda_src.ledger.ledgers import BLUE, GREEN, SERVICE, Ledger, eventually
from tests.lambda_src.ledger.test_ledger_migrate import columns, migrate

EXPAND = """
ALTER TABLE payment ADD COLUMN note VARCHAR(64) CHARACTER SET ascii NULL;
ALTER TABLE payment ADD COLUMN fee BIGINT NOT NULL DEFAULT 0;
CREATE TABLE receipt (payment_id CHAR(36) CHARACTER SET ascii PRIMARY KEY, number BIGINT NOT NULL);
"""
INSERT = payments.INSERT.replace("colour)", "colour, note, fee)").replace("%s)", "%s, %s, 7)")
RECEIPT = "INSERT INTO receipt (payment_id, number) VALUES (%s, 1)"
CLIENTS = 4


@dataclass
class NewCode:
    """Clients that write the new columns, and a row of the new table in the same transaction."""

    ledger: Ledger
    share: float = 0.0
    # Key → (payment, note), as they were answered.
    noted: dict[str, tuple[str, str]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self, seed: int) -> None:
        client = Client(places(self.ledger), GREEN)
        try:
            for number in range(10**9):
                if self.stopped.wait(0.002 if seed < self.share * CLIENTS else 0.05):
                    return
                if seed < self.share * CLIENTS:
                    self.pay(client, f"new-{seed}-{number}")
        except Exception as error:  # noqa: BLE001 - a thread's own: the test reads it
            self.failed.append(repr(error))

    def pay(self, client: Client, key: str) -> None:
        new = Payment(str(uuid.uuid4()), "0" * 64, 1250, "EUR", "green")
        note = uuid.uuid4().hex
        written = client.write(lambda connection, _: write(connection, key, new, note))
        self.noted[key] = (written.payment_id, note)


def write(connection: Any, key: str, new: Payment, note: str) -> Payment:
    """As the next version of the service does: both rows are one transaction, which the client commits."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, (key, *asdict(new).values(), note))
            cursor.execute(RECEIPT, (new.payment_id,))
    except pymysql.IntegrityError as error:
        if error.args[0] != DUPLICATE_KEY:
            raise
        connection.rollback()
        return payments.write(connection, key, new)  # reads it
    return new


@contextmanager
def new_code(ledger: Ledger) -> Iterator[NewCode]:
    """Clients of the new version, without traffic at first."""
    load = NewCode(ledger)
    threads = [threading.Thread(target=load.run, args=(seed,), daemon=True) for seed in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.stopped.set()
        for thread in threads:
            thread.join(30)
    assert load.failed == []


def shift(old: Load, new: NewCode, share: float) -> None:
    """That share of the traffic to the new code; returns when both that have traffic have paid."""
    new.share = share
    before = len(new.noted), len(old.answered)
    if share:
        eventually(lambda: len(new.noted) >= before[0] + 30 or new.failed)
    if share < 1:
        eventually(lambda: len(old.answered) >= before[1] + 30 or old.failed)


def move(ledger: Ledger, target: Colour) -> None:
    """With all guards, as the mover's function does."""
    members = ledger.members
    eventually(lambda: ledger.failing() == {})
    preflight.move(
        {colour: member.place for colour, member in members.items()},
        {colour: member.accounts[Kind.MOVER] for colour, member in members.items()},
        target,
        move_id="m",
    )
    assert ledger.row(target)[1:] == (target, "open")


def test_a_shift_across_an_expand_migration_loses_nothing_and_goes_back(bare: Ledger) -> None:
    bare.set_up(SERVICE)
    with paying(bare, CLIENTS, 0.002) as old, new_code(bare) as new:
        assert migrate(bare, EXPAND).done == 3
        assert columns(bare, GREEN, "payment")[-2:] == ["note", "fee"]
        for share in (0.25, 0.5, 1.0):  # the shift: the ledger stays on blue
            shift(old, new, share)
        move(bare, GREEN)
        shift(old, new, 1.0)
        move(bare, BLUE)  # the way back, of the ledger and then of the traffic
        for share in (0.5, 0.0):
            shift(old, new, share)
        migrate(bare, "ALTER TABLE payment ADD COLUMN later INT NULL")  # and the next one
        shift(old, new, 0.5)
    assert old.verdict() == CLEAN
    for server in bare.servers.values():
        found = server.ask(
            "SELECT p.idempotency_key, p.payment_id, p.note FROM payments.payment p "
            "JOIN payments.receipt r ON r.payment_id = p.payment_id WHERE p.fee = 7"
        )
        assert {(key, payment, note) for key, payment, note in found} >= {
            (key, payment, note) for key, (payment, note) in new.noted.items()
        }
        assert server.ask("SELECT COUNT(*) FROM payments.payment WHERE note IS NULL AND fee = 0")[0][0] > 0
    eventually(lambda: bare.failing() == {})
