"""`ledger migrate` on two servers: what it changes, what it refuses by which name, and after any crash."""

import itertools
import threading
import time
from collections.abc import Sequence
from contextlib import suppress

import pytest

from examples.service import MIGRATIONS
from examples.service.ledger import Ledger as Client
from examples.service.payments import Payment, write
from lambda_src.contract.values import Colour
from lambda_src.ledger.accounts import Kind
from lambda_src.ledger.database import session
from lambda_src.ledger.errors import MigrationIncompleteError, MigrationRefusedError, StatementError
from lambda_src.migrate import applying, planning, statements
from lambda_src.migrate.applying import Migrated
from tests.lambda_src.ledger.clients import places
from tests.lambda_src.ledger.ledgers import BLUE, GREEN, Ledger, eventually, run_all
from tests.lambda_src.ledger.test_ledger_setup import Deaths, Died

EXPAND = """
-- a table, with an index, and two columns
CREATE TABLE refund (id BIGINT AUTO_INCREMENT PRIMARY KEY, reason VARCHAR(40) NULL, KEY of_reason (reason));
ALTER TABLE payment ADD COLUMN note VARCHAR(40) NULL, ADD COLUMN fee INT NOT NULL DEFAULT 0;
ALTER TABLE payment ADD INDEX of_note (note);
ALTER TABLE refund ADD COLUMN at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6);
"""
CONTRACT = "ALTER TABLE payment DROP COLUMN note; DROP TABLE refund;"


def migrate(ledger: Ledger, text: str, *, contract: bool = False) -> Migrated:
    """As the function does, with the migrator's own accounts."""
    places = {colour: member.place for colour, member in ledger.members.items()}
    own = {colour: member.accounts[Kind.MIGRATOR] for colour, member in ledger.members.items()}
    return applying.run(places, own, statements.parse(text), contract=contract)


def columns(ledger: Ledger, colour: Colour, table: str) -> list[str]:
    found = ledger.servers[colour].ask(
        "SELECT COLUMN_NAME FROM information_schema.COLUMNS "
        "WHERE TABLE_SCHEMA = 'payments' AND TABLE_NAME = %s ORDER BY ORDINAL_POSITION",
        table,
    )
    return [name for (name,) in found]


def assert_expanded(ledger: Ledger) -> None:
    """On both, with fences, and nothing is left over."""
    for colour in Colour:
        assert columns(ledger, colour, "payment") == ["idempotency_key", "amount", "note", "fee"]
        assert columns(ledger, colour, "refund") == ["id", "reason", "at"]
        tables = {name for (name,) in ledger.servers[colour].ask("SHOW TABLES FROM payments")}
        assert tables == {"ledger_epoch", "payment", "refund"}
        assert ledger.servers[colour].ask("SHOW TABLES FROM ledger_local LIKE 'trial'") == []
    eventually(lambda: ledger.failing() == {})


def test_an_expand_step_reaches_both_databases_with_its_fence(ledger: Ledger) -> None:
    ledger.pay(BLUE, "before")
    migrated = migrate(ledger, EXPAND)
    assert (migrated.writer, migrated.done, len(migrated.statements)) == (BLUE, 4, 4)
    assert_expanded(ledger)
    with ledger.application(BLUE) as connected:
        connected.change("refund", "INSERT INTO refund (reason) VALUES ('r')")
    with ledger.application(GREEN) as connected, pytest.raises(StatementError, match="ledger 1 blue open"):
        connected.change("refund", "INSERT INTO refund (reason) VALUES ('r')")
    assert migrate(ledger, EXPAND).done == 0
    ledger.move(GREEN)
    assert migrate(ledger, EXPAND).writer is GREEN  # also from there: nothing is left to do
    more = migrate(ledger, "ALTER TABLE refund ADD COLUMN more INT NULL")
    assert (more.writer, more.done) == (GREEN, 1)
    assert columns(ledger, BLUE, "refund")[-1] == "more"


def test_a_contract_step_is_refused_unless_no_way_back_is_wanted(ledger: Ledger) -> None:
    migrate(ledger, EXPAND)
    with pytest.raises(MigrationRefusedError, match=r"column-dropped[\s\S]*--no-way-back"):
        migrate(ledger, CONTRACT)
    assert_expanded(ledger)
    assert migrate(ledger, CONTRACT, contract=True).done == 2
    for colour in Colour:
        assert columns(ledger, colour, "payment") == ["idempotency_key", "amount", "fee"]
        assert columns(ledger, colour, "refund") == []
    assert migrate(ledger, CONTRACT, contract=True).done == 0


