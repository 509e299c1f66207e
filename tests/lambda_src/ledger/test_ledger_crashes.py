"""Whatever ends, cuts or freezes a mover, at whichever statement: nothing is lost, duplicated or split.

The cases enumerate themselves: statement by statement, until a mover ends before it comes that far. One move
a case, with clients that pay, and a large transaction before it. Afterwards the move is run again, which ends
it or has refused it; or it is left alone, and the source opens unless the move was past its hand-over.
`make test` runs the statements that change something; `make test-long` all of them.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass

import pytest

from lambda_src.contract.values import Colour
from lambda_src.ledger import move, preflight
from lambda_src.ledger.accounts import Kind
from lambda_src.ledger.errors import LedgerError
from tests.lambda_src.ledger.clients import Load, paying
from tests.lambda_src.ledger.ledgers import BLUE, SERVICE, Ledger, eventually
from tests.lambda_src.ledger.mover import (
    ACTS,
    AFTER,
    BEFORE,
    CUT,
    DIE,
    DIED,
    FREEZE,
    MOMENTS,
    MOVED,
    Movers,
    Point,
    movers,
)
from tests.lambda_src.ledger.test_ledger_watchdog import await_runs

CLIENTS, THINK_SECONDS, ROWS = 6, 0.005, 300
ATTEMPTS = 20  # of a mover that is refused before it comes to its point
MOVES_AT_ONCE = 4
PAY = (
    "INSERT INTO payment (idempotency_key, payment_id, session_id, amount, currency, colour) "
    "VALUES (UUID(), UUID(), REPEAT('0', 64), 1, 'EUR', 'blue')"
)
LAST_STATEMENT = 200  # a bound: a move has some 30
FEWEST_STATEMENTS = 25
FEWEST_CHANGES = len(("fence", "belt", "hand over", "belt", "open"))
CHANGES = ("change the ledger's row", "set read_only")
AGAIN, ALONE, BACK = "run again", "left alone", "run again, and back"


@pytest.fixture(scope="module")
def dying(_integration: None) -> Iterator[Movers]:
    """The process of the movers: it forks, so it starts before any client."""
    with movers() as process:
        yield process


@dataclass
class Bench:
    """A ledger with clients, and movers that can be hit. `epoch`: the highest so far; it only grows.

    A second writer for a moment shows nowhere else: replication in both directions hides it, unless the same
    key is written on both.
    """

    load: Load
    movers: Movers
    epoch: int = 0

    @property
    def ledger(self) -> Ledger:
        return self.load.ledger

    @property
    def target(self) -> Colour:
        """Where the next move goes."""
        eventually(lambda: self.ledger.row(BLUE)[2] == "open" and self._agreed())
        return Colour(self.ledger.row(BLUE)[1]).other

    def hit(self, point: Point, then: str) -> bool:
        """One case. Returns whether the mover came so far; it may be refused before, and is run again."""
        target = self.target
        self.load.bulk(target.other, ROWS)
        for _ in range(ATTEMPTS):
            ended = self.movers.run(self.ledger, target, point)
            if ended is None or ended.hit:
                break
            if ended.code == MOVED:
                return False
            eventually(lambda: self.ledger.row(target.other)[1:] == (target.other, "open"))
        else:
            raise AssertionError(ended)
        if point.act == DIE:
            assert ended
            assert ended.code == DIED
        follow_up = {AGAIN: self.run_again, ALONE: self.leave_alone, BACK: self.run_back}
        follow_up[then](target)
        self.grow()
        if ended is None:
            self.movers.thaw()
            self.grow()
            self.run_again(target)
        self.settle()
        return True

    def grow(self) -> None:
        """No database has an epoch that is lower than what its writer had."""
        epochs = {colour: self.ledger.row(colour)[0] for colour in Colour}
        assert max(epochs.values()) >= self.epoch, epochs
        self.epoch = max(epochs.values())

    def settle(self) -> None:
        """Payments go on, and all of them are there."""
        self.grow()
        self.load.await_payments(10)
        self.load.check()

    def run_again(self, target: Colour) -> None:
        """As the workflow does, until it is moved."""
        eventually(lambda: self._moved(target))
        assert self.ledger.row(target)[1:] == (target, "open")

    def run_back(self, target: Colour) -> None:
        """There, and back."""
        self.run_again(target)
        self.run_again(target.other)

    def leave_alone(self, target: Colour) -> None:
        """The source opens by itself, unless its row is handed to the target: then it never does."""
        _, writer, state = self.ledger.row(target.other)
        if state == "handed":
            if self.ledger.row(target)[2] != "open":
                await_runs(self.ledger, str(target.other))
                assert self.ledger.row(target.other)[1:] == (target, "handed")
            return self.run_again(target)
        if (writer, state) != (target, "open"):
            eventually(lambda: self.ledger.row(target.other)[1:] == (target.other, "open"))
        return None

    def _moved(self, target: Colour) -> bool:
        members = self.ledger.members
        places = {colour: member.place for colour, member in members.items()}
        accounts = {colour: member.accounts[Kind.MOVER] for colour, member in members.items()}
        with suppress(LedgerError):
            return preflight.move(places, accounts, target, move_id="again").writer is target
        return False

    def _agreed(self) -> bool:
        return self.ledger.row(BLUE) == self.ledger.row(BLUE.other)


@pytest.fixture
def bench(bare: Ledger, dying: Movers) -> Iterator[Bench]:
    """With the service's table, and clients."""
    bare.set_up(SERVICE)
    with paying(bare, CLIENTS, THINK_SECONDS) as load:
        yield Bench(load, dying)
    load.check()


