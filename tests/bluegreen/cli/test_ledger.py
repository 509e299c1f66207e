"""`bluegreen ledger` and `local dsn` on a deployment that is up: real databases, and payments through
services.
"""

import json
import os
import signal
import ssl
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pymysql
import pytest

from bluegreen.operate.databases import local
from lambda_src.contract.values import Colour
from tests.bluegreen.cli.conftest import Place, run, write_stack


def document(*arguments: str, code: int = 0) -> dict[str, Any]:
    """What a verb answers as JSON."""
    result = run(*arguments, "--output", "json")
    assert result.exit_code == code, result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def test_it_moves_there_and_back_and_payments_of_both_colours_follow(place: Place) -> None:
    assert document("ledger", "status")["healthy"]
    for colour in ("green", "blue"):
        moved = document("ledger", "move", "--to", colour, "--yes")
        assert (moved["writer"], moved["pause_ms"] > 0) == (colour, True)
        found = document("ledger", "status")
        assert (found["writer"], found["state"], found["healthy"]) == (colour, "open", True)
        for test in ((), ("--test",)):  # services of either colour
            summary = document("local", "load", "--requests", "200", "--rate", "500", *test)
            assert (summary["failed"], summary["passed"]) == (0, True)
    again = run("ledger", "move", "--to", "blue", "--yes")
    assert again.exit_code == 0
    assert "The ledger is on blue: nothing was moved" in again.stdout
    assert place.aws.pid


def test_a_guard_that_fails_shows_and_refuses_the_move(place: Place) -> None:
    green = local.server(place.aws, Colour.GREEN)
    green.ask("STOP SLAVE")
    try:
        status = run("ledger", "status")
        assert status.exit_code == 1
        assert "Writer: blue" in status.stdout
        assert "NOT healthy" in status.stdout
        refused = run("ledger", "move", "--to", "green", "--yes")
        assert refused.exit_code == 1
        assert "replication of green: does not run" in refused.stderr
        assert "state: blue is the writer, as before" in refused.stderr
        assert run("ledger", "setup").exit_code == 0  # repairs it
        assert run("ledger", "setup").stdout == "The ledger of local is set up: blue is the writer.\n"
        assert run("ledger", "status").exit_code == 0
    finally:
        green.ask("START SLAVE")


def test_a_move_is_confirmed(place: Place) -> None:
    result = run("ledger", "move", "--to", "green")
    assert result.exit_code == 1
    assert document("ledger", "status")["writer"] == "blue"
    assert place.aws.pid


@pytest.mark.parametrize(("options", "user"), [((), "payments"), (("--admin",), "administrator")])
def test_other_tools_log_in_with_the_dsn(place: Place, options: tuple[str, ...], user: str) -> None:
    found = urlsplit(run("local", "dsn", "--colour", "green", *options).stdout.strip())
    assert (found.scheme, found.username, found.path) == ("mysql", user, "/payments")
    connection = pymysql.connect(
        host=found.hostname or "",
        port=found.port or 0,
        user=found.username,
        password=unquote(found.password or ""),
        database=found.path.strip("/"),
        ssl=ssl.create_default_context(cafile=parse_qs(found.query)["ca"][0]),
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT writer FROM ledger_epoch")
        assert cursor.fetchone() == ("blue",)
    assert place.aws.pid


def test_a_server_that_is_killed_is_started_again(place: Place) -> None:
    """As RDS does; the services go on with new connections."""
    blue = local.server(place.aws, Colour.BLUE)
    os.kill(int((blue.directory / "pid").read_text()), signal.SIGKILL)
    summary = document("local", "load", "--requests", "100", "--rate", "50")
    assert summary["passed"]
    for _ in range(200):
        if run("ledger", "status").exit_code == 0:
            break
    assert document("ledger", "status")["healthy"]


def test_the_databases_of_an_account_are_out_of_reach(place: Place) -> None:
    backend = {"terraform": {"backend": {"s3": {"bucket": "state"}}}}
    write_stack(place.directory, "staging", backend)
    result = run("local", "dsn", "--colour", "blue", "--deployment", "staging")
    assert result.exit_code == 2
    assert "the databases of staging admit security groups of its network only" in result.stderr
