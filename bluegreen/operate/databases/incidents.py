"""What can go wrong with the databases of a local deployment, and how each is undone.

All of it is what the servers themselves can do: a rehearsal of what Aurora may show.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import pymysql
from embedded_aws import LocalAws

from bluegreen.operate.databases import local
from bluegreen.operate.databases.modes import DELAY_SECONDS
from lambda_src.contract.values import Colour

CLOSED_PORT = 1  # nobody listens there
START_SECONDS = 30.0
POLL_SECONDS = 0.1


def begin(aws: LocalAws, colour: Colour, mode: str) -> None:
    """One of modes.MODES that lasts, or `database-killed`. Raises OSError where the servers don't run."""
    _BEGIN[mode](aws, colour)


def end_all(aws: LocalAws) -> None:
    """Both databases replicate as before."""
    for colour in Colour:
        _channel(aws, colour, _port(aws, colour.other), delay=0)


@contextmanager
def transaction_open(aws: LocalAws, colour: Colour) -> Iterator[None]:
    """For the time of the block: the lock that any payment takes on the ledger's row."""
    with local.server(aws, colour).root() as cursor:
        cursor.execute("START TRANSACTION")
        cursor.execute("SELECT * FROM payments.ledger_epoch WHERE id = 1 LOCK IN SHARE MODE")
        yield
        cursor.execute("ROLLBACK")


def _kill(aws: LocalAws, colour: Colour) -> None:
    """Returns when it answers again."""
    server = local.server(aws, colour)
    pid = int((server.directory / "pid").read_text(encoding="ascii"))
    os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            server.ask("SELECT 1")
        except pymysql.MySQLError:
            time.sleep(POLL_SECONDS)
        else:
            if (server.directory / "pid").read_text(encoding="ascii").strip() != str(pid):
                return
    raise TimeoutError(f"{colour}'s database was not started again within {START_SECONDS:.0f} s")


def _stop(aws: LocalAws, colour: Colour) -> None:
    local.server(aws, colour).ask("STOP SLAVE")


def _slow_down(aws: LocalAws, colour: Colour) -> None:
    _channel(aws, colour, _port(aws, colour.other), delay=DELAY_SECONDS)


def _cut(aws: LocalAws, _: Colour) -> None:
    for colour in Colour:
        _channel(aws, colour, CLOSED_PORT, delay=0)


def _channel(aws: LocalAws, colour: Colour, port: int, *, delay: int) -> None:
    """A database's replication from that port of the other's address."""
    with local.server(aws, colour).root() as cursor:
        cursor.execute("STOP SLAVE")
        cursor.execute(
            "CHANGE MASTER TO MASTER_PORT = %s, MASTER_DELAY = %s, MASTER_USE_GTID = slave_pos", (port, delay)
        )
        cursor.execute("START SLAVE")


def _port(aws: LocalAws, colour: Colour) -> int:
    return local.places(aws)[colour].port


_BEGIN: Mapping[str, Callable[[LocalAws, Colour], None]] = {
    "database-killed": _kill,
    "replication-stopped": _stop,
    "replication-slow": _slow_down,
    "network-cut": _cut,
}
