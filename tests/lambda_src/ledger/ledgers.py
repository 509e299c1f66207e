"""A ledger on two servers, as tests look at it: past its own code, as root, wherever the answer matters."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bluegreen.operate.databases.server import Server
from examples.service import SCHEMA
from lambda_src.contract.values import Colour
from lambda_src.ledger import dialect, move, setup, status
from lambda_src.ledger.accounts import USERS, Kind
from lambda_src.ledger.database import Session, session
from lambda_src.ledger.models import Account, Endpoint
from lambda_src.ledger.setup import Member

BLUE, GREEN = Colour
TABLE = """
CREATE TABLE IF NOT EXISTS payment (
    idempotency_key VARCHAR(255) CHARACTER SET ascii PRIMARY KEY, amount INT NOT NULL
) ENGINE = InnoDB"""
SERVICE = SCHEMA.read_text(encoding="utf-8")
ADMINISTRATOR = Account("administrator", "CANARY-administrator")
PATIENCE_SECONDS = 60
FENCE = 1644
OPENING = "UPDATE payments.ledger_epoch SET epoch = %s, writer = 'green', state = %s, changed_at = NOW(6)"
OWN_TRIGGERS = "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'payments'"
STOPPING = ("SET GLOBAL read_only = OFF", "SET GLOBAL event_scheduler = ON", "STOP SLAVE", "RESET SLAVE ALL")
WIPING = (
    "DROP DATABASE IF EXISTS payments",
    "DROP DATABASE IF EXISTS ledger_local",
    "DELETE FROM mysql.global_priv WHERE host = '%' OR host = ''",
    "DELETE FROM mysql.db WHERE host = '%'",
    "DELETE FROM mysql.tables_priv WHERE host = '%'",
    "FLUSH PRIVILEGES",
    f"CREATE USER {ADMINISTRATOR.username}@'%' IDENTIFIED BY '{ADMINISTRATOR.password}' REQUIRE SSL",
    f"GRANT ALL PRIVILEGES ON *.* TO {ADMINISTRATOR.username}@'%' WITH GRANT OPTION",
    "RESET MASTER",
    "SET GLOBAL gtid_slave_pos = ''",
)


def run_all(server: Server, statements: Iterable[str]) -> None:
    """Statements of root, in one connection."""
    with server.root() as cursor:
        for statement in statements:
            cursor.execute(statement)


@dataclass(frozen=True)
class Ledger:
    """`members` as `ledger setup` takes them; the application logs in with `application`."""

    servers: dict[str, Server]
    members: dict[Colour, Member]

    @classmethod
    def on(cls, servers: dict[str, Server]) -> "Ledger":
        ca = str(servers["blue"].authority.path)
        members = {
            colour: Member(
                Endpoint(servers[colour].host, servers[colour].port, ca),
                ADMINISTRATOR,
                {kind: Account(f"{USERS[kind]}_a", f"CANARY-{kind}-{colour}") for kind in Kind},
            )
            for colour in Colour
        }
        return cls(servers, members)

    def wipe(self) -> None:
        """As the servers were when they had just been installed."""
        for server in self.servers.values():
            if server.process is None or server.process.poll() is not None:
                server.start()
        with ThreadPoolExecutor(len(self.servers)) as pool:
            list(pool.map(lambda server: run_all(server, STOPPING), self.servers.values()))
            list(pool.map(lambda server: run_all(server, WIPING), self.servers.values()))

    def set_up(self, table: str = TABLE) -> Colour:
        """`ledger setup`, and the application's account, which each colour's rotation would make."""
        writer = setup.run(self.members, tables=[table])
        for colour, server in self.servers.items():
            server.ask("CREATE USER IF NOT EXISTS payments@'%%' IDENTIFIED BY %s REQUIRE SSL", f"of-{colour}")
            server.ask("GRANT SELECT, INSERT, UPDATE, DELETE ON payments.* TO payments@'%'")
        return writer

    @contextmanager
    def application(self, colour: Colour) -> Iterator[Session]:
        """A connection as a service has it."""
        account = Account("payments", f"of-{colour}")
        with session(self.members[colour].place, account, "payments") as connected:
            yield connected

    @contextmanager
    def administrator(self, colour: Colour) -> Iterator[Session]:
        """A connection as an operator has it."""
        with session(self.members[colour].place, ADMINISTRATOR) as connected:
            yield connected

    def await_applied(self, target: Colour) -> None:
        """Wait until a database has applied all that the other one has executed."""
        with self.administrator(target.other) as source, self.administrator(target) as waiting:
            position = dialect.of(source).position(source)
            assert dialect.of(waiting).applied(waiting, position, PATIENCE_SECONDS)

    def pay(self, colour: Colour, key: str) -> None:
        """Write one payment there; raises StatementError where the database refuses it."""
        with self.application(colour) as connected:
            connected.change("pay", "INSERT INTO payment VALUES (%s, 1)", key)

    def keys(self, colour: Colour) -> set[str]:
        """The payments that a database has."""
        found = self.servers[colour].ask("SELECT idempotency_key FROM payments.payment")
        return {key for (key,) in found}

    def row(self, colour: Colour) -> tuple[Any, ...]:
        """Epoch, writer and state on a database."""
        return self.servers[colour].ask("SELECT epoch, writer, state FROM payments.ledger_epoch")[0]

    def status(self) -> status.Status:
        """`ledger status`, with the account of who watches."""
        places = {colour: member.place for colour, member in self.members.items()}
        accounts = {colour: member.accounts[Kind.HEALTH] for colour, member in self.members.items()}
        return status.read(places, accounts)

    def move(
        self, target: Colour, after: Callable[[str], None] = lambda _: None, name: str = "m"
    ) -> move.Moved:
        """`ledger move`, with the mover's own account."""
        places = {colour: member.place for colour, member in self.members.items()}
        accounts = {colour: member.accounts[Kind.MOVER] for colour, member in self.members.items()}
        return move.run(places, accounts, target, move_id=name, after=after)

    def open_green(self) -> None:
        """Move the ledger to green, by hand and without load."""
        for colour, state, epoch in ((BLUE, "moving", 2), (BLUE, "handed", 2), (GREEN, "open", 3)):
            self.servers[colour].ask(OPENING, epoch, state)
            self.await_applied(colour.other)

    def failing(self) -> dict[tuple[str, str], str]:
        """(guard, colour) → what was found, of the guards that don't pass."""
        return {(g.name, g.colour.value): g.found for g in self.status().guards if not g.passed}


def eventually(holds: Callable[[], object]) -> None:
    """Wait until that holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
