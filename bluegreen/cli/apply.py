"""`bluegreen apply`: the very plan that was approved, if it still leaves the active colour alone."""

import functools
import json
import tempfile
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from safe_io import private

from bluegreen.cli import reports, resolved
from bluegreen.cli.errors import UnfinishedError
from bluegreen.cli.guard import ActiveOption, AllowOption, allowances_of, judge, read_live
from bluegreen.cli.planning import aftermath_of, environment_of, store_of
from bluegreen.cli.target import Target, on_target
from bluegreen.cli.terminal import interrupted, terraform_progress, waiting
from bluegreen.cli.unfinished import Aftermath
from bluegreen.cli.views.plans import applied_view
from bluegreen.operate.rollout import await_rollouts, services_of
from bluegreen.pack import PACK
from bluegreen.terraform import Terraform, TerraformFailedError
from bluegreen.terraform.plans import DOCUMENT, PLAN_FILE, unpack

if TYPE_CHECKING:
    from stack_gate import Report


@on_target
def apply(
    target: Target,
    plan: Annotated[str, typer.Argument(help="Name of the plan: what `bluegreen plan` said.")],
    *,
    active: ActiveOption = None,
    allow: AllowOption = None,
) -> None:
    """Apply a plan that was kept, and no other: its content has to have the SHA-256 that names it.

    It is scanned and guarded once more before: policies may have changed since it was made, and traffic may
    have moved. Terraform itself refuses it when
    the state has changed since. Then it waits for the services' rollouts. As JSON: `deployment`, `plan`,
    `resources` (how many `added`, `changed`, `removed`), `rollouts` (by service: COMPLETED, or NO_IMAGE).

    Examples:
        . ./plan.env  # what `bluegreen plan --variables plan.env` wrote
        bluegreen apply "$plan"
    """
    place, allowances = target.deployment, allowances_of(allow or ())
    document = place.document()
    content = store_of(place, document, target.endpoint_url).get(plan)
    # As deep as the stack itself: the path of a local state is relative to it.
    plans = place.stack.parent.parent / "plans"
    private.folder(plans)
    with tempfile.TemporaryDirectory(dir=plans) as directory:
        unpacked = replace(place, unpacked=Path(directory))
        unpack(plan, content, unpacked.stack)
        terraform = Terraform(unpacked.stack, environment_of(place, document, "apply"), interrupted)
        aftermath = aftermath_of(place, document, target.endpoint_url)
        with waiting("terraform init, then the guard"):
            terraform.init()
            planned = terraform.show(unpacked.stack / PLAN_FILE)
            written = unpacked.stack / DOCUMENT
            with private.writer(written) as file:
                json.dump(planned, file)
        with waiting("scanning the plan"):
            scanned = _scanned(written, unpacked.stack)
        if scanned.exit_code:
            raise typer.Exit(reports.write(scanned, [("text", reports.STANDARD_OUTPUT)]))
        ask = functools.partial(read_live, written, unpacked, target.endpoint_url)
        report = judge(written, active, allowances, ask)
        if report.exit_code:
            raise typer.Exit(reports.write(report, [("text", reports.STANDARD_OUTPUT)]))
        try:
            with terraform_progress(f"applying {plan[:12]}") as on_progress:
                applied = terraform.apply(on_progress, plan=unpacked.stack / PLAN_FILE)
        except TerraformFailedError as error:
            raise aftermath.explained(error, terraform, planned) from error
        outputs = terraform.output()
        if all(name in outputs for name in resolved.NEEDED):
            resolved.remember(place, outputs)
        rollouts = _rolled_out(terraform, aftermath)
    result = {"deployment": place.name, "plan": plan, "resources": asdict(applied), "rollouts": rollouts}
    target.show(result, applied_view)


def _scanned(plan: Path, stack: Path) -> "Report":
    """By the policies of this checkout, which in a pipeline is the protected branch's."""
    from stack_gate.plan import scan_plan  # noqa: PLC0415 - importing a verb has to be cheap

    return scan_plan(plan, stack=stack, policies=PACK, today=datetime.now(UTC).date())


def _rolled_out(terraform: Terraform, aftermath: Aftermath) -> dict[str, str]:
    """Raises RolloutError, and UnfinishedError where the wait was interrupted, or the state can't be read."""
    try:
        services = services_of(terraform.state().instances)
        if not services:
            return {}
        with waiting("waiting until ECS has replaced the services' tasks") as tell:
            return await_rollouts(services, aftermath.clients, tell)
    except (KeyboardInterrupt, TerraformFailedError) as error:
        raise UnfinishedError(
            "whether the services run what was applied was not found out",
            cause=str(error) or "interrupted",
            state="the apply is complete; ECS continues to replace tasks",
            fix="see the rollouts with `aws ecs describe-services`",
        ) from error
