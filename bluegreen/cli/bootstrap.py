"""`bluegreen bootstrap`: the bucket and the key that keep a deployment's Terraform state."""

import sys
from typing import Annotated, Any

import typer

from bluegreen.aws import Access
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import DeploymentOption, EndpointOption, Output, OutputOption
from bluegreen.cli.terminal import confirmed, notice, show, show_aside, waiting
from bluegreen.cli.views.bootstrap import bootstrap_view
from bluegreen.terraform.bootstrap import Bootstrap, StateBackend, state_backend


def bootstrap(
    *,
    deployment: DeploymentOption,
    check: Annotated[
        bool, typer.Option("--check", help="Only say what is missing; exit code 1 if anything is.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    output: OutputOption = Output.text,
    endpoint_url: EndpointOption = None,
) -> None:
    """Create bucket and key of a deployment's remote state, or correct them. It can be repeated.

    As JSON: `deployment`, `account_id`, `identity`, `region`, `bucket`, `key`, `kms_key_id`, `settings` (each
    `name`, `wanted`, `ok`: as they were found), `changed` (names of what was made).

    On a real account:
        bluegreen bootstrap --deployment staging --check
        bluegreen bootstrap --deployment staging
    """
    backend = _remote(Deployment(deployment))
    if not (check or yes or sys.stdin.isatty()):
        raise CommandError(
            ExitCode.INVALID,
            "bootstrap asks first, and here is no terminal to ask on",
            "add --yes",
        )
    with waiting(f"looking at {backend}"):
        found = Bootstrap(Access(backend.region, endpoint_url), backend)
        settings = found.look()
    result: dict[str, Any] = {
        "deployment": deployment,
        "account_id": backend.account_id,
        "identity": found.identity,
        "region": backend.region,
        "bucket": backend.bucket,
        "key": backend.key,
        "kms_key_id": backend.kms_key_id,
        "settings": [{"name": s.name, "wanted": s.wanted, "ok": s.ok} for s in settings],
        "changed": [],
    }
    missing = [setting for setting in settings if not setting.ok]
    if missing and not check:
        show_aside(result, bootstrap_view)
        if not yes and not confirmed(f"Make this so in account {backend.account_id}?"):
            raise typer.Exit(ExitCode.REFUSED)
        result["changed"] = found.carry_out(notice)
    show(result, output, bootstrap_view)
    raise typer.Exit(ExitCode.REFUSED if check and missing else ExitCode.OK)


def _remote(place: Deployment) -> StateBackend:
    backend = state_backend(place.document())
    if backend is None:
        raise CommandError(
            ExitCode.INVALID,
            f"{place.name} keeps its state in a local file: there is nothing to bootstrap",
            'name a deployment whose configuration says `backend.type = "s3"`',
        )
    return backend
