"""The belt, `read_only`: put on only where mover and watchdog can write in spite of it."""

from lambda_src.ledger import dialect
from lambda_src.ledger.accounts import USERS, Kind, bears_belt, ensure
from lambda_src.ledger.database import session
from lambda_src.ledger.schema import DEFINER
from tests.lambda_src.ledger.clients import CLEAN, paying
from tests.lambda_src.ledger.ledgers import ADMINISTRATOR, BLUE, GREEN, SERVICE, Ledger, eventually

MOVER = f"{USERS[Kind.MOVER]}_a"


def privilege(ledger: Ledger) -> str:
    """What writes while it is on, in the words of the engine."""
    with ledger.administrator(BLUE) as connected:
        return dialect.of(connected).belt_privilege


def revoke(ledger: Ledger, user: str) -> None:
    what = privilege(ledger)
    for server in ledger.servers.values():
        server.ask(f"REVOKE {what} ON *.* FROM {user}@'%'")


def belted(ledger: Ledger) -> dict[str, bool]:
    return {
        name: bool(server.ask("SELECT @@global.read_only")[0][0]) for name, server in ledger.servers.items()
    }


def back_and_forth(ledger: Ledger) -> dict[str, bool]:
    """Two moves under load; the belts between them."""
    with paying(ledger) as load:
        assert ledger.move(GREEN, name="there").writer is GREEN
        between = belted(ledger)
        assert ledger.move(BLUE, name="back").writer is BLUE
        load.await_payments()
    assert load.verdict() == CLEAN
    eventually(lambda: ledger.failing() == {})
    return between


def test_who_may_not_write_has_it_on(bare: Ledger) -> None:
    bare.set_up(SERVICE)
    assert back_and_forth(bare) == {"blue": True, "green": False}


def test_an_administrator_who_can_not_grant_the_privilege_sets_up_a_ledger_without_it(bare: Ledger) -> None:
    """Administrators of Aurora are said to lack CONNECTION_ADMIN now and then: a mover without it could not
    write its own row, nor could the watchdog, and no database would be open.
    """
    revoke(bare, ADMINISTRATOR.username)
    bare.set_up(SERVICE)
    assert back_and_forth(bare) == {"blue": False, "green": False}


def test_a_mover_that_lost_the_privilege_leaves_it_out(bare: Ledger) -> None:
    bare.set_up(SERVICE)
    revoke(bare, MOVER)
    assert back_and_forth(bare) == {"blue": False, "green": False}


def test_a_mover_has_it_only_with_the_watchdog(bare: Ledger) -> None:
    """Else an abandoned move would stay closed."""
    bare.set_up(SERVICE)
    bare.servers["blue"].ask(f"DROP USER {DEFINER}@'%'")
    revoke(bare, MOVER)
    mover = bare.members[BLUE].accounts[Kind.MOVER]
    with bare.administrator(BLUE) as connected:
        ensure(connected, dialect.of(connected), Kind.MOVER, mover)
    with session(bare.members[BLUE].place, mover) as connected:
        assert not bears_belt(connected, dialect.of(connected))
