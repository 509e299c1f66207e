"""What the policy of a resource decides of one request, as AWS would evaluate it."""

from collections.abc import Mapping
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
