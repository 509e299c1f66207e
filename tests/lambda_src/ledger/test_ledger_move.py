"""Moves under load: nothing is lost, duplicated or split, whatever ends the mover and at whichever step."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from lambda_src.contract.values import Colour
from lambda_src.ledger import move
from lambda_src.ledger.errors import LedgerError, MoveIncompleteError, MoveRefusedError, StatementError
from tests.lambda_src.ledger.clients import CLEAN, Load, paying
from tests.lambda_src.ledger.ledgers import BLUE, GREEN, SERVICE, Ledger, eventually
from tests.lambda_src.ledger.pauses import back_and_forth

MOVES, MANY_MOVES, CLIENTS = 4, 200, 12


@pytest.fixture
def shop(bare: Ledger) -> Ledger:
    """A ledger with the service's table, blue open."""
    bare.set_up(SERVICE)
    return bare


@pytest.fixture
def load(shop: Ledger) -> Iterator[Load]:
    """With clients that pay."""
    with paying(shop) as load:
        yield load
    assert load.verdict() == CLEAN
    eventually(lambda: shop.failing() == {})


def targets() -> Iterator[Colour]:
    return itertools.cycle((GREEN, BLUE))


@pytest.mark.parametrize("moves", [MOVES, pytest.param(MANY_MOVES, marks=pytest.mark.long)])
def test_back_and_forth_under_load(shop: Ledger, moves: int) -> None:
    with paying(shop, CLIENTS) as load:
        pauses = back_and_forth(load, moves)
    assert load.verdict() == CLEAN
    assert len(pauses.moving) == moves
    print(pauses)  # noqa: T201 - the figures of the run


def test_an_applier_that_stops_before_the_hand_over_reverts_the_move(load: Load) -> None:
    green = load.ledger.servers["green"]
    with pytest.raises(MoveRefusedError, match=r"has not applied the last payments[\s\S]*blue is the writer"):
        load.ledger.move(GREEN, once("preflight", lambda: green.ask("STOP SLAVE SQL_THREAD")))
    assert load.ledger.row(BLUE)[1:] == ("blue", "open")
    load.await_payments()
    green.ask("START SLAVE")


def test_an_applier_that_stops_after_the_hand_over_is_started(load: Load) -> None:
    green = load.ledger.servers["green"]
    moved = load.ledger.move(GREEN, once("hand over", lambda: green.ask("STOP SLAVE SQL_THREAD")))
    assert moved.writer is GREEN


def test_a_mover_that_wakes_too_late_loses_its_comparison(load: Load) -> None:
    """In the meantime the watchdog has reverted the move: the source takes payments again."""

    def oversleep() -> None:
        eventually(lambda: load.ledger.row(BLUE)[1:] == ("blue", "open"))
        load.await_payments()

    with pytest.raises(MoveRefusedError, match="another client reverted the move"):
        load.ledger.move(GREEN, once("applied", oversleep))
    assert load.ledger.row(BLUE)[1:] == ("blue", "open")


def test_a_payment_that_stays_open_refuses_the_move_and_holds_up_the_others_for_a_moment(load: Load) -> None:
    with load.ledger.application(BLUE) as forgotten:
        forgotten.change("begin", "START TRANSACTION")
        forgotten.change("pay", "DELETE FROM payment WHERE number = -1")
        forgotten.change("lock", "SELECT * FROM ledger_epoch WHERE id = 1 LOCK IN SHARE MODE")
        with pytest.raises(MoveRefusedError, match="the fence was not set"):
            load.ledger.move(GREEN)
        assert load.ledger.row(BLUE) == (1, "blue", "open")
        load.await_payments()


def test_a_refused_payment_that_stays_open_reverts_the_move(load: Load) -> None:
    """The fence refuses the statement; its share lock stays until the service ends the transaction."""
    with load.ledger.application(BLUE) as forgotten:

        def pay() -> None:
            forgotten.change("begin", "START TRANSACTION")
            with pytest.raises(StatementError, match="ledger 2 green moving"):
                forgotten.change("pay", "DELETE FROM payment LIMIT 1")

        with pytest.raises(MoveRefusedError, match="a transaction holds the row"):
            load.ledger.move(GREEN, once("fence", pay))
        forgotten.change("roll back", "ROLLBACK")
        eventually(lambda: load.ledger.row(BLUE)[1:] == ("blue", "open"))
        load.await_payments()


@pytest.mark.parametrize(("step", "killed"), list(itertools.product(("fence", "hand over"), Colour)))
def test_a_server_that_is_killed_in_the_middle(load: Load, step: str, killed: Colour) -> None:
    server = load.ledger.servers[killed]
    with suppress(LedgerError):
        load.ledger.move(GREEN, once(step, server.kill))
    server.start()
    assert retried(load.ledger, GREEN).writer is GREEN


def test_it_is_there_already(shop: Ledger) -> None:
    assert shop.move(BLUE).pause_ms is None
    assert shop.row(BLUE) == (1, "blue", "open")


def test_another_move_in_progress_is_refused(shop: Ledger) -> None:
    shop.servers["blue"].ask("UPDATE payments.ledger_epoch SET epoch = 2, writer = 'green', state = 'handed'")
    shop.await_applied(GREEN)
    with pytest.raises(MoveRefusedError, match=r"--to green"):
        shop.move(BLUE)


def once(step: str, act: Callable[[], object]) -> Callable[[str], None]:
    """What a move calls after each step: acts after that one."""

    def after(done: str) -> None:
        if done == step:
            act()

    return after


def retried(ledger: Ledger, target: Colour) -> move.Moved:
    """As the workflow does: a move that was refused or is not finished is run again."""
    for _ in range(20):
        try:
            return ledger.move(target)
        except (MoveRefusedError, MoveIncompleteError) as error:
            last = error
    raise last
