"""The role that applies has what no key policy can give, and the key's policy what the role needs of it."""

from typing import Any

import pytest

from bluegreen.permissions import role_of, scope_of
from iam_evaluation import Caller, Layer, Policies, Request, evaluate
from tests.bluegreen.permissions.deciding import policies_of
from tests.iam.stack_decisions import ACCOUNT, KEY_ID, REGION, arn, document
from tests.stack_reader import Stack

ROLES = f"arn:aws:iam::{ACCOUNT}:role/deployers/payments-production"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
GRANT = {"kms:GrantIsForAWSResource": True}
OWN = {"aws:ResourceTag/Deployment": "payments-production"}


def via(service: str) -> dict[str, Any]:
    """Keys of a call that a service makes in the caller's name."""
    return {"kms:ViaService": f"{service}.{REGION}.amazonaws.com", "kms:CallerAccount": ACCOUNT, **OWN}


# KMS developer guide, "Retiring and revoking grants"; ECR user guide, "Encryption at rest"; AWS Backup
# developer guide, "Creating a vault"; Step Functions developer guide, "Data at rest encryption"; Service
# Authorization Reference, AWS WAF V2.
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("kms:CreateKey", "*", {"aws:RequestTag/Deployment": "payments-production"}),
    ("kms:CreateAlias", KEY, OWN),
    ("kms:CreateAlias", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/payments-production", {}),
    ("kms:PutKeyPolicy", KEY, OWN),
    ("kms:CreateGrant", KEY, {**via("ecr"), **GRANT}),
    ("kms:CreateGrant", KEY, {**via("backup"), **GRANT}),
    ("kms:Decrypt", KEY, via("states")),
    ("kms:GenerateDataKey", KEY, via("backup")),
    ("backup-storage:MountCapsule", "*", {}),
    (
        "wafv2:AssociateWebACL",
        f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/payments-production/5",
        {},
    ),
    ("states:ValidateStateMachineDefinition", "*", {}),
]


def policies(stack: Stack, name: str, *, on: str) -> Policies:
    """Of a role, and of the key where `on` is the key."""
    own = policies_of(role_of(name, scope_of(stack.document)))
    key = stack.one("aws_kms_key")
    return Policies(identity=own.identity, resource=(document(stack, key),) if on == arn(key) else ())


@pytest.mark.parametrize(("action", "on", "context"), CALLS)
def test_each_call_is_allowed(
    stacks: dict[str, Stack], action: str, on: str, context: dict[str, Any]
) -> None:
    """By its policies and, of the key, by the key's policy, too."""
    found = policies(stacks["production"], "apply", on=on)
    decision = evaluate(Request(Caller.role(f"{ROLES}-apply"), action, on, context), found)
    assert decision.allowed, decision.explain()


@pytest.mark.parametrize(
    "action", ["DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"]
)
def test_the_role_that_plans_refreshes_the_key_which_it_does_not_administer(
    stacks: dict[str, Stack], action: str
) -> None:
    found = policies(stacks["production"], "plan", on=KEY)
    planner = Caller.role(f"{ROLES}-plan")
    decision = evaluate(Request(planner, f"kms:{action}", KEY, OWN), found)
    assert decision.allowed, decision.explain()
    assert not evaluate(Request(planner, "kms:PutKeyPolicy", KEY, OWN), found).allowed


def test_retiring_grants_is_given_by_identity_where_it_has_an_effect(stacks: dict[str, Stack]) -> None:
    found = policies(stacks["production"], "apply", on="*")
    request = Request(Caller.role(f"{ROLES}-apply"), "kms:RetireGrant", KEY, via("ecr"))
    assert evaluate(request, found).missing is Layer.KEY


def test_it_never_decrypts_by_itself(stacks: dict[str, Stack]) -> None:
    found = policies(stacks["production"], "apply", on=KEY)
    for action in ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"):
        assert not evaluate(Request(Caller.role(f"{ROLES}-apply"), action, KEY, OWN), found).allowed
