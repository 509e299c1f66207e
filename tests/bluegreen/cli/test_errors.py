"""What each failure ends with."""

from pathlib import Path
from typing import Any

import pytest
from embedded_aws import LocalAwsError
from typer.testing import CliRunner

from bluegreen.cli.app import app
from bluegreen.cli.errors import CODES, CommandError, describe
from bluegreen.cli.exit_codes import MEANING, ExitCode
from bluegreen.operate.client import FunctionFailedError, NotReachableError, OutcomeUnknownError
from bluegreen.terraform import (
    Begun,
    TerraformFailedError,
    TerraformInterruptedError,
    TerraformMissingError,
)
from lambda_src.contract import errors as function_errors
from lambda_src.contract.errors import Meaning

WEIGHTS = {"blue": 75, "green": 25}
STACK = Path("cdktf.out/stacks/local")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (CommandError(ExitCode.UNREACHABLE, "what", "how"), 3),
        (LocalAwsError("what"), 3),
        (NotReachableError("what"), 3),
        (OutcomeUnknownError("what"), 4),
        (TerraformMissingError("what"), 3),
        (TerraformFailedError("init", STACK, ("Error: x",)), 2),
        (TerraformFailedError("apply", STACK, ("Error: x",), Begun(3)), 4),
        (TerraformFailedError("apply", STACK, ("Error: x",), Begun(0, ("aws_lb.a",))), 4),
        (TerraformFailedError("apply", STACK, ("Error: Terraform was killed by SIGKILL",)), 4),
        (TerraformFailedError("plan", STACK, ("Error: Terraform was killed by SIGKILL",)), 2),
        (TerraformInterruptedError("apply", STACK, ()), 130),
        (TerraformInterruptedError("apply", STACK, (), Begun(1)), 4),
        (FunctionFailedError("ValidationError", "what", None), 2),
        (FunctionFailedError("NotAdmittedError", "what", None), 2),
        (FunctionFailedError("ConfigurationError", "what", None), 2),
        (FunctionFailedError("NotAttestedError", "what", None), 1),
        (FunctionFailedError("GatesNotPassedError", "what", WEIGHTS), 1),
        (FunctionFailedError("LockedError", "what", WEIGHTS), 1),
        (FunctionFailedError("NothingToShiftError", "what", WEIGHTS), 1),
        (FunctionFailedError("NoWorkflowError", "what", WEIGHTS), 1),
        (FunctionFailedError("AbortedError", "what", WEIGHTS), 1),
        (FunctionFailedError("ApprovalExpiredError", "what", WEIGHTS), 1),
        (FunctionFailedError("ApprovalMissingError", "what", WEIGHTS), 1),
        (FunctionFailedError("NotWatchedError", "what", WEIGHTS), 1),
        (FunctionFailedError("ServiceUnreadableError", "what", None), 1),
        (FunctionFailedError("StepOrderError", "what", WEIGHTS), 1),
        (FunctionFailedError("DeadlineError", "what", WEIGHTS), 1),
        (FunctionFailedError("WeightsChangedError", "what", WEIGHTS), 1),
        (FunctionFailedError("LockLostError", "what", WEIGHTS), 4),
        (FunctionFailedError("ActiveUnknownError", "what", WEIGHTS), 1),
        (FunctionFailedError("RollbackTargetUnknownError", "what", WEIGHTS), 1),
        (FunctionFailedError("ListenerStateError", "what", None), 1),
        (FunctionFailedError("ListenerStateError", "what", WEIGHTS), 1),
        (FunctionFailedError("RollbackRefusedError", "what", WEIGHTS), 1),
        (FunctionFailedError("VerificationError", "what", WEIGHTS), 4),
        (FunctionFailedError("AwsCallError", "what", None), 4),
        (FunctionFailedError("OutOfTimeError", "what", None), 4),
        (FunctionFailedError("Sandbox.Timedout", "what", None), 4),
    ],
    ids=lambda value: f"{type(value).__name__} {getattr(value, 'error_type', '')}".strip(),
)
def test_the_exit_code_says_what_a_failure_means(error: Exception, code: int) -> None:
    found, message = describe(error)
    assert found == code
    assert message.startswith(str(error))


