"""The boundary of the command line: expected failures become a message and an exit code here, only here."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import typer
from embedded_aws import LocalAwsError
from safe_io import report_error
from typer.core import TyperGroup
from typer.exceptions import TyperException

from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.views.gates import sentence
from bluegreen.operate.client import FunctionFailedError, NotReachableError, OutcomeUnknownError, SwitchError
from bluegreen.operate.databases.programs import DatabaseServerError
from bluegreen.operate.rollout import RolloutError
from bluegreen.permissions import PermissionsError
from bluegreen.terraform import (
    Begun,
    TerraformError,
    TerraformFailedError,
    TerraformInterruptedError,
    TerraformMissingError,
)
from bluegreen.terraform.bootstrap import BackendRefusedError, BootstrapError
from bluegreen.terraform.plans import PlanBundleError
from bluegreen.terraform.recovery import Need
from lambda_src.contract.errors import Meaning, meaning_of

REPEAT = "run `bluegreen status`, then send the same request again, which is safe"

REACH = "check credentials, account, region and network; or name the function: `--function ARN`"

SHOWN = 20  # addresses of a list

CODES = {
    Meaning.INVALID: ExitCode.INVALID,
    Meaning.NOTHING_BEGUN: ExitCode.REFUSED,
    Meaning.REPEATABLE: ExitCode.INCOMPLETE,
    Meaning.NOT_OURS: ExitCode.INCOMPLETE,
    Meaning.INSPECT: ExitCode.INCOMPLETE,
}


class CommandError(Exception):
    """A verb can't continue. The message says what, where and why; `fix` what to do."""

    def __init__(self, code: ExitCode, message: str, fix: str) -> None:
        self.code = code
        super().__init__(f"{message}\n  fix: {fix}")


class UnfinishedError(CommandError):
    """Terraform did not finish. `needs`: what each thing that it left needs; the rest as a message has it."""

    def __init__(
        self,
        message: str,
        *,
        fix: str,
        code: ExitCode = ExitCode.INCOMPLETE,
        cause: str | None = None,
        state: str | None = None,
        needs: Iterable[Need] = (),
    ) -> None:
        self.code = code
        lines = [message]
        lines += [f"  cause: {cause}"] if cause else []
        lines += [f"  state: {state}"] if state else []
        lines += [f"  {need}" for need in needs]
        Exception.__init__(self, "\n".join((*lines, f"  fix: {fix}")))


EXPECTED = (
    BootstrapError,
    CommandError,
    DatabaseServerError,
    LocalAwsError,
    PermissionsError,
    PlanBundleError,
    RolloutError,
    SwitchError,
    TerraformError,
)


class ReportingGroup(TyperGroup):
    """The root command: reports what its verbs raise, and what is wrong with the arguments."""

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        with _usage_reported():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]  # the base names a private class
        try:
            with _usage_reported():
                return super().invoke(ctx)
        except EXPECTED as error:
            code, message = describe(error)
            report_error(message)
            raise typer.Exit(code) from error


@contextmanager
def _usage_reported() -> Iterator[None]:
    """Typer would print such errors by itself, past `safe_io`, and they quote arguments."""
    try:
        yield
    except TyperException as error:
        # Of choices Typer makes a list with tabs, and of ValueErrors Pydantic's own words.
        message = error.format_message().replace("\t", "    ").replace(": Value error, ", ": ")
        context = getattr(error, "ctx", None)
        if context is None or type(error).__name__ == "NoArgsIsHelpError":  # its message is the help
            raise
        report_error(f"{message}\n  fix: see `{context.command_path} --help`")
        raise typer.Exit(error.exit_code) from error


def describe(error: Exception) -> tuple[ExitCode, str]:
    """Exit code and text of one of the EXPECTED errors."""
    match error:
        case CommandError():
            return error.code, str(error)
        case FunctionFailedError():
            return _function_failed(error)
        case OutcomeUnknownError():
            return ExitCode.INCOMPLETE, f"{error}\n  fix: {REPEAT}"
        case TerraformFailedError():
            said = stands(error.begun)
            return code_of(error), f"{error}\n  state: {said}" if said else str(error)
        case BootstrapError():
            return _bootstrap_failed(error), str(error)
        case _:
            return _by_kind(error), _with_a_fix(error)


def _with_a_fix(error: Exception) -> str:
    """Of a function that did not run AWS's answer may have a fix of its own."""
    lacks = isinstance(error, NotReachableError) and "\n  fix: " not in str(error)
    return f"{error}\n  fix: {REACH}" if lacks else str(error)


def _by_kind(error: Exception) -> ExitCode:
    if isinstance(error, RolloutError):
        return ExitCode.INCOMPLETE
    unreached = isinstance(error, (TerraformMissingError, SwitchError, LocalAwsError, DatabaseServerError))
    return ExitCode.UNREACHABLE if unreached else ExitCode.INVALID


def code_of(error: TerraformFailedError) -> ExitCode:
    """Whether anything was changed, or may have been: what a killed apply has done is unknown."""
    if error.begun or (error.killed and error.command == "apply"):
        return ExitCode.INCOMPLETE
    return ExitCode.INTERRUPTED if isinstance(error, TerraformInterruptedError) else ExitCode.INVALID


def stands(begun: Begun) -> str | None:
    """What an apply has changed; None where it had begun nothing."""
    if not begun:
        return None
    done = f"{begun.done} changes were made"
    if not begun.unfinished:
        return f"{done}, all that were begun"
    listed = [f"\n    {address}" for address in begun.unfinished[:SHOWN]]
    more = len(begun.unfinished) - len(listed)
    listed += [f"\n    and {more} more"] if more else []
    return f"{done}, {len(begun.unfinished)} were begun and not finished:{''.join(listed)}"


def _bootstrap_failed(error: BootstrapError) -> ExitCode:
    if isinstance(error, BackendRefusedError):
        return ExitCode.REFUSED
    return ExitCode.INCOMPLETE if error.begun else ExitCode.UNREACHABLE


def _function_failed(error: FunctionFailedError) -> tuple[ExitCode, str]:
    weights, meaning = error.weights, meaning_of(error.error_type)
    gates = "".join(f"\n  {sentence(verdict)}" for verdict in error.gates)
    fix = error.fix or (REPEAT if meaning is Meaning.REPEATABLE else "")
    state = _state(weights, CODES[meaning])
    return CODES[meaning], f"{error.message}{gates}{state}" + (f"\n  fix: {fix}" if fix else "")


def _state(weights: Mapping[str, int] | None, code: ExitCode) -> str:
    """Where the traffic stands. A request that began nothing and read no weights has nothing to say of it."""
    if weights is not None:
        shown = ", ".join(f"{colour} {weight}" for colour, weight in weights.items())
        return f"\n  state: production has {shown}"
    return "\n  state: the weights are unknown" if code is ExitCode.INCOMPLETE else ""
