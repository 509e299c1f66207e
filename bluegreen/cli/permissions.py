"""`bluegreen permissions`: what each role that deploys may do, derived for one deployment."""

import json
from enum import StrEnum
from typing import Annotated, Any

import typer

from bluegreen.cli.deployment import Deployment
from bluegreen.cli.options import DEFAULT, DeploymentOption, Output
from bluegreen.cli.terminal import show
from bluegreen.cli.views.permissions import permissions_view, terraform_of
from bluegreen.permissions import boundary_of, role_of, roles_of, scope_of


class RoleName(StrEnum):
    """Those of `bluegreen.permissions.NAMES`."""

    bootstrap = "bootstrap"
    plan = "plan"
    apply = "apply"
    deploy = "deploy"
    operate = "operate"


class Form(StrEnum):
    """`json` is for programs and stable; `terraform` is Terraform JSON, to be kept in another stack."""

    text = "text"
    json = "json"
    terraform = "terraform"


RoleOption = Annotated[RoleName | None, typer.Option("--role", help="Only this role.")]
FormOption = Annotated[Form, typer.Option("--format", help="For people, for programs, or as Terraform JSON.")]


def permissions(
    *,
    deployment: DeploymentOption = DEFAULT,
    role: RoleOption = None,
    form: FormOption = Form.text,
) -> None:
    """Show the policies of the roles that deploy: bootstrap, plan, apply, deploy, operate; and
    the boundary.

    Nothing is asked of AWS. As JSON: `deployment`, `roles` (each `name`, `arn`, `policies`), `boundary` (null
    with --role, or where the account has one of its own); a policy has `name`, `arn`, `document`.

    Examples:
        bluegreen permissions
        bluegreen permissions --role apply --format json
        bluegreen permissions --format terraform
    """
    stack = Deployment(deployment).document()
    scope = scope_of(stack)
    found = roles_of(scope) if role is None else (role_of(role.value, scope),)
    boundary = boundary_of(scope, stack) if scope.own_boundary and role is None else None
    result: dict[str, Any] = {
        "deployment": deployment,
        "roles": [
            {"name": one.name, "arn": one.arn, "policies": [_policy(policy) for policy in one.policies]}
            for one in found
        ],
        "boundary": _policy(boundary) if boundary else None,
    }
    if form is Form.terraform:
        show(terraform_of(result), Output.json, json.dumps)
        return
    show(result, Output.json if form is Form.json else Output.text, permissions_view)


def _policy(policy: Any) -> dict[str, Any]:
    return {"name": policy.name, "arn": policy.arn, "document": policy.document}
