"""A MariaDB server of the tests' own: in a temporary directory, on loopback, TLS required, gone
afterwards.
"""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql

from tests.lambda_src.rotation.certificates import Authority

START_SECONDS = 30.0
POLL_SECONDS = 0.02
# Where Debian keeps servers, which not everybody has on the PATH.
PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"))
SMALL = (
    "--innodb-log-file-size=4M",
    "--innodb-buffer-pool-size=8M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=OFF",
    "--performance-schema=OFF",
    "--key-buffer-size=1M",
)
ADMINISTRATOR = "admin"  # RDS's own default
ADMINISTRATOR_PASSWORD = "CANARY-administrator-Zq7!"


@dataclass(frozen=True)
class MariaDb:
    """`authority`: who signed its certificate; `stranger`: an authority that did not."""

    port: int
    unix_socket: Path
    authority: Authority
    stranger: Authority

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement as root, past TLS and everything else that is being tested."""
        with (
            pymysql.connect(unix_socket=str(self.unix_socket), user="root", autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())


def is_installed() -> bool:
    return all(shutil.which(name, path=PATH) for name in ("mariadbd", "mariadb-install-db"))


@contextmanager
def running(directory: Path) -> Iterator[MariaDb]:
    """A server for as long as the block lasts."""
    authority, stranger = (Authority.create(directory, name) for name in ("authority", "stranger"))
    certificate, key = authority.issue(directory)
    server = MariaDb(_free_port(), directory / "socket", authority, stranger)
    where = ["--no-defaults", f"--datadir={directory / 'data'}", f"--user={getpass.getuser()}"]
    install = [
        "mariadb-install-db",
        *where,
        *SMALL,
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
    ]
    with (directory / "log").open("wb") as log:
        subprocess.run(install, env={**os.environ, "PATH": PATH}, stdout=log, stderr=log, check=True)
        process = subprocess.Popen(
            [
                str(shutil.which("mariadbd", path=PATH)),
                *where,
                *SMALL,
                f"--socket={server.unix_socket}",
                f"--pid-file={directory / 'pid'}",
                f"--tmpdir={directory}",
                "--bind-address=127.0.0.1",
                f"--port={server.port}",
                "--skip-name-resolve",
                "--require-secure-transport=ON",
                f"--ssl-cert={certificate}",
                f"--ssl-key={key}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(server, process, directory / "log")
        _create_administrator(server)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait_for(server: MariaDb, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            server.ask("SELECT 1")
        except pymysql.MySQLError:
            time.sleep(POLL_SECONDS)
        else:
            return
    raise RuntimeError(f"mariadbd did not start:\n{log.read_text(errors='replace')[-2000:]}")


def _create_administrator(server: MariaDb) -> None:
    """As RDS does: it can do everything, and pass it on."""
    server.ask(f"CREATE USER {ADMINISTRATOR}@'%' IDENTIFIED BY '{ADMINISTRATOR_PASSWORD}' REQUIRE SSL")
    server.ask(f"GRANT ALL PRIVILEGES ON *.* TO {ADMINISTRATOR}@'%' WITH GRANT OPTION")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