@contextmanager
def named(case: object) -> Iterator[None]:
    """A failure names its case."""
    try:
        yield
    except BaseException as error:
        error.add_note(str(case))
        raise


# Where what happens decides most: payments are refused from here on; and the row is the target's.
REPRESENTATIVE = ("fence", "hand over")


def thens(act: str) -> tuple[str, ...]:
    """What follows. A mover that is cut off ends by itself, and a frozen one can also come much too late."""
    return {DIE: (AGAIN, ALONE), CUT: (AGAIN, ALONE), FREEZE: (AGAIN, ALONE, BACK)}[act]


CASES = [(act, moment, then) for act in ACTS for moment in MOMENTS for then in thens(act)]
# `make test` has these, at the statements that change something.
REPRESENTATIVE_CASES = [(DIE, AFTER, AGAIN), (CUT, AFTER, AGAIN), (FREEZE, BEFORE, BACK)]


@pytest.mark.parametrize(("act", "moment", "then"), REPRESENTATIVE_CASES)
def test_a_mover_is_hit_at_every_statement_that_changes_something(
    bench: Bench, act: str, moment: str, then: str
) -> None:
    assert enumerate_statements(bench, act, moment, then, CHANGES) >= FEWEST_CHANGES


@pytest.mark.long
@pytest.mark.parametrize(("act", "moment", "then"), CASES)
def test_a_mover_is_hit_at_every_statement(bench: Bench, act: str, moment: str, then: str) -> None:
    cases = enumerate_statements(bench, act, moment, then, ())
    assert cases >= FEWEST_STATEMENTS
    print(f"{cases} cases: {act} {moment}, {then}")  # noqa: T201 - the figure of the run


def enumerate_statements(bench: Bench, act: str, moment: str, then: str, among: tuple[str, ...]) -> int:
    """One case for each statement, until a mover ends before it comes so far. How many there were."""
    for number in range(1, LAST_STATEMENT):
        case = Point(act, number, moment, among=among)
        with named(case):
            if not bench.hit(case, then):
                return number - 1
    raise AssertionError("the mover never ends")


@pytest.mark.parametrize(
    "step",
    [pytest.param(step, marks=() if step in REPRESENTATIVE else pytest.mark.long) for step in move.STEPS],
)
@pytest.mark.parametrize("then", [AGAIN, ALONE])
def test_a_mover_dies_after_every_step(bench: Bench, step: str, then: str) -> None:
    for _ in Colour:
        assert bench.hit(Point(DIE, step=step), then)


Event = Callable[[Ledger, Colour], AbstractContextManager[None]]


@contextmanager
def target_killed(ledger: Ledger, target: Colour) -> Iterator[None]:
    with killed(ledger, target):
        yield


@contextmanager
def source_killed(ledger: Ledger, target: Colour) -> Iterator[None]:
    with killed(ledger, target.other):
        yield


@contextmanager
def killed(ledger: Ledger, colour: Colour) -> Iterator[None]:
    ledger.servers[colour].kill()
    yield
    ledger.servers[colour].start()


@contextmanager
def applier_stopped(ledger: Ledger, target: Colour) -> Iterator[None]:
    ledger.servers[target].ask("STOP SLAVE SQL_THREAD")
    yield
    ledger.servers[target].ask("START SLAVE")


@contextmanager
def way_back_stopped(ledger: Ledger, target: Colour) -> Iterator[None]:
    with applier_stopped(ledger, target.other):
        yield


@contextmanager
def network_cut(ledger: Ledger, _: Colour) -> Iterator[None]:
    """Between the databases."""
    for server in ledger.servers.values():
        server.ask("STOP SLAVE IO_THREAD")
    yield
    for server in ledger.servers.values():
        server.ask("START SLAVE")


@contextmanager
def transaction_open(ledger: Ledger, target: Colour) -> Iterator[None]:
    """A service that neither commits nor rolls back: it has the row's share lock, as after any payment."""
    with ledger.application(target.other) as forgotten:
        forgotten.change("begin", "START TRANSACTION")
        with suppress(LedgerError):  # the fence refuses it, and the lock stays all the same
            forgotten.change("pay", PAY)
        yield
        with suppress(LedgerError):
            forgotten.change("roll back", "ROLLBACK")


EVENTS: list[Event] = [
    target_killed,
    source_killed,
    applier_stopped,
    way_back_stopped,
    network_cut,
    transaction_open,
]


@pytest.mark.sampled(4)
@pytest.mark.parametrize("then", [AGAIN, pytest.param(ALONE, marks=pytest.mark.long)])
@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize(
    "step",
    [pytest.param(step, marks=() if step in REPRESENTATIVE else pytest.mark.long) for step in move.STEPS],
)
def test_something_else_happens_after_every_step(bench: Bench, step: str, event: Event, then: str) -> None:
    with ExitStack() as undo:
        happened: list[str] = []

        def after(done: str) -> None:
            if done == step and not happened:
                happened.append(done)
                undo.enter_context(event(bench.ledger, target))

        target = bench.target
        for _ in range(ATTEMPTS):
            with suppress(LedgerError):
                bench.ledger.move(target, after)
            if happened:
                break
    assert happened
    if then == ALONE:
        bench.leave_alone(target)
    bench.run_again(target)
    bench.settle()


def test_two_movers_at_once(bench: Bench) -> None:
    for _ in range(MOVES_AT_ONCE):
        target = bench.target
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(quietly, [bench.ledger] * 2, [target] * 2))
        bench.run_again(target)
        bench.settle()


def quietly(ledger: Ledger, target: Colour) -> None:
    with suppress(LedgerError):
        ledger.move(target)
