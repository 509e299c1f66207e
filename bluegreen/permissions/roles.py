"""The roles that deploy and operate, each with its policies."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bluegreen.permissions.bootstrapping import bootstrap_statements
from bluegreen.permissions.boundary import boundary_document
from bluegreen.permissions.guardrails import guardrails
from bluegreen.permissions.operating import (
    deploy_statements,
    migrate_statements,
    migrating,
    operate_statements,
)
from bluegreen.permissions.recording import READS, Row, load
from bluegreen.permissions.scope import Scope
from bluegreen.permissions.state import state_statements
from bluegreen.permissions.statements import Document, document, split, statements

# Role → what it is for.
NAMES: Mapping[str, str] = {
    "bootstrap": "makes the bucket and key of the state, and the other roles",
    "plan": "plans: reads the resources' settings and the state, keeps plans",
    "apply": "applies and destroys",
    "deploy": "deploys versions by the switch function, and nothing else",
    "operate": "moves traffic, approves, reads status and history",
}


@dataclass(frozen=True)
class Policy:
    """A managed policy. `name`: without path."""

    name: str
    arn: str
    document: Document


@dataclass(frozen=True)
class Role:
    """`name`: one of NAMES; `arn`: of the role in the account."""

    name: str
    arn: str
    policies: tuple[Policy, ...]


def roles_of(scope: Scope) -> tuple[Role, ...]:
    """All of them. Raises PermissionsError."""
    return tuple(role_of(name, scope) for name in NAMES)


def role_of(name: str, scope: Scope, rows: Iterable[Row] | None = None) -> Role:
    """One of NAMES. `rows`: another recording. Raises PermissionsError."""
    recorded = [one for row in (load() if rows is None else rows) for one in row.within(scope)]
    rotating = sorted({row.resource for row in recorded if row.action == "lambda:InvokeFunction"})
    match name:
        case "plan":
            found = statements(row for row in recorded if READS in row.phases)
            documents = [*split([*found, *state_statements(scope, writes=False)], name)]
            documents.append(document(guardrails(scope, rotating)))
        case "apply":
            found = [*statements(recorded), *state_statements(scope, writes=True), *migrate_statements(scope)]
            documents = [*split(found, name)]
            documents.append(document(guardrails(scope, [*rotating, migrating(scope)])))
        case "deploy":
            documents = [document(deploy_statements(scope))]
        case "operate":
            documents = [document(operate_statements(scope))]
        case _:
            documents = split(bootstrap_statements(scope), name)
    policies = tuple(_policy(f"{name}-{number}", one, scope) for number, one in enumerate(documents, 1))
    return Role(name, scope.role_arn(name), policies)


def boundary_of(scope: Scope, stack: Mapping[str, Any]) -> Policy:
    """What the stack's roles are limited to. Raises PermissionsError."""
    return _policy("boundary", boundary_document(scope, stack, load()), scope)


def _policy(name: str, found: Document, scope: Scope) -> Policy:
    return Policy(f"{scope.prefix}-{name}", scope.policy_arn(name), found)
