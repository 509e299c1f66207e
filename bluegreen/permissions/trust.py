"""Who assumes a role that deploys: a job of a pipeline, by OIDC, or a role of the account.

Source: IAM user guide, "Create a role for OpenID Connect federation", "Configuring a role for GitHub OIDC
identity provider"; GitHub, "Configuring OpenID Connect in Amazon Web Services": with an environment, the
subject is `repo:OWNER/NAME:environment:ENVIRONMENT`. STS also evaluates GitHub's separate claims: repository,
environment, branch, and the workflow's file on that branch.
"""

import re
from dataclasses import dataclass
from typing import Any, Protocol

from bluegreen.permissions.errors import PermissionsError
from bluegreen.permissions.statements import Document, document

PROVIDER = re.compile(r"arn:aws:iam::\d{12}:oidc-provider/token\.actions\.githubusercontent\.com(/[\w-]+)?")
PRINCIPAL = re.compile(r"arn:aws:iam::\d{12}:(?:role|user)/[\w+=,.@/-]+")
REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+")
REF = re.compile(r"refs/(?:heads|tags)/[\w./-]+")
WORKFLOW = re.compile(r"\.github/workflows/[\w.-]+\.ya?ml")
EXAMPLE = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
# Role → end of the name of the environment whose jobs assume it (docs/pipeline.md).
ENVIRONMENTS = {
    "bootstrap": "-bootstrap",
    "plan": "-plan",
    "apply": "",
    "deploy": "-deploy",
    "operate": "-traffic",
}


class Trust(Protocol):
    """`document`: the trust policy of one of the roles. `deployment`: name of the configuration.
    `provider`: ARN of the OIDC provider, None without one.
    """

    @property
    def provider(self) -> str | None: ...

    def document(self, role: str, deployment: str) -> Document: ...


@dataclass(frozen=True)
class Pipeline:
    """Jobs of one workflow of one repository, each role in its own environment, on one branch.

    Raises PermissionsError.
    """

    provider: str
    repository: str
    ref: str
    workflow: str

    def __post_init__(self) -> None:
        _fits(PROVIDER, self.provider, "--oidc-provider", EXAMPLE)
        _fits(REPOSITORY, self.repository, "--repository", "example/payments-platform")
        _fits(REF, self.ref, "--ref", "refs/heads/main")
        _fits(WORKFLOW, self.workflow, "--workflow", ".github/workflows/deploy.yml")

    def document(self, role: str, deployment: str) -> Document:
        host = self.provider.partition(":oidc-provider/")[2]
        environment = f"{deployment}{ENVIRONMENTS[role]}"
        claims = {
            "aud": AUDIENCE,
            "sub": f"repo:{self.repository}:environment:{environment}",
            "repository": self.repository,
            "environment": environment,
            "ref": self.ref,
            "job_workflow_ref": f"{self.repository}/{self.workflow}@{self.ref}",
        }
        conditions = {f"{host}:{name}": value for name, value in claims.items()}
        return _trusting({"Federated": self.provider}, "sts:AssumeRoleWithWebIdentity", conditions)


@dataclass(frozen=True)
class Account:
    """One role or user. Raises PermissionsError."""

    principal: str
    provider: None = None

    def __post_init__(self) -> None:
        _fits(PRINCIPAL, self.principal, "--trusted-role", "arn:aws:iam::123456789012:role/administrator")

    def document(self, role: str, deployment: str) -> Document:  # noqa: ARG002 - the same for all
        return _trusting({"AWS": self.principal}, "sts:AssumeRole", {})


def _trusting(principal: dict[str, str], action: str, claims: dict[str, str]) -> Document:
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": principal, "Action": action}
    return document([{**statement, "Condition": {"StringEquals": claims}} if claims else statement])


def _fits(pattern: re.Pattern[str], value: str, option: str, example: str) -> None:
    if not pattern.fullmatch(value):
        raise PermissionsError(
            f"{option} {value!r} is malformed", "the trust policy is made of it", f"give one like {example}"
        )
