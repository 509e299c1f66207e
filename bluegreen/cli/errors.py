"""The boundary of the command line: expected failures become a message and an exit code here, only here."""

from typing import Any

import typer
from rich.console import Console
from typer.core import TyperGroup

from bluegreen.bootstrap import BackendRefusedError, BootstrapError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.views.gates import sentence
from bluegreen.client import FunctionFailedError, OutcomeUnknownError, SwitchError
from bluegreen.local_aws import LocalAwsError
from bluegreen.plans import PlanBundleError
from bluegreen.terraform import TerraformError, TerraformFailedError, TerraformMissingError

REPEAT = "  mend: look with `bluegreen status`, then send the same request again: repeating it is safe"

# The errors of lambda_src/switch that come before it writes anything; any other may leave a rest undone.
FUNCTION_REFUSALS = {
    "ValidationError": ExitCode.INVALID,
    "ConfigurationError": ExitCode.INVALID,
    "GatesNotPassedError": ExitCode.REFUSED,
    "ActiveUnknownError": ExitCode.REFUSED,
    "RollbackTargetUnknownError": ExitCode.REFUSED,
    "LockedError": ExitCode.REFUSED,
    "NothingToShiftError": ExitCode.REFUSED,
    "NoWorkflowError": ExitCode.REFUSED,
    "AbortedError": ExitCode.REFUSED,
    "ApprovalExpiredError": ExitCode.REFUSED,
    "ApprovalMissingError": ExitCode.REFUSED,
    "NotWatchedError": ExitCode.REFUSED,
    "StepOrderError": ExitCode.REFUSED,
    "DeadlineError": ExitCode.REFUSED,
    "WeightsChangedError": ExitCode.REFUSED,
}


class CommandError(Exception):
    """A verb can't go on. The message says what, where and why; `mend` how to mend it."""

    def __init__(self, code: ExitCode, message: str, mend: str) -> None:
        self.code = code
        super().__init__(f"{message}\n  mend: {mend}")


EXPECTED = (
    BootstrapError,
    CommandError,
    LocalAwsError,
    PlanBundleError,
    SwitchError,
    TerraformError,
)


class ReportingGroup(TyperGroup):
    """The root command: reports what its verbs raise."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # the base names a private class
        try:
            return super().invoke(ctx)
        except EXPECTED as error:
            code, message = describe(error)
            console = Console(stderr=True, soft_wrap=True, highlight=False)
            console.print("error:", style="bold red", end=" ")
            console.print(message, markup=False)
            raise typer.Exit(code) from error


def describe(error: Exception) -> tuple[ExitCode, str]:
    """Exit code and text of one of the EXPECTED errors."""
    match error:
        case CommandError():
            return error.code, str(error)
        case FunctionFailedError():
            return _function_failed(error)
        case OutcomeUnknownError():
            return ExitCode.INCOMPLETE, f"{error}\n{REPEAT}"
        case TerraformFailedError() if error.done:
            stands = f"  {error.done} changes were made before it; the same command goes on from there"
            return ExitCode.INCOMPLETE, f"{error}\n{stands}"
        case BootstrapError():
            return _bootstrap_failed(error), str(error)
        case _:
            unreached = isinstance(error, (TerraformMissingError, SwitchError, LocalAwsError))
            return ExitCode.UNREACHABLE if unreached else ExitCode.INVALID, str(error)


def _bootstrap_failed(error: BootstrapError) -> ExitCode:
    if isinstance(error, BackendRefusedError):
        return ExitCode.REFUSED
    return ExitCode.INCOMPLETE if error.begun else ExitCode.UNREACHABLE


def _function_failed(error: FunctionFailedError) -> tuple[ExitCode, str]:
    weights = error.weights
    stands = "not known" if weights is None else ", ".join(f"{side} {w}" for side, w in weights.items())
    gates = "".join(f"\n  {sentence(verdict)}" for verdict in error.gates)
    message = f"{error}{gates}\n  weights now: {stands}"
    if code := FUNCTION_REFUSALS.get(error.error_type):
        return code, message
    if error.error_type == "ListenerStateError" and weights is None:  # it never got past reading them
        return ExitCode.REFUSED, message
    return ExitCode.INCOMPLETE, f"{message}\n{REPEAT}"
