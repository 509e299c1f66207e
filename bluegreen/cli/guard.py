"""`bluegreen guard`: what stands between a plan and its apply."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bluegreen.cli import reports
from bluegreen.cli.connect import connect
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import EXPECTED, CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import (
    DEFAULT,
    DeploymentOption,
    EndpointOption,
    FunctionOption,
    RegionOption,
)
from bluegreen.cli.terminal import waiting
from lambda_src.contract.values import Colour

if TYPE_CHECKING:
    from stack_gate import Report
    from stack_gate.plan import Live

# An address may have equals signs in the keys of for_each.
_ALLOWANCE = re.compile(r'((?:[^=\["]|\[(?:\d+|"(?:[^"\\]|\\.)*")\])+)=(.*\S.*)', re.DOTALL)


ActiveOption = Annotated[
    Colour | None,
    typer.Option("--active", help="The active colour; without it, the switch function is asked."),
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="ADDRESS=REASON",
        help="Let one resource's change through; any number of times.",
    ),
]


def guard(
    plan: Annotated[Path, typer.Argument(help="What `terraform show -json PLANFILE` wrote.")],
    *,
    active: ActiveOption = None,
    allow: AllowOption = None,
    formats: reports.FormatsOption = None,
    deployment: DeploymentOption = DEFAULT,
    function: FunctionOption = None,
    region: RegionOption = None,
    endpoint_url: EndpointOption = None,
) -> None:
    """Refuse a plan that would change the active colour, destroy data, or move traffic.

    Exit code 0: the plan may be applied; 1: it may not, the report says why; 2: it could not be judged.

    Examples:
        bluegreen guard cdktf.out/stacks/local/plan.json

    On a real account:
        bluegreen guard cdktf.out/stacks/staging/plan.json -d staging --format sarif=guard.sarif
    """
    wanted, allowances = reports.targets(formats), allowances_of(allow or ())
    place = Deployment(deployment)
    report = judge(plan, active, allowances, lambda: read_live(place, function, region, endpoint_url))
    raise typer.Exit(reports.write(report, wanted))


def judge(
    plan: Path, active: Colour | None, allowances: Mapping[str, str], ask: Callable[[], "Live"]
) -> "Report":
    """What the guard says of the plan. `ask` is called where `active` is None and a colour may be active."""
    from stack_gate import plan as stage  # noqa: PLC0415 - importing a verb has to be cheap

    today = datetime.now(UTC).date()
    return stage.guard(plan, active=active, read_live=ask, allowances=allowances, today=today)


def allowances_of(values: Iterable[str]) -> dict[str, str]:
    """Address to reason, of what --allow says. Raises BadParameter."""
    found: dict[str, str] = {}
    for value in values:
        match = _ALLOWANCE.fullmatch(value)
        if match is None:
            raise typer.BadParameter(f"--allow {value!r} is not ADDRESS=REASON, both of them said")
        if match[1] in found:
            raise typer.BadParameter(f"--allow names {match[1]} twice")
        found[match[1]] = match[2].strip()
    return found


def read_live(
    deployment: Deployment, function: str | None, region: str | None, endpoint_url: str | None
) -> "Live":
    """What the switch function says. Raises CommandError."""
    from stack_gate.plan import Live  # noqa: PLC0415 - as above

    try:
        with waiting("reading which colour is active"):
            status = connect(deployment, function, region, endpoint_url).invoke({"action": "status"})
    except EXPECTED as error:
        message = f"the active colour could not be read, so the plan was not judged. {error}"
        fix = "correct that, or name the active colour: --active blue or --active green"
        raise CommandError(ExitCode.INVALID, message, fix) from error
    elsewhere = [
        (finding["what"], finding["fix"])
        for finding in status.get("findings", ())  # a function of an older version names none
        if finding["reach"] == "production"
    ]
    return Live(str(status["active"]), status["weights"], elsewhere)
