"""`ledger setup`: killed at any statement and repeated, refused without a trace, and harmless when it is
repeated.
"""

import itertools
from contextlib import suppress
from typing import Any

import pytest

from lambda_src.ledger import dialect, setup
from lambda_src.ledger.database import Session, session
from lambda_src.ledger.errors import LedgerError, NotReadyError
from lambda_src.ledger.models import Account
from tests.lambda_src.ledger.ledgers import BLUE, GREEN, OWN_TRIGGERS, TABLE, Ledger, eventually

MOMENTS = ("before", "after")


class Died(BaseException):
    """What a killed process does: nothing more. Its connections close."""


class Deaths:
    """Kills at one statement, before it is sent or after its answer; `count`: of all statements so far."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count, self.before, self.after = 0, -1, -1
        stock = Session._run

        def run(connected: Session, *arguments: Any) -> Any:
            self.count += 1
            if self.count == self.before:
                raise Died
            try:
                return stock(connected, *arguments)
            finally:
                if self.count == self.after:
                    raise Died

        monkeypatch.setattr(Session, "_run", run)


# After one statement is before the next, but for a connection that is opened in between: `make test` takes
# one moment of every fourth statement, in turn.
@pytest.mark.parametrize("both", [False, pytest.param(True, marks=pytest.mark.long)], ids=["in turn", "both"])
def test_it_can_be_killed_at_every_statement_and_repeated(
    bare: Ledger, monkeypatch: pytest.MonkeyPatch, both: bool
) -> None:
    """Each death comes at the first statement that no run before it has reached."""
    deaths = Deaths(monkeypatch)
    for number in itertools.count(1, 1 if both else 4):
        for moment in MOMENTS if both else MOMENTS[number // 4 % 2 :][:1]:
            deaths.count, deaths.before, deaths.after = 0, -1, -1
            setattr(deaths, moment, number)
            with suppress(Died):
                bare.set_up()
        if deaths.count < number:
            break
    assert number > 50  # or it enumerates nothing
    monkeypatch.undo()
    assert bare.set_up() is BLUE
    eventually(lambda: bare.failing() == {})
    assert bare.row(BLUE) == bare.row(GREEN) == (1, "blue", "open")


def test_repeated_it_keeps_writer_and_payments(ledger: Ledger) -> None:
    ledger.pay(BLUE, "one")
    ledger.open_green()
    assert ledger.set_up() is GREEN
    assert ledger.row(BLUE) == ledger.row(GREEN) == (3, "green", "open")
    ledger.pay(GREEN, "two")
    eventually(lambda: ledger.keys(BLUE) == ledger.keys(GREEN) == {"one", "two"})


def test_a_new_table_gets_its_fence_and_an_old_fence_goes(ledger: Ledger) -> None:
    second = "CREATE TABLE IF NOT EXISTS refund (id INT PRIMARY KEY) ENGINE = InnoDB"
    with ledger.administrator(BLUE) as connected:
        old = "payments.ledger_insert_old BEFORE INSERT ON payments.payment FOR EACH ROW SET @x = 1"
        connected.change("create the trigger of an earlier version", f"CREATE TRIGGER {old}")
    setup.run(ledger.members, tables=[TABLE, second])
    guards = {(guard.name, guard.colour): guard for guard in ledger.status().guards}
    assert guards["triggers", GREEN].found == "8"
    assert guards["triggers", GREEN].passed
    names = ledger.servers["green"].ask(OWN_TRIGGERS)
    assert ("ledger_insert_old",) not in names
    assert len([name for (name,) in names if name.startswith("ledger_")]) == 8


def test_a_database_that_is_configured_otherwise_is_refused_before_anything_changes(bare: Ledger) -> None:
    bare.servers["green"].ask("SET GLOBAL event_scheduler = OFF")
    with pytest.raises(NotReadyError, match="event_scheduler is OFF, has to be ON"):
        bare.set_up()
    for server in bare.servers.values():
        assert server.ask("SHOW DATABASES LIKE 'ledger_local'") == []


@pytest.mark.parametrize("name", ["replicate_wild_do_table", "replicate_ignore_db"])
def test_without_its_filters_replication_does_not_start(bare: Ledger, name: str) -> None:
    green = bare.servers["green"]
    before = green.ask(f"SELECT @@global.{name}")[0][0]
    green.ask(f"SET GLOBAL {name} = ''")
    try:
        with pytest.raises(NotReadyError, match="the replication filters lack"):
            bare.set_up()
        with bare.administrator(GREEN) as connected:
            channel = dialect.of(connected).channel(connected)
        assert channel
        assert not channel.running
    finally:
        green.ask(f"SET GLOBAL {name} = %s", before)
    bare.set_up()


def test_during_a_move_it_is_refused(ledger: Ledger) -> None:
    ledger.servers["blue"].ask(
        "UPDATE payments.ledger_epoch SET epoch = 2, writer = 'green', state = 'handed'"
    )
    with pytest.raises(NotReadyError, match=r"a move is in progress[\s\S]*\(2, green, handed\)"):
        ledger.set_up()


def test_no_password_is_in_an_error(ledger: Ledger) -> None:
    member = ledger.members[BLUE]
    with (
        pytest.raises(LedgerError) as refused,
        session(member.place, Account("administrator", "CANARY-wrong")),
    ):
        pass
    with ledger.administrator(BLUE) as connected, pytest.raises(LedgerError) as misspelt:
        connected.change("set a password", "ALTER USRE payments IDENTIFIED BY %s", "CANARY-new")
    for error in (refused.value, misspelt.value):
        assert "CANARY" not in str(error)
        assert error.__cause__ is None
    assert "CANARY" not in repr(ledger.members)
