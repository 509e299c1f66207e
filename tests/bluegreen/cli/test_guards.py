"""What keeps traffic where it is, and tells why: freeze, preflight, history, approve, abort, reconcile."""

import json
from typing import Any

import pytest

from tests.bluegreen.cli.conftest import Place, run

IDENTITY = "arn:aws:iam::123456789012:user/operator"


def answer(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--output", "json")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_nothing_but_a_rollback_moves_while_frozen(place: Place) -> None:
    run("switch", "--to", "green")
    frozen = run("freeze", "--reason", "end of quarter")
    assert frozen.exit_code == 0
    assert "by arn:aws:iam::123456789012:user/operator: end of quarter" in frozen.stdout.replace("\n", " ")
    refused = run("switch", "--to", "blue")
    assert refused.exit_code == 1
    assert "frozen: NOT PASSED, end of quarter (needed: no)" in refused.stderr
    assert run("rollback").exit_code == 0
    assert place.weights == (100, 0)

    assert run("unfreeze", "--reason", "it is over").stdout == "Not frozen: traffic may move.\n"
    assert run("switch", "--to", "green").exit_code == 0


@pytest.mark.usefixtures("place")
def test_freeze_answers_what_the_function_does() -> None:
    frozen = answer("freeze", "--reason", "night")
    assert frozen["frozen"] == {"by": IDENTITY, "reason": "night", "at": frozen["frozen"]["at"]}
    assert answer("unfreeze")["frozen"] is None


def test_preflight_says_what_is_in_the_way(place: Place) -> None:
    ready = run("preflight", "--to", "green", "--percent", "25")
    assert ready.exit_code == 0
    assert ready.stdout.startswith("green may have 25 % of the traffic now\nWeights: blue 100, green 0\n")

    place.put(alarms={"blue": "OK", "green": "INSUFFICIENT_DATA for 400 s"})
    refused = run("preflight", "--to", "green")
    assert refused.exit_code == 1
    assert refused.stdout.startswith("green may NOT have 100 % of the traffic now\n")
    assert "│ alarms  │ green  │ NOT PASSED │ INSUFFICIENT_DATA for 400 s │ OK         │" in refused.stdout
    assert place.state["history"] == []

    document = run("preflight", "--to", "green", "--output", "json")
    assert (document.exit_code, json.loads(document.stdout)["ready"]) == (1, False)


@pytest.mark.usefixtures("place")
def test_history_tells_what_was_done_and_what_was_not() -> None:
    assert run("history").stdout == "Nothing has been done yet.\n"
    run("switch", "--to", "green", "--reason", "release 42")
    run("freeze", "--reason", "night")
    run("switch", "--to", "blue")
    lines = run("history").stdout.splitlines()
    assert [line.split("│")[2:5] for line in lines[3:6]] == [
        [" switch to blue  ", " refused ", "               "],
        [" freeze          ", " done    ", "               "],
        [" switch to green ", " done    ", " 100/0 → 0/100 "],
    ]
    assert lines[-1].endswith("switch: frozen: NOT PASSED, night (needed: no)")
    assert [entry["action"] for entry in answer("history", "--limit", "2")["entries"]] == ["switch", "freeze"]


def test_status_tells_the_last_five_actions(place: Place) -> None:
    for share in range(1, 7):
        run("switch", "--to", "green", "--percent", str(share))
    assert run("status").stdout.count("shift to green") == 5
    assert len(place.state["history"]) == 6


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("verb", ["approve", "abort"])
def test_there_is_nothing_to_decide(verb: str) -> None:
    result = run(verb)
    assert result.exit_code == 1
    assert "error: NoWorkflowError: no such shift is running\n" in result.stderr


@pytest.mark.usefixtures("place")
def test_reconcile_says_what_it_wrote() -> None:
    assert run("reconcile").stdout == "Written: migration_status\n"
    assert answer("reconcile", "--reason", "died midway")["writes"] == ["migration_status"]
