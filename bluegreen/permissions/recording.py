"""The recording: what AWS authorised for Terraform, action by action, with the deployment's names left open.

A row is a permission: `action`, `resource` (a pattern), `condition`, which phases needed it, and by which
calls. Calls are no permissions: which actions a call needs is in the tables of the embedded AWS
(`embedded_aws/authorisation`), each with its source.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bluegreen.permissions.scope import TAG, Scope

FILE = Path(__file__).with_name("recorded.json")
READS = "refresh"  # the phase of the role that plans
# `shared`: the life of a deployment whose colours share a cluster.
PHASES = (READS, "apply", "change", "failed apply", "destroy", "shared")
# Conditions that narrow what a call needs. All else in a request is left out.
KEPT = (
    "ec2:CreateAction",
    "ecs:CreateAction",
    "elasticloadbalancing:CreateAction",
    "iam:AWSServiceName",
    "iam:PassedToService",
    "iam:PermissionsBoundary",
    "kms:GrantIsForAWSResource",
    "kms:RequestAlias",
    "kms:ViaService",
)
EXACT = {"iam:PassRole", "lambda:InvokeFunction"}
UNKNOWN = {"sts:GetCallerIdentity"}  # needs no permission (STS API reference)
# The end of an ARN that AWS chooses.
CHOSEN = re.compile(
    r"^(arn:aws:(?:ec2:[^/]*:[\w-]+/|kms:[^/]*:key/|application-autoscaling:[^/]*:scalable-target/"
    r"|backup:[^:]*:[^:]*:backup-plan:|route53resolver:[^/]*:firewall-[\w-]+/)).+$"
)
# What no deployment makes: a permission is for those that a configuration names (`Scope.file_systems`).
FILE_SYSTEM = re.compile(r"^(arn:aws:elasticfilesystem:[^/]*:file-system/).+$")
NAMED = "{file_system}"
# Calls that need nothing without a file system.
OF_FILE_SYSTEMS = {
    "CreateMountTarget",
    "DeleteMountTarget",
    "DescribeMountTargets",
    "DescribeMountTargetSecurityGroups",
}
SERVICE = re.compile(r"^([a-z0-9-]+)\.\{region\}\.amazonaws\.com$")

Condition = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Row:
    """`condition`: as in a policy; `phases` of PHASES; `operations`: the calls that needed it."""

    action: str
    resource: str
    condition: Condition
    phases: tuple[str, ...]
    operations: tuple[str, ...]

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes two rows the same permission."""
        return self.action, self.resource, json.dumps(self.condition, sort_keys=True)

    def within(self, scope: Scope) -> Iterator["Row"]:
        """The permission with a deployment's names in it: if about file systems, one for each of them."""
        if not scope.file_systems and self.operations and set(self.operations) <= OF_FILE_SYSTEMS:
            return
        condition = {
            operator: {key: scope.fill(value) for key, value in block.items()}
            for operator, block in self.condition.items()
        }
        filled = scope.fill(self.resource)
        for resource in {filled.replace(NAMED, id_) for id_ in scope.file_systems or (NAMED,)}:
            yield replace(self, resource=resource, condition=condition)


def load(file: Path = FILE) -> tuple[Row, ...]:
    """The recording as it was committed."""
    found = json.loads(file.read_text(encoding="utf-8"))
    return tuple(
        Row(**{**row, "phases": tuple(row["phases"]), "operations": tuple(row["operations"])})
        for row in found
    )


def save(rows: Iterable[Row], file: Path = FILE) -> None:
    """A row a line, sorted."""
    lines = ",\n".join(json.dumps(asdict(row), sort_keys=True) for row in rows)
    file.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def rows_of(needs: Iterable[Mapping[str, Any]], scope: Scope, phases: Mapping[str, str]) -> tuple[Row, ...]:
    """What an embedded AWS allowed (`embedded_aws.needs`). `phases`: end of the caller's ARN → phase."""
    found: dict[tuple[str, str, str], tuple[Row, set[str], set[str]]] = {}
    for need in needs:
        phase = phases.get(need["caller"].rpartition("/")[2])
        if phase is None or need["action"] in UNKNOWN:
            continue
        row = Row(need["action"], resource_of(need, scope), condition_of(need, scope), (), ())
        _, in_phases, operations = found.setdefault(row.identity, (row, set(), set()))
        in_phases.add(phase)
        operations.add(need["operation"])
    return tuple(
        Row(row.action, row.resource, row.condition, tuple(sorted(in_phases)), tuple(sorted(operations)))
        for _, (row, in_phases, operations) in sorted(found.items())
    )


def resource_of(need: Mapping[str, Any], scope: Scope) -> str:
    """The pattern for a resource: its name up to the deployment's prefix, or its type.

    A bucket, a role that is passed, and a function that is invoked are named in full.
    """
    text = scope.template(need["resource"])
    head, prefix, rest = text.partition("{prefix}")
    if not prefix:
        return FILE_SYSTEM.sub(rf"\g<1>{NAMED}", CHOSEN.sub(r"\1*", text))
    if not rest or text.startswith("arn:aws:s3:") or need["action"] in EXACT:
        return text
    return f"{head}{prefix}{rest[0]}*"


def condition_of(need: Mapping[str, Any], scope: Scope) -> Condition:
    """What of the request limits the permission. A resource without the deployment's name in its ARN is
    known by its tag; one that is being created, by the tag that it gets.
    """
    context = need["context"]
    equals = {key: _value(context[key], scope) for key in KEPT if key in context and _narrows(key, context)}
    condition: Condition = {}
    if "{prefix}" not in scope.template(need["resource"]):
        own, sent = context.get(f"aws:ResourceTag/{TAG}"), context.get(f"aws:RequestTag/{TAG}")
        if own:
            equals[f"aws:ResourceTag/{TAG}"] = scope.template(own)
        elif sent:
            equals[f"aws:RequestTag/{TAG}"] = scope.template(sent)
        if not own and need["resource"].startswith("arn:aws:ec2:") and not need["resource"].endswith("/*"):
            condition["Null"] = {f"aws:ResourceTag/{TAG}": "true"}
    if need["action"] == "kms:TagResource" and need["resource"] == "*":
        # A new key has neither. Another stack's must not become this one's by a tag.
        condition["Null"] = {f"aws:ResourceTag/{TAG}": "true", "kms:ResourceAliases": "true"}
    grant = equals.pop("kms:GrantIsForAWSResource", None)
    if grant is not None:
        condition["Bool"] = {"kms:GrantIsForAWSResource": grant}
    if equals:
        condition["StringEquals"] = equals
    return condition


def _narrows(key: str, context: Mapping[str, Any]) -> bool:
    """AWS's own keys are known by their aliases only."""
    return key != "kms:RequestAlias" or str(context[key]).startswith("alias/aws/")


def _value(value: Any, scope: Scope) -> str:
    return str(value).lower() if isinstance(value, bool) else scope.template(str(value))
