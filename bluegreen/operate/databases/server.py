"""One MariaDB server: in a directory of its own, on a loopback address, TLS required."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pymysql
from safe_io import private

from bluegreen.operate.databases import programs
from bluegreen.operate.databases.programs import DatabaseServerError

if TYPE_CHECKING:  # it loads a library of cryptography, which takes a while
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
ADMINISTRATOR_PRIVILEGES = "ALL PRIVILEGES ON *.*"
# MariaDB's own umask for files and folders: closed to other users.
CLOSED = {"UMASK": "0600", "UMASK_DIR": "0700"}
# sockaddr_un holds 108 bytes; through /proc a deep directory's name gets short.
LONGEST_SOCKET = 100


@dataclass
class Root:
    """What root may do with the server of a directory, which another process may hold."""

    directory: Path

    @property
    def unix_socket(self) -> Path:
        """Where root logs in."""
        return self.directory / "data" / "socket"

    def ask(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement as root, through the socket: past TLS and every privilege."""
        with self.root() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    def create_account(self, name: str, password: str, privileges: str, option: str = "") -> None:
        """Create an account, or give it this password. It is not written to the binary log, password and all.

        `privileges`: what stands between GRANT and TO, such as `SELECT ON payments.*`.
        """
        with self.root() as cursor:
            cursor.execute("SET sql_log_bin = OFF")
            for verb in ("CREATE USER IF NOT EXISTS", "ALTER USER"):
                cursor.execute(f"{verb} %s@'%%' IDENTIFIED BY %s REQUIRE SSL", (name, password))
            cursor.execute(f"GRANT {privileges} TO {name}@'%' {option}")

    def create_database(self, name: str) -> None:
        """As RDS does for a new cluster. It does not replicate: each cluster gets its own."""
        with self.root() as cursor:
            cursor.execute("SET sql_log_bin = OFF")
            cursor.execute(f"CREATE DATABASE IF NOT EXISTS `{name}`")

    def create_administrator(self, name: str, password: str) -> None:
        """As RDS does: it can do everything, and grant it."""
        self.create_account(name, password, ADMINISTRATOR_PRIVILEGES, "WITH GRANT OPTION")

    @contextmanager
    def root(self) -> Iterator[Any]:
        """A cursor of root's for several statements: one session."""
        with (
            _short(self.unix_socket) as path,
            pymysql.connect(unix_socket=path, user="root", autocommit=True) as connection,
            connection.cursor() as cursor,
        ):
            yield cursor


@dataclass
class Server(Root):
    """A server's files and settings; `start` runs it. `options`: of mariadbd, beyond the usual ones."""

    authority: "Authority"
    host: str = LOOPBACK
    port: int = 0
    options: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def runs_with(self) -> programs.Programs:
        """What runs it. Raises DatabaseServerError."""
        return programs.required()

    @property
    def installed(self) -> bool:
        """Whether its data directory is complete: installing it ends with that file."""
        return (self.directory / "data" / "mysql_upgrade_info").exists()

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.directory / "log"

    def install(self) -> None:
        """Create the data directory. Raises DatabaseServerError."""
        self.directory.mkdir(mode=0o700, exist_ok=True)
        found = self.runs_with
        basedir = [f"--basedir={found.basedir}"] if found.basedir else []
        arguments = [
            *("--no-defaults", *basedir, "--datadir=./data"),  # its script quotes no path
            *(f"--user={getpass.getuser()}", *SMALL),
            *("--auth-root-authentication-method=normal", "--skip-test-db"),
        ]
        with private.writer(self.log) as log:
            done = subprocess.run(
                [found.install, *arguments],
                cwd=self.directory,
                env=found.environment | CLOSED | {"TMPDIR": str(self.directory)},
                umask=private.UMASK,
                stdout=log,
                stderr=log,
                check=False,
            )
        if done.returncode:
            raise DatabaseServerError(f"mariadb-install-db failed: {self._tail()}")

    def start(self) -> None:
        """Start it, with what it had before; returns when it answers. Raises DatabaseServerError."""
        found = self.runs_with
        self.port = self.port or free_port(self.host)
        certificate, key = self.authority.issue(self.directory, {LOOPBACK, self.host})
        tls = [f"--ssl-cert={certificate}", f"--ssl-key={key}"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*_ends_with_this_process(), found.server, *self._arguments(found), *tls],
                env=found.environment | CLOSED,
                umask=private.UMASK,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        answers = self._await_answer(self.process)
        key.unlink()  # it has read it
        if answers:
            self.unix_socket.chmod(0o600)
            return
        self.kill()
        raise DatabaseServerError(f"the server at {self.host}:{self.port} does not start: {self._tail()}")

    def _await_answer(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            try:
                self.ask("SELECT 1")
            except pymysql.MySQLError:
                time.sleep(POLL_SECONDS)
            else:
                return True
        return False

    def kill(self) -> None:
        """End it at once, as a crash does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def _arguments(self, found: programs.Programs) -> list[str]:
        basedir = [f"--basedir={found.basedir}"] if found.basedir else []
        return [
            *("--no-defaults", *basedir, f"--datadir={self.directory / 'data'}"),
            *(f"--user={getpass.getuser()}", *SMALL, "--socket=socket"),
            *(f"--pid-file={self.directory / 'pid'}", f"--tmpdir={self.directory}"),
            *(f"--bind-address={self.host}", f"--port={self.port}", "--skip-name-resolve"),
            *("--require-secure-transport=ON", *self.options),
        ]

    def _tail(self) -> str:
        return self.log.read_text(errors="replace")[-LOG_TAIL:]


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


def free_port(host: str, wanted: int = 0) -> int:
    """`wanted` where it is free there, else another. Raises OSError where there is no such address."""
    for port in (wanted, 0):
        with suppress(OSError), socket.create_server((host, port)) as probe:
            return int(probe.getsockname()[1])
    raise OSError(f"{host} is not an address of this machine")
