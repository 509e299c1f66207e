"""`shift` and `follow`, through a state machine that really runs, to each of their ends."""

import json
from collections.abc import Callable
from itertools import islice
from typing import Any

import pytest
from typer.testing import Result

from bluegreen.cli import following
from bluegreen.operate.shifting import watch
from bluegreen.operate.workflow import Execution, ShiftMachine
from tests.bluegreen.cli.conftest import Place, run

QUICK = ("--yes", "--interval", "0.1", "--bake", "0")
STEPS = ("--to", "green", "--steps", "5,50,100")
ALL_WEIGHTS = ("blue 100, green 0", "blue 95, green 5", "blue 50, green 50", "blue 0, green 100")
FOR_LONG = ("--yes", "--interval", "0.1", "--bake", "1h")
DOCUMENT = {
    *("workflow_id", "outcome", "exit_code", "cause", "raw_cause", "weights", "gates", "findings"),
    *("workflow", "plan"),
}


def document(result: Result) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(result.stdout)
    assert set(found) == DOCUMENT
    assert found["exit_code"] == result.exit_code
    return found


@pytest.fixture(autouse=True)
def bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shift that never ends fails its test instead of hanging it."""
    monkeypatch.setattr("bluegreen.cli.following.watch", lambda *a, **k: islice(watch(*a, **k), 600))


def until(place: Place, state: str) -> None:
    """Wait until the shift is in this state."""
    for _ in range(5000):
        if (place.state["workflow"] or {}).get("state") == state:
            return
        assert place.executions()[0]["status"] == "RUNNING"
    raise AssertionError(f"never {state}")


@pytest.fixture
def when(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, Callable[[], object]], None]:
    """Do something once a line with these words is told: what somebody else does meanwhile."""

    def arrange(words: str, act: Callable[[], object]) -> None:
        pending = [act]
        stock = following._Lines.__call__

        def told(self: Any, seen: Any) -> None:
            stock(self, seen)
            facts = self._narrator.told.values()
            if pending and any(words in fact for fact in facts):
                pending.pop()()

        monkeypatch.setattr(following._Lines, "__call__", told)

    return arrange


def test_a_shift_completes_and_says_how_it_went(place: Place) -> None:
    result = run("shift", *STEPS, "--yes", "--interval", "0.1", "--bake", "1s", "--reason", "release 42")

    assert result.exit_code == 0, result.output
    assert place.weights == (0, 100)
    (name,) = [line.split()[0] for line in result.stdout.splitlines() if "completed" in line]
    assert result.stdout == f"{name} completed\nWeights: blue 0, green 100\n"
    told = [line.split(": ")[1] for line in result.stderr.splitlines() if " weights: " in line]
    # How many steps it saw depends on how busy this machine is.
    assert [w for w in ALL_WEIGHTS if w in told] == told
    assert told[-1] == "blue 0, green 100"
    assert place.executions()[0]["name"] == name


def test_the_plan_is_shown_before_anything_happens(place: Place) -> None:
    result = run("shift", *STEPS, *QUICK, "--approve-at", "50", "--detach")
    until(place, "waiting_for_approval")  # what goes on by itself must not reach into the next test
    lines = result.stderr.splitlines()
    assert "Shift to green, now blue 100, green 0" in lines
    assert lines.index("Shift to green, now blue 100, green 0") < lines.index(
        next(line for line in lines if line.startswith("starting shift-"))
    )
    assert any("│ 2    │ 50 %  │ 50 % │ approval, within 1h │ 0s   │" in line for line in lines)


def test_the_state_machine_gets_the_plan_and_who_asked(place: Place) -> None:
    result = run("shift", *STEPS, *QUICK, "--deadline", "2h", "--reason", "release 42", "-o", "json")
    found = document(result)
    assert found["outcome"] == "completed"
    assert found["workflow"]["id"] == found["workflow_id"]
    assert found["weights"] == {"blue": 0, "green": 100}
    assert found["plan"] == {
        "target": "green",
        "steps": [5, 50, 100],
        "bake_seconds": 0,
        "approve_at": [],
        "approval_timeout_seconds": 3600,
        "deadline_seconds": 7200,
        "reason": "release 42",
    }
    arn = place.executions()[0]["executionArn"]
    given = json.loads(place.states.describe_execution(executionArn=arn)["input"])
    proof = given.pop("attestation")
    assert given == found["plan"]
    # Who started it is proven to the function, and shown nowhere.
    assert found["workflow"]["by"] == "arn:aws:iam::123456789012:user/operator"
    assert proof not in result.output
    assert "X-Amz-Signature" not in result.output


def test_a_gate_that_does_not_pass_rolls_back(
    place: Place, when: Callable[[str, Callable[[], object]], None]
) -> None:
    when("reached 5 %: baking", lambda: place.put(alarms={"blue": "OK", "green": "ALARM"}))
    result = run("shift", *STEPS, *FOR_LONG, "-o", "json")
    found = document(result)
    assert (found["exit_code"], found["outcome"], place.weights) == (5, "rolled_back", (100, 0))
    assert found["cause"] == "green does not pass its gates: alarms: ALARM"
    assert json.loads(found["raw_cause"])["Error"] == "GatesNotPassedError"
    failed = [verdict for verdict in found["gates"] if not verdict["passed"]]
    assert [(verdict["gate"], verdict["value"]) for verdict in failed] == [("alarms", "ALARM")]
    assert "green has reached 5 %: baking until " in result.stderr
    assert "alarms of green: NOT PASSED, ALARM (needed: OK)" in result.stderr


def test_an_approval_lets_it_go_on(place: Place, when: Callable[[str, Callable[[], object]], None]) -> None:
    when("50 % waits for approval until", lambda: run("approve"))
    result = run("shift", *STEPS, *QUICK, "--approve-at", "50")
    assert (result.exit_code, place.weights) == (0, (0, 100))
    assert "50 % approved by arn:aws:iam::123456789012:user/operator" in result.stderr


def test_an_approval_that_does_not_come_rolls_back(place: Place) -> None:
    result = run("shift", *STEPS, *QUICK, "--approve-at", "50", "--approval-timeout", "1s")
    assert (result.exit_code, place.weights) == (5, (100, 0))
    assert " rolled back: all traffic is where it was\n" in result.stdout
    assert "Cause: the approval did not come within its time\n" in result.stdout


def test_an_abort_rolls_back(place: Place, when: Callable[[str, Callable[[], object]], None]) -> None:
    when("50 % waits for approval until", lambda: run("abort", "--reason", "not tonight"))
    result = run("shift", *STEPS, *QUICK, "--approve-at", "50")
    assert (result.exit_code, place.weights) == (5, (100, 0))


def test_a_rollback_takes_over(place: Place, when: Callable[[str, Callable[[], object]], None]) -> None:
    when("reached 5 %: baking", lambda: run("rollback", "--reason", "now"))
    result = run("shift", *STEPS, *FOR_LONG, "-o", "json")
    found = document(result)
    assert (found["outcome"], found["exit_code"], place.weights) == ("superseded", 5, (100, 0))


def test_a_state_machine_that_is_stopped_leaves_it_incomplete(
    place: Place, when: Callable[[str, Callable[[], object]], None]
) -> None:
    def stop() -> None:
        place.states.stop_execution(executionArn=place.executions()[0]["executionArn"])

    when("reached 5 %: baking", stop)
    found = document(run("shift", *STEPS, *FOR_LONG, "-o", "json"))
    assert (found["outcome"], found["exit_code"], found["weights"]) == (
        "interrupted",
        4,
        {"blue": 95, "green": 5},
    )


def test_what_does_not_pass_now_is_refused_before_it_begins(place: Place) -> None:
    place.set_health("green", "unhealthy")
    before = len(place.executions())
    text, found = run("shift", *STEPS, *QUICK), document(run("shift", *STEPS, *QUICK, "-o", "json"))
    assert text.exit_code == 1
    assert text.stdout.startswith("The shift refused: nothing was changed\nWeights: blue 100, green 0\n")
    assert (found["outcome"], found["workflow_id"]) == ("refused", None)
    assert found["cause"] == "targets of green: NOT PASSED, 0 of 3 healthy (needed: at least 1)"
    assert [verdict["gate"] for verdict in found["gates"]] == ["targets"]
    assert (len(place.executions()), place.weights) == (before, (100, 0))


@pytest.mark.parametrize("output", ["text", "json"])
def test_an_unreadable_listener_is_refused_by_its_gate(place: Place, output: str) -> None:
    place.put(unreadable=True)
    result = run("shift", *STEPS, *QUICK, "-o", output)
    assert result.exit_code == 1
    assert "listener: NOT PASSED, the production listener has no forward" in result.stdout
    assert "Shift to green, now not readable" in result.stderr
    assert place.weights == (100, 0)


def test_what_the_state_machine_refuses_at_once_is_refused(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The preflight was good, and then somebody froze everything."""
    start = ShiftMachine.start

    def frozen_meanwhile(self: ShiftMachine, name: str, plan: dict[str, Any]) -> Execution:
        place.put(frozen={"by": "ann", "reason": "night", "at": "2026-11-25T18:00:00Z"})
        return start(self, name, plan)

    monkeypatch.setattr(ShiftMachine, "start", frozen_meanwhile)
    found = document(run("shift", *STEPS, *QUICK, "-o", "json"))
    assert (found["outcome"], found["exit_code"], place.weights) == ("refused", 1, (100, 0))
    assert found["cause"].startswith("GatesNotPassedError: green does not pass its gates: frozen: night")
    assert [verdict["gate"] for verdict in found["gates"]] == ["targets", "alarms", "frozen"]


