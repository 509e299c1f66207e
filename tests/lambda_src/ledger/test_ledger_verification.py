"""`ledger verify`: finds what differs, in chunks, by a cursor, while payments go on."""

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest

from lambda_src.ledger import chunks, verification
from lambda_src.ledger.accounts import Kind
from lambda_src.ledger.database import session
from lambda_src.ledger.errors import NotReadyError, StatementError
from lambda_src.ledger.verification import Verification
from tests.lambda_src.ledger.clients import CLEAN, paying
from tests.lambda_src.ledger.ledgers import BLUE, GREEN, OWN_TRIGGERS, SERVICE, Ledger, run_all
from tests.lambda_src.ledger.test_ledger_move import retried

ROWS = 57
KINDS = """
CREATE TABLE IF NOT EXISTS refund (
    day DATE, number DECIMAL(20, 4), token VARBINARY(16), note VARCHAR(40) CHARACTER SET utf8mb4 NULL,
    seen TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), part DOUBLE, flag BIT(3), body BLOB,
    PRIMARY KEY (day, number, token)
) ENGINE = InnoDB"""
REFUNDS = (
    "INSERT INTO payments.refund (day, number, token, note, part, flag, body) "
    "SELECT '2026-01-01' + INTERVAL (seq % 5) DAY, seq / 7, UNHEX(LEFT(SHA2(seq, 256), 32)), "
    "IF(seq % 3, NULL, 'Zürich €'), seq / 3, b'101', UNHEX(LEFT(SHA2(seq, 256), 32)) FROM payments.numbers"
)
# Two payments of a chunk, of 20 and 21, have each other's amount.
EXCHANGED = "UPDATE payments.payment SET amount = 41 - amount WHERE amount IN (20, 21)"
CHANGES = [
    [f"UPDATE payments.refund SET {change} ORDER BY day DESC, number DESC LIMIT 1" for change in pair]  # noqa: S608
    for pair in (
        ("note = IF(note IS NULL, '', NULL)", "note = IF(note = '', NULL, 'Zürich €')"),
        ("flag = b'100'", "flag = b'101'"),
        ("part = -part", "part = -part"),
        ("body = 'x'", "body = token"),
        ("seen = seen + INTERVAL 1 MICROSECOND", "seen = seen - INTERVAL 1 MICROSECOND"),
    )
]


def verify(ledger: Ledger, *, fresh: bool = False) -> Verification:
    """One call of the health function, with its own account."""
    places = {colour: member.place for colour, member in ledger.members.items()}
    accounts = {colour: member.accounts[Kind.HEALTH] for colour, member in ledger.members.items()}
    return verification.run(places, accounts, fresh=fresh)


def behind(ledger: Ledger, colour: str, *statements: str) -> None:
    """Statements that do not replicate: what a split leaves."""
    run_all(ledger.servers[colour], ("SET sql_log_bin = OFF", *statements))


