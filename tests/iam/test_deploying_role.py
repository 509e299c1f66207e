"""docs/deploying-role.json has what the deploying role needs and no key policy can give."""

import json
from typing import Any

import pytest

from iam_evaluation import Caller, Kind, Layer, Policies, Request, evaluate, find_action, parse_policy
from tests.iam.stack_decisions import ACCOUNT, KEY_ID, REGION, arn, document
from tests.stack_reader import Stack
from tests.workspaces import ROOT

DEPLOYER = Caller.role("arn:aws:iam::123456789012:role/payments-deploy")
TEXT = (ROOT / "docs" / "deploying-role.json").read_text(encoding="utf-8")
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
GRANT = {"kms:GrantIsForAWSResource": True}


def via(service: str) -> dict[str, Any]:
    """Keys of a call that a service makes in the caller's name."""
    return {"kms:ViaService": f"{service}.{REGION}.amazonaws.com", "kms:CallerAccount": ACCOUNT}


# KMS developer guide, "Retiring and revoking grants"; ECR user guide, "Encryption at rest"; AWS Backup
# developer guide, "Creating a vault"; Step Functions developer guide, "Data at rest encryption"; Service
# Authorization Reference, AWS WAF V2.
CALLS: list[tuple[str, str, dict[str, Any]]] = [
    ("kms:CreateKey", "*", {}),
    ("kms:CreateAlias", KEY, {}),
    ("kms:CreateAlias", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/payments-production", {}),
    ("kms:PutKeyPolicy", KEY, {}),
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
    ("elasticloadbalancing:SetWebAcl", "*", {}),
    ("states:ValidateStateMachineDefinition", "*", {}),
]


@pytest.mark.parametrize(("action", "on", "context"), CALLS)
def test_each_call_is_allowed(
    stacks: dict[str, Stack], action: str, on: str, context: dict[str, Any]
) -> None:
    """By this policy and, of the key, by the key's policy, too."""
    stack = stacks["production"]
    own = parse_policy(TEXT, name="deploying-role", kind=Kind.IDENTITY)
    key = stack.one("aws_kms_key")
    of_key = (document(stack, key),) if on == arn(key) else ()
    decision = evaluate(Request(DEPLOYER, action, on, context), Policies(identity=(own,), resource=of_key))
    assert decision.allowed, decision.explain()


def test_retiring_grants_is_given_here_where_it_has_an_effect() -> None:
    own = parse_policy(TEXT, name="deploying-role", kind=Kind.IDENTITY)
    request = Request(DEPLOYER, "kms:RetireGrant", KEY, via("ecr"))
    assert evaluate(request, Policies(identity=(own,))).missing is Layer.KEY


def test_it_never_decrypts_by_itself(stacks: dict[str, Stack]) -> None:
    own = parse_policy(TEXT, name="deploying-role", kind=Kind.IDENTITY)
    key = document(stacks["production"], stacks["production"].one("aws_kms_key"))
    for action in ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"):
        request = Request(DEPLOYER, action, KEY)
        assert not evaluate(request, Policies(identity=(own,), resource=(key,))).allowed


def test_its_actions_exist() -> None:
    for statement in json.loads(TEXT)["Statement"]:
        for action in statement["Action"]:
            find_action(action)
