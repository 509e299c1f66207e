"""Two servers that can replicate to each other: how each is configured, as the parameter group does on AWS.

MariaDB counts transactions by domain: one a server. Both filters are needed on both servers: without the
first, statements about accounts cross; without the second, DDL of `ledger_local` does.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bluegreen.operate.databases.server import LOOPBACK, Server

if TYPE_CHECKING:
    from bluegreen.operate.databases.certificates import Authority

COLOURS = ("blue", "green")
AUTHORITY = "authority"  # signs both certificates: authority.pem
PLACES = "places.json"  # colour → host and port
LOG_SECONDS = 72 * 3600
# Commits survive the death of the process, not of the machine: the laptop is no place for a ledger to last.
REPLICATING = (
    "--log-bin=binlog",
    "--log-slave-updates",
    "--binlog-format=ROW",
    "--gtid-strict-mode=ON",
    "--relay-log=relay",
    f"--binlog-expire-logs-seconds={LOG_SECONDS}",
    "--replicate-wild-do-table=payments.%",
    "--replicate-ignore-db=ledger_local",
    "--event-scheduler=ON",
    "--innodb-flush-log-at-trx-commit=2",
    "--sync-binlog=0",
)


def configured(
    directory: Path,
    authority: "Authority",
    colour: str,
    host: str = LOOPBACK,
    port: int = 0,
    *,
    kind: type[Server] = Server,
) -> Server:
    """A colour's server, not installed yet."""
    number = COLOURS.index(colour) + 1
    own = (f"--server-id={number}", f"--gtid-domain-id={number}")
    return kind(directory / colour, authority, host, port, (*REPLICATING, *own))


@contextmanager
def running(directory: Path, kind: type[Server] = Server) -> Iterator[dict[str, Server]]:
    """Both servers by colour, for as long as the block lasts; each on a free port."""
    from bluegreen.operate.databases.certificates import Authority  # noqa: PLC0415 - see above

    authority = Authority.create(directory, AUTHORITY)
    servers = {colour: configured(directory, authority, colour, kind=kind) for colour in COLOURS}
    try:
        with ThreadPoolExecutor(len(servers)) as pool:
            list(pool.map(kind.install, servers.values()))
        for server in servers.values():  # in this thread: see `server._ends_with_this_process`
            server.start()
        yield servers
    finally:
        for server in servers.values():
            server.kill()
