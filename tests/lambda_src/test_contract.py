"""What an error means, which errors that makes for each caller, and that the contract is complete."""

import json

import pytest

from lambda_src.common.settings import matching, number, read
from lambda_src.contract import errors, limits
from lambda_src.contract.actions import ALWAYS, KEYS, Action
from lambda_src.contract.errors import Meaning, SwitchError, meaning_of, named
from lambda_src.contract.gates import PREFLIGHT, ROWS, Gate
from lambda_src.contract.values import Weights
from lambda_src.contract.workflow import ENDED, Ending, Look, Next, Schedule, State

INVALID = ("ConfigurationError", "NotAdmittedError", "ValidationError")
NOTHING_BEGUN = (
    "AbortedError",
    "ActiveUnknownError",
    "ApprovalExpiredError",
    "ApprovalMissingError",
    "DeadlineError",
    "GatesNotPassedError",
    "ListenerStateError",
    "LockedError",
    "NoWorkflowError",
    "NotAttestedError",
    "NotWatchedError",
    "NothingToShiftError",
    "RollbackRefusedError",
    "RollbackTargetUnknownError",
    "ServiceUnreadableError",
    "StepOrderError",
    "WeightsChangedError",
)


def test_the_meaning_of_every_error_is_decided() -> None:
    assert named(Meaning.INVALID) == INVALID
    assert named(Meaning.NOTHING_BEGUN) == NOTHING_BEGUN
    assert named(Meaning.REPEATABLE) == ("AwsCallError", "OutOfTimeError")
    assert named(Meaning.NOT_OURS) == ("LockLostError",)
    assert named(Meaning.INSPECT) == ("VerificationError",)
    assert named(*Meaning) == tuple(sorted(kind.__name__ for kind in SwitchError.__subclasses__()))
    assert named() == ()


@pytest.mark.parametrize("kind", SwitchError.__subclasses__())
def test_only_what_has_begun_nothing_is_a_refusal(kind: type[SwitchError]) -> None:
    error = kind(what="a", where="b", cause="c", fix="d")
    assert error.refused is (kind.__name__ in INVALID + NOTHING_BEGUN)
    assert meaning_of(kind.__name__) is kind.meaning


@pytest.mark.parametrize("error_type", [*errors.UNHEARD, "KeyError", ""])
def test_what_the_function_does_not_raise_may_be_repeated(error_type: str) -> None:
    assert meaning_of(error_type) is Meaning.REPEATABLE


def test_an_error_carries_weights_and_verdicts() -> None:
    error = errors.LockedError(what="a", where="b", cause="c", fix="d")
    assert json.loads(str(error)) == {
        "what": "a",
        "where": "b",
        "cause": "c",
        "fix": "d",
        "problems": [],
        "weights": None,
        "gates": [],
    }
    error.weights = Weights(75, 25)
    assert json.loads(str(error))["weights"] == {"blue": 75, "green": 25}


def test_each_action_has_its_keys_and_each_gate_its_row() -> None:
    assert set(KEYS) == set(Action)
    assert all(not needed & optional and not ALWAYS & optional for needed, optional in KEYS.values())
    assert set(ROWS) == set(Gate)
    assert {"capacity", "records", "lock"} == PREFLIGHT


def test_words_that_control_table_and_state_machine_keep() -> None:
    assert {
        *("completed", "rolled_back", "refused", "failed", "superseded", "interrupted"),
        "ledger_not_moved",
    } == ENDED
    assert set(State) - ENDED == {
        *("running", "baking", "holding", "waiting_for_approval", "aborting", "moving_ledger"),
        *("deploying", "going_back"),
    }
    assert list(Ending) == [
        *("Refused", "RolledBack", "RollbackFailed", "Superseded"),
        *("LedgerRefused", "LedgerUnfinished"),
    ]
    assert Look(Next.WAIT, 5).to_json() == {"next": "wait", "wait_seconds": 5, "cause": None}
    schedule = Schedule("green", "why", "ann", [5, 100], [False, True], 0, 1)
    assert list(schedule.to_json()) == ["target", "reason", "by", "percents", "approvals", "step", "last"]


def test_limits_that_clients_know() -> None:
    assert (limits.REASON_LIMIT, limits.BY_LIMIT, limits.ID_LIMIT, limits.CAUSE_LIMIT) == (
        256,
        128,
        128,
        2000,
    )
    assert (limits.MAXIMUM_STEPS, limits.MAXIMUM_HISTORY) == (50, 50)
    assert (limits.DAY, limits.MONTH) == (86_400, 2_678_400)
    assert (limits.SECONDS_PER_STEP, limits.DEFAULT_APPROVAL_TIMEOUT) == (300, 3600)


def test_settings_are_read_whole() -> None:
    variables = {"A": number(1, 9), "B": matching("x+", "x"), "C": matching(".+", "text"), "D": number(0, 5)}
    values, problems = read({"A": "9", "B": "y", "C": "9"}, variables, [("A", "C"), ("A", "B"), ("B", "D")])
    assert values == {"a": 9, "b": None, "c": "9"}
    assert [(each.key, each.problem) for each in problems] == [
        ("B", "is malformed"),
        ("D", "is missing"),
        ("C", "equals A"),
    ]
