"""MySQL servers that offer what Aurora MySQL 3 does: `make test-aurora` runs the ledger's tests on them.

They have Amazon RDS's procedures, an administrator with no other privileges than Aurora's, and an applier
that is checked as Aurora's is. So the tests show that the statements of `AuroraMySql` and the privileges that
`ledger setup` grants suffice; what Aurora's engine does otherwise than MySQL they can't show.

Sources: Aurora user guide, "Master user account privileges", "Configuring, starting, and stopping binary log
(binlog) replication", "Comparing Aurora MySQL version 3 and MySQL 8.0 Community Edition", "Setting and
showing binary log configuration". For SET_USER_ID of MySQL 8.0, MySQL 9 has SET_ANY_DEFINER and
ALLOW_NONEXISTENT_DEFINER.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bluegreen.operate.databases.programs import Programs
from bluegreen.operate.databases.server import Server
from lambda_src.ledger import dialect
from lambda_src.ledger.dialect import AuroraMySql
from tests.lambda_src.ledger.mysql import CHOSEN, MySql

NAME = "aurora"
ALL = "ALL PRIVILEGES ON *.*"
APPLIER = "rdsrepladmin_priv_checks_user"
PRIVILEGES = (  # a small `slave` is no word for `mysql._Cursor` to translate
    "ALTER, ALTER ROUTINE, CREATE, CREATE ROLE, CREATE ROUTINE, CREATE TEMPORARY TABLES, CREATE USER, "
    "CREATE VIEW, DELETE, DROP, DROP ROLE, EVENT, EXECUTE, INDEX, INSERT, LOCK TABLES, PROCESS, REFERENCES, "
    "RELOAD, REPLICATION CLIENT, REPLICATION slave, SELECT, SHOW DATABASES, SHOW VIEW, TRIGGER, UPDATE",
    "APPLICATION_PASSWORD_ADMIN, CONNECTION_ADMIN, ROLE_ADMIN, SHOW_ROUTINE, XA_RECOVER_ADMIN, "
    "SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER",
)
# MySQL 9 wants the second one of an applier that creates a database, as Aurora's does without a word of it.
OF_APPLIER = ("REPLICATION_APPLIER", "SESSION_VARIABLES_ADMIN")
# Parameters → body. As Aurora, it neither starts replication nor verifies the source's certificate.
PROCEDURES = {
    "rds_set_external_source_with_auto_position(host TEXT, port INT, name TEXT, password TEXT, tls INT)": f"""
        SET @said = CONCAT('CHANGE REPLICATION SOURCE TO SOURCE_HOST = ', QUOTE(host),
            ', SOURCE_PORT = ', port, ', SOURCE_USER = ', QUOTE(name),
            ', SOURCE_PASSWORD = ', QUOTE(password),
            ', SOURCE_AUTO_POSITION = 1, SOURCE_CONNECT_RETRY = 1, SOURCE_SSL_VERIFY_SERVER_CERT = 0',
            ', PRIVILEGE_CHECKS_USER = ''{APPLIER}''@''localhost''');
        PREPARE statement FROM @said; EXECUTE statement; DEALLOCATE PREPARE statement; SET @said = NULL""",
    "rds_set_binlog_source_ssl(encrypted INT)": """
        SET @said = CONCAT('CHANGE REPLICATION SOURCE TO SOURCE_SSL = ', encrypted);
        PREPARE statement FROM @said; EXECUTE statement; DEALLOCATE PREPARE statement""",
    "rds_start_replication()": "START REPLICA",
    "rds_stop_replication()": "STOP REPLICA",
    "rds_reset_external_source()": "RESET REPLICA ALL",
    "rds_set_read_only(mode INT)": "SET GLOBAL read_only = mode",
    "rds_set_configuration(name TEXT, value INT)": "SET @said = NULL",
}


class Answering(AuroraMySql):
    """As far as MySQL 9 has other names than 8.0."""

    set_definer = "SET_ANY_DEFINER"
    variables = AuroraMySql.variables | {"innodb_flush_log_at_trx_commit": ("2",)}


def kind() -> type[Server]:
    """Of the tests' servers, as the environment chooses it."""
    return {"mysql": MySql, NAME: Aurora}.get(os.environ.get(CHOSEN, ""), Server)


def choose() -> None:
    """Where the tests run on them, all databases of this process are: no server can be given the variable
    that tells Aurora.
    """
    if os.environ.get(CHOSEN) == NAME:
        dialect.of = lambda _: Answering()  # type: ignore[assignment]


class _Cursor:
    """Of root's: where it grants all privileges, it grants Aurora's administrator's.

    Who may write the tables of `mysql` may grant everything (reference manual, "GRANT Statement"); not there.
    """

    def __init__(self, cursor: Any) -> None:
        self._cursor = cursor

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, statement: str, values: Any = None) -> int:
        if ALL not in statement:
            return int(self._cursor.execute(statement, values))
        for some in PRIVILEGES:
            self._cursor.execute(statement.replace(ALL, f"{some} ON *.*"), values)
        account = statement.partition(" TO ")[2].split()[0]
        return int(self._cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON mysql.* FROM {account}"))


class Aurora(MySql):
    """Such a server."""

    @contextmanager
    def root(self) -> Iterator[Any]:
        with super().root() as cursor:
            yield _Cursor(cursor)

    def _arguments(self, found: Programs) -> list[str]:
        return [*super()._arguments(found), "--partial-revokes=ON"]

    def start(self) -> None:
        super().start()
        with self.root() as cursor:
            cursor.execute("SET sql_log_bin = OFF")
            for signature, body in PROCEDURES.items():
                done = f"{body}; SELECT 'done' AS message;"  # Aurora's answer with a message, too
                cursor.execute(f"CREATE PROCEDURE IF NOT EXISTS mysql.{signature} BEGIN {done} END")
            cursor.execute(f"CREATE USER IF NOT EXISTS {APPLIER}@localhost")
            for privileges in (*PRIVILEGES, *OF_APPLIER):
                cursor.execute(f"GRANT {privileges} ON *.* TO {APPLIER}@localhost WITH GRANT OPTION")
