"""A user may do what the configuration says, and nothing else."""

import pymysql
import pytest

from lambda_src.rotation.accounts import elsewhere
from lambda_src.rotation.errors import DatabaseError
from lambda_src.rotation.models import Step
from tests.lambda_src.rotation.rehearsal import Rehearsal
from tests.lambda_src.rotation.server import ADMINISTRATOR

ALL_SEVEN = "SELECT,INSERT,UPDATE,DELETE,EXECUTE,CREATE TEMPORARY TABLES,LOCK TABLES"


def test_both_users_follow_the_configuration_within_two_rotations(rehearsal: Rehearsal) -> None:
    for _ in range(2):
        rehearsal.rotate_announced()
    changed = rehearsal.having(PRIVILEGES="SELECT,UPDATE,EXECUTE")
    for _ in range(2):
        changed.rotate_announced()
    for user in rehearsal.users:
        assert rehearsal.privileges(user) == {"SELECT", "UPDATE", "EXECUTE"}
    value = changed.value()
    assert value
    with changed.application(value) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT * FROM payments")
        with pytest.raises(pymysql.err.OperationalError, match="DELETE command denied"):
            cursor.execute("DELETE FROM payments")


def test_every_privilege_that_can_be_configured(rehearsal: Rehearsal) -> None:
    rehearsal.having(PRIVILEGES=ALL_SEVEN).rotate_announced()
    assert rehearsal.privileges(rehearsal.users[0]) == set(ALL_SEVEN.split(","))


def test_grants_of_any_kind_that_were_added_by_hand_are_revoked(rehearsal: Rehearsal) -> None:
    for _ in range(2):
        rehearsal.rotate_announced()
    user, name = f"'{rehearsal.users[0]}'@'%'", rehearsal.environment["DB_NAME"]
    server = rehearsal.server
    server.ask(f"CREATE ROLE {name}_role")
    server.ask(f"GRANT {name}_role TO {ADMINISTRATOR}@'%' WITH ADMIN OPTION")
    server.ask(f"CREATE PROCEDURE {name}.nothing() SELECT 1")
    for grant in (
        f"ALL PRIVILEGES ON {name}.* TO {user} WITH GRANT OPTION",
        f"SELECT, PROCESS ON *.* TO {user} WITH GRANT OPTION",
        f"ALL PRIVILEGES ON `{name[:-1]}%`.* TO {user}",
        f"UPDATE (id), DROP ON {name}.payments TO {user} WITH GRANT OPTION",
        f"EXECUTE ON PROCEDURE {name}.nothing TO {user}",
        f"{name}_role TO {user}",
    ):
        server.ask(f"GRANT {grant}")
    server.ask(f"SET DEFAULT ROLE {name}_role FOR {user}")

    rehearsal.rotate_announced()

    grants = [line for (line,) in server.ask(f"SHOW GRANTS FOR {user}") if line.startswith("GRANT")]
    assert len(grants) == 2, [line.split(" IDENTIFIED")[0] for line in grants]
    assert grants[0].startswith("GRANT USAGE ON *.*")
    assert not grants[0].endswith("GRANT OPTION")
    assert grants[1].startswith(f"GRANT SELECT, INSERT, UPDATE, DELETE ON `{name}`.* TO")
    assert not grants[1].endswith("GRANT OPTION")


def test_nothing_that_stays_is_revoked_on_the_way(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Connections from its last turn are still in use when a user is prepared for the next."""
    for _ in range(2):
        rehearsal.rotate_announced()
    rehearsal.server.ask(
        f"GRANT ALL PRIVILEGES ON {rehearsal.environment['DB_NAME']}.* TO '{rehearsal.users[0]}'@'%'"
    )
    stock, seen = pymysql.connections.Connection.query, []

    def query(connection: object, statement: object, *args: object) -> object:
        answer = stock(connection, statement, *args)  # type: ignore[arg-type]
        monkeypatch.setattr(pymysql.connections.Connection, "query", stock)
        seen.append({"SELECT", "INSERT", "UPDATE", "DELETE"} <= rehearsal.privileges(rehearsal.users[0]))
        monkeypatch.setattr(pymysql.connections.Connection, "query", query)
        return answer

    token = rehearsal.announce()
    rehearsal.step(Step.CREATE, token)
    monkeypatch.setattr(pymysql.connections.Connection, "query", query)
    rehearsal.step(Step.SET, token)
    assert len(seen) > 5
    assert all(seen)


def test_other_privileges_than_configured_do_not_become_current(
    rehearsal: Rehearsal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lambda_src.rotation.patience.PAUSE_SECONDS", 0)
    rehearsal.rotate_announced()
    token = rehearsal.announce()
    for step in (Step.CREATE, Step.SET):
        rehearsal.step(step, token)
    rehearsal.server.ask(f"GRANT DROP ON {rehearsal.environment['DB_NAME']}.* TO '{rehearsal.users[1]}'@'%'")
    for step in (Step.TEST, Step.FINISH):
        with pytest.raises(DatabaseError, match="DROP"):
            rehearsal.step(step, token)


def test_what_mysql_8_lists() -> None:
    """MySQL's own forms, which MariaDB has not: dynamic privileges, roles with their host, partial
    revokes.
    """
    lines = [
        "GRANT USAGE ON *.* TO `app_a`@`%`",
        "GRANT PROCESS ON *.* TO `app_a`@`%` WITH GRANT OPTION",
        "GRANT BACKUP_ADMIN,ROLE_ADMIN ON *.* TO `app_a`@`%`",
        "REVOKE SELECT ON `mysql`.* FROM `app_a`@`%`",
        "GRANT SELECT, INSERT ON `payments`.* TO `app_a`@`%`",
        "GRANT SELECT (`id`) ON `payments`.`card TO go` TO `app_a`@`%`",
        "GRANT USAGE ON `other`.* TO `app_a`@`%` WITH GRANT OPTION",
        "GRANT `auditor`@`%`,`rds_superuser_role`@`%` TO `app_a`@`%`",
        "GRANT PROXY ON ``@`` TO `app_a`@`%`",
    ]
    assert elsewhere(lines, "app_a", "payments") == [
        "GRANT OPTION ON *.*",
        "PROCESS ON *.*",
        "BACKUP_ADMIN,ROLE_ADMIN ON *.*",
        "SELECT (`id`) ON `payments`.`card TO go`",
        "GRANT OPTION ON `other`.*",
        "`auditor`@`%`,`rds_superuser_role`@`%`",
        "PROXY ON ``@``",
    ]


def test_no_password_hash_is_taken_for_a_grant() -> None:
    """MariaDB shows it in the line of the global grants."""
    line = "GRANT USAGE ON *.* TO `app_a`@`%` IDENTIFIED BY PASSWORD '*0123' REQUIRE SSL WITH GRANT OPTION"
    assert elsewhere([line], "app_a", "payments") == ["GRANT OPTION ON *.*"]
