"""What MariaDB, MySQL and Aurora MySQL say differently about replication: one interface, three classes.

Sources: MariaDB documentation, "CHANGE MASTER TO", "MASTER_GTID_WAIT"; MySQL 8.4 reference manual, "CHANGE
REPLICATION SOURCE TO", "Functions Used with Global Transaction Identifiers"; Aurora user guide, "Replication
between Aurora and MySQL", "Aurora MySQL stored procedure reference".
"""

from __future__ import annotations

from typing import Any, Protocol

from .database import Session
from .errors import StatementError
from .models import Channel, Source

RETRY_SECONDS = 1
_UNKNOWN_VARIABLE = 1193


class Dialect(Protocol):
    """Statements of one engine. A `session` is an administrator's or the mover's."""

    name: str
    share_lock: str
    # Global privileges: of the definer (it drops the belt), of the mover, of who watches.
    definer_privileges: tuple[str, ...]
    mover_privileges: tuple[str, ...]
    health_privileges: tuple[str, ...]
    # To write where the belt is on.
    belt_privilege: str
    # Creates triggers that run as another account.
    set_definer: str
    # Procedures that stand for privileges.
    definer_procedures: tuple[str, ...]
    mover_procedures: tuple[str, ...]
    # How the body of a stored program drops the belt.
    drop_belt: str
    # Variable → the values that will do.
    variables: dict[str, tuple[str, ...]]
    # Lists the CHECK constraints of a database: `tab`, `clause`.
    checks: str

    def configure_channel(self, session: Session, source: Source) -> None:
        """Stop replication and point it at `source`, where it has been before or not."""

    def start_channel(self, session: Session) -> None:
        """Start replication where it stopped."""

    def stop_channel(self, session: Session) -> None:
        """Stop it."""

    def channel(self, session: Session) -> Channel | None:
        """How replication stands on this target; None where it was never configured."""

    def channel_user(self, session: Session) -> str | None:
        """As whom this target logs in at its source; None where it was never configured."""

    def filters(self, session: Session) -> set[str]:
        """`do:PATTERN` and `ignore:DATABASE` of the replication filters."""

    def position(self, session: Session) -> str:
        """All that this database has executed as a source."""

    def applied(self, session: Session, position: str, seconds: float) -> bool:
        """Wait until this target has applied a source's position; False after `seconds`."""

    def belt(self, session: Session, on: bool) -> None:
        """Refuse writes of all accounts without `belt_privilege`, or no longer. It may be so already."""

    def keep_log(self, session: Session, hours: int) -> None:
        """Keep the binary log that long where that is no parameter."""


_COMMON = {
    "binlog_format": ("ROW",),
    "event_scheduler": ("ON", "1"),
    "innodb_flush_log_at_trx_commit": ("1", "2"),
    "log_bin": ("ON", "1"),
    # Without it, creating a trigger takes SUPER.
    "log_bin_trust_function_creators": ("ON", "1"),
}


