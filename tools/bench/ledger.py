"""What the ledger's fence costs: payments a second with the triggers and without, on two MariaDB servers.

python -m tools.bench.ledger
"""

import secrets
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from bluegreen.operate.databases import pair
from bluegreen.operate.databases.server import Server
from examples.service import SCHEMA
from examples.service.ledger import Ledger, Place
from examples.service.payments import Payment, write
from lambda_src.contract.values import Colour
from lambda_src.ledger import setup
from lambda_src.ledger.accounts import USERS, Kind
from lambda_src.ledger.models import Account, Endpoint
from lambda_src.ledger.setup import Member
from tools.bench.row import Row, show

CLIENTS = 12
SECONDS = 4.0
ROUNDS = 3
THINK_SECONDS = (0.0, 0.010)
NAMES = ("without triggers", "with triggers")
# More than 45 % of a full load has to be explained.
TARGET = 1 / (1 - 0.45)


def rows() -> list[Row]:
    """In turn with and without: what else the machine does slows both."""
    sys.stderr.write("bench: the fence of the ledger\n")
    with tempfile.TemporaryDirectory() as directory, pair.running(Path(directory)) as servers:
        places = _set_up(servers)
        return [_row(servers["blue"], places, think) for think in THINK_SECONDS]


def _row(server: Server, places: dict[str, Place], think: float) -> Row:
    triggers = dict(_triggers(server))
    with_, without = [], []
    for _ in range(ROUNDS):
        with_.append(_payments_a_second(places, think))
        for name in triggers:
            server.ask(f"DROP TRIGGER payments.{name}")
        without.append(_payments_a_second(places, think))
        for statement in triggers.values():
            with server.root() as cursor:
                cursor.execute("USE payments")
                cursor.execute(statement)
    target = TARGET if think == 0 else None
    load = f"{1000 * think:.0f} ms of think time" if think else "full load"
    return Row(
        f"payments, {CLIENTS} clients, {load}",
        "/s",
        NAMES,
        statistics.median(without),
        statistics.median(with_),
        target,
    )


def _set_up(servers: dict[str, Server]) -> dict[str, Place]:
    ca = str(servers["blue"].authority.path)
    administrator, application = (Account(name, secrets.token_urlsafe()) for name in ("admin", "payments"))
    members = {}
    for colour in Colour:
        server = servers[colour]
        server.create_administrator(administrator.username, administrator.password)
        own = Endpoint(server.host, server.port, ca)
        accounts = {kind: Account(f"{USERS[kind]}_a", secrets.token_urlsafe()) for kind in Kind}
        members[colour] = Member(own, administrator, accounts)
    setup.run(members, tables=[SCHEMA.read_text(encoding="utf-8")])
    for server in servers.values():
        privileges = "SELECT, INSERT ON payments.*"
        server.create_account(application.username, application.password, privileges)
    login = application.username, application.password
    return {colour: Place(s.host, s.port, ca, *login) for colour, s in servers.items()}


def _triggers(server: Server) -> list[tuple[str, str]]:
    names = server.ask(
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'payments'"
    )
    return [(name, server.ask(f"SHOW CREATE TRIGGER payments.{name}")[0][2]) for (name,) in names]


def _payments_a_second(places: dict[str, Place], think: float) -> float:
    until = time.monotonic() + SECONDS
    counts: list[int] = []

    def pay() -> None:
        client, count = Ledger(places, "blue"), 0
        while time.monotonic() < until:
            new = Payment(secrets.token_hex(18), secrets.token_hex(32), 1250, "EUR", "blue")
            key = secrets.token_hex(16)
            client.write(lambda connection, _: write(connection, key, new))  # noqa: B023 - called at once
            count += 1
            if think:
                time.sleep(think)
        counts.append(count)

    threads = [threading.Thread(target=pay) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / SECONDS


if __name__ == "__main__":
    sys.exit(show(rows()))
