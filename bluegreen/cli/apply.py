"""`bluegreen apply`: the very plan that was approved, if it still leaves the live side alone."""

import functools
import json
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from bluegreen.cli import reports
from bluegreen.cli.guard import ActiveOption, AllowOption, allowances_of, judge, read_live
from bluegreen.cli.planning import environment_of, store_of
from bluegreen.cli.target import Target, on_target
from bluegreen.cli.terminal import terraform_progress, waiting
from bluegreen.cli.views.plans import applied_view
from bluegreen.plans import DOCUMENT, PLAN_FILE, unpack
from bluegreen.terraform import Terraform


@on_target
def apply(
    target: Target,
    plan: Annotated[str, typer.Argument(help="Name of the plan: what `bluegreen plan` said.")],
    *,
    active: ActiveOption = None,
    allow: AllowOption = None,
) -> None:
    """Apply a plan that was kept, and no other: its content has to have the SHA-256 that names it.

    It is guarded once more before: traffic may have moved since it was made. Terraform itself refuses it when
    the state has changed since. As JSON: `deployment`, `plan`, `resources` (how many `added`, `changed`,
    `removed`).
    """
    place, allowances = target.deployment, allowances_of(allow or ())
    document = place.document()
    content = store_of(place, document, target.endpoint_url).get(plan)
    # As deep as the stack itself: the path of a local state is relative to it.
    plans = place.stack.parent.parent / "plans"
    plans.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=plans) as directory:
        unpacked = replace(place, unpacked=Path(directory))
        unpack(plan, content, unpacked.stack)
        terraform = Terraform(unpacked.stack, environment_of(place, document))
        with waiting("terraform init, then the guard"):
            terraform.init()
            written = unpacked.stack / DOCUMENT
            written.write_text(json.dumps(terraform.show(unpacked.stack / PLAN_FILE)), encoding="utf-8")
        ask = functools.partial(read_live, unpacked, target.function, target.region, target.endpoint_url)
        report = judge(written, active, allowances, ask)
        if report.exit_code:
            raise typer.Exit(reports.write(report, [("text", reports.STANDARD_OUTPUT)]))
        with terraform_progress(f"applying {plan[:12]}") as on_progress:
            applied = terraform.apply(on_progress, plan=unpacked.stack / PLAN_FILE)
    result = {"deployment": place.name, "plan": plan, "resources": asdict(applied)}
    target.show(result, applied_view)