def test_every_error_of_the_function_has_its_row_above() -> None:
    parameters = test_the_exit_code_says_what_a_failure_means.pytestmark[0].args[1]  # type: ignore[attr-defined]
    covered = {error.error_type for error, _ in parameters if isinstance(error, FunctionFailedError)}
    raised = {error.__name__ for error in function_errors.SwitchError.__subclasses__()}
    assert raised <= covered


def test_a_failure_midway_tells_the_weights_and_what_to_do() -> None:
    _, message = describe(FunctionFailedError("AwsCallError", "AwsCallError: throttled", WEIGHTS))
    assert message == (
        "AwsCallError: throttled\n"
        "  state: production has blue 75, green 25\n"
        "  fix: run `bluegreen status`, then send the same request again, which is safe"
    )


def test_weights_that_are_unknown_are_told_only_where_something_was_begun() -> None:
    _, begun = describe(FunctionFailedError("AwsCallError", "AwsCallError: throttled", None))
    assert "\n  state: the weights are unknown\n" in begun
    _, refused = describe(FunctionFailedError("NoWorkflowError", "NoWorkflowError: none", None, fix="wait"))
    assert refused == "NoWorkflowError: none\n  fix: wait"


def test_a_function_that_is_out_of_reach_has_one_fix() -> None:
    assert describe(NotReachableError("no way to it"))[1].startswith("no way to it\n  fix: check credentials")
    assert describe(NotReachableError("denied\n  fix: permit it"))[1] == "denied\n  fix: permit it"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("preflight", "--to", "red"), "Invalid value for '--to': 'red' is not one of 'blue', 'green'."),
        (("completion",), "Missing argument 'shell'. Choose from:\n    bash,\n    zsh,\n    fish\n"),
    ],
    ids=("value", "argument"),
)
def test_a_wrong_choice_is_told_in_words_of_the_command_line(arguments: tuple[str, ...], said: str) -> None:
    result = CliRunner().invoke(app, arguments, prog_name="bluegreen")
    assert result.exit_code == 2
    assert f"error: {said}" in result.stderr


@pytest.mark.parametrize("meaning", Meaning)
def test_every_meaning_has_an_exit_code(meaning: Meaning) -> None:
    assert CODES[meaning] in (ExitCode.REFUSED, ExitCode.INVALID, ExitCode.INCOMPLETE)


def test_the_state_stands_before_the_fix_of_the_function_itself() -> None:
    failure = FunctionFailedError("LockLostError", "LockLostError: taken over", WEIGHTS, fix="run `status`")
    assert describe(failure)[1] == (
        "LockLostError: taken over\n  state: production has blue 75, green 25\n  fix: run `status`"
    )


def test_a_refusal_tells_every_verdict() -> None:
    gates: list[dict[str, Any]] = [
        {"gate": "targets", "colour": "green", "passed": True, "value": "3 of 3", "threshold": "at least 2"},
        {
            "gate": "frozen",
            "colour": None,
            "passed": False,
            "value": "by ann: night",
            "threshold": "not frozen",
        },
    ]
    _, message = describe(
        FunctionFailedError("GatesNotPassedError", "GatesNotPassedError: no", WEIGHTS, gates)
    )
    assert message == (
        "GatesNotPassedError: no\n"
        "  targets of green: passed, 3 of 3 (needed: at least 2)\n"
        "  frozen: NOT PASSED, by ann: night (needed: not frozen)\n"
        "  state: production has blue 75, green 25"
    )


def test_every_exit_code_has_a_meaning() -> None:
    assert {int(code): bool(meaning) for code, meaning in MEANING.items()} == {
        0: True,
        1: True,
        2: True,
        3: True,
        4: True,
        5: True,
        6: True,
        130: True,
    }
    assert set(MEANING) == set(ExitCode)
