"""Short forms for tests: a policy of one statement, a request, whether it is allowed."""

from typing import Any

from iam_evaluation import Caller, Decision, Kind, Policies, Policy, Request, evaluate, parse_policy

ACCOUNT, OTHER = "111122223333", "444455556666"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/app"
USER_ARN = f"arn:aws:iam::{ACCOUNT}:user/alice"
ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = Caller.role(ROLE_ARN, "one")
USER = Caller.user(USER_ARN)
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:queue"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
SEND = "sqs:SendMessage"


def policy(
    *statements: dict[str, Any], kind: Kind = Kind.IDENTITY, name: str = "policy", version: str = "2012-10-17"
) -> Policy:
    """Statements allow everything of everything unless they say otherwise."""
    default: dict[str, Any] = {"Effect": "Allow"}
    complete = []
    for statement in statements or ({},):
        whole = {**default, **statement}
        if not {"Action", "NotAction"} & whole.keys():
            whole["Action"] = "*"
        if kind is not Kind.TRUST and not {"Resource", "NotResource"} & whole.keys():
            whole["Resource"] = "*"
        complete.append(whole)
    return parse_policy({"Version": version, "Statement": complete}, name=name, kind=kind)


def of_resource(*statements: dict[str, Any], kind: Kind = Kind.RESOURCE) -> tuple[Policy, ...]:
    """A resource's policy, for everyone unless a statement says otherwise."""
    return (
        policy(
            *(
                statement
                if {"Principal", "NotPrincipal"} & statement.keys()
                else {"Principal": "*", **statement}
                for statement in statements or ({},)
            ),
            kind=kind,
            name="of resource",
        ),
    )


def ask(
    policies: Policies,
    *,
    caller: Caller = ROLE,
    action: str = SEND,
    resource: str = QUEUE,
    context: dict[str, Any] | None = None,
    owner: str | None = None,
) -> Decision:
    """The decision."""
    return evaluate(Request(caller, action, resource, context or {}, owner), policies)


def allowed(*statements: dict[str, Any], **asked: Any) -> bool:
    """By an identity-based policy of these statements."""
    version = asked.pop("version", "2012-10-17")
    return ask(Policies(identity=(policy(*statements, version=version),)), **asked).allowed
