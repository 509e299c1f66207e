"""The boundary: what a role of the stack can do at most, whatever policies the role that applies gives it.

Derived from the policies of the stack's own roles: their actions, on the resources that they name. In the
place of a reference stand all resources of that service with the deployment's names.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bluegreen.permissions.errors import PermissionsError
from bluegreen.permissions.recording import Row
from bluegreen.permissions.scope import Scope
from bluegreen.permissions.statements import LONGEST, Document, Statement, allow, deny, document, length

# The type of a referenced resource → the service in the ARN.
SERVICES = {
    "backup": "backup",
    "cloudwatch_log": "logs",
    "dynamodb": "dynamodb",
    "ecr": "ecr",
    "ecs": "ecs",
    "iam": "iam",
    "kms": "kms",
    "lambda": "lambda",
    "lb": "elasticloadbalancing",
    "rds_cluster": "rds",
    "s3": "s3",
    "secretsmanager": "secretsmanager",
    "sfn": "states",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
}
PASS = "iam:PassRole"  # noqa: S105 - an action
ROLE = re.compile(r"\$\{aws_iam_role\.([\w-]+)\.arn\}")
REFERENCE = re.compile(r"\$\{aws_(\w+)\.[^}]*\}")
ADMINISTRATOR = "arn:aws:secretsmanager:{region}:{account}:secret:rds!cluster-*"


def boundary_document(scope: Scope, stack: Mapping[str, Any], rows: Iterable[Row]) -> Document:
    """Raises PermissionsError where it is longer than IAM takes."""
    known = _patterns(rows, scope)
    actions: set[str] = set()
    resources: set[str] = set()
    unlimited: set[str] = set()
    passing: list[Statement] = []
    for statement in _allowed(stack):
        if _list(statement["Action"]) == [PASS]:
            passing.append(allow([PASS], sorted(_passed(statement, stack, scope)), statement["Condition"]))
            continue
        named = {one for text in _list(statement["Resource"]) for one in _resources(text, known, scope)}
        (unlimited if "*" in named else actions).update(_list(statement["Action"]))
        resources |= named - {"*"}
    # One statement for all services: an action applies to the resources of its own service only.
    limited = sorted(actions - unlimited)
    statements = [allow(sorted(unlimited), ["*"])] if unlimited else []
    statements += [allow(limited, _least(resources))] if limited else []
    statements += passing
    found = document(statements or [deny("Nothing", ["*"], ["*"])])
    if length(found) > LONGEST:
        raise PermissionsError(
            f"the boundary of {scope.prefix} would have {length(found)} characters",
            f"IAM takes {LONGEST}",
            "set [iam] permissions_boundary to a policy of your own",
        )
    return found


def _allowed(stack: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for role_policy in stack.get("resource", {}).get("aws_iam_role_policy", {}).values():
        for statement in json.loads(role_policy["policy"])["Statement"]:
            if statement["Effect"] == "Allow":
                yield statement


def _passed(statement: Mapping[str, Any], stack: Mapping[str, Any], scope: Scope) -> Iterator[str]:
    """The roles themselves, by their names: none but these may be passed, and to whom the statement says."""
    for text in _list(statement["Resource"]):
        reference = ROLE.fullmatch(text)
        name = stack["resource"]["aws_iam_role"][reference[1]]["name"] if reference else ""
        yield f"arn:aws:iam::{scope.account}:role{scope.path}{name}" if reference else text


def _resources(text: str, known: Mapping[str, set[str]], scope: Scope) -> set[str]:
    reference = REFERENCE.match(text)
    if reference is None:
        return {text}
    if "master_user_secret" in text:
        return {scope.fill(ADMINISTRATOR)}
    service = next(name for type_, name in SERVICES.items() if reference[1].startswith(type_))
    return known[service]


def _patterns(rows: Iterable[Row], scope: Scope) -> dict[str, set[str]]:
    """Service → the resources with the deployment's names that Terraform makes."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        service = row.resource.split(":")[2] if row.resource.startswith("arn:") else ""
        if "{prefix}" in row.resource or service == "kms":
            found[service].add(scope.fill(row.resource))
    for service in ("dynamodb", "logs"):  # indexes and backups; streams
        found[service] |= {f"{one}/*" for one in found[service] if service == "dynamodb"}
    return found


def _least(resources: set[str]) -> list[str]:
    """Without those that another one covers."""
    covered = {
        one
        for one in resources
        for other in resources
        if one != other and other.endswith("*") and one.startswith(other[:-1])
    }
    return sorted(resources - covered)


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
