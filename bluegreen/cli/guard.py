"""`bluegreen guard`: what stands between a plan and its apply."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bluegreen.aws import Access
from bluegreen.cli import reports
from bluegreen.cli.connect import region_of, running_aws
from bluegreen.cli.deployment import Deployment, is_local
from bluegreen.cli.errors import EXPECTED, CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import DEFAULT, DeploymentOption, EndpointOption
from bluegreen.cli.terminal import waiting
from lambda_src.contract.values import Colour

if TYPE_CHECKING:
    from stack_gate import Report
    from stack_gate.plan import Live

LISTENER = "LISTENER_ARN"  # of the switch function's environment
# An address may have equals signs in the keys of for_each.
_ALLOWANCE = re.compile(r'((?:[^=\["]|\[(?:\d+|"(?:[^"\\]|\\.)*")\])+)=(.*\S.*)', re.DOTALL)


ActiveOption = Annotated[
    Colour | None,
    typer.Option("--active", help="The active colour; without it, listener and records are read."),
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="ADDRESS=REASON",
        help="Allow one resource's change; any number of times. @FILE: of a file, one a line.",
    ),
]


def guard(
    plan: Annotated[Path, typer.Argument(help="What `terraform show -json PLANFILE` wrote.")],
    *,
    active: ActiveOption = None,
    allow: AllowOption = None,
    formats: reports.FormatsOption = None,
    deployment: DeploymentOption = DEFAULT,
    endpoint_url: EndpointOption = None,
) -> None:
    """Refuse a plan that would change the active colour, destroy data, or move traffic.

    Nor may it change the database of the ledger's writer, wherever the traffic is.

    Exit code 0: the plan may be applied; 1: it may not, the report says why; 2: it could not be judged.

    Examples:
        bluegreen guard cdktf.out/stacks/local/plan.json

    On a real account:
        bluegreen guard cdktf.out/stacks/staging/plan.json -d staging --format sarif=guard.sarif
    """
    wanted, allowances = reports.targets(formats), allowances_of(allow or ())
    place = Deployment(deployment)
    report = judge(plan, active, allowances, lambda: read_live(plan, place, endpoint_url))
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
    for value in (line for given in values for line in _lines(given)):
        match = _ALLOWANCE.fullmatch(value)
        if match is None:
            raise typer.BadParameter(f"--allow {value!r} is not ADDRESS=REASON, both of them said")
        if match[1] in found:
            raise typer.BadParameter(f"--allow names {match[1]} twice")
        found[match[1]] = match[2].strip()
    return found


def _lines(value: str) -> list[str]:
    """An allowance, or those of the file that `@FILE` names. Raises BadParameter."""
    if not value.startswith("@"):
        return [value]
    try:
        lines = Path(value[1:]).read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise typer.BadParameter(f"--allow {value}: the file can't be read: {error}") from error
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]


def read_live(plan: Path, deployment: Deployment, endpoint_url: str | None) -> "Live":
    """What the production listener and the records say. Raises CommandError.

    By calls that only read, so that planning takes no permission to invoke a function.
    """
    from stack_gate.plan import Live  # noqa: PLC0415 - as above

    from bluegreen.operate import live  # noqa: PLC0415 - as above

    try:
        with waiting("reading which colour is active"):
            environment = _switch_environment(plan)
            found = live.read(environment, _access(deployment, environment, endpoint_url))
    except (*EXPECTED, live.UnreadError) as error:
        message = f"the active colour could not be read, so the plan was not judged. {error}"
        fix = "correct that, or name the active colour: --active blue or --active green"
        raise CommandError(ExitCode.INVALID, message, fix) from error
    return Live(found.active, found.weights, found.elsewhere, found.writers)


def _switch_environment(plan: Path) -> dict[str, str]:
    """Of the switch function: what it has to know is what has to be read. Raises UnreadError."""
    from bluegreen.operate.live import UnreadError  # noqa: PLC0415 - as above

    changes = json.loads(plan.read_text(encoding="utf-8"))["resource_changes"]
    for change in changes:
        before = change["change"]["before"] or {}
        for block in before.get("environment") or () if change["type"] == "aws_lambda_function" else ():
            if LISTENER in (variables := block.get("variables") or {}):
                return dict(variables)
    raise UnreadError(f"no function of the plan is told the production listener as {LISTENER}")


def _access(deployment: Deployment, environment: Mapping[str, str], endpoint_url: str | None) -> Access:
    region = region_of(environment[LISTENER])
    if is_local(deployment.document()):
        aws = running_aws(deployment)  # never AWS itself: a listener of the same name may exist there
        return Access(region, aws.endpoint, aws.environment())
    return Access(region, endpoint_url)
