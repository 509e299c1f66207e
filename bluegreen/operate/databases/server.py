"""One MariaDB server: in a directory of its own, on a loopback address, TLS required."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pymysql

from bluegreen.operate.databases import programs
from bluegreen.operate.databases.certificates import Authority

START_SECONDS = 60.0
POLL_SECONDS = 0.02
LOOPBACK = "127.0.0.1"
LOG_TAIL = 2000
SMALL = (
    "--innodb-log-file-size=4M",
    "--innodb-buffer-pool-size=8M",
    "--innodb-doublewrite=OFF",
    "--performance-schema=OFF",
    "--key-buffer-size=1M",
)
# sockaddr_un holds 108 bytes; through /proc a deep directory's name gets short.
LONGEST_SOCKET = 100


class DatabaseServerError(Exception):
    """A database server of this machine can't be set up or does not start."""


@dataclass
class Server:
    """A server's files and settings; `start` runs it. `options`: of mariadbd, beyond the usual ones."""

    directory: Path
    authority: Authority
    host: str = LOOPBACK
    port: int = 0
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def unix_socket(self) -> Path:
        """Where root logs in."""
        return self.directory / "data" / "socket"

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.directory / "log"

    def install(self) -> None:
        """Create the data directory. Raises DatabaseServerError."""
        self.directory.mkdir(mode=0o700, exist_ok=True)
        self.port = self.port or _free_port(self.host)
        self.authority.issue(self.directory, {LOOPBACK, self.host})
        found = _programs()
        basedir = [f"--basedir={found.basedir}"] if found.basedir else []
        arguments = [
            *("--no-defaults", *basedir, f"--datadir={self.directory / 'data'}"),
            *(f"--user={getpass.getuser()}", f"--tmpdir={self.directory}", *SMALL),
            *("--auth-root-authentication-method=normal", "--skip-test-db"),
        ]
        with self.log.open("wb") as log:
            done = subprocess.run(
                [found.install, *arguments], env=found.environment, stdout=log, stderr=log, check=False
            )
        if done.returncode:
            raise DatabaseServerError(f"mariadb-install-db failed: {self._tail()}")

    def start(self) -> None:
        """Start it, with what it had before; returns when it answers. Raises DatabaseServerError."""
        found = _programs()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*_ends_with_this_process(), found.server, *self._arguments(found)],
                env=found.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.ask("SELECT 1")
            except pymysql.MySQLError:
                time.sleep(POLL_SECONDS)
            else:
                return
        self.kill()
        raise DatabaseServerError(f"mariadbd at {self.host}:{self.port} does not start: {self._tail()}")

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement as root, through the socket: past TLS and every privilege."""
        with (
            _short(self.unix_socket) as path,
            pymysql.connect(unix_socket=path, user="root", autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    def create_administrator(self, name: str, password: str) -> None:
        """As RDS does: it can do everything, and grant it."""
        account = f"{name}@'%%'"
        self.ask(f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY %s REQUIRE SSL", password)
        self.ask(f"GRANT ALL PRIVILEGES ON *.* TO {name}@'%' WITH GRANT OPTION")

    def _arguments(self, found: programs.Programs) -> list[str]:
        basedir = [f"--basedir={found.basedir}"] if found.basedir else []
        return [
            *("--no-defaults", *basedir, f"--datadir={self.directory / 'data'}"),
            *(f"--user={getpass.getuser()}", *SMALL, "--socket=socket"),
            *(f"--pid-file={self.directory / 'pid'}", f"--tmpdir={self.directory}"),
            *(f"--bind-address={self.host}", f"--port={self.port}", "--skip-name-resolve"),
            "--require-secure-transport=ON",
            f"--ssl-cert={self.directory / 'server.pem'}",
            f"--ssl-key={self.directory / 'server.key'}",
            *self.options,
        ]

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-LOG_TAIL:]


def _programs() -> programs.Programs:
    found = programs.find()
    if found is None:
        raise DatabaseServerError(f"{programs.LACK} on this machine: {programs.FIX}")
    return found


def _ends_with_this_process() -> list[str]:
    """However this process ends, the kernel kills the server (prctl(2), PR_SET_PDEATHSIG). Linux only.

    That signal follows the thread that started the server: start it in one that stays, such as the main one.
    """
    setpriv = shutil.which("setpriv", path=programs.PATH)
    return [setpriv, "--pdeathsig", "KILL"] if setpriv else []


@contextmanager
def _short(path: Path) -> Iterator[str]:
    if len(str(path)) <= LONGEST_SOCKET:
        yield str(path)
        return
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
