"""Broken on purpose: each of these is what somebody could take for good enough, and a test catches it.

The test that catches it is called with the breakage in place, and has to fail.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from lambda_src.ledger import dialect, move, rows, schema
from lambda_src.ledger.errors import LedgerError, StatementError
from lambda_src.ledger.models import Row, State
from tests.lambda_src.ledger import test_ledger_fence as fence
from tests.lambda_src.ledger import test_ledger_move as moves
from tests.lambda_src.ledger.clients import paying
from tests.lambda_src.ledger.ledgers import BLUE, GREEN, SERVICE, Ledger, eventually

FAILED = (AssertionError, pytest.fail.Exception, LedgerError)
FILTERS = {"replicate_wild_do_table": "payments.%", "replicate_ignore_db": "ledger_local"}


def fails(test: Callable[..., object], *arguments: Any) -> None:
    with pytest.raises(FAILED):
        test(*arguments)


@contextmanager
def without_filters(ledger: Ledger) -> Iterator[None]:
    for server in ledger.servers.values():
        server.ask("STOP SLAVE")
        for name in FILTERS:
            server.ask(f"SET GLOBAL {name} = ''")
        server.ask("START SLAVE")
    try:
        yield
    finally:
        for server in ledger.servers.values():
            server.ask("STOP SLAVE")
            for name, value in FILTERS.items():
                server.ask(f"SET GLOBAL {name} = %s", value)


def test_no_fence(bare: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "triggers", lambda *_: ())
    bare.set_up()
    fails(fence.test_only_the_writer_takes_payments_and_the_other_names_it, bare)


def test_no_wait_for_the_position(bare: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is lost by it, thanks to the wait for `handed`; but no payment is taken until that is over."""
    with bare.administrator(BLUE) as connected:
        engine = type(dialect.of(connected))
    stock = engine.applied

    def applied(own: Any, session: Any, position: str, seconds: float) -> bool:
        return seconds <= move.DEADLINE_SECONDS or stock(own, session, position, seconds)

    bare.set_up(SERVICE)
    monkeypatch.setattr(engine, "applied", applied)
    with paying(bare) as load:
        fails(moves.test_an_applier_that_stops_before_the_hand_over_reverts_the_move, load)


def test_no_wait_for_handed(bare: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The target opened before it has applied `handed`: the late row closes it again, on both databases."""
    statement = f"UPDATE {schema.EPOCH} SET writer = %s, state = 'open'"  # noqa: S608 - no value of others

    def opened(own: move._Move, handed: Row) -> Row:
        own._target.main.change("open it", statement, handed.writer.value)
        return replace(handed, state=State.OPEN)

    bare.set_up()
    green = bare.servers["green"]
    monkeypatch.setattr(move._Move, "_open", opened)
    monkeypatch.setattr(move._Move, "_verify", lambda *_: None)
    bare.move(GREEN, moves.once("applied", lambda: green.ask("STOP SLAVE SQL_THREAD")))
    green.ask("START SLAVE")
    eventually(lambda: bare.row(GREEN)[2] == "handed")
    for colour in (BLUE, GREEN):
        with pytest.raises(StatementError):
            bare.pay(colour, "nowhere")


def test_no_filter(bare: Ledger) -> None:
    bare.set_up()
    with without_filters(bare):
        fails(fence.test_accounts_and_local_objects_do_not_cross, bare)


def test_read_only_alone(bare: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is gone after a restart."""
    monkeypatch.setattr(schema, "triggers", lambda *_: ())
    bare.set_up()
    green = bare.servers["green"]
    green.ask("SET GLOBAL read_only = ON")
    green.kill()
    green.start()
    fails(fence.test_only_the_writer_takes_payments_and_the_other_names_it, bare)


def test_revoke_as_the_fence(bare: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open connections keep the privileges of their database until the next USE."""
    monkeypatch.setattr(schema, "triggers", lambda *_: ())
    bare.set_up()
    with bare.application(BLUE) as connected:
        connected.change("pay", "INSERT INTO payment VALUES ('before', 1)")
        bare.servers["blue"].ask("REVOKE INSERT ON payments.* FROM payments@'%'")
        connected.change("pay", "INSERT INTO payment VALUES ('past the fence', 1)")
    assert "past the fence" in bare.keys(BLUE)


def test_a_mover_without_compare_and_set(bare: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    def exchange(session: Any, _: Any, new: Any) -> bool:
        statement = f"UPDATE {schema.EPOCH} SET epoch = %s, writer = %s, state = %s"  # noqa: S608 - as above
        session.change("set the row", statement, new.epoch, new.writer.value, new.state.value)
        return True

    bare.set_up(SERVICE)
    monkeypatch.setattr(rows, "exchange", exchange)
    with paying(bare) as load:
        fails(moves.test_a_mover_that_wakes_too_late_loses_its_comparison, load)


def test_an_event_that_crosses(bare: Ledger) -> None:
    """Created without `USE ledger_local`; the guard names it on the other database."""
    bare.set_up()
    with bare.administrator(BLUE) as connected:
        event = "CREATE EVENT ledger_local.watchdog_other ON SCHEDULE EVERY 1 DAY DO SET @x = 1"
        connected.change("create an event", event)
    eventually(lambda: ("watchdog", "green") in bare.failing())
    assert "watchdog_other" in bare.failing()["watchdog", "green"]