class MariaDb:
    """MariaDB 10.11 or newer: one gtid_domain_id a server."""

    name = "MariaDB"
    share_lock = "LOCK IN SHARE MODE"
    definer_privileges: tuple[str, ...] = ()
    mover_privileges: tuple[str, ...] = (
        "PROCESS",
        "BINLOG MONITOR",
        "SLAVE MONITOR",
        "REPLICATION SLAVE ADMIN",
    )
    health_privileges: tuple[str, ...] = ("PROCESS", "BINLOG MONITOR", "SLAVE MONITOR")
    belt_privilege = "READ_ONLY ADMIN"
    set_definer = "SET USER"
    definer_procedures: tuple[str, ...] = ()
    mover_procedures: tuple[str, ...] = ()
    drop_belt = "SET GLOBAL read_only = OFF"
    variables = _COMMON | {
        "gtid_strict_mode": ("ON", "1"),
        "log_slave_updates": ("ON", "1"),
        "slave_run_triggers_for_rbr": ("NO",),
    }
    checks = (
        "SELECT TABLE_NAME AS tab, CHECK_CLAUSE AS clause FROM information_schema.CHECK_CONSTRAINTS "
        "WHERE CONSTRAINT_SCHEMA = %s"
    )

    def configure_channel(self, session: Session, source: Source) -> None:
        self.stop_channel(session)
        session.change(
            "configure the channel",
            "CHANGE MASTER TO MASTER_HOST = %s, MASTER_PORT = %s, MASTER_USER = %s, MASTER_PASSWORD = %s, "
            "MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = %s, MASTER_SSL = 1, MASTER_SSL_CA = %s, "
            "MASTER_SSL_VERIFY_SERVER_CERT = 1",
            *_source(source),
            RETRY_SECONDS,
            source.address.ca,
        )

    def start_channel(self, session: Session) -> None:
        session.change("start the channel", "START SLAVE")

    def stop_channel(self, session: Session) -> None:
        session.change("stop the channel", "STOP SLAVE")

    def channel(self, session: Session) -> Channel | None:
        found = session.rows("read the channel", "SHOW SLAVE STATUS")
        return _channel(found[0], "Slave_", "Seconds_Behind_Master") if found else None

    def channel_user(self, session: Session) -> str | None:
        found = session.rows("read the channel", "SHOW SLAVE STATUS")
        return str(found[0]["Master_User"]) if found else None

    def filters(self, session: Session) -> set[str]:
        found = session.rows("read the filters", "SHOW SLAVE STATUS")
        return _filters(found[0]) if found else set()

    def position(self, session: Session) -> str:
        """Of the own domain only: others' transactions never arrive at their origin, and the wait would not
        end.
        """
        domain = session.value("read the domain", "SELECT @@global.gtid_domain_id")
        executed = str(session.value("read the position", "SELECT @@global.gtid_binlog_pos") or "")
        return next((gtid for gtid in executed.split(",") if gtid.startswith(f"{domain}-")), "")

    def applied(self, session: Session, position: str, seconds: float) -> bool:
        waited = session.value("wait for a position", "SELECT MASTER_GTID_WAIT(%s, %s)", position, seconds)
        return bool(waited == 0)

    def belt(self, session: Session, on: bool) -> None:
        if _belted(session) is not on:
            session.change("set read_only", f"SET GLOBAL read_only = {'ON' if on else 'OFF'}")

    def keep_log(self, session: Session, hours: int) -> None:
        """A parameter here: `binlog_expire_logs_seconds`."""


class MySql:
    """MySQL 8.2 or newer."""

    name = "MySQL"
    share_lock = "FOR SHARE"
    definer_privileges: tuple[str, ...] = ("SYSTEM_VARIABLES_ADMIN",)
    mover_privileges: tuple[str, ...] = (
        "SYSTEM_VARIABLES_ADMIN",
        "PROCESS",
        "REPLICATION CLIENT",
        "REPLICATION_SLAVE_ADMIN",
    )
    health_privileges: tuple[str, ...] = ("PROCESS", "REPLICATION CLIENT")
    belt_privilege = "CONNECTION_ADMIN"
    # Since 8.2 (MySQL 8.4 reference manual, "Privileges Provided by MySQL").
    set_definer = "SET_ANY_DEFINER"
    definer_procedures: tuple[str, ...] = ()
    mover_procedures: tuple[str, ...] = ()
    drop_belt = "SET GLOBAL read_only = OFF"
    variables = _COMMON | {
        "gtid_mode": ("ON",),
        "enforce_gtid_consistency": ("ON", "1"),
        "log_replica_updates": ("ON", "1"),
    }
    checks = (
        "SELECT t.TABLE_NAME AS tab, c.CHECK_CLAUSE AS clause FROM information_schema.CHECK_CONSTRAINTS c "
        "JOIN information_schema.TABLE_CONSTRAINTS t ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA "
        "AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME AND t.CONSTRAINT_TYPE = 'CHECK' "
        "WHERE c.CONSTRAINT_SCHEMA = %s"
    )

    def configure_channel(self, session: Session, source: Source) -> None:
        self.stop_channel(session)
        session.change(
            "configure the channel",
            "CHANGE REPLICATION SOURCE TO SOURCE_HOST = %s, SOURCE_PORT = %s, SOURCE_USER = %s, "
            "SOURCE_PASSWORD = %s, SOURCE_AUTO_POSITION = 1, SOURCE_CONNECT_RETRY = %s, SOURCE_SSL = 1, "
            "SOURCE_SSL_CA = %s, SOURCE_SSL_VERIFY_SERVER_CERT = 1",
            *_source(source),
            RETRY_SECONDS,
            source.address.ca,
        )

    def start_channel(self, session: Session) -> None:
        session.change("start the channel", "START REPLICA")

    def stop_channel(self, session: Session) -> None:
        session.change("stop the channel", "STOP REPLICA")

    def channel(self, session: Session) -> Channel | None:
        found = session.rows("read the channel", "SHOW REPLICA STATUS")
        return _channel(found[0], "Replica_", "Seconds_Behind_Source") if found else None

    def channel_user(self, session: Session) -> str | None:
        found = session.rows("read the channel", "SHOW REPLICA STATUS")
        return str(found[0]["Source_User"]) if found else None

    def filters(self, session: Session) -> set[str]:
        found = session.rows("read the filters", "SHOW REPLICA STATUS")
        return _filters(found[0]) if found else set()

    def position(self, session: Session) -> str:
        return str(session.value("read the position", "SELECT @@global.gtid_executed") or "")

    def applied(self, session: Session, position: str, seconds: float) -> bool:
        waited = session.value(
            "wait for a position", "SELECT WAIT_FOR_EXECUTED_GTID_SET(%s, %s)", position, seconds
        )
        return bool(waited == 0)

    def belt(self, session: Session, on: bool) -> None:
        if _belted(session) is not on:
            session.change("set read_only", f"SET GLOBAL read_only = {'ON' if on else 'OFF'}")

    def keep_log(self, session: Session, hours: int) -> None:
        """A parameter here: `binlog_expire_logs_seconds`."""


