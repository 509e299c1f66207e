"""Changes of the applied platform's policies, one at a time, decided by the embedded AWS without an apply."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from embedded_aws import LocalAws

SECONDS = 600  # all that was decided is decided anew
NOTHING = "none:Nothing"
# Documents that AWS wrote, and those of the roles that deploy (tests/bluegreen/permissions has theirs).
FOREIGN = re.compile(r"AdministratorAccess|payments-local-(?:(?:bootstrap|plan|apply|operate)-\d|boundary)")

Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Mutant:
    """`document`: text of a policy; `changed`: the same with one statement changed; `statement`: which."""

    statement: str
    document: str
    changed: str


@dataclass(frozen=True)
class Document:
    """A policy of the platform. `name`: of the role and the policy, or what kind of resource it is for."""

    name: str
    text: str

    @property
    def statements(self) -> list[Statement]:
        """In order."""
        found = json.loads(self.text)["Statement"]
        return found if isinstance(found, list) else [found]

    def called(self, statement: Statement) -> str:
        """Stable from apply to apply: Terraform makes names up for the permissions of functions."""
        sid = str(statement.get("Sid", ""))
        principal = statement.get("Principal", {})
        if sid.startswith("terraform-"):
            sid = f"{principal['Service']} on {statement['Resource'].rpartition(':')[2]}"
        return f"{self.name}: {sid}"

    def mutant(self, index: int, **changes: Any) -> Mutant:
        """With another statement in the place of one."""
        statements = self.statements
        changed = [{**one, **changes} if at == index else one for at, one in enumerate(statements)]
        document = {**json.loads(self.text), "Statement": changed}
        return Mutant(self.called(statements[index]), self.text, json.dumps(document))


def documents(aws: LocalAws) -> list[Document]:
    """Those that took part in a decision, and those of roles that took part in none."""
    found = {item["text"]: item["name"] for item in _recheck(aws, {})["documents"]}
    iam = aws.client("iam")
    for role in iam.get_paginator("list_roles").paginate().build_full_result()["Roles"]:
        for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"]
            known = [json.loads(text) for text, of in found.items() if of == f"{role['RoleName']}/{name}"]
            if document not in known:
                found[json.dumps(document)] = f"{role['RoleName']}/{name}"
    return [Document(name, text) for text, name in found.items() if not FOREIGN.fullmatch(name)]


def without(document: Document) -> Iterator[Mutant]:
    """Each statement removed: it is about an action that there is not."""
    for index, statement in enumerate(document.statements):
        kind = "NotAction" if "NotAction" in statement else "Action"
        yield document.mutant(index, **{kind: NOTHING})


def exchanged(document: Document) -> Iterator[Mutant]:
    """Each Allow for another resource, and each of its conditions with another value."""
    for index, statement in enumerate(document.statements):
        if statement["Effect"] != "Allow":
            continue
        resources = _list(statement.get("Resource", "*"))
        if resources != ["*"]:
            yield document.mutant(index, Resource=[f"{_base(one)}-of-another" for one in resources])
        for operator, keys in statement.get("Condition", {}).items():
            for key in keys:
                other = {**keys, key: _another(operator, keys[key])}
                yield document.mutant(index, Condition={**statement["Condition"], operator: other})


def noticed(aws: LocalAws, mutants: Sequence[Mutant]) -> list[bool]:
    """For each, whether a decision of the embedded AWS would be another with it in the place of its
    document.
    """
    alternatives = [{mutant.document: mutant.changed} for mutant in mutants]
    found = aws.control("POST", "changed-by", {"alternatives": alternatives}, SECONDS)
    return [bool(changed) for changed in found["changed"]]


def _recheck(aws: LocalAws, instead: Mapping[str, str]) -> dict[str, Any]:
    return aws.control("POST", "recheck", {"instead": instead}, SECONDS)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _base(arn: str) -> str:
    return arn.rstrip("*:/")


def _another(operator: str, value: Any) -> Any:
    if operator.startswith("Bool"):
        return "false" if str(_list(value)[0]).lower() == "true" else "true"
    return "arn:aws:iam::444455556666:role/another" if operator.startswith("Arn") else "another"