@pytest.fixture
def books(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """With payments on both databases, compared in small chunks."""
    monkeypatch.setattr(verification, "CHUNK_ROWS", 10)
    values = ", ".join(f"('key-{number:03}', {number})" for number in range(ROWS))
    with ledger.application(BLUE) as connected:
        connected.change("pay", f"INSERT INTO payment VALUES {values}")  # noqa: S608 - numbers
    ledger.await_applied(GREEN)
    return ledger


def test_the_same_on_both_is_clean_and_recorded(books: Ledger) -> None:
    found = verify(books, fresh=True)
    assert (found.clean, found.rows, found.chunks, found.findings) == (True, ROWS, 7, ())
    status = books.status()
    assert status.verified == found
    assert status.verifying is None
    assert ("verification", "blue") not in books.failing()


@pytest.mark.parametrize(
    ("colour", "statement", "where"),
    [
        ("green", "UPDATE payments.payment SET amount = 99999 WHERE idempotency_key = 'key-025'", "key-019"),
        ("green", "DELETE FROM payments.payment WHERE idempotency_key = 'key-000'", "the first"),
        ("blue", "DELETE FROM payments.payment WHERE idempotency_key = 'key-056'", "key-056"),
        ("green", "INSERT INTO payments.payment VALUES ('key-999', 1)", "key-999"),
        ("green", "DELETE FROM payments.payment", "the first"),
        ("green", EXCHANGED, "key-019"),
    ],
)
def test_what_differs_is_found_and_refuses_a_move(
    books: Ledger, colour: str, statement: str, where: str
) -> None:
    """The fence is passed on purpose: without its triggers a database that is not the writer takes rows."""
    triggers = books.servers[colour].ask(OWN_TRIGGERS)
    behind(books, colour, *(f"DROP TRIGGER payments.{name}" for (name,) in triggers), statement)
    found = verify(books, fresh=True)
    assert found.ended
    assert not found.clean
    assert where in " ".join(found.findings)
    assert "differ" in books.failing()["verification", "blue"]


def test_a_table_that_one_has_only_is_found(books: Ledger) -> None:
    behind(books, "blue", "CREATE TABLE payments.refund (id INT PRIMARY KEY) ENGINE = InnoDB")
    assert verify(books, fresh=True).findings == (
        "refund: not the same table with the same primary key on both databases",
    )


def test_keys_and_values_of_all_kinds_are_compared(books: Ledger) -> None:
    blue = books.servers["blue"]
    blue.ask("CREATE TABLE payments.numbers (seq INT PRIMARY KEY) ENGINE = InnoDB")
    books.set_up(KINDS)
    with books.application(BLUE) as connected:
        numbers = ", ".join(f"({number})" for number in range(1, 41))
        connected.change("count", f"INSERT INTO numbers VALUES {numbers}")  # noqa: S608 - numbers
    blue.ask("SET GLOBAL time_zone = '+05:00'")
    run_all(blue, ("USE payments", REFUNDS))  # MySQL wants a default database here
    blue.ask("SET GLOBAL time_zone = SYSTEM")
    books.await_applied(GREEN)
    found = verify(books, fresh=True)
    assert (found.clean, found.rows) == (True, ROWS + 80)
    for change, undo in CHANGES:
        behind(books, "blue", change)
        assert not verify(books, fresh=True).clean, change
        behind(books, "blue", undo)
    assert verify(books, fresh=True).clean


@pytest.mark.parametrize("other", [("a", "#b"), ("", None), (None, ""), ("NULL", None), ("a'#'", "b")])
def test_a_value_counts_where_it_stands(books: Ledger, other: tuple[str | None, str | None]) -> None:
    """A checksum of texts that are only put together finds some of these equal."""
    blue = books.servers["blue"]
    blue.ask(
        "CREATE TABLE payments.noted (id INT PRIMARY KEY, one VARCHAR(9), two VARCHAR(9)) ENGINE = InnoDB"
    )
    found = set()
    with books.administrator(BLUE) as connected:
        of = chunks.table(connected, "noted")
        assert of
        for values in (("a#", "b"), (None, None), other):
            blue.ask("REPLACE INTO payments.noted VALUES (1, %s, %s)", *values)
            found.add(chunks.checksum(connected, of, None, (1,)))
    assert len(found) == 3


def test_it_goes_on_where_it_was(books: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call without any time compares one chunk less than none: what is left is less each time."""
    monkeypatch.setattr(verification, "monotonic", Clock(steps=2))
    calls = [verify(books, fresh=True)]
    while not calls[-1].ended:
        assert books.status().verifying == calls[-1]
        calls.append(verify(books))
    chunks = [call.chunks for call in calls]
    assert chunks == sorted(set(chunks))
    assert len(calls) > 2
    assert (calls[-1].clean, calls[-1].rows) == (True, ROWS)
    assert verify(books) == calls[-1]  # recent: nothing is compared again
    assert verify(books, fresh=True).chunks < calls[-1].chunks


def test_a_call_that_began_before_a_fresh_one_does_not_replace_it(books: Ledger, monkeypatch: Any) -> None:
    monkeypatch.setattr(verification, "monotonic", Clock(steps=4))
    first = verify(books, fresh=True)
    stock = verification._Run._record

    def record(own: verification._Run) -> Verification:
        monkeypatch.setattr(verification._Run, "_record", stock)
        verify(books, fresh=True)
        return stock(own)

    monkeypatch.setattr(verification._Run, "_record", record)
    assert verify(books).chunks > first.chunks
    verifying = books.status().verifying
    assert verifying
    assert verifying.chunks == first.chunks


def test_it_is_clean_while_clients_pay_and_the_ledger_moves(
    bare: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A move in between: the verification continues with the new writer."""
    monkeypatch.setattr(verification, "CHUNK_ROWS", 200)
    monkeypatch.setattr(verification, "BUDGET_SECONDS", 0.3)
    bare.set_up(SERVICE)
    targets = itertools.cycle((GREEN, BLUE))
    with paying(bare, 6, think=0.005) as load:
        load.bulk(BLUE)
        found = verify(bare, fresh=True)
        for target in itertools.islice(targets, 4):
            retried(bare, target)
            load.await_payments()
            found = verify(bare)
        while not found.ended:
            found = verify(bare)
    assert (found.clean, found.findings) == (True, ())
    assert load.verdict() == CLEAN


@pytest.mark.parametrize(
    ("age", "change", "passes"),
    [
        (0, {}, True),
        (verification.RECENT_SECONDS - 60, {}, True),
        (verification.RECENT_SECONDS + 60, {}, False),
        (0, {"differing": 1, "findings": ("one",)}, False),
    ],
)
def test_the_guard_wants_a_recent_and_clean_one(
    books: Ledger, age: int, change: dict[str, Any], passes: bool
) -> None:
    found = replace(verify(books, fresh=True), **change)
    assert found.ended
    document = json.dumps({"findings": [], "differing": found.differing, "ended": True})
    statement = (
        "UPDATE ledger_local.verification SET document = %s, changed_at = NOW(6) - INTERVAL %s SECOND "
        "WHERE id = 2"
    )
    books.servers["blue"].ask(statement, document, age)
    assert (("verification", "blue") not in books.failing()) == passes


def test_one_that_never_ended_fails_the_guard(books: Ledger) -> None:
    books.servers["blue"].ask("DELETE FROM ledger_local.verification")
    assert "never ended" in books.failing()["verification", "blue"]


def test_a_clone_forgets_what_was_verified_of_another(books: Ledger) -> None:
    run_all(books.servers["green"], ["UPDATE ledger_local.here SET colour = 'blue'"])
    books.servers["green"].ask(
        "INSERT INTO ledger_local.verification VALUES (2, 'x', '{\"findings\": [\"of blue\"]}', NOW(6))"
    )
    books.set_up()
    assert books.servers["green"].ask("SELECT * FROM ledger_local.verification") == []


def test_during_a_move_it_is_refused(books: Ledger) -> None:
    books.servers["blue"].ask(
        "UPDATE payments.ledger_epoch SET epoch = 2, writer = 'green', state = 'handed'"
    )
    with pytest.raises(NotReadyError, match=r"the row is \(2, green, handed\)"):
        verify(books, fresh=True)


def test_a_target_that_does_not_follow_is_no_difference(
    books: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "APPLY_SECONDS", 0.2)
    books.servers["green"].ask("STOP SLAVE SQL_THREAD")
    books.pay(BLUE, "late")
    with pytest.raises(NotReadyError, match="does not follow"):
        verify(books, fresh=True)
    assert not verify(books).ended  # the schedule: it raises nothing, and continues later
    books.servers["green"].ask("START SLAVE")
    found = verify(books)
    assert (found.clean, found.rows) == (True, ROWS + 1)


def test_the_health_account_may_write_nothing_else(books: Ledger) -> None:
    member = books.members[BLUE]
    with session(member.place, member.accounts[Kind.HEALTH]) as connected:
        for statement in (
            "UPDATE ledger_local.here SET colour = 'green'",
            "UPDATE payments.ledger_epoch SET state = 'open'",
            "DELETE FROM payments.payment",
            "DROP TABLE ledger_local.verification",
        ):
            with pytest.raises(StatementError, match="1142"):
                connected.change("overreach", statement)


class Clock:
    """Time passes a second at each look; after some looks the budget is over."""

    def __init__(self, steps: int) -> None:
        self._now, self._pace = 0.0, verification.BUDGET_SECONDS / steps

    def __call__(self) -> float:
        self._now += self._pace
        return self._now
