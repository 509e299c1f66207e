"""`bluegreen local load` and `fail` on a deployment that is up."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bluegreen.operate.databases import local
from lambda_src.contract.values import Colour
from tests.bluegreen.cli.conftest import Place, run
from tests.lambda_src.ledger.ledgers import eventually
from tests.workspaces import ROOT

REQUESTS = 200
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture
def rehearsal(place: Place) -> Iterator[Place]:
    """With services that are well afterwards."""
    yield place
    for colour in ("blue", "green"):
        assert run("local", "fail", "--colour", colour, "--mode", "none").exit_code == 0


def loaded(*arguments: str) -> tuple[int, dict[str, object]]:
    """Exit code and summary of a short load."""
    result = run("local", "load", "--requests", str(REQUESTS), "--rate", "1000", "-o", "json", *arguments)
    assert result.stdout, result.output
    return result.exit_code, json.loads(result.stdout)


def test_a_load_follows_the_listener_that_it_is_sent_through(rehearsal: Place) -> None:
    assert rehearsal.aws.pid
    for arguments, colour in (((), "blue"), (("--test",), "green")):
        code, summary = loaded(*arguments)
        assert (code, summary["requests"], summary["failed"]) == (0, REQUESTS, 0)
        assert (summary["answered_by"], summary["passed"]) == ({colour: REQUESTS}, True)


def test_a_load_in_words(rehearsal: Place) -> None:
    result = run("local", "load", "--requests", str(REQUESTS), "--rate", "1000", "--customers", "4")
    assert result.exit_code == 0, result.output
    written = r"\d+ payments written, 0 lost, 0 duplicated, 0 split, 0 written but not answered"
    assert re.search(written, result.stdout)
    assert "blue  100.0 %" in result.stdout
    assert rehearsal.aws.pid


def test_failures_are_told_and_are_no_losses(rehearsal: Place) -> None:
    failing = run("local", "fail", "--colour", "blue", "--mode", "errors", "--share", "0.5")
    assert failing.stdout == (
        "blue in local: errors (50% of its payments), a share of the payments gets status 500; health checks "
        "pass\n"
    )
    assert "Service blue: told to fail: errors, 50% of its payments\n" in run("local", "status").stdout
    code, summary = loaded()
    assert (code, summary["passed"]) == (0, True)
    assert summary["failed_by"] == {"blue": summary["failed"]}
    assert 0 < int(str(summary["failed"])) < REQUESTS
    assert rehearsal.aws.pid


@contextmanager
def loading(place: Place) -> Iterator[dict[str, Any]]:
    """A load for as long as the block lasts; its summary is there afterwards."""
    command = [sys.executable, "-m", "bluegreen", "local", "load", "--duration", "5m", "--rate", "100"]
    child = subprocess.Popen(
        [*command, "-o", "json"], cwd=place.directory, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT
    )
    summary: dict[str, Any] = {}
    try:
        await_payments(place, 50)
        yield summary
        child.send_signal(signal.SIGINT)
        output, _ = child.communicate(timeout=60)
    finally:
        child.kill()
        child.wait()
    summary |= json.loads(output)
    assert (child.returncode, summary["passed"]) == (0, True)


def test_a_load_shows_the_pause_of_each_move(rehearsal: Place) -> None:
    with loading(rehearsal) as summary:
        for colour in ("green", "blue"):
            assert run("ledger", "move", "--to", colour, "--yes").exit_code == 0
            await_payments(rehearsal, 300)
    assert [move["writer"] for move in summary["moves"]] == ["green", "blue"]
    assert all(move["pause_ms"] > 0 for move in summary["moves"])


def await_payments(place: Place, more: int) -> None:
    """Wait until blue's database has that many more."""
    server, statement = local.server(place.aws, Colour.BLUE), "SELECT COUNT(*) FROM payments.payment"
    wanted = server.ask(statement)[0][0] + more
    eventually(lambda: server.ask(statement)[0][0] >= wanted)


def failing() -> set[str]:
    """The guards that fail, as `guard of colour`."""
    guards = json.loads(run("ledger", "status", "-o", "json").stdout)["guards"]
    return {f"{guard['name']} of {guard['colour']}" for guard in guards if not guard["passed"]}


