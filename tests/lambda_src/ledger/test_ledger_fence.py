"""What the fence refuses, and what crosses to the other colour and what doesn't."""

import pymysql
import pytest

from lambda_src.ledger.errors import StatementError
from tests.lambda_src.ledger.ledgers import BLUE, FENCE, GREEN, Ledger, eventually

# Statement → whether it crosses from blue to green. LEDGER: both filters, on both engines.
CROSSING = {
    "CREATE USER crossed@'%'": False,
    "USE payments; CREATE USER crossed@'%'": False,
    "USE ledger_local; CREATE USER crossed@'%'": False,
    "CREATE TABLE payments.crossed (id INT PRIMARY KEY)": True,
    "USE payments; CREATE TABLE crossed (id INT PRIMARY KEY)": True,
    "CREATE TABLE ledger_local.crossed (id INT PRIMARY KEY)": False,
    "USE payments; CREATE TABLE ledger_local.crossed (id INT PRIMARY KEY)": False,
    "USE ledger_local; CREATE EVENT crossed ON SCHEDULE EVERY 1 DAY DO SELECT 1": False,
    "USE ledger_local; CREATE PROCEDURE crossed() SELECT 1": False,
}
FIND = """
SELECT COUNT(*) FROM (
    SELECT user AS name FROM mysql.global_priv UNION ALL SELECT TABLE_NAME FROM information_schema.TABLES
    UNION ALL SELECT EVENT_NAME FROM information_schema.EVENTS UNION ALL SELECT ROUTINE_NAME FROM information_schema.ROUTINES
) AS found WHERE name = 'crossed'"""


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


@pytest.mark.parametrize(
    ("colour", "change", "message"),
    [
        (BLUE, "UPDATE payments.ledger_epoch SET state = 'moving'", "ledger 1 blue moving"),
        (BLUE, "UPDATE payments.ledger_epoch SET writer = 'green', epoch = 2", "ledger 2 green open"),
        (BLUE, "UPDATE ledger_local.here SET colour = 'green'", "ledger 1 blue open"),
        (BLUE, "DELETE FROM ledger_local.here", "ledger 1 blue open"),
        (BLUE, "DELETE FROM payments.ledger_epoch", "ledger 0 none closed"),
    ],
)
def test_whatever_is_not_open_here_is_closed(ledger: Ledger, colour: str, change: str, message: str) -> None:
    ledger.servers[colour].ask("SET GLOBAL event_scheduler = OFF")
    try:
        ledger.servers[colour].ask(change)
        with pytest.raises(StatementError, match=message) as refused:
            ledger.pay(BLUE, "one")
        assert refused.value.number == FENCE
    finally:
        ledger.servers[colour].ask("SET GLOBAL event_scheduler = ON")


def test_the_fence_waits_for_payments_in_flight_and_stops_all_later_ones(ledger: Ledger) -> None:
    blue = ledger.servers["blue"]
    with ledger.application(BLUE) as in_flight:
        in_flight.change("begin", "START TRANSACTION")
        in_flight.change("pay", "INSERT INTO payment VALUES ('in flight', 1)")
        with pytest.raises(pymysql.MySQLError, match="1205|[Ll]ock wait"):
            blue.ask("SET STATEMENT innodb_lock_wait_timeout = 1 FOR UPDATE payments.ledger_epoch SET state = 'moving'")
        in_flight.change("commit", "COMMIT")
    blue.ask("UPDATE payments.ledger_epoch SET state = 'moving', writer = 'green', changed_at = NOW(6)")
    with pytest.raises(StatementError):
        ledger.pay(BLUE, "later")
    assert ledger.keys(BLUE) == {"in flight"}


def test_an_application_cannot_open_the_ledger_itself(ledger: Ledger) -> None:
    for statement in ("TRUNCATE payment", "DROP TABLE payment", "USE ledger_local", "ALTER TABLE payment ADD x INT"):
        with ledger.application(GREEN) as connected, pytest.raises(StatementError):
            connected.change("reach past the fence", statement)


@pytest.mark.parametrize(("statement", "crosses"), CROSSING.items())
def test_accounts_and_local_objects_do_not_cross(ledger: Ledger, statement: str, crosses: bool) -> None:
    blue, green = ledger.servers["blue"], ledger.servers["green"]
    *use, change = statement.split("; ")
    with ledger.administrator(BLUE) as connected:
        for one in (*use, change):
            connected.change("try", one)
    assert blue.ask(FIND) == [(1,)]
    ledger.await_applied(GREEN)
    assert green.ask(FIND) == [(int(crosses),)]


def test_both_colours_keep_passwords_of_their_own(ledger: Ledger) -> None:
    with ledger.administrator(BLUE) as connected:
        connected.change("choose", "USE payments")
        connected.change("rotate", "ALTER USER payments@'%%' IDENTIFIED BY %s", "another")
    ledger.await_applied(GREEN)
    with ledger.application(GREEN) as connected:
        assert connected.value("look", "SELECT COUNT(*) FROM payment") == 0
    with pytest.raises(StatementError, match="1045"), ledger.application(BLUE):
        pass
