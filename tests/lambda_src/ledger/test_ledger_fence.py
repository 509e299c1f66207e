"""What the fence refuses, and what crosses to the other colour and what doesn't."""

import pymysql
import pytest

from lambda_src.contract.values import Colour
from lambda_src.ledger.errors import StatementError
from tests.lambda_src.ledger.ledgers import BLUE, FENCE, GREEN, Ledger, eventually, run_all

# Statements → whether they cross from blue to green with both filters. `@` is a name of its own in each.
CROSSING = {
    "CREATE USER @": False,
    "USE payments; CREATE USER @": False,
    "USE ledger_local; CREATE USER @": False,
    "CREATE TABLE payments.@ (id INT PRIMARY KEY)": True,
    "USE payments; CREATE TABLE @ (id INT PRIMARY KEY)": True,
    "CREATE TABLE ledger_local.@ (id INT PRIMARY KEY)": False,
    "USE payments; CREATE TABLE ledger_local.@ (id INT PRIMARY KEY)": False,
    "USE ledger_local; CREATE EVENT @ ON SCHEDULE EVERY 1 DAY DO SELECT 1": False,
    "USE ledger_local; CREATE PROCEDURE @() SELECT 1": False,
}
FIND = """
SELECT name FROM (
    SELECT user AS name FROM mysql.global_priv
    UNION ALL SELECT TABLE_NAME FROM information_schema.TABLES
    UNION ALL SELECT EVENT_NAME FROM information_schema.EVENTS
    UNION ALL SELECT ROUTINE_NAME FROM information_schema.ROUTINES
) AS found WHERE name LIKE 'crossed%'"""
CLOSED = (
    ("UPDATE payments.ledger_epoch SET state = 'moving'", "ledger 1 blue moving"),
    ("UPDATE payments.ledger_epoch SET writer = 'green', epoch = 2", "ledger 2 green open"),
    ("UPDATE ledger_local.here SET colour = 'green'", "ledger 1 blue open"),
    ("DELETE FROM ledger_local.here", "ledger 1 blue open"),
    ("DELETE FROM payments.ledger_epoch", "ledger 0 none closed"),
)
AS_IT_WAS = (
    "REPLACE INTO ledger_local.here VALUES (1, 'blue')",
    "REPLACE INTO payments.ledger_epoch VALUES (1, 1, 'blue', 'open', '', NOW(6))",
)


def test_only_the_writer_takes_payments_and_the_other_names_it(ledger: Ledger) -> None:
    ledger.pay(BLUE, "one")
    eventually(lambda: ledger.keys(GREEN) == {"one"})
    for statement in (
        "INSERT INTO payment VALUES ('two', 1)",
        "UPDATE payment SET amount = 2",
        "DELETE FROM payment",
    ):
        with ledger.application(GREEN) as connected, pytest.raises(StatementError) as refused:
            connected.change("write", statement)
        assert refused.value.number == FENCE
        assert "ledger 1 blue open" in str(refused.value)
    with pytest.raises(pymysql.MySQLError, match="ledger 1 blue open"):  # an administrator neither
        ledger.servers["green"].ask("DELETE FROM payments.payment")
    assert ledger.keys(BLUE) == ledger.keys(GREEN) == {"one"}


def test_whatever_is_not_open_here_is_closed(ledger: Ledger) -> None:
    blue = ledger.servers["blue"]
    for number, (change, message) in enumerate(CLOSED):
        ledger.pay(BLUE, f"before {number}")
        blue.ask(change)
        with pytest.raises(StatementError, match=message) as refused:
            ledger.pay(BLUE, f"after {number}")
        assert refused.value.number == FENCE
        for statement in AS_IT_WAS:
            blue.ask(statement)
    assert ledger.keys(BLUE) == {f"before {number}" for number in range(len(CLOSED))}


def test_the_fence_waits_for_payments_in_flight_and_stops_all_later_ones(ledger: Ledger) -> None:
    blue = ledger.servers["blue"]
    with ledger.application(BLUE) as in_flight:
        in_flight.change("begin", "START TRANSACTION")
        in_flight.change("pay", "INSERT INTO payment VALUES ('in flight', 1)")
        with pytest.raises(pymysql.MySQLError, match=r"1205|[Ll]ock wait"):
            run_all(
                blue,
                (
                    "SET SESSION innodb_lock_wait_timeout = 1",
                    "UPDATE payments.ledger_epoch SET state = 'moving'",
                ),
            )
        in_flight.change("commit", "COMMIT")
    blue.ask("UPDATE payments.ledger_epoch SET state = 'moving', writer = 'green', changed_at = NOW(6)")
    with pytest.raises(StatementError):
        ledger.pay(BLUE, "later")
    assert ledger.keys(BLUE) == {"in flight"}


def test_an_application_cannot_open_the_ledger_itself(ledger: Ledger) -> None:
    for statement in (
        "TRUNCATE payment",
        "DROP TABLE payment",
        "USE ledger_local",
        "ALTER TABLE payment ADD x INT",
    ):
        with ledger.application(GREEN) as connected, pytest.raises(StatementError):
            connected.change("reach past the fence", statement)


def test_accounts_and_local_objects_do_not_cross(ledger: Ledger) -> None:
    names = {f"crossed{number}": crosses for number, crosses in enumerate(CROSSING.values())}
    for name, statements in zip(names, CROSSING, strict=True):
        with ledger.administrator(BLUE) as connected:
            for one in statements.replace("@", name).split("; "):
                connected.change("try", one)
    ledger.await_applied(GREEN)
    blue, green = ({name for (name,) in server.ask(FIND)} for server in ledger.servers.values())
    assert blue == set(names)
    assert green == {name for name, crosses in names.items() if crosses}


def test_both_colours_keep_passwords_of_their_own(ledger: Ledger) -> None:
    with ledger.administrator(BLUE) as connected:
        connected.change("choose", "USE payments")
        connected.change("rotate", "ALTER USER payments@'%%' IDENTIFIED BY %s", "another")
    ledger.await_applied(GREEN)
    with ledger.application(GREEN) as connected:
        assert connected.value("look", "SELECT COUNT(*) FROM payment") == 0
    with pytest.raises(StatementError, match="1045"), ledger.application(BLUE):
        pass


@pytest.mark.sampled(2)
@pytest.mark.parametrize("colour", [BLUE, GREEN])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_epoch SET epoch = epoch + 1, writer = 'green', state = 'open'",
        "DELETE FROM ledger_epoch",
        "REPLACE INTO ledger_epoch VALUES (1, 9, 'green', 'open', '', NOW(6))",
        "INSERT INTO ledger_epoch VALUES (1, 9, '', '', '', NOW(6)) ON DUPLICATE KEY UPDATE epoch = 9",
    ],
)
def test_an_application_opens_no_database(ledger: Ledger, colour: Colour, statement: str) -> None:
    """Its privileges are those of its whole database."""
    with (
        ledger.application(colour) as connected,
        pytest.raises(StatementError, match="only the mover changes the row"),
    ):
        connected.change("open it", statement)
    assert ledger.row(colour) == (1, "blue", "open")
