"""What verbs are aimed at: the options that lead there, declared once, and what is found behind them.

    @on_target
    def freeze(target: Target, *, reason: ReasonOption) -> None: ...

is a verb with `--reason` and with all options of `_options`.
"""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Concatenate, ParamSpec

from rich.console import RenderableType

from bluegreen.cli.connect import connect, connect_machine
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import (
    DEFAULT,
    DeploymentOption,
    EndpointOption,
    FunctionOption,
    Output,
    OutputOption,
    RegionOption,
)
from bluegreen.cli.terminal import notice, show, waiting
from bluegreen.operate.client import FunctionFailedError, SwitchFunction
from bluegreen.operate.workflow import ShiftMachine

Own = ParamSpec("Own")
Result = dict[str, Any]
Again = Callable[[FunctionFailedError, Callable[[str], None]], bool]


def never(_error: FunctionFailedError, _tell: Callable[[str], None]) -> bool:
    return False


@dataclass(frozen=True)
class Target:
    """A deployment, or a function named instead. Nothing is looked up before it is needed."""

    deployment: Deployment
    output: Output
    function: str | None
    region: str | None
    endpoint_url: str | None

    @cached_property
    def switch(self) -> SwitchFunction:
        """The switch function. Raises CommandError, LocalAwsError, TerraformError."""
        return connect(self.deployment, self.function, self.region, self.endpoint_url)

    def machine(self, arn: str | None) -> ShiftMachine:
        """The state machine at `arn`, else the deployment's own. Raises as `switch` does."""
        if self.function and not arn:
            raise CommandError(
                ExitCode.INVALID,
                f"--function {self.function}: which state machine drives it?",
                "add --state-machine with its ARN",
            )
        return connect_machine(self.deployment, self.switch.access, arn)

    def read(self, request: Mapping[str, Any], doing: str) -> Result:
        """Ask the function for something that changes nothing. Raises SwitchError."""
        switch = self.switch  # found first: the way there has its own words
        with waiting(doing):
            return switch.invoke(_given(request))

    def act(self, request: Mapping[str, Any], doing: str, again: Again = never) -> Result:
        """Ask the function to do something; the client proves who asks. Raises SwitchError.

        `again`: told of a failure, and of how to tell the user; waits and says whether to ask once more.
        """
        given, switch = _given(request), self.switch  # found first, as above
        try:
            with waiting(doing) as tell:
                while True:
                    try:
                        return switch.invoke(given)
                    except FunctionFailedError as error:
                        if not again(error, tell):
                            raise
        except KeyboardInterrupt:
            notice("interrupted: the function may go on all the same. Look with `bluegreen status`.")
            raise

    def show(self, result: Any, view: Callable[[Any], RenderableType]) -> None:
        """The result on standard output, as --output says."""
        show(result, self.output, view)


def on_target(verb: Callable[Concatenate[Target, Own], None]) -> Callable[..., None]:
    """`verb` for Typer: instead of `target` it has the options that lead there."""
    shared = inspect.signature(_options).parameters
    own = list(inspect.signature(verb).parameters.values())[1:]

    @functools.wraps(verb)
    def run(*args: Any, **given: Any) -> None:
        verb(_options(**{name: given.pop(name) for name in shared}), *args, **given)

    parameters = [*own, *shared.values()]
    # What Typer reads; types of functions have no such attribute.
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def _options(
    *,
    deployment: DeploymentOption = DEFAULT,
    output: OutputOption = Output.text,
    function: FunctionOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointOption = None,
) -> Target:
    return Target(Deployment(deployment), output, function, region, endpoint_url)


def _given(request: Mapping[str, Any]) -> Result:
    """`request` without its empty values."""
    return {key: value for key, value in request.items() if value not in (None, "")}
