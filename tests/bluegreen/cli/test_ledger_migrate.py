"""`bluegreen ledger migrate` on a deployment that is up: function, lock of the switch, history."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bluegreen.operate.databases import local
from lambda_src.contract.values import Colour
from tests.bluegreen.cli.conftest import Place, run
from tests.bluegreen.cli.test_ledger import document

EXPAND = "ALTER TABLE payment ADD COLUMN note VARCHAR(140) NULL"
CONTRACT = "ALTER TABLE payment DROP COLUMN note"
KEY = {"kind": {"S": "control"}, "id": {"S": "traffic"}}


def file_of(place: Place, sql: str) -> str:
    path = place.directory / "migration.sql"
    path.write_text(sql, encoding="utf-8")
    return str(path)


def table(place: Place) -> str:
    outputs = json.loads((place.directory / "cdktf.out/stacks/local/cdk.tf.json").read_text(encoding="utf-8"))
    return str(outputs["output"]["control_table_name"]["value"])


def control(place: Place) -> dict[str, Any]:
    found = place.aws.client("dynamodb").get_item(TableName=table(place), Key=KEY)
    item: dict[str, Any] = found.get("Item", {})
    return item


def entries(place: Place) -> list[dict[str, Any]]:
    """Of the history, of migrations, the newest first."""
    found = place.aws.client("dynamodb").query(
        TableName=table(place),
        KeyConditionExpression="kind = :kind",
        ExpressionAttributeValues={":kind": {"S": "action"}},
    )["Items"]
    told = [json.loads(item["entry"]["S"]) for item in found]
    return sorted((e for e in told if e["action"] == "migrate"), key=lambda e: str(e["started_at"]))[::-1]


def columns(place: Place, colour: Colour) -> set[str]:
    with local.server(place.aws, colour).root() as cursor:
        cursor.execute("SHOW COLUMNS FROM payments.payment")
        return {row[0] for row in cursor.fetchall()}


@contextmanager
def changed(place: Place, **attributes: dict[str, str]) -> Iterator[None]:
    """The control item with these attributes."""
    names = {f"#{name}": name for name in attributes}
    place.aws.client("dynamodb").update_item(
        TableName=table(place),
        Key=KEY,
        UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in attributes),
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={f":{name}": value for name, value in attributes.items()},
    )
    try:
        yield
    finally:
        place.aws.client("dynamodb").update_item(
            TableName=table(place),
            Key=KEY,
            UpdateExpression="REMOVE " + ", ".join(names),
            ExpressionAttributeNames=names,
        )


def test_a_migration_is_carried_out_recorded_and_leaves_the_lock(place: Place) -> None:
    migrated = document(
        "ledger", "migrate", file_of(place, f"{EXPAND};\n"), "--yes", "--reason", "release 43"
    )
    assert (migrated["writer"], migrated["done"], migrated["statements"]) == ("blue", 1, [EXPAND])
    assert all("note" in columns(place, colour) for colour in Colour)
    assert document("ledger", "migrate", file_of(place, EXPAND), "--yes")["done"] == 0
    load = document("local", "load", "--requests", "100", "--rate", "200")
    assert (load["failed"], load["passed"]) == (0, True)
    for entry in entries(place)[:2]:
        assert (entry["outcome"], entry["schema"]) == ("done", [EXPAND])
        assert entry["by"].startswith("arn:aws:")
    assert entries(place)[1]["reason"] == "release 43"
    assert not {"holder", "lease_until", "busy_until", "attempt"} & control(place).keys()

    refused = run("ledger", "migrate", file_of(place, CONTRACT), "--yes")
    assert (refused.exit_code, "column-dropped" in refused.stderr) == (1, True)
    assert entries(place)[0]["outcome"] == "refused"
    wrong = run("ledger", "migrate", file_of(place, CONTRACT), "--no-way-back", "--confirm", "yes", "--yes")
    assert (wrong.exit_code, "type `no way back local`" in wrong.stderr) == (1, True)
    dropped = document(
        "ledger", "migrate", file_of(place, CONTRACT), "--no-way-back", "--confirm", "no way back local"
    )
    assert dropped["done"] == 1
    assert not any("note" in columns(place, colour) for colour in Colour)
    assert document("ledger", "status")["healthy"]


def test_while_a_shift_runs_no_schema_changes(place: Place) -> None:
    """The lock as a shift has it; and nothing is changed, nor is the shift's lock."""
    later = {"N": str(time.time() + 600)}
    with changed(place, holder={"S": "shift-1"}, lease_until=later):
        refused = run("ledger", "migrate", file_of(place, EXPAND), "--yes")
        assert control(place)["holder"] == {"S": "shift-1"}
    assert refused.exit_code == 1, refused.output
    assert "LockedError: workflow shift-1 holds the lock" in refused.stderr
    assert "note" not in columns(place, Colour.BLUE)


def test_a_freeze_refuses_it(place: Place) -> None:
    frozen = {"S": json.dumps({"by": "me", "reason": "audit", "at": "2026-11-30"})}
    with changed(place, frozen=frozen):
        refused = run("ledger", "migrate", file_of(place, EXPAND), "--yes")
        assert not {"holder", "busy_until"} & control(place).keys()
    assert (refused.exit_code, "is frozen" in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("DELETE FROM payment", "data-changed"),
        (
            "ALTER TABLE payment /*! DROP COLUMN amount, */ ADD COLUMN id INT NOT NULL",
            "column-without-default",
        ),
        ("nonsense", "not-understood"),
    ],
)
def test_what_is_not_allowed_is_refused_by_the_function(place: Place, sql: str, said: str) -> None:
    refused = run("ledger", "migrate", file_of(place, sql), "--yes")
    assert (refused.exit_code, said in refused.stderr) == (1, True), refused.output


def test_a_request_without_a_proof_of_who_sends_it_is_refused(place: Place) -> None:
    event = {"action": "migrate", "request_id": "r", "sql": EXPAND}
    for wrong, error in (({}, "NotAttestedError"), ({"extra": 1}, "MigrationRefusedError")):
        answer = place.aws.client("lambda").invoke(
            FunctionName="ledger-migrate", Payload=json.dumps(event | wrong).encode()
        )
        assert json.loads(answer["Payload"].read())["errorType"] == error
    assert "note" not in columns(place, Colour.BLUE)


@pytest.mark.parametrize(
    ("options", "fix"),
    [((), "--yes"), (("--no-way-back", "--yes"), "--confirm 'no way back local'")],
    ids=("expand", "contract"),
)
def test_without_a_terminal_it_asks_for_the_option(
    tmp_path: Path, options: tuple[str, ...], fix: str
) -> None:
    file = tmp_path / "change.sql"
    file.write_text("ALTER TABLE payment DROP COLUMN note")
    refused = run("ledger", "migrate", str(file), *options)
    assert refused.exit_code == 2
    assert f"here is no terminal to ask on\n  fix: add {fix}\n" in refused.stderr


def test_a_file_that_can_not_be_read_is_named(place: Place) -> None:
    assert place.directory
    refused = run("ledger", "migrate", "nowhere.sql", "--yes")
    assert (refused.exit_code, "can't read nowhere.sql" in refused.stderr) == (2, True)
