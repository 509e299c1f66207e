"""The schema gate: what the two databases may differ in, and how each difference is called."""

import re

import pytest

from lambda_src.ledger import compatibility, dialect, preflight
from lambda_src.ledger.accounts import Kind
from lambda_src.ledger.compatibility import RULES
from lambda_src.ledger.database import session
from lambda_src.ledger.errors import MoveRefusedError, SchemaDiffersError
from lambda_src.ledger.models import State
from lambda_src.migrate import statements
from tests.lambda_src.ledger.ledgers import BLUE, GREEN, Ledger, run_all
from tests.workspaces import ROOT

TABLE = """
CREATE TABLE payments.thing (
    id BIGINT AUTO_INCREMENT PRIMARY KEY,
    amount INT NOT NULL,
    name VARCHAR(20) CHARACTER SET ascii NULL DEFAULT 'x',
    at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    UNIQUE KEY of_name (name),
    KEY of_amount (amount),
    CONSTRAINT positive CHECK (amount > 0)
) ENGINE = InnoDB"""
OTHER = "CREATE TABLE payments.other (id INT PRIMARY KEY) ENGINE = InnoDB"
# What is done on the other database alone → the rules that name it.
CHANGES = {
    "ALTER TABLE thing ADD COLUMN note INT NULL": {"column-added"},
    "ALTER TABLE thing ADD COLUMN note INT NOT NULL DEFAULT 0": {"column-added"},
    "ALTER TABLE thing ADD COLUMN note INT NOT NULL": {"column-without-default"},
    "ALTER TABLE thing ADD COLUMN note INT NULL AFTER id": {"column-in-the-middle"},
    "ALTER TABLE thing ADD COLUMN note INT AS (amount + 1)": {"column-added"},
    "ALTER TABLE thing ADD COLUMN note INT NOT NULL INVISIBLE DEFAULT 1": {"column-added"},
    "ALTER TABLE thing DROP COLUMN at": {"column-dropped"},
    "ALTER TABLE thing MODIFY amount INT NOT NULL AFTER name": {"column-order"},
    "ALTER TABLE thing MODIFY amount BIGINT NOT NULL": {"column-type"},
    "ALTER TABLE thing MODIFY amount INT UNSIGNED NOT NULL": {"column-type"},
    "ALTER TABLE thing MODIFY name VARCHAR(20) CHARACTER SET utf8mb4 NULL DEFAULT 'x'": {"column-type"},
    "ALTER TABLE thing MODIFY name VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL DEFAULT 'x'": {
        "column-type"
    },
    "ALTER TABLE thing MODIFY amount INT NULL": {"column-null"},
    "ALTER TABLE thing ALTER COLUMN name SET DEFAULT 'y'": {"column-default"},
    "ALTER TABLE thing MODIFY id BIGINT NOT NULL": {"column-computed"},
    "ALTER TABLE thing DROP PRIMARY KEY, ADD PRIMARY KEY (id, amount)": {"primary-key"},
    "ALTER TABLE thing ADD UNIQUE KEY k (amount)": {"unique-added"},
    "ALTER TABLE thing DROP KEY of_name": {"unique-dropped"},
    "ALTER TABLE thing DROP KEY of_name, ADD KEY of_name (name)": {"unique-dropped", "index-added"},
    "ALTER TABLE thing ADD KEY k (amount, name(3))": {"index-added"},
    "ALTER TABLE thing DROP KEY of_amount": {"index-dropped"},
    "ALTER TABLE thing DROP KEY of_amount, ADD KEY of_amount (name)": {"index-dropped", "index-added"},
    "ALTER TABLE thing ADD CONSTRAINT c CHECK (amount < 100)": {"check-added"},
    "ALTER TABLE thing DROP CONSTRAINT positive": {"check-dropped"},
    "ALTER TABLE thing ADD FOREIGN KEY (amount) REFERENCES other (id)": {"foreign-key"},
    "CREATE TRIGGER own BEFORE INSERT ON thing FOR EACH ROW SET NEW.amount = 2": {"trigger"},
    "CREATE TABLE third (id INT PRIMARY KEY) ENGINE = InnoDB": {"table-added"},
    "DROP TABLE other": {"table-dropped"},
    "ALTER TABLE thing COMMENT 'says nothing'": set(),
}
BORNE = {name for name, rule in RULES.items() if rule.borne}


