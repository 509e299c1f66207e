"""Moves under load: nothing is lost, duplicated or split, whatever ends the mover and at whichever step."""

import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from lambda_src.contract.values import Colour
from lambda_src.ledger import move
from lambda_src.ledger.accounts import Kind
from lambda_src.ledger.errors import LedgerError, MoveIncompleteError, MoveRefusedError
from tests.lambda_src.ledger.clients import Load, paying
from tests.lambda_src.ledger.ledgers import BLUE, GREEN, SERVICE, Ledger, eventually
from tests.lambda_src.ledger.test_ledger_setup import Deaths, Died
from tests.workspaces import ROOT

MOVES = 10
CLEAN = {"lost": 0, "duplicated": 0, "split": 0}
MOVER = """
import json, os, sys
from lambda_src.ledger import move
from lambda_src.ledger.models import Account, Colour, Endpoint
told = json.load(sys.stdin)
places = {Colour(name): Endpoint(**place) for name, place in told["places"].items()}
accounts = {Colour(name): Account(**account) for name, account in told["accounts"].items()}
move.run(places, accounts, Colour(told["target"]), move_id="dying",
    after=lambda step: os._exit(7) if step == told["step"] else None)
"""


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


def test_back_and_forth_under_load(load: Load) -> None:
    pauses: list[float] = []
    for target in itertools.islice(targets(), MOVES):
        load.bulk(target.other)
        moved = retried(load.ledger, target)
        assert moved.writer is target
        pauses.append(moved.pause_ms or 0)
        load.await_payments()
    assert all(pauses)
    print("pauses of the ledger in ms:", *(round(pause) for pause in sorted(pauses)))  # noqa: T201


@pytest.mark.parametrize("step", move.STEPS)
def test_a_mover_that_dies_after_a_step_is_run_again(load: Load, step: str) -> None:
    for target in (GREEN, BLUE):
        assert dying(load.ledger, target, step) == 7
        assert retried(load.ledger, target).writer is target
        assert load.ledger.row(target)[1:] == (target, "open")
        load.await_payments()


def test_a_move_that_died_before_it_was_handed_over_is_taken_back(load: Load) -> None:
    dying(load.ledger, GREEN, "applied")
    eventually(lambda: load.ledger.row(BLUE)[1:] == ("blue", "open"))
    load.await_payments()


def test_it_can_die_at_every_statement(shop: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """The move is then run again, and ends it, or has refused it with the source open."""
    order = targets()
    deaths = Deaths(monkeypatch)
    for number in itertools.count(1):
        for moment in ("before", "after"):
            target = next(order)
            deaths.count, deaths.before, deaths.after = 0, -1, -1
            setattr(deaths, moment, number)
            with suppress(Died):
                shop.move(target)
            reached = deaths.count
            deaths.before = deaths.after = -1
            retried(shop, target)
            assert shop.row(target)[1:] == (target, "open")
        if reached < number:
            break
    assert number > 20


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


@pytest.mark.parametrize(("step", "killed"), list(itertools.product(("fence", "hand over"), Colour)))
def test_a_server_that_is_killed_in_the_middle(load: Load, step: str, killed: Colour) -> None:
    server = load.ledger.servers[killed]
    with suppress(LedgerError):
        load.ledger.move(GREEN, once(step, server.kill))
    server.start()
    assert retried(load.ledger, GREEN).writer is GREEN


def test_two_movers_at_once(load: Load) -> None:
    for target in itertools.islice(targets(), 4):
        outcomes: list[Any] = []

        def run(target: Colour = target, outcomes: list[Any] = outcomes) -> None:
            try:
                outcomes.append(load.ledger.move(target).writer)
            except LedgerError as error:
                outcomes.append(error)

        movers = [threading.Thread(target=run) for _ in range(2)]
        for mover in movers:
            mover.start()
        for mover in movers:
            mover.join()
        assert target in outcomes or retried(load.ledger, target).writer is target
        assert load.ledger.row(target)[1:] == (target, "open")


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


def dying(ledger: Ledger, target: Colour, step: str) -> int:
    """Run the mover in a process that ends at once after that step; its exit code."""
    told = {
        "places": {c: vars(member.place) for c, member in ledger.members.items()},
        "accounts": {c: vars(m.accounts[Kind.MOVER]) for c, m in ledger.members.items()},
        "target": target,
        "step": step,
    }
    command = [sys.executable, "-c", MOVER]
    for _ in range(10):
        ran = subprocess.run(
            command, cwd=ROOT, input=json.dumps(told), text=True, capture_output=True, check=False
        )
        if ran.returncode != 1:  # refused before it came so far
            break
    assert ran.returncode in {0, 7}, ran.stderr
    return ran.returncode


def retried(ledger: Ledger, target: Colour) -> move.Moved:
    """As the workflow does: a move that was refused or is not finished is run again."""
    for _ in range(20):
        try:
            return ledger.move(target)
        except (MoveRefusedError, MoveIncompleteError) as error:
            last = error
    raise last