@pytest.mark.parametrize(
    ("mode", "guards"),
    [
        ("replication-stopped", {"replication of green", "lag of green"}),
        ("network-cut", {f"{guard} of {c}" for guard in ("replication", "lag") for c in ("blue", "green")}),
    ],
)
def test_replication_fails_and_is_restored(rehearsal: Place, mode: str, guards: set[str]) -> None:
    assert run("local", "fail", "--colour", "green", "--mode", mode).exit_code == 0
    eventually(lambda: guards <= failing())
    assert run("ledger", "move", "--to", "green", "--yes").exit_code == 1
    assert run("local", "fail", "--colour", "green", "--mode", "none").exit_code == 0
    eventually(lambda: run("ledger", "status").exit_code == 0)
    assert loaded()[0] == 0
    assert rehearsal.aws.pid


def test_replication_is_late_and_is_restored(rehearsal: Place) -> None:
    with loading(rehearsal):
        assert run("local", "fail", "--colour", "green", "--mode", "replication-slow").exit_code == 0
        eventually(lambda: "lag of green" in failing())
        assert run("ledger", "move", "--to", "green", "--yes").exit_code == 1
        assert run("local", "fail", "--colour", "green", "--mode", "none").exit_code == 0
        eventually(lambda: "lag of green" not in failing())


def test_a_database_that_is_killed_comes_back_with_its_payments(rehearsal: Place) -> None:
    blue = local.server(rehearsal.aws, Colour.BLUE)
    before = blue.ask("SELECT COUNT(*) FROM payments.payment")
    assert run("local", "fail", "--colour", "blue", "--mode", "database-killed").exit_code == 0
    assert blue.ask("SELECT COUNT(*) FROM payments.payment") == before
    eventually(lambda: run("ledger", "status").exit_code == 0)
    assert loaded()[0] == 0


def test_an_open_transaction_refuses_a_move_until_it_ends(rehearsal: Place) -> None:
    command = [sys.executable, "-m", "bluegreen", "local", "fail", "--colour", "blue"]
    child = subprocess.Popen(
        [*command, "--mode", "transaction-open", "--seconds", "600"],
        cwd=rehearsal.directory,
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    assert child.stdout
    try:
        assert "for 600 s" in child.stdout.readline()
        refused = run("ledger", "move", "--to", "green", "--yes")
        assert refused.exit_code == 1, refused.output
    finally:
        child.terminate()
        child.wait()
    eventually(lambda: run("ledger", "move", "--to", "green", "--yes").exit_code == 0)
    eventually(lambda: run("ledger", "move", "--to", "blue", "--yes").exit_code == 0)


def test_a_lost_payment_is_exit_code_1(rehearsal: Place) -> None:
    """The writer forgets some payments that it has taken."""
    blue = local.server(rehearsal.aws, Colour.BLUE)
    name = "payments.lose ON SCHEDULE EVERY 1 SECOND DO DELETE FROM payments.payment WHERE number % 7 = 0"
    with blue.root() as cursor:
        cursor.execute("SET sql_log_bin = OFF")
        cursor.execute(f"CREATE EVENT {name}")
    try:
        result = run("local", "load", "--duration", "4s", "--rate", "100", "-o", "json")
    finally:
        with blue.root() as cursor:
            cursor.execute("SET sql_log_bin = OFF")
            cursor.execute("DROP EVENT payments.lose")
    summary = json.loads(result.stdout)
    payments = summary["payments"]
    assert (result.exit_code, summary["passed"], payments["lost"] > 0) == (1, False, True)


@pytest.mark.parametrize(
    "arguments",
    [
        ("load", "--duration", "soon"),
        ("load", "--duration", "0s"),
        ("load", "--duration", "25h"),
        ("load", "--rate", "0"),
        ("load", "--customers", "0"),
        ("fail", "--colour", "green", "--mode", "sick"),
        ("fail", "--colour", "green", "--mode", "errors", "--share", "1.5"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...]) -> None:
    assert run("local", *arguments).exit_code == 2
