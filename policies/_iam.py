"""Policy documents: statements, and which of them a role has."""

import json
from fnmatch import fnmatchcase
from typing import Any

from stack_gate.stack import Block, Body, Stack, listed, objects, strings

from policies._accounts import Accounts

ATTACHMENTS = (
    "aws_iam_policy_attachment",
    "aws_iam_role_policy_attachment",
    "aws_iam_role_policy_attachments_exclusive",
)


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
    return is_allow(statement) and is_about(statement, action)


def denies(statement: Body, action: str) -> bool:
    """Whether it takes an action away, whatever others grant; with a condition it may or may not."""
    denied = str(statement.get("Effect", "")) == "Deny" and not statement.get("Condition")
    return denied and is_about(statement, action)


def is_about(statement: Body, action: str) -> bool:
    """Whether a statement is about an action."""
    if "NotAction" in statement:
        return not any(_covers(pattern, action) for pattern in listed(statement["NotAction"]))
    return any(_covers(pattern, action) for pattern in actions(statement))


# Keys that say whose the request is, and keys that say which network of the stack it comes through.
_WHOSE = frozenset({
    "aws:principalaccount", "aws:principalarn", "aws:sourceaccount", "aws:sourcearn", "kms:calleraccount",
})  # fmt: skip
_NETWORKS = {"aws:sourcevpc": "aws_vpc", "aws:sourcevpce": "aws_vpc_endpoint"}
# They hold for no value but the ones that they name. ForAllValues, IfExists and Null also hold for none.
_NAMING = frozenset({"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"})


def is_open(statement: Body, stack: Stack) -> bool:
    """Whether it grants to everybody: no condition names this account, or a network of this stack."""
    everybody = "*" in principals(statement) or "NotPrincipal" in statement
    return (
        is_allow(statement)
        and everybody
        and not any(
            _limits(operator, key, listed(values), stack) for operator, key, values in conditions(statement)
        )
    )


def conditions(statement: Body) -> list[tuple[str, str, Any]]:
    """(operator, key, values) of each condition."""
    return [
        (operator, key, values)
        for operators in objects(statement.get("Condition"))
        for operator, test in operators.items()
        for keys in objects(test)
        for key, values in keys.items()
    ]


def _limits(operator: str, key: str, values: list[Any], stack: Stack) -> bool:
    if operator.lower().removeprefix("foranyvalue:") not in _NAMING or not values:
        return False
    if (network := _NETWORKS.get(key.lower())) is not None:
        return all(stack.referred(value, network) for value in values)
    accounts = stack.derived(Accounts)
    return key.lower() in _WHOSE and all(accounts.is_own(value) for value in values)


def _covers(pattern: Any, action: str) -> bool:
    return fnmatchcase(action.lower(), str(pattern).lower())


class Roles:
    """What each role of one stack may do, wherever it is said: inline, beside, or attached."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._documents: dict[str, list[tuple[Block, Any]]] = {}
        self._unseen: dict[str, list[tuple[Block, str]]] = {}
        self._granted: dict[str, list[tuple[Block, Body]]] = {}
        for role in stack.resources("aws_iam_role"):
            self._add(role, role, [block.get("policy") for block in role.blocks("inline_policy")])
            self._attach(role, role, role.get("managed_policy_arns"))
        for own in stack.resources("aws_iam_role_policy"):
            for role in stack.referred(own.get("role"), "aws_iam_role"):
                self._add(role, own, [own.get("policy")])
        for attachment in stack.resources(*ATTACHMENTS):
            named = [attachment.get("role"), attachment.get("roles"), attachment.get("role_name")]
            for role in stack.referred(named, "aws_iam_role"):
                self._attach(role, attachment, [attachment.get("policy_arn"), attachment.get("policy_arns")])

    def _add(self, role: Block, place: Block, documents: list[Any]) -> None:
        self._documents.setdefault(role.address, []).extend((place, document) for document in documents)

    def _attach(self, role: Block, place: Block, named: Any) -> None:
        for arn in strings(named):
            found = self._stack.referred(arn, "aws_iam_policy")
            found = [policy for policy in found if policy.kind == "resource"]
            for policy in found:
                self._add(role, policy, [policy.get("policy")])
            if not found:
                self._unseen.setdefault(role.address, []).append((place, arn))

    def granted(self, role: Block) -> list[tuple[Block, Body]]:
        """(resource that says so, statement) of each statement of a role."""
        if role.address not in self._granted:
            documents = self._documents.get(role.address, [])
            found = [(place, body) for place, document in documents for body in statements(document)]
            self._granted[role.address] = found
        return self._granted[role.address]

    def unseen(self, role: Block) -> list[tuple[Block, str]]:
        """(what attaches it, ARN) of each policy of a role that is not in the stack."""
        return self._unseen.get(role.address, [])

    def of(self, role: Block) -> list[Body]:
        """The statements of a role."""
        return [statement for _, statement in self.granted(role)]

    def of_function(self, function: Block) -> list[Body]:
        """The statements of a function's role."""
        return [
            statement
            for role in self._stack.referred(function.get("role"), "aws_iam_role")
            for statement in self.of(role)
        ]