REFUSED = {
    "ALTER TABLE payment ADD COLUMN note INT NULL AFTER idempotency_key": "column-in-the-middle",
    "ALTER TABLE payment ADD COLUMN note INT NULL FIRST": "column-in-the-middle",
    "ALTER TABLE payment ADD COLUMN note INT NOT NULL": "column-without-default",
    "ALTER TABLE payment MODIFY COLUMN amount BIGINT NOT NULL": "column-type",
    "ALTER TABLE payment MODIFY COLUMN amount INT NOT NULL FIRST": "column-order",
    "ALTER TABLE payment MODIFY COLUMN amount INT NULL": "column-null",
    "ALTER TABLE payment ALTER COLUMN amount SET DEFAULT 4": "column-default",
    "ALTER TABLE payment DROP COLUMN amount": "column-dropped",
    "ALTER TABLE payment ADD UNIQUE KEY u (amount)": "unique-added",
    "ALTER TABLE payment ADD COLUMN note INT NULL UNIQUE": "unique-added",
    "ALTER TABLE payment ADD CONSTRAINT c CHECK (amount > 0)": "check-added",
    "ALTER TABLE payment ADD PRIMARY KEY (amount)": "not-understood",  # there is one
    "ALTER TABLE payment ADD COLUMN a INT NULL, ADD COLUMN a INT NULL": "not-understood",
    "ALTER TABLE nowhere ADD COLUMN a INT NULL": "not-understood",
    "DROP TABLE payment": "table-dropped",
    "ALTER TABLE payment ADD COLUMN amount INT NULL": "exists",
    "CREATE TABLE payment (id INT PRIMARY KEY)": "exists",
    "ALTER TABLE payment ADD COLUMN one INT NULL; ALTER TABLE payment ADD COLUMN two INT NOT NULL": (
        "column-without-default"
    ),
}


def test_each_kind_is_refused_by_its_name_and_nothing_is_changed(ledger: Ledger) -> None:
    before = snapshot(ledger)
    for text, rule in REFUSED.items():
        with pytest.raises(MigrationRefusedError) as found:
            migrate(ledger, text)
        assert f": {rule}: " in found.value.what, (text, found.value.what)
        assert found.value.state == "nothing was changed"
    assert snapshot(ledger) == before


def snapshot(ledger: Ledger) -> list[object]:
    """All definitions on both databases."""
    found: list[object] = []
    for server in ledger.servers.values():
        for (name,) in server.ask("SHOW TABLES FROM payments"):
            found += server.ask(f"SHOW CREATE TABLE payments.{name}")
        found += server.ask("SELECT TRIGGER_NAME FROM information_schema.TRIGGERS ORDER BY TRIGGER_NAME")
        found += server.ask("SHOW TABLES FROM ledger_local")
    return found


def test_only_the_migrator_and_the_administrator_have_ddl(ledger: Ledger) -> None:
    """So no other account's DDL has to be refused while a shift runs."""
    for server in ledger.servers.values():
        users = [user for (user,) in server.ask("SELECT user FROM mysql.user WHERE host = '%'")]
        may = {
            user
            for user in users
            for (grant,) in server.ask(f"SHOW GRANTS FOR '{user}'@'%'")
            if {"CREATE", "ALTER", "DROP", "INDEX", "ALL PRIVILEGES"}
            & {word.strip() for word in grant.partition(" ON ")[0].removeprefix("GRANT ").split(",")}
        }
        assert may == {"administrator", "ledger_migrator_a"}
    with ledger.application(BLUE) as connected, pytest.raises(StatementError, match="1142"):
        connected.change("alter", "ALTER TABLE payment ADD COLUMN note INT NULL")
    member = ledger.members[BLUE]
    with session(member.place, member.accounts[Kind.MIGRATOR]) as connected:
        for statement in (
            "UPDATE ledger_local.here SET colour = 'green'",
            "DROP TABLE ledger_local.here",
            "ALTER TABLE ledger_local.verification ADD COLUMN x INT",
            "UPDATE payments.ledger_epoch SET writer = 'green'",
            "UPDATE payments.payment SET amount = 0",
        ):
            with pytest.raises(StatementError, match=r"114[23]|1044"):
                connected.change("try", statement)


