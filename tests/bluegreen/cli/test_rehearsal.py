"""`bluegreen local load` and `fail` on a deployment that is up."""

import json
import re
from collections.abc import Iterator

import pytest

from bluegreen.operate.databases import local
from lambda_src.contract.values import Colour
from tests.bluegreen.cli.conftest import Place, run

REQUESTS = 200


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
