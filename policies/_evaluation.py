"""What the policy of a resource decides of one request, as AWS would evaluate it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from stack_gate.stack import Stack

from iam_evaluation import Caller, Decision, Kind, Policies, Policy, Request, evaluate, parse_policy
from policies._arns import Arns

EVERYTHING = parse_policy(
    '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
    name="identity",
)


def parsed(document: object, stack: Stack, kind: Kind = Kind.RESOURCE) -> Policy:
    """A policy with ARNs in the places of references. Raises PolicyError, a ValueError: AWS refuses it."""
    return parse_policy(stack.derived(Arns).document(document), name="its policy", kind=kind)


def decided(
    own: Policy, caller: Caller, action: str, resource: str, context: Mapping[str, Any] | None = None
) -> Decision:
    """A request over TLS by a service, or by a role whose own policies allow everything.

    own: the policy of the resource; context: its keys take precedence over aws:SecureTransport
    """
    keys = {"aws:SecureTransport": True, **(context or {})}
    return evaluate(
        Request(caller, action, resource, keys), Policies(identity=(EVERYTHING,), resource=(own,))
    )


def decided_of_key(  # noqa: PLR0917 - what a request consists of
    own: Policy, caller: Caller, action: str, key: str, context: Mapping[str, Any], account: str
) -> Decision:
    """A request for a key, with kms:CallerAccount: the account that the role is of, or whose resource the
    service encrypts. No page says that the requests of a service carry that key: an Allow that needs it
    gives a service nothing, and a Deny for want of it takes nothing away.

    Source: KMS developer guide, "Condition keys", kms:CallerAccount. account: 12 digits
    """
    decision = decided(own, caller, action, key, {"kms:CallerAccount": account, **context})
    if caller.account or not decision.allowed:
        return decision
    granting = replace(own, statements=tuple(one for one in own.statements if one.allow))
    return decided(granting, caller, action, key, context)