def test_during_a_move_it_is_refused(ledger: Ledger) -> None:
    run_all(
        ledger.servers["blue"],
        ("UPDATE payments.ledger_epoch SET epoch = 2, writer = 'green', state = 'handed'",),
    )
    with pytest.raises(MigrationRefusedError, match=r"a move is in progress[\s\S]*\(2, green, handed\)"):
        migrate(ledger, EXPAND)


def test_a_move_that_begins_in_between_is_found(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    stock = planning.plan

    def moved(*arguments: object, **named: object) -> object:
        planned = stock(*arguments, **named)  # type: ignore[arg-type]
        ledger.move(GREEN)
        return planned

    monkeypatch.setattr(applying, "plan", moved)
    with pytest.raises(MigrationRefusedError, match=r"the row is \(2, green, open\)"):
        migrate(ledger, EXPAND)
    assert columns(ledger, GREEN, "refund") == []


def test_a_database_that_does_not_follow_refuses_it(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "CATCH_UP_SECONDS", 0.5)
    run_all(ledger.servers["green"], ("STOP SLAVE",))
    ledger.pay(BLUE, "one")
    with pytest.raises(MigrationRefusedError, match="the other database has not applied"):
        migrate(ledger, EXPAND)
    assert columns(ledger, BLUE, "refund") == []


def test_databases_that_differ_already_refuse_it(ledger: Ledger) -> None:
    green = ledger.servers["green"]
    run_all(green, ("SET sql_log_bin = OFF", "ALTER TABLE payments.payment ADD COLUMN other INT NULL"))
    with pytest.raises(MigrationRefusedError, match=r"the databases differ: column-added: payment\.other"):
        migrate(ledger, EXPAND)


def test_it_waits_for_the_other_database_and_says_when_it_did_not_follow(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "CROSSING_SECONDS", 0.5)
    stock = planning.plan

    def stopped(*arguments: object, **named: object) -> object:
        planned = stock(*arguments, **named)  # type: ignore[arg-type]
        run_all(ledger.servers["green"], ("STOP SLAVE",))
        return planned

    with monkeypatch.context() as patched:
        patched.setattr(applying, "plan", stopped)
        with pytest.raises(MigrationIncompleteError, match="green has not applied it"):
            migrate(ledger, EXPAND)
    run_all(ledger.servers["green"], ("START SLAVE",))
    assert migrate(ledger, EXPAND).done == 0
    assert_expanded(ledger)


def test_a_transaction_that_uses_the_table_holds_payments_up_for_a_second_at_most(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change waits for it, and a payment waits behind the change."""
    with ledger.application(BLUE) as forgotten:
        forgotten.change("begin", "START TRANSACTION")
        forgotten.change("pay", "INSERT INTO payment VALUES ('forgotten', 1)")
        found: list[object] = []

        def run() -> None:
            found.append(migrate(ledger, "ALTER TABLE payment ADD COLUMN note INT NULL"))

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        slowest = 0.0
        for number in range(30):
            started = time.monotonic()
            with ledger.application(BLUE) as paying:
                paying.change(
                    "pay", "INSERT INTO payment (idempotency_key, amount) VALUES (%s, 1)", str(number)
                )
            slowest = max(slowest, time.monotonic() - started)
            time.sleep(0.05)
        assert not found
        forgotten.change("commit", "COMMIT")
    thread.join(30)
    assert found
    assert slowest < applying.LOCK_SECONDS + 1
    assert columns(ledger, GREEN, "payment")[-1] == "note"

    monkeypatch.setattr(applying, "ATTEMPTS", 1)
    with ledger.application(BLUE) as forgotten:
        forgotten.change("begin", "START TRANSACTION")
        forgotten.change("pay", "INSERT INTO payment (idempotency_key, amount) VALUES ('again', 1)")
        with pytest.raises(MigrationRefusedError, match="locked"):
            migrate(ledger, "ALTER TABLE payment ADD COLUMN more INT NULL")


def test_a_large_table_is_changed_at_once_or_not_at_all(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "LARGEST_BYTES", 1)
    before = snapshot(ledger)
    index = "CREATE TABLE a (id INT PRIMARY KEY); ALTER TABLE payment ADD INDEX of_amount (amount)"
    with pytest.raises(MigrationRefusedError, match=r"too-large[\s\S]*gh-ost or pt-online-schema-change"):
        migrate(ledger, index)
    assert snapshot(ledger) == before
    assert migrate(ledger, "ALTER TABLE payment ADD COLUMN note INT NULL").done == 1


@pytest.mark.parametrize("both", [False, pytest.param(True, marks=pytest.mark.long)], ids=["in turn", "both"])
def test_it_can_be_killed_at_every_statement_and_repeated(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch, both: bool
) -> None:
    """Each death comes at the first statement that no run before it has reached, or is the last of them."""
    assert enumerate_deaths(ledger, monkeypatch, EXPAND, moments(both)) > 40
    assert_expanded(ledger)


@pytest.mark.long
def test_a_contract_step_can_be_killed_at_every_statement(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate(ledger, EXPAND)
    assert enumerate_deaths(ledger, monkeypatch, CONTRACT, moments(False), contract=True) > 20
    assert columns(ledger, GREEN, "refund") == []


def moments(both: bool) -> Sequence[Sequence[str]]:
    return [("before", "after")] if both else [("before",), ("after",)]


def enumerate_deaths(
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    moments: Sequence[Sequence[str]],
    *,
    contract: bool = False,
) -> int:
    """One death after the other, on what the ones before have left; then it is run to its end."""
    deaths = Deaths(monkeypatch)
    for number in itertools.count(1):
        for moment in moments[number % len(moments)]:
            deaths.count, deaths.before, deaths.after = 0, -1, -1
            setattr(deaths, moment, number)
            with suppress(Died):
                migrate(ledger, text, contract=contract)
        if deaths.count < number:
            break
    monkeypatch.undo()
    migrate(ledger, text, contract=contract)
    return number


def test_a_table_has_its_name_only_with_its_fence(ledger: Ledger) -> None:
    """Killed between the table and its fence, and looked at: no application finds it."""
    places = {colour: member.place for colour, member in ledger.members.items()}
    own = {colour: member.accounts[Kind.MIGRATOR] for colour, member in ledger.members.items()}

    for last in ("created", "INSERT", "UPDATE", "DELETE"):

        def after(step: str, last: str = last) -> None:
            if step == last:
                raise Died

        with suppress(Died):
            applying.run(places, own, statements.parse(EXPAND), after=after)
        assert columns(ledger, BLUE, "refund") == []
        assert columns(ledger, BLUE, "ledger_new") != []
    assert migrate(ledger, EXPAND).done == 4
    assert_expanded(ledger)


def test_what_has_rows_is_not_dropped(ledger: Ledger) -> None:
    run_all(
        ledger.servers["blue"],
        (
            "CREATE TABLE payments.ledger_new (id INT PRIMARY KEY)",
            "INSERT INTO payments.ledger_new VALUES (1)",
        ),
    )
    with pytest.raises(MigrationRefusedError, match="exists: ledger_new"):
        migrate(ledger, EXPAND)


def test_sessions_read_sql_as_the_parser_does(ledger: Ledger) -> None:
    """Whatever mode the server has: with ANSI_QUOTES, "x" would be a column."""
    ledger.servers["blue"].ask("SET GLOBAL sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'")
    try:
        migrate(ledger, 'ALTER TABLE payment ADD COLUMN note VARCHAR(9) NULL DEFAULT "x"')
    finally:
        ledger.servers["blue"].ask("SET GLOBAL sql_mode = DEFAULT")
    assert columns(ledger, GREEN, "payment")[-1] == "note"


def test_the_examples_migrations_make_its_tables_in_their_order(bare: Ledger) -> None:
    bare.set_up("CREATE TABLE IF NOT EXISTS other (id INT PRIMARY KEY) ENGINE = InnoDB")
    files = [path.read_text(encoding="utf-8") for path in sorted(MIGRATIONS.glob("*.sql"))]
    assert [migrate(bare, text).done for text in files] == [1] * len(files)
    assert migrate(bare, ";\n".join(files)).done == 0  # all of them at once: what is done is found
    new = Payment("id", "0" * 64, 1250, "EUR", "green")
    client = Client(places(bare), GREEN)
    for _ in range(2):
        assert client.write(lambda connection, _: write(connection, "key", new)) == new
