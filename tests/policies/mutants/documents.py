"""The same defects where every policy document of a role is a data source, in one piece or put together."""

import json
from typing import Any

from tests.policies.harness import Document, Mutant, Mutation, also, both, on
from tests.policies.mutants.functions import (
    CALLS,
    MATCH,
    MODIFY,
    ROLE,
    document,
    granting,
    on_resource,
    without,
    without_modify,
)
from tests.policies.mutants.iam import BACKUP, actions, resources, trust

DATA = "aws_iam_policy_document"
POLICY = "aws_iam_role_policy"
_WORDS = {
    "Sid": "sid",
    "Effect": "effect",
    "Action": "actions",
    "NotAction": "not_actions",
    "Resource": "resources",
    "NotResource": "not_resources",
}
DENIED = also(ROLE, MATCH)  # the code calls what the role is denied
_HARMLESS = {"Sid": "Nothing", "Effect": "Deny", "Action": ["s3:DeleteBucket"], "Resource": ["*"]}


def block(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement as the data source has it."""
    found: dict[str, Any] = {
        word: [statement[name]]
        if word.endswith("s") and isinstance(statement[name], str)
        else statement[name]
        for name, word in _WORDS.items()
        if name in statement
    }
    principals = statement.get("Principal", {})
    found["principals"] = [
        {"type": type_, "identifiers": [names] if isinstance(names, str) else names}
        for type_, names in ({"*": "*"} if principals == "*" else principals).items()
    ]
    found["condition"] = [
        {"test": test, "variable": variable, "values": [values] if isinstance(values, str) else values}
        for test, tested in statement.get("Condition", {}).items()
        for variable, values in tested.items()
    ]
    return {name: value for name, value in found.items() if value != []}


def referred(stack: Document, name: str, body: dict[str, Any]) -> str:
    stack.setdefault("data", {}).setdefault(DATA, {})[name] = body
    return f"${{data.{DATA}.{name}.json}}"


def whole(stack: Document, name: str, statements: list[dict[str, Any]]) -> str:
    return referred(stack, name, {"statement": [block(statement) for statement in statements]})


def joined(stack: Document, name: str, statements: list[dict[str, Any]]) -> str:
    """The first statement from another data source, one overridden, the last one as text."""
    first = whole(stack, f"{name}-first", [statements[0] | {"Sid": "First"}])
    stale = [_HARMLESS, *({"Sid": s["Sid"], **_HARMLESS} for s in statements[1:-1] if "Sid" in s)]
    last = json.dumps({"Version": "2012-10-17", "Statement": statements[1:][-1:]})
    body = {
        "source_policy_documents": [first, json.dumps({"Statement": stale[:1]})],
        "statement": [block(statement) for statement in statements[1:-1]],
        "override_policy_documents": [last],
    }
    return referred(stack, name, body)


def rewritten(way: Any) -> Mutation:
    """Every document of a role's policies, and who may take the role."""

    def mutate(stack: Document) -> None:
        for type_, argument in ((POLICY, "policy"), ("aws_iam_role", "assume_role_policy")):
            for name, body in stack["resource"][type_].items():
                statements = json.loads(body[argument])["Statement"]
                body[argument] = way(stack, f"{type_}-{name}", statements)

    return mutate


def denied(*of: str) -> Mutation:
    """A statement that takes away what another grants."""

    def deny(statements: list[dict[str, Any]]) -> None:
        target = of or granting(statements, MODIFY)["Resource"]
        statements.append(
            {"Sid": "No", "Effect": "Deny", "Action": ["elasticloadbalancing:*"], "Resource": target}
        )

    return document(CALLS, deny)


def several(statements: list[dict[str, Any]]) -> None:
    """A good statement, then one that is too wide."""
    statements.append({"Effect": "Allow", "Action": [MODIFY], "Resource": ["*"]})


DEFECTS = {
    "a switch role that may not modify": (document(CALLS, without_modify), ROLE),
    "a switch role that modifies every listener": (
        on_resource("*"),
        also(ROLE, on("CKV_BG_241", POLICY, CALLS)),
    ),
    "a switch role that may not record": (without("ssm:PutParameter"), MATCH),
    "a switch role with a second, wider statement": (
        document(CALLS, several),
        also(ROLE, on("CKV_BG_241", POLICY, CALLS)),
    ),
    "a switch role that is denied what it is granted": (denied(), DENIED),
    "a switch role that is denied everything of load balancers": (denied("*"), DENIED),
    "wildcard actions": (actions("dynamodb:*"), on("CKV_BG_240", *BACKUP)),
    "wildcard resources": (resources("*"), on("CKV_BG_241", *BACKUP)),
    "a role for everybody": (trust(Principal="*"), on("CKV_BG_243", "aws_iam_role", "green_role")),
    "no defect": (lambda _: None, lambda _: set()),
}
WAYS = {"a data source": whole, "data sources that include others": joined}
MUTANTS = [
    Mutant(f"{name}, in {how}", both(mutation, rewritten(way)), found)
    for name, (mutation, found) in DEFECTS.items()
    for how, way in WAYS.items()
] + [
    Mutant("switch role that is denied what it is granted", denied(), DENIED),
    Mutant(
        "harmless: a role that is denied something else",
        document(CALLS, lambda statements: statements.append(_HARMLESS)),
        lambda _: set(),
    ),
]
