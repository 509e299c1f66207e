"""`bluegreen plan`: what an apply would change, kept until somebody has approved it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bluegreen.cli.deployment import Deployment
from bluegreen.cli.options import DEFAULT, DeploymentOption, EndpointOption, Output, OutputOption
from bluegreen.cli.planning import environment_of, store_of
from bluegreen.cli.terminal import show, waiting
from bluegreen.cli.views.plans import planned_view
from bluegreen.plans import DOCUMENT, PLAN_FILE, pack
from bluegreen.terraform import Terraform

PRIVATE = 0o600


def plan(
    *,
    deployment: DeploymentOption = DEFAULT,
    variables: Annotated[
        Path | None,
        typer.Option(
            help="Append plan=NAME to this file: GITHUB_OUTPUT, or what else hands variables to a later job."
        ),
    ] = None,
    output: OutputOption = Output.text,
    endpoint_url: EndpointOption = None,
) -> None:
    """Plan a synthesized deployment and keep the plan for `bluegreen apply`.

    The plan as JSON is in the stack's directory, for `scan --plan` and `guard`. As JSON: `deployment`, `plan`
    (its name), `kept_at`, `document`, `changes` (each `address`, `action`), `changes_outputs`.
    """
    place = Deployment(deployment)
    document = place.document()
    terraform = Terraform(place.stack, environment_of(place, document))
    with waiting(f"terraform init and plan in {place.stack}"):
        terraform.init()
        found = terraform.plan(place.stack / PLAN_FILE)
        written = place.stack / DOCUMENT
        written.touch(mode=PRIVATE)
        written.write_text(json.dumps(terraform.show(place.stack / PLAN_FILE)), encoding="utf-8")
    name, content = pack(place.stack)
    with waiting("keeping the plan beside the state"):
        kept_at = store_of(place, document, endpoint_url).put(name, content)
    if variables is not None:
        with variables.open("a", encoding="utf-8") as file:
            file.write(f"plan={name}\n")
    result = {
        "deployment": deployment,
        "plan": name,
        "kept_at": kept_at,
        "document": str(written),
        "changes": [asdict(change) for change in found.changes],
        "changes_outputs": found.changes_outputs,
    }
    show(result, output, planned_view)
