"""`bluegreen plan`: what an apply would change, kept until it is approved."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from safe_io import data, private

from bluegreen.cli.deployment import Deployment
from bluegreen.cli.options import (
    DEFAULT,
    DeploymentOption,
    EndpointOption,
    Output,
    OutputOption,
    try_to_append,
)
from bluegreen.cli.planning import aftermath_of, environment_of, store_of
from bluegreen.cli.terminal import interrupted, show, waiting
from bluegreen.cli.views.plans import planned_markdown, planned_view
from bluegreen.terraform import Terraform, TerraformFailedError
from bluegreen.terraform.plans import DOCUMENT, PLAN_FILE, changes, kept_images, pack


def plan(
    *,
    deployment: DeploymentOption = DEFAULT,
    variables: Annotated[
        Path | None,
        typer.Option(
            help="Append plan=NAME to this file: GITHUB_OUTPUT, or what else hands variables to a later job."
        ),
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option(help="Append what changes to this file, as Markdown: GITHUB_STEP_SUMMARY."),
    ] = None,
    output: OutputOption = Output.text,
    endpoint_url: EndpointOption = None,
) -> None:
    """Plan a synthesized deployment and keep the plan for `bluegreen apply`.

    The plan as JSON is in the stack's directory, for `scan --plan` and `guard`. As JSON: `deployment`, `plan`
    (its name), `kept_at`, `document`, `changes` (deletions and replacements first, each `address`, `action`,
    `attributes` with `path`, `before` and `after`, `replaced_by`; no secrets), `changes_outputs`, `tainted`
    (addresses that are replaced because their creation did not finish), `half_made` (each `address`, `what`,
    `command`: what exists in AWS without being in the state), `kept_images` (each `colour`, `configured`,
    `live`: images that the configuration names and an apply does not deploy).

    Examples:
        bluegreen plan --variables plan.env
        bluegreen scan --plan cdktf.out/stacks/local/plan.json
    """
    for appended in (variables, summary):
        try_to_append(appended)
    place = Deployment(deployment)
    document = place.document()
    aftermath = aftermath_of(place, document, endpoint_url)
    aftermath.refuse_unsaved()
    terraform = Terraform(place.stack, environment_of(place, document, "plan"), interrupted)
    with waiting(f"terraform init and plan in {place.stack}"):
        try:
            terraform.init()
            state = terraform.state()
            aftermath.refuse_tainted(state)
            (place.stack / PLAN_FILE).unlink(missing_ok=True)  # Terraform would keep its permissions
            found = terraform.plan(place.stack / PLAN_FILE)
        except TerraformFailedError as error:
            raise aftermath.explained(error, terraform) from error
        document_of_plan = terraform.show(place.stack / PLAN_FILE)
        written = place.stack / DOCUMENT
        with private.writer(written) as file:
            json.dump(document_of_plan, file)
    half_made = aftermath.half_made((c.address for c in found.changes), document_of_plan, state)
    name, content = pack(place.stack)
    with waiting("keeping the plan beside the state"):
        kept_at = store_of(place, document, endpoint_url).put(name, content)
    if variables is not None:
        with variables.open("a", encoding="utf-8") as outputs:
            outputs.write(f"plan={name}\n")
    result = {
        "deployment": deployment,
        "plan": name,
        "kept_at": kept_at,
        "document": str(written),
        "changes": [asdict(change) for change in changes(document_of_plan)],
        "changes_outputs": found.changes_outputs,
        "tainted": [instance.address for instance in state.tainted],
        "half_made": [asdict(need) for need in half_made],
        "kept_images": [asdict(kept) for kept in kept_images(document_of_plan)],
    }
    if summary is not None:
        with summary.open("a", encoding="utf-8") as markdown:
            markdown.write(planned_markdown(data(result)))
    show(result, output, planned_view)
