"""Makes a database user exactly what a rotation needs: its password, TLS required, exactly the privileges.

Works alike on MySQL 8, which Aurora MySQL 3 is, and on MariaDB 10.11 or newer, because it stays with what
both have:

- `CREATE USER IF NOT EXISTS … IDENTIFIED BY … REQUIRE SSL` and the same of `ALTER USER`. (GRANT … IDENTIFIED
  BY is gone in MySQL 8.) The authentication plugin is the server's default. MySQL keeps the password out of
  general, slow and binary log by itself: https://dev.mysql.com/doc/refman/8.0/en/password-logging.html
- Privileges on the database are read from information_schema.SCHEMA_PRIVILEGES, which spells ALL PRIVILEGES
  out; SHOW GRANTS doesn't. (mysql.db has columns of different names and number.)
- All other grants (global ones, tables, routines, roles) are read with SHOW GRANTS, and revoked in the words
  in which the server lists them. The dialects differ there: MySQL writes a role with its host (`r`@`%`),
  MariaDB without; MariaDB shows password hash and TLS in the first line, MySQL doesn't. Hence only what
  stands between GRANT and TO is used, and no line ever becomes part of an error.

Nothing is revoked that is to stay, so connections that the user still has from its last turn notice nothing.
Every statement can be repeated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .database import Session
from .models import Credentials

_HELD = (
    "SELECT PRIVILEGE_TYPE, IS_GRANTABLE FROM information_schema.SCHEMA_PRIVILEGES "
    "WHERE GRANTEE = %s AND TABLE_SCHEMA = %s"
)


def ensure(session: Session, user: Credentials, database: str, privileges: Iterable[str]) -> None:
    """`session` is an administrator's. `database` and `privileges` have passed settings.py."""
    name, password = user.username, user.password
    options = "IDENTIFIED BY %s REQUIRE SSL"
    session.run(f"create {name}", f"CREATE USER IF NOT EXISTS %s@'%%' {options}", name, password)
    session.run(f"set the password of {name}", f"ALTER USER %s@'%%' {options}", name, password)
    _grant_exactly(session, name, database, set(privileges))
    _revoke_elsewhere(session, name, database)


def held(session: Session, name: str, database: str) -> dict[str, bool]:
    """Privilege on the database → whether the user may pass it on. A user's own session sees them, too."""
    rows = session.run(f"read the privileges of {name}", _HELD, _grantee(name), database)
    return {str(privilege): grantable == "YES" for privilege, grantable in rows}


def _grantee(name: str) -> str:
    return f"'{name}'@'%'"


def _grant_exactly(session: Session, name: str, database: str, privileges: set[str]) -> None:
    before = held(session, name, database)
    present = before.keys() - {"USAGE"}
    if missing := sorted(privileges - present):
        clause = f"{', '.join(missing)} ON `{database}`.*"
        session.run(f"grant {clause} to {name}", f"GRANT {clause} TO {_grantee(name)}")
    if any(before.values()):
        _revoke(session, name, f"GRANT OPTION ON `{database}`.*")
    if stale := sorted(present - privileges):
        _revoke(session, name, f"{', '.join(stale)} ON `{database}`.*")


def _revoke_elsewhere(session: Session, name: str, database: str) -> None:
    rows = session.run(f"read the grants of {name}", f"SHOW GRANTS FOR {_grantee(name)}")
    for clause in elsewhere([str(line) for (line,) in rows], name, database):
        _revoke(session, name, clause)


def elsewhere(lines: Iterable[str], name: str, database: str) -> list[str]:
    """What to revoke of the lines of SHOW GRANTS, without the grants on `database`.*.

    Lines of other forms give nothing: MySQL's partial revokes go with the grant that they limit, and
    MariaDB's default role is void once the role is revoked.
    """
    form = re.compile(rf"GRANT (?P<what>.+) TO [`'\"]{name}[`'\"]@[`'\"]%[`'\"](?P<options>.*)")
    clauses: list[str] = []
    for line in filter(None, map(form.fullmatch, lines)):
        privileges, _, scope = line["what"].rpartition(" ON ")
        if scope == f"`{database}`.*":
            continue
        if privileges and "WITH GRANT OPTION" in line["options"]:
            clauses.append(f"GRANT OPTION ON {scope}")
        if privileges != "USAGE":
            clauses.append(line["what"])
    return clauses


def _revoke(session: Session, name: str, clause: str) -> None:
    session.run(f"revoke {clause} from {name}", f"REVOKE {clause} FROM {_grantee(name)}")
