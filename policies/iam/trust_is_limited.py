"""Roles say who may assume them."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, Body, objects

from policies import _iam
from policies._policy import ResourcePolicy

_FEDERATED = "sts:AssumeRoleWithWebIdentity"
# The key of a condition, which an expression may make of the provider's URL.
_SUBJECT = re.compile(r""":sub["'\])}]*$""")


class TrustIsLimited(ResourcePolicy):
    policy = "CKV_BG_243"
    title = "No role may be assumed by everybody"
    requirement = None
    pci = "7.3.3"
    profiles = ("general",)
    severity = "CRITICAL"
    why = (
        "Anybody with an AWS account, or with an account at the identity provider, has the role's permissions"
    )
    fix = "set Principal to the service or the roles that need it, with a Condition on the account"
    types = ("aws_iam_role",)

    def defects(self, resource: Block) -> Iterator[str]:
        for statement in _iam.statements(resource.get("assume_role_policy")):
            if _iam.is_open(statement, resource.stack):
                yield "trusts everybody"
            elif _is_federated(statement) and not _names_subject(statement):
                yield f"trusts every user of {', '.join(_iam.principals(statement))}"


def _is_federated(statement: Body) -> bool:
    principals = objects(statement.get("Principal"))
    return any("Federated" in item for item in principals) and _iam.allows(statement, _FEDERATED)


def _names_subject(statement: Body) -> bool:
    tests = [test for operators in objects(statement.get("Condition")) for test in operators.values()]
    subjects = [
        value
        for test in tests
        for keys in objects(test)
        for key, value in keys.items()
        if _SUBJECT.search(key)
    ]
    return any(subject != "*" for subject in subjects)


check = TrustIsLimited()
