"""`bluegreen bootstrap`: the bucket and key of a deployment's Terraform state, and the roles that deploy."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from bluegreen.aws import Access
from bluegreen.cli.deployment import Deployment
from bluegreen.cli.errors import CommandError
from bluegreen.cli.exit_codes import ExitCode
from bluegreen.cli.options import DeploymentOption, EndpointOption, Output, OutputOption
from bluegreen.cli.terminal import confirmed, needs_a_terminal, notice, show, show_aside, waiting
from bluegreen.cli.views.bootstrap import bootstrap_view
from bluegreen.permissions import boundary_of, roles_of, scope_of
from bluegreen.permissions.making import Making
from bluegreen.permissions.trust import Account, Pipeline, Trust
from bluegreen.terraform.bootstrap import Bootstrap, StateBackend, state_backend
from bluegreen.terraform.bootstrap.setting import Setting


def bootstrap(
    *,
    deployment: DeploymentOption,
    roles: Annotated[
        bool,
        typer.Option("--roles", help="Also the roles that deploy, and the boundary."),
    ] = False,
    oidc_provider: Annotated[
        str | None, typer.Option(help="Trust jobs of a pipeline: ARN of the account's provider for GitHub.")
    ] = None,
    repository: Annotated[str, typer.Option(help="With --oidc-provider: whose jobs, OWNER/NAME.")] = "",
    ref: Annotated[str, typer.Option(help="With --oidc-provider: on which branch.")] = "refs/heads/main",
    workflow: Annotated[
        str, typer.Option(help="With --oidc-provider: of which workflow, its file.")
    ] = ".github/workflows/deploy.yml",
    trusted_role: Annotated[
        str | None,
        typer.Option(help="Instead of a pipeline: ARN of the role or user that assumes them."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Only say what is missing; exit code 1 if anything is.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask.")] = False,
    output: OutputOption = Output.text,
    endpoint_url: EndpointOption = None,
) -> None:
    """Create bucket and key of a deployment's remote state, and its roles, or correct them. Repeat it safely.

    As JSON: `deployment`, `account_id`, `identity`, `region`, `bucket`, `key`, `kms_key_id`, `settings` (each
    `name`, `wanted`, `ok`: as they were found), `changed` (names of what was made).

    On a real account:
        bluegreen bootstrap --deployment staging --check
        bluegreen bootstrap --deployment staging
        bluegreen bootstrap --deployment staging --roles --trusted-role arn:aws:iam::123456789012:role/admin
    """
    place = Deployment(deployment)
    backend = _remote(place)
    further = _roles(place, _trust(oidc_provider, repository, ref, workflow, trusted_role)) if roles else None
    if not (check or yes):
        needs_a_terminal("bootstrap")
    with waiting(f"looking at {backend}"):
        found = Bootstrap(Access(backend.region, endpoint_url), backend, further)
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


def _trust(
    oidc_provider: str | None, repository: str, ref: str, workflow: str, trusted_role: str | None
) -> Trust:
    if (oidc_provider is None) == (trusted_role is None):
        raise CommandError(
            ExitCode.INVALID,
            "--roles: who assumes the roles?",
            "add --oidc-provider ARN --repository OWNER/NAME for a pipeline, or --trusted-role ARN",
        )
    if trusted_role:
        return Account(trusted_role)
    return Pipeline(oidc_provider or "", repository, ref, workflow)


def _roles(place: Deployment, trust: Trust) -> Callable[[Any], list[Setting]]:
    stack = place.document()
    scope = scope_of(stack)
    found = roles_of(scope)
    policies = (boundary_of(scope, stack),) if scope.own_boundary else ()
    return lambda client: Making(
        client, found, policies, trust, deployment=place.name, tags=scope.tags
    ).settings()


def _remote(place: Deployment) -> StateBackend:
    backend = state_backend(place.document())
    if backend is None:
        raise CommandError(
            ExitCode.INVALID,
            f"{place.name} keeps its state in a local file: there is nothing to bootstrap",
            'name a deployment whose configuration says `backend.type = "s3"`',
        )
    return backend
