"""`ledger reclaim`: opens the source of a move whose target never returns, and no other."""

import pytest

from lambda_src.contract.values import Colour
from lambda_src.ledger import reclaim
from lambda_src.ledger.accounts import Kind
from lambda_src.ledger.errors import DatabaseUnreachableError, MoveRefusedError
from lambda_src.ledger.models import Account, Endpoint, Row
from tests.lambda_src.ledger.ledgers import BLUE, GREEN, Ledger, eventually

ROW = (
    "UPDATE payments.ledger_epoch SET epoch = %s, writer = %s, state = %s, "
    "changed_at = NOW(6) - INTERVAL %s SECOND"
)
LONG_AGO = reclaim.LONGEST_MOVE_SECONDS + 5


def check(ledger: Ledger, source: Colour = BLUE) -> reclaim.Handed:
    return reclaim.check(*logins(ledger), source)


def take_back(ledger: Ledger, epoch: int = 2) -> Row:
    return reclaim.take_back(*logins(ledger), BLUE, epoch)


def logins(ledger: Ledger) -> tuple[dict[Colour, Endpoint], dict[Colour, Account]]:
    """Places and the movers' accounts: no other may change the row."""
    members = ledger.members.items()
    return {c: m.place for c, m in members}, {c: m.accounts[Kind.MOVER] for c, m in members}


def hand_over(ledger: Ledger, seconds: int = LONG_AGO) -> None:
    """To green, whose applier does not run."""
    ledger.servers["green"].ask("STOP SLAVE")
    ledger.servers["blue"].ask(ROW, 2, "green", "handed", seconds)
    ledger.servers["blue"].ask("SET GLOBAL read_only = ON")


def test_the_source_opens_where_the_target_is_gone(ledger: Ledger) -> None:
    ledger.pay(BLUE, "before")
    hand_over(ledger)
    ledger.servers["green"].kill()
    found = check(ledger)
    assert (found.row.epoch, found.reachable) == (2, False)
    assert str(take_back(ledger)) == "(3, blue, open)"
    assert ledger.row(BLUE) == (3, "blue", "open")
    ledger.pay(BLUE, "after")
    assert take_back(ledger).epoch == 3  # repeated
    ledger.servers["green"].start()


def test_the_source_opens_where_the_target_is_still_closed(ledger: Ledger) -> None:
    hand_over(ledger)
    assert check(ledger).reachable
    take_back(ledger)
    ledger.servers["green"].ask("START SLAVE")  # it returns after all: it applies what it missed
    eventually(lambda: ledger.row(GREEN) == (3, "blue", "open"))
    ledger.pay(BLUE, "after")
    eventually(lambda: "after" in ledger.keys(GREEN))


@pytest.mark.parametrize("state", ["open", "handed"])
def test_a_target_that_has_opened_is_refused(ledger: Ledger, state: str) -> None:
    """Though the source never heard of it: payments may be there."""
    hand_over(ledger)
    ledger.servers["blue"].ask("STOP SLAVE")
    ledger.servers["green"].ask(ROW, 2 if state == "open" else 3, "green", state, 0)
    for refused in (check, take_back):
        with pytest.raises(MoveRefusedError, match="it is open, or was"):
            refused(ledger)
    assert ledger.row(BLUE) == (2, "green", "handed")


@pytest.mark.parametrize(("writer", "state"), [("blue", "open"), ("green", "moving"), ("green", "open")])
def test_what_is_not_handed_over_is_refused(ledger: Ledger, writer: str, state: str) -> None:
    ledger.servers["green"].ask("STOP SLAVE")
    ledger.servers["blue"].ask(ROW, 2, writer, state, 0)
    with pytest.raises(MoveRefusedError, match="not handed to green"):
        check(ledger)


def test_a_mover_that_may_be_alive_is_waited_for(ledger: Ledger) -> None:
    hand_over(ledger, seconds=reclaim.LONGEST_MOVE_SECONDS - 5)
    with pytest.raises(MoveRefusedError, match="a mover may still open green"):
        take_back(ledger)
    assert ledger.row(BLUE) == (2, "green", "handed")


def test_another_move_since_the_check_is_refused(ledger: Ledger) -> None:
    hand_over(ledger)
    with pytest.raises(MoveRefusedError, match="another move began"):
        take_back(ledger, epoch=1)


def test_without_its_own_database_there_is_nothing_to_open(ledger: Ledger) -> None:
    hand_over(ledger)
    ledger.servers["blue"].kill()
    with pytest.raises(DatabaseUnreachableError):
        check(ledger)
    ledger.servers["blue"].start()
