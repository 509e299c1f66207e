"""The event in the database: it takes an abandoned move back, and nothing else."""

import pytest

from tests.lambda_src.ledger.ledgers import BLUE, GREEN, Ledger, eventually, run_all

ROW = (
    "UPDATE payments.ledger_epoch SET epoch = 2, writer = 'green', state = %s, "
    "changed_at = NOW(6) - INTERVAL %s SECOND"
)
RUNS = 3


def test_it_reverts_an_abandoned_move_and_drops_the_belt(ledger: Ledger) -> None:
    blue = ledger.servers["blue"]
    blue.ask(ROW, "moving", 0)
    blue.ask("SET GLOBAL read_only = ON")
    with pytest.raises(Exception, match=r"1644|1290"):
        ledger.pay(BLUE, "meanwhile")
    eventually(lambda: ledger.row(BLUE) == (3, "blue", "open"))
    eventually(lambda: blue.ask("SELECT @@read_only") == [(0,)])
    ledger.pay(BLUE, "after")
    eventually(lambda: ledger.failing() == {})


def test_a_move_in_progress_is_left_alone(ledger: Ledger) -> None:
    """What is `handed`, or `moving` to this database, is not this database's to take back."""
    blue, green = ledger.servers["blue"], ledger.servers["green"]
    run_all(blue, ("USE ledger_local", "ALTER EVENT watchdog_blue DISABLE"))  # without USE it would cross
    blue.ask(ROW, "moving", 60)
    eventually(lambda: ledger.row(GREEN) == (2, "green", "moving"))
    await_runs(ledger, "green")
    assert ledger.row(GREEN) == (2, "green", "moving")
    blue.ask(ROW, "handed", 60)
    run_all(blue, ("USE ledger_local", "ALTER EVENT watchdog_blue ENABLE"))
    await_runs(ledger, "blue")
    assert ledger.row(BLUE) == (2, "green", "handed")
    assert green.ask("SELECT @@read_only") == [(0,)]


def test_it_holds_up_no_payment(ledger: Ledger) -> None:
    """A payment that stays open keeps a shared lock: an event that wrote each second would wait for it, and
    all later payments for the event.
    """
    with ledger.application(BLUE) as open_payment:
        open_payment.change("begin", "START TRANSACTION")
        open_payment.change("pay", "INSERT INTO payment VALUES ('open', 1)")
        await_runs(ledger, "blue")
        with ledger.application(BLUE) as later:
            later.change("wait a second at most", "SET SESSION innodb_lock_wait_timeout = 1")
            later.change("pay", "INSERT INTO payment VALUES ('later', 1)")
    assert ledger.keys(BLUE) == {"later"}


def await_runs(ledger: Ledger, colour: str) -> None:
    """Wait until the event has run some times more."""
    server = ledger.servers[colour]
    seen: set[object] = set()

    def enough() -> bool:
        found = server.ask(
            "SELECT LAST_EXECUTED FROM information_schema.EVENTS WHERE EVENT_NAME = %s", f"watchdog_{colour}"
        )
        seen.update(found)
        return len(seen) > RUNS

    eventually(enough)
