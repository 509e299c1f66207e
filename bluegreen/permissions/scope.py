"""The names of a deployment, as its stack has them: what its roles are limited to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bluegreen.permissions.errors import PermissionsError
from bluegreen.terraform.bootstrap import StateBackend, state_backend

# IAM's path of the roles that deploy, of their policies, and of the boundary. No role of a stack is there.
PATH = "/deployers/"
TAG = "Deployment"  # whose value is the prefix of all names, modules/stack.py


@dataclass(frozen=True)
class Scope:
    """`prefix`: of every name; `path`: of the stack's roles; `boundary`: ARN of the policy that limits them;
    `backend`: where the state is, None for a local one; `file_systems`: ids of the account's EFS file systems
    that get mount targets.
    """

    account: str
    region: str
    prefix: str
    path: str
    boundary: str
    tags: Mapping[str, str]
    backend: StateBackend | None = None
    file_systems: tuple[str, ...] = ()

    def fill(self, text: str) -> str:
        """A text of the recording, with this deployment's names in it."""
        for name, value in self.values().items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def template(self, text: str) -> str:
        """The reverse of `fill`."""
        text = text.replace(self.boundary, "{boundary}")
        text = text.replace(f":role{self.path}{self.prefix}", ":role{path}{prefix}")
        for name in ("account", "region", "prefix"):
            text = text.replace(self.values()[name], f"{{{name}}}")
        return text

    def values(self) -> dict[str, str]:
        """Placeholder → value."""
        return {
            "account": self.account,
            "region": self.region,
            "prefix": self.prefix,
            "path": self.path,
            "boundary": self.boundary,
        }

    def policy_arn(self, name: str) -> str:
        """Of a managed policy of the roles that deploy, by the end of its name."""
        return f"arn:aws:iam::{self.account}:policy{PATH}{self.prefix}-{name}"

    def role_arn(self, name: str) -> str:
        """Of one of the roles that deploy."""
        return f"arn:aws:iam::{self.account}:role{PATH}{self.prefix}-{name}"

    @property
    def own_boundary(self) -> bool:
        """Whether `bluegreen bootstrap --roles` makes the boundary; else the account has one."""
        return self.boundary == self.policy_arn("boundary")


def _file_systems(document: Mapping[str, Any]) -> tuple[str, ...]:
    targets = document.get("resource", {}).get("aws_efs_mount_target", {}).values()
    return tuple(sorted({target["file_system_id"] for target in targets}))


def deployment_of(document: Mapping[str, Any]) -> str:
    """The prefix of all names, as a synthesized stack tags its resources; empty for a stack without it."""
    return str(_tags(document).get(TAG, ""))


def _tags(document: Mapping[str, Any]) -> Mapping[str, str]:
    (provider, *_) = document.get("provider", {}).get("aws") or [{}]
    (tags, *_) = provider.get("default_tags") or [{}]
    return tags.get("tags") or {}


def scope_of(document: Mapping[str, Any]) -> Scope:
    """Of a synthesized stack. Raises PermissionsError where its roles have no boundary."""
    prefix = deployment_of(document)
    roles = document.get("resource", {}).get("aws_iam_role", {}).values()
    paths = {role.get("path", "/") for role in roles}
    boundaries = {role.get("permissions_boundary", "") for role in roles}
    if not prefix:
        raise PermissionsError(
            f"the stack gives its resources no tag {TAG}",
            "without it the roles that deploy could touch what other stacks made",
            "synthesize it again with `make synth`",
        )
    provider = document["provider"]["aws"][0]
    account = provider["allowed_account_ids"][0]
    if len(boundaries) != 1 or "" in boundaries:
        wanted = f"arn:aws:iam::{account}:policy{PATH}{prefix}-boundary"
        raise PermissionsError(
            f"the roles of {prefix} have no permissions boundary",
            "the role that applies creates roles: without a boundary it could give them every permission",
            f'set `permissions_boundary = "{wanted}"` in the table [iam] of its configuration',
        )
    if PATH in paths:
        raise PermissionsError(
            f"the roles of {prefix} are under {PATH}",
            "the roles that deploy are there, and must not change themselves",
            "give [iam] path another value",
        )
    return Scope(
        account=account,
        region=provider["region"],
        prefix=prefix,
        path=min(paths),
        boundary=min(boundaries),
        tags=_tags(document),
        backend=state_backend(document),
        file_systems=_file_systems(document),
    )
