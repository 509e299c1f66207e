"""A MariaDB server of the tests' own, as RDS would have it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bluegreen.operate.databases.certificates import Authority
from bluegreen.operate.databases.server import Server

ADMINISTRATOR = "admin"  # RDS's own default
ADMINISTRATOR_PASSWORD = "CANARY-administrator-Zq7!"
QUICK = ("--innodb-flush-log-at-trx-commit=0",)


@dataclass
class MariaDb(Server):
    """`stranger`: an authority that did not sign its certificate."""

    stranger: Authority = field(kw_only=True)


@contextmanager
def running(directory: Path) -> Iterator[MariaDb]:
    """A server for as long as the block lasts."""
    authority, stranger = (Authority.create(directory, name) for name in ("authority", "stranger"))
    server = MariaDb(directory / "server", authority, options=QUICK, stranger=stranger)
    try:
        server.install()
        server.start()
        server.create_administrator(ADMINISTRATOR, ADMINISTRATOR_PASSWORD)
        yield server
    finally:
        server.kill()
