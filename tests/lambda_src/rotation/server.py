"""A database server of the tests' own, as RDS would have it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bluegreen.operate.databases.certificates import Authority
from bluegreen.operate.databases.server import Server
from tests.lambda_src.ledger import aurora

ADMINISTRATOR = "admin"  # RDS's own default
ADMINISTRATOR_PASSWORD = "CANARY-administrator-Zq7!"
QUICK = ("--innodb-flush-log-at-trx-commit=0",)


@contextmanager
def running(directory: Path) -> Iterator[Server]:
    """A server for as long as the block lasts."""
    server = aurora.kind()(directory / "server", Authority.create(directory, "authority"), options=QUICK)
    try:
        server.install()
        server.start()
        server.create_administrator(ADMINISTRATOR, ADMINISTRATOR_PASSWORD)
        yield server
    finally:
        server.kill()