def test_a_second_shift_is_refused_by_name(place: Place) -> None:
    first = document(run("shift", *STEPS, *QUICK, "--approve-at", "5", "--detach", "-o", "json"))
    until(place, "waiting_for_approval")
    second = document(run("shift", *STEPS, *QUICK, "-o", "json"))
    assert (second["outcome"], second["exit_code"]) == ("refused", 1)
    assert f"lock: NOT PASSED, held by {first['workflow_id']} until " in second["cause"]


def test_all_traffic_is_there_already(place: Place) -> None:
    run("switch", "--to", "green")
    result = run("shift", *STEPS, *QUICK)
    assert (result.exit_code, place.weights) == (0, (0, 100))
    assert "nothing to do: the traffic is there already" in result.stdout


def test_a_first_step_that_is_reached_already_is_refused(place: Place) -> None:
    run("switch", "--to", "green", "--percent", "25")
    found = document(run("shift", *STEPS, *QUICK, "-o", "json"))
    assert (found["outcome"], found["exit_code"], place.weights) == ("refused", 1, (75, 25))
    assert found["cause"] == "green has 25 % already; begin with a larger step, or roll back"


def test_a_detached_shift_is_followed_later(place: Place) -> None:
    started = document(run("shift", *STEPS, *QUICK, "--approve-at", "50", "--detach", "-o", "json"))
    assert (started["outcome"], started["exit_code"]) == ("started", 0)
    until(place, "waiting_for_approval")
    assert run("approve", started["workflow_id"]).exit_code == 0
    named = document(run("follow", started["workflow_id"], "--interval", "0.1", "-o", "json"))
    current = run("follow", "--interval", "0.1")
    assert (named["outcome"], named["workflow_id"], named["plan"]) == (
        "completed",
        started["workflow_id"],
        None,
    )
    assert current.stdout.splitlines()[0] == f"{started['workflow_id']} completed"


