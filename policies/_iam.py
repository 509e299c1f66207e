"""Policy documents: statements, and which of them a role has."""

import json
import re
from fnmatch import fnmatchcase
from typing import Any

from stack_gate.stack import Block, Body, Stack, listed, objects


def statements(document: Any) -> list[Body]:
    """The statements of a policy document, decoded or as JSON text; none where it can't be read."""
    if isinstance(document, str):
        try:
            document = json.loads(document)
        except ValueError:
            return []
    return [statement for body in objects(document) for statement in objects(body.get("Statement"))]


def actions(statement: Body) -> list[str]:
    """What the statement is about: `service:Action`, perhaps with wildcards."""
    return [str(action) for action in listed(statement.get("Action"))]


def resources(statement: Body) -> list[str]:
    """What the statement applies to."""
    return [str(resource) for resource in listed(statement.get("Resource"))]


def principals(statement: Body) -> list[str]:
    """Whom the statement admits; `*` is everybody."""
    found: list[str] = []
    for principal in listed(statement.get("Principal")):
        values = principal.values() if isinstance(principal, dict) else [principal]
        found += [str(item) for value in values for item in listed(value)]
    return found


def is_allow(statement: Body) -> bool:
    """Whether it grants; Deny statements take away."""
    return str(statement.get("Effect", "")) == "Allow"


def allows(statement: Body, action: str) -> bool:
    """Whether it grants an action. IAM compares without regard to case, `*` and `?` are wildcards."""
    return is_allow(statement) and _is_about(statement, action)


def denies(statement: Body, action: str) -> bool:
    """Whether it takes an action away, whatever others grant; with a condition it may or may not."""
    denied = str(statement.get("Effect", "")) == "Deny" and not statement.get("Condition")
    return denied and _is_about(statement, action)


def _is_about(statement: Body, action: str) -> bool:
    if "NotAction" in statement:
        return not any(_covers(pattern, action) for pattern in listed(statement["NotAction"]))
    return any(_covers(pattern, action) for pattern in actions(statement))


_RESTRICTING = re.compile(
    r"aws:(principal(account|arn|orgid|orgpaths)|source(account|arn|vpc|vpce|orgid|orgpaths|ip)|userid)|kms:calleraccount",
    re.IGNORECASE,
)


def is_open(statement: Body) -> bool:
    """Whether it grants to everybody: no condition says from which account, organisation or network."""
    if not is_allow(statement) or not ("*" in principals(statement) or "NotPrincipal" in statement):
        return False
    operators = objects(statement.get("Condition"))
    return not any(
        _RESTRICTING.fullmatch(key)
        and not operator.lower().startswith(("stringnot", "arnnot", "notip", "null"))
        and "*" not in listed(values)
        for condition in operators
        for operator, test in condition.items()
        for keys in objects(test)
        for key, values in keys.items()
    )


def _covers(pattern: Any, action: str) -> bool:
    return fnmatchcase(action.lower(), str(pattern).lower())


class Roles:
    """What each role of one stack may do, wherever it is said: inline, beside, or attached."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._documents: dict[str, list[Any]] = {}
        for role in stack.resources("aws_iam_role"):
            self._add(role.address, [block.get("policy") for block in role.blocks("inline_policy")])
            for policy in stack.referred(role.get("managed_policy_arns"), "aws_iam_policy"):
                self._add(role.address, [policy.get("policy")])
        for own in stack.resources("aws_iam_role_policy"):
            for role in stack.referred(own.get("role"), "aws_iam_role"):
                self._add(role.address, [own.get("policy")])
        for attachment in stack.resources("aws_iam_role_policy_attachment", "aws_iam_policy_attachment"):
            attached = stack.referred(attachment.get("policy_arn"), "aws_iam_policy")
            named = [attachment.get("role"), attachment.get("roles")]
            for role in stack.referred(named, "aws_iam_role"):
                self._add(role.address, [policy.get("policy") for policy in attached])

    def _add(self, role: str, documents: list[Any]) -> None:
        self._documents.setdefault(role, []).extend(documents)

    def of(self, role: Block) -> list[Body]:
        """The statements of a role."""
        return [found for document in self._documents.get(role.address, []) for found in statements(document)]

    def of_function(self, function: Block) -> list[Body]:
        """The statements of a function's role."""
        return [
            statement
            for role in self._stack.referred(function.get("role"), "aws_iam_role")
            for statement in self.of(role)
        ]