class AuroraMySql(MySql):
    """Aurora MySQL 3: channels and belt are procedures, and the source's certificate is not verified."""

    name = "Aurora MySQL"
    # As in MySQL 8.0; the administrator has it (Aurora user guide, "Master user account privileges").
    set_definer = "SET_USER_ID"
    definer_privileges: tuple[str, ...] = ()
    mover_privileges: tuple[str, ...] = ("PROCESS", "REPLICATION CLIENT")
    definer_procedures: tuple[str, ...] = ("mysql.rds_set_read_only",)
    mover_procedures: tuple[str, ...] = ("mysql.rds_set_read_only", "mysql.rds_start_replication")
    drop_belt = "CALL mysql.rds_set_read_only(0)"
    # Aurora lacks one of them. A laptop may lose its last second at a crash; this may not.
    variables: dict[str, tuple[str, ...]] = {
        key: value for key, value in MySql.variables.items() if key != "log_replica_updates"
    } | {"innodb_flush_log_at_trx_commit": ("1",)}

    def configure_channel(self, session: Session, source: Source) -> None:
        if self.channel(session) is not None:
            self.stop_channel(session)
            session.change("forget the channel", "CALL mysql.rds_reset_external_source")
        session.change("keep the password out of the slow log", "SET SESSION long_query_time = 3600")
        session.change(
            "configure the channel",
            "CALL mysql.rds_set_external_source_with_auto_position(%s, %s, %s, %s, 0)",
            *_source(source),
        )
        session.change("encrypt the channel", "CALL mysql.rds_set_binlog_source_ssl(1)")

    def start_channel(self, session: Session) -> None:
        session.change("start the channel", "CALL mysql.rds_start_replication")

    def stop_channel(self, session: Session) -> None:
        session.change("stop the channel", "CALL mysql.rds_stop_replication")

    def belt(self, session: Session, on: bool) -> None:
        if _belted(session) is not on:
            session.change("set read_only", "CALL mysql.rds_set_read_only(%s)", int(on))

    def keep_log(self, session: Session, hours: int) -> None:
        statement = "CALL mysql.rds_set_configuration('binlog retention hours', %s)"
        session.change("keep the binary log", statement, hours)


def of(session: Session) -> Dialect:
    """The engine that answers. Raises StatementError."""
    if "mariadb" in str(session.value("read the version", "SELECT VERSION()")).lower():
        return MariaDb()
    try:
        session.value("read the version", "SELECT @@aurora_version")
    except StatementError as error:
        if error.number != _UNKNOWN_VARIABLE:
            raise
        return MySql()
    return AuroraMySql()


def _belted(session: Session) -> bool:
    return str(session.value("read read_only", "SELECT @@global.read_only")) not in ("0", "OFF")


def _source(source: Source) -> tuple[str, int, str, str]:
    place, account = source.address, source.account
    return place.host, place.port, account.username, account.password


def _channel(row: dict[str, Any], prefix: str, lag: str) -> Channel:
    running = all(row[f"{prefix}{thread}_Running"] == "Yes" for thread in ("IO", "SQL"))
    errors = [(row[f"Last_{thread}_Errno"], row[f"Last_{thread}_Error"]) for thread in ("SQL", "IO")]
    # The text ends with the statement; what it quotes, passwords' hashes included, is none of a status.
    said = [f"{number}: {text.partition('Query:')[0].strip()}" for number, text in errors if number]
    return Channel(running, row[lag], said[0] if said else None)


def _filters(row: dict[str, Any]) -> set[str]:
    do, ignore = row["Replicate_Wild_Do_Table"], row["Replicate_Ignore_DB"]
    return {f"do:{name}" for name in do.split(",") if name} | {
        f"ignore:{name}" for name in ignore.split(",") if name
    }