def test_each_difference_is_named_with_its_rule(bare: Ledger) -> None:
    for server in bare.servers.values():
        run_all(server, ("CREATE DATABASE payments", OTHER, TABLE))
    green = bare.servers["green"]
    with bare.administrator(BLUE) as blue:
        writers = compatibility.read(blue, dialect.of(blue))
    for number, (statement, named) in enumerate(CHANGES.items()):
        if number:
            run_all(green, ("DROP TABLE IF EXISTS payments.thing, payments.third", TABLE))
            run_all(green, (OTHER.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS"),))
        run_all(green, ("USE payments", statement))
        with bare.administrator(GREEN) as connected:
            others = compatibility.read(connected, dialect.of(connected))
        found = list(compatibility.compared(writers, others))
        assert {one.rule for one in found} == named, statement
        assert {one.rule for one in compatibility.refused(found)} == named - BORNE, statement


def test_each_account_sees_all_that_is_compared(ledger: Ledger) -> None:
    """The mover's reads no row of these tables. What an account does not see would pass for the same."""
    own = "CREATE TRIGGER payments.own BEFORE INSERT ON payments.thing FOR EACH ROW SET NEW.amount = 2"
    foreign = "ALTER TABLE payments.thing ADD FOREIGN KEY (amount) REFERENCES payments.other (id)"
    run_all(ledger.servers["blue"], (OTHER, TABLE, foreign, own))
    member = ledger.members[BLUE]
    seen = []
    accounts = [member.accounts[kind] for kind in (Kind.MOVER, Kind.HEALTH, Kind.MIGRATOR)]
    for account in (member.administrator, *accounts):
        with session(member.place, account) as connected:
            seen.append(compatibility.read(connected, dialect.of(connected)))
    assert all(one == seen[0] for one in seen)
    thing = seen[0]["thing"]
    assert all((thing.checks, thing.foreign_keys, thing.triggers, thing.unique, thing.indexes))


def test_every_rule_is_tried() -> None:
    assert set().union(*CHANGES.values()) == set(RULES)


@pytest.mark.parametrize("statement", ["MODIFY amount BIGINT NOT NULL", "ADD COLUMN note INT NULL"])
def test_a_move_is_refused_and_the_rule_is_named(ledger: Ledger, statement: str) -> None:
    green = ledger.servers["green"]
    run_all(green, ("SET sql_log_bin = OFF", f"ALTER TABLE payments.payment {statement}"))
    with pytest.raises(
        MoveRefusedError, match=r"schema of green: column-(type|added): payment\.(amount|note)"
    ):
        move(ledger)
    assert ledger.row(BLUE) == (1, "blue", State.OPEN)


def test_a_move_goes_past_another_index(ledger: Ledger) -> None:
    green = ledger.servers["green"]
    run_all(green, ("SET sql_log_bin = OFF", "ALTER TABLE payments.payment ADD KEY k (amount)"))
    guards = {guard.name: guard for guard in ledger.status().guards if guard.colour is GREEN}
    assert (guards["schema"].passed, guards["schema"].found) == (True, "index-added: payment.k")
    move(ledger)
    assert ledger.row(GREEN)[1:] == ("green", "open")


def test_a_shift_asks_for_the_schemas_and_for_no_other_guard(ledger: Ledger) -> None:
    """As the mover's account, which reads no row of these tables."""
    places = {colour: member.place for colour, member in ledger.members.items()}
    accounts = {colour: member.accounts[Kind.MOVER] for colour, member in ledger.members.items()}
    run_all(ledger.servers["green"], ("STOP SLAVE",))
    assert preflight.compare(places, accounts) == 2
    unlogged = ("SET sql_log_bin = OFF", "ALTER TABLE payments.payment ADD COLUMN note INT NULL")
    run_all(ledger.servers["green"], unlogged)
    with pytest.raises(SchemaDiffersError, match=r"of green differs .*column-added: payment\.note"):
        preflight.compare(places, accounts)


def test_without_a_ledger_yet_there_is_nothing_to_compare(bare: Ledger) -> None:
    places = {colour: member.place for colour, member in bare.members.items()}
    accounts = {colour: member.administrator for colour, member in bare.members.items()}
    assert preflight.compare(places, accounts) == 0


def move(ledger: Ledger) -> None:
    """As the mover's function does, which evaluates the guards."""
    places = {colour: member.place for colour, member in ledger.members.items()}
    accounts = {colour: member.accounts[Kind.MOVER] for colour, member in ledger.members.items()}
    preflight.move(places, accounts, GREEN, move_id="m")


def test_the_rules_are_in_the_document() -> None:
    text = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (\w+ \| \w+) \|", text, re.MULTILINE))
    assert rows == {
        name: f"{'allowed' if rule.borne else 'refused'} | {rule.step}" for name, rule in RULES.items()
    }


def test_the_rules_of_statements_are_in_the_document() -> None:
    text = (ROOT / "docs" / "ledger.md").read_text(encoding="utf-8")
    for name, why in statements.RULES.items():
        assert f"| `{name}` | {why} |" in text, name