def test_an_older_shift_is_told_from_what_step_functions_keeps(place: Place) -> None:
    older = document(
        run("shift", *STEPS, *QUICK, "--approve-at", "5", "--approval-timeout", "1s", "-o", "json")
    )
    run("shift", *STEPS, *QUICK)
    again = document(run("follow", older["workflow_id"], "-o", "json"))
    assert (again["outcome"], again["exit_code"], again["workflow"]) == ("rolled_back", 5, None)
    assert place.weights == (0, 100)


@pytest.mark.usefixtures("place")
def test_nothing_to_follow() -> None:
    nothing, unknown = run("follow"), run("follow", "shift-of-yesterday")
    assert (nothing.exit_code, unknown.exit_code) == (1, 2)
    assert "there is no shift to follow" in nothing.stderr
    assert "fix: `bluegreen history` names the shifts" in unknown.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ("--steps", "5,50"),
            "1 mistake in the plan, nothing was begun\n  --steps 5,50: the last step is 50",
        ),
        (("--steps", "5", "--bake", "ten"), "2 mistakes in the plan"),
        (("--steps", "5,100", "--approve-at", "7"), "--approve-at 7: is none of the steps 5, 100"),
    ],
    ids=str,
)
def test_a_plan_with_mistakes_calls_nothing(
    arguments: tuple[str, ...], words: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # nothing is synthesized here: a call would say so
    result = run("shift", "--to", "green", *arguments, "--yes")
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr
    assert "fix: correct the plan, for example: --steps 5,25,50,100" in result.stderr


def test_without_a_terminal_it_does_not_guess_the_answer(place: Place) -> None:
    result = run("shift", *STEPS)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "fix: add --yes" in result.stderr
    assert place.weights == (100, 0)


def test_a_named_function_needs_a_named_state_machine(place: Place) -> None:
    status = place.executions
    result = run("shift", *STEPS, "--yes", "--function", "payments", "--region", "us-east-1")
    assert result.exit_code == 2
    assert "fix: add --state-machine with its ARN" in result.stderr
    wrong = run(
        *("shift", *STEPS, "--yes", "--function", "payments", "--region", "us-east-1"),
        *("--state-machine", "payments-shift"),
    )
    assert wrong.exit_code == 2
    assert "is not the ARN of a state machine" in wrong.stderr
    assert status() is not None
