"""MySQL servers in the place of MariaDB's: `make test-mysql` runs the ledger's tests on them.

Tests speak to root in MariaDB's words; `_Cursor` says it in MySQL's. Source: MySQL 9.7 reference manual,
"SQL Statements for Controlling Replica Servers", "Replication and Binary Logging Options and Variables".
"""

import getpass
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from safe_io import private

from bluegreen.operate.databases.programs import DatabaseServerError, Programs
from bluegreen.operate.databases.server import LOG_TAIL, Server
from tests.workspaces import ROOT

# Where `make test-mysql` unpacks a server; named, the tests run on it.
MYSQL = ROOT / ".tools" / "mysql"
USR = MYSQL / "usr"
CHOSEN = "BLUEGREEN_TEST_DATABASE"
# MariaDB's option → MySQL's.
OPTIONS: Mapping[str, str] = {
    "--log-slave-updates": "--log-replica-updates",
    "--gtid-strict-mode=ON": "--gtid-mode=ON",
    "--gtid-domain-id=1": "--enforce-gtid-consistency=ON",
    "--gtid-domain-id=2": "--enforce-gtid-consistency=ON",
}
OWN = (
    "--mysqlx=OFF",
    "--secure-file-priv=NULL",
    "--log-bin-trust-function-creators=1",
    "--innodb-redo-log-capacity=16M",
    "--innodb-buffer-pool-size=32M",
)
_WORDS = (
    (re.compile(r"\bSLAVE\b"), "REPLICA"),
    (re.compile(r"RESET MASTER"), "RESET BINARY LOGS AND GTIDS"),
    (re.compile(r"FROM mysql\.global_priv\b"), "FROM mysql.user"),
    (re.compile(r"LOCK IN SHARE MODE"), "FOR SHARE"),
    (re.compile(r"ENGINE = Aria"), "ENGINE = MyISAM"),
    (re.compile(r"SET DEFAULT ROLE (\S+) FOR"), r"SET DEFAULT ROLE \1 TO"),
)
_FILTER = re.compile(r"SELECT @@global\.(replicate_\w+)")
_FILTERED = (
    "SELECT filter_rule FROM performance_schema.replication_applier_global_filters WHERE filter_name = %s"
)
_RUNNING = "SHOW GLOBAL STATUS LIKE 'Slave_running'"
_REPLICATES = """
SELECT 'Slave_running', IF(c.SERVICE_STATE = 'ON' AND a.SERVICE_STATE = 'ON', 'ON', 'OFF')
FROM performance_schema.replication_connection_status c,
    performance_schema.replication_applier_status_by_coordinator a"""


class _Cursor:
    """A cursor that takes MariaDB's words."""

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, statement: str, values: Any = None) -> int:
        if statement.startswith("DELETE FROM mysql.global_priv"):
            return self._drop_users()
        if statement.startswith(("DELETE FROM mysql.", "SET GLOBAL gtid_slave_pos")):
            return 0  # goes with the user, with RESET BINARY LOGS AND GTIDS
        if statement.startswith("SET GLOBAL replicate_"):
            return self._filter(statement, values)
        if found := _FILTER.fullmatch(statement):
            statement, values = _FILTERED, (found[1].upper(),)
        for pattern, word in _WORDS:
            statement = pattern.sub(word, statement)
        return int(self._cursor.execute(_REPLICATES if statement == _RUNNING else statement, values))

    def _drop_users(self) -> int:
        self._cursor.execute("SELECT user FROM mysql.user WHERE host = '%'")
        users = self._cursor.fetchall()
        for (user,) in users:
            self._cursor.execute("DROP USER %s@'%%'", (user,))
        return len(users)

    def _filter(self, statement: str, values: Any) -> int:
        name = statement.split()[2].upper()
        value = values[0] if values else ""
        listed = f"'{value}'" if "WILD" in name else value
        return int(self._cursor.execute(f"CHANGE REPLICATION FILTER {name} = ({listed if value else ''})"))


class MySql(Server):
    """A MySQL server, as scripts/mysql.sh unpacks it; it brings its libraries and their loader."""

    @property
    def runs_with(self) -> Programs:
        return Programs(str(MYSQL / "mysqld"), "", dict(os.environ))

    @property
    def installed(self) -> bool:
        return (self.directory / "data" / "mysql.ibd").exists()

    @contextmanager
    def root(self) -> Iterator[Any]:
        with super().root() as cursor:
            yield _Cursor(cursor)

    def install(self) -> None:
        self.directory.mkdir(mode=0o700, exist_ok=True)
        command = [self.runs_with.server, *self._places(), "--initialize-insecure"]
        done = subprocess.run(command, check=False, capture_output=True, text=True, umask=private.UMASK)
        if done.returncode:
            raise DatabaseServerError(f"mysqld --initialize-insecure failed: {done.stderr[-LOG_TAIL:]}")

    def _places(self) -> list[str]:
        own = [f"--datadir={self.directory / 'data'}", f"--tmpdir={self.directory}", f"--basedir={USR}"]
        user = f"--user={getpass.getuser()}"
        return ["--no-defaults", *own, f"--lc-messages-dir={USR / 'share' / 'mysql'}", user]

    def _arguments(self, _: Programs) -> list[str]:
        return [
            *self._places(),
            *("--socket=socket", f"--pid-file={self.directory / 'pid'}"),
            *(f"--bind-address={self.host}", f"--port={self.port}", "--skip-name-resolve"),
            *("--require-secure-transport=ON", *OWN),
            *(OPTIONS.get(option, option) for option in self.options),
        ]
