"""Who may administer the key, and that no apply fails at it.

Source: KMS developer guide, "Controlling access to aliases" and "Default key policy"; KMS API reference,
CreateKey.
"""

import pytest

from bluegreen.permissions import scope_of
from tests.iam.stack_decisions import administrator_may, arn
from tests.stack_reader import Stack

OTHER = "arn:aws:iam::123456789012:role/break-glass"
# What Terraform calls for `aws_kms_key` and `aws_kms_alias`: create, change, delete, refresh.
ADMINISTRATION = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKeyRotation",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
USE = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:CreateGrant")


def deployer(stack: Stack) -> str:
    """The role that applies it."""
    return scope_of(stack.document).role_arn("apply")


@pytest.mark.parametrize("action", ADMINISTRATION)
def test_the_deploying_role_administers_the_key(stack: Stack, action: str) -> None:
    decision = administrator_may(stack, action, arn(stack.one("aws_kms_key")), role=deployer(stack))
    assert decision.allowed, decision.explain()


@pytest.mark.parametrize("action", USE)
def test_it_cannot_use_the_key_itself(stack: Stack, action: str) -> None:
    assert not administrator_may(stack, action, arn(stack.one("aws_kms_key")), role=deployer(stack)).allowed


def test_others_are_not_locked_out_but_do_not_administer_it(stacks: dict[str, Stack]) -> None:
    """KMS refuses a policy under which the caller can't call PutKeyPolicy again."""
    production = stacks["production"]
    key = arn(production.one("aws_kms_key"))
    assert administrator_may(production, "kms:PutKeyPolicy", key, role=OTHER).allowed
    for action in ("kms:ScheduleKeyDeletion", "kms:DisableKey", "kms:DeleteAlias", "kms:RevokeGrant"):
        assert not administrator_may(production, action, key, role=OTHER).allowed


def test_retiring_grants_is_not_in_a_key_policy_where_it_has_no_effect(stack: Stack) -> None:
    """KMS developer guide, "Retiring and revoking grants"."""
    named = {action for s in stack.one("aws_kms_key").policy() for action in s["Action"]}
    assert not {"kms:RetireGrant", "kms:ListRetirableGrants"} & named
