"""Replication heals by itself after a crash of either server, and what it can't apply shows."""

import json

import pytest

from lambda_src.contract.values import Colour
from tests.lambda_src.ledger.ledgers import BLUE, GREEN, Ledger, eventually, run_all

UNLOGGED = "SET sql_log_bin = 0"
CANARY = "CANARY-of-a-customer"
# ER_SLAVE_CONVERSION_FAILED of MariaDB, ER_SERVER_SLAVE_CONVERSION_FAILED of MySQL.
OF_ANOTHER_TYPE = ("1677: ", "13146: ")


@pytest.mark.parametrize("killed", Colour)
def test_it_heals_after_a_kill(ledger: Ledger, killed: Colour) -> None:
    ledger.pay(BLUE, "before")
    server = ledger.servers[killed]
    server.kill()
    if killed is GREEN:
        ledger.pay(BLUE, "meanwhile")
    found = ledger.status()
    assert not found.healthy
    assert found.databases[killed].error
    assert found.row
    assert (found.row.epoch, found.row.writer) == (1, BLUE)
    assert ("reachable", killed) in ledger.failing()

    server.start()
    ledger.pay(BLUE, "after")
    eventually(lambda: ledger.keys(GREEN) == ledger.keys(BLUE) >= {"before", "after"})
    eventually(lambda: ledger.status().healthy)
    ledger.open_green()  # and in the other direction
    ledger.pay(GREEN, "back")
    eventually(lambda: "back" in ledger.keys(BLUE))


def test_what_the_applier_cannot_apply_shows_without_its_statement(ledger: Ledger) -> None:
    green = ledger.servers["green"]
    run_all(green, (UNLOGGED, "ALTER TABLE payments.payment MODIFY amount VARCHAR(3)"))
    ledger.pay(BLUE, CANARY)
    eventually(lambda: ("replication", "green") in ledger.failing())
    eventually(lambda: ledger.failing()[("replication", "green")].startswith(OF_ANOTHER_TYPE))
    found = ledger.status()
    channel = found.databases[GREEN].channel
    assert channel
    assert not channel.running
    assert CANARY not in json.dumps(found.to_json())

    run_all(green, (UNLOGGED, "ALTER TABLE payments.payment MODIFY amount INT NOT NULL", "START SLAVE"))
    eventually(lambda: ledger.keys(GREEN) == {CANARY})
    eventually(lambda: ledger.failing() == {})


def test_every_guard_can_fail(ledger: Ledger) -> None:
    assert ledger.failing() == {}
    green = ledger.servers["green"]
    broken = {
        "watchdog": "ALTER EVENT ledger_local.watchdog_green DISABLE",
        "here": "UPDATE ledger_local.here SET colour = 'blue'",
        "tables": "ALTER TABLE payments.payment ENGINE = Aria",
        "replication": "STOP SLAVE",
        "triggers": None,
    }
    name = green.ask(
        "SELECT TRIGGER_NAME FROM information_schema.TRIGGERS "
        "WHERE TRIGGER_SCHEMA = 'payments' AND EVENT_MANIPULATION = 'UPDATE'"
    )
    for guard, statements in broken.items():
        change = statements or f"DROP TRIGGER payments.{name[0][0]}"
        run_all(green, (UNLOGGED, *change.split("; ")))
        assert (guard, "green") in ledger.failing()
    run_all(green, (UNLOGGED, "UPDATE payments.ledger_epoch SET epoch = 7"))
    assert ("row", "blue") in ledger.failing()  # the one that is behind
    with ledger.application(BLUE) as forgotten:
        forgotten.change("begin", "START TRANSACTION")
        forgotten.change("pay", "INSERT INTO payment VALUES ('forgotten', 1)")
        eventually(lambda: ("transactions", "blue") in ledger.failing())
