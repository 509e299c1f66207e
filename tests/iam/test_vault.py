"""Nobody empties the vault, and few change what protects it."""

import pytest

from iam_evaluation import Caller, Policies, Request, evaluate
from tests.iam.stack_decisions import ACCOUNT, arn, document, everything
from tests.stack_reader import Stack

ROLES = "arn:aws:iam::123456789012:role/deployers/payments"
DEPLOYER = f"{ROLES}-production-apply"
OTHER = "arn:aws:iam::123456789012:role/other"


def may(stack: Stack, role: str, action: str) -> bool:
    """Whether a role whose own policies allow everything may do it to the vault or a point in it."""
    on = arn(stack.one("aws_backup_vault"))
    if action in ("backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"):
        on = f"arn:aws:backup:us-east-1:{ACCOUNT}:recovery-point:1EB3B5E7"
    vault = document(stack, stack.one("aws_backup_vault_policy"))
    request = Request(Caller.role(role), action, on)
    return evaluate(request, Policies(identity=(everything(),), resource=(vault,))).allowed


@pytest.mark.parametrize("role", [DEPLOYER, OTHER])
def test_no_role_deletes_the_vault_or_a_recovery_point(stack: Stack, role: str) -> None:
    for action in ("DeleteBackupVault", "DeleteRecoveryPoint", "UpdateRecoveryPointLifecycle"):
        assert not may(stack, role, f"backup:{action}")


@pytest.mark.parametrize(
    "action",
    [
        "PutBackupVaultAccessPolicy",
        "DeleteBackupVaultAccessPolicy",
        "PutBackupVaultLockConfiguration",
        "DeleteBackupVaultLockConfiguration",
    ],
)
def test_only_the_deploying_role_changes_policy_and_lock(stacks: dict[str, Stack], action: str) -> None:
    for name in ("staging", "production"):
        assert not may(stacks[name], OTHER, f"backup:{action}")
        assert may(stacks[name], f"{ROLES}-{name}-apply", f"backup:{action}")


def test_the_old_notifications_can_be_removed(stack: Stack) -> None:
    """Earlier versions had some; Terraform has to delete them."""
    assert may(stack, DEPLOYER, "backup:DeleteBackupVaultNotifications")


def test_the_vault_is_locked_for_as_long_as_backups_are_kept(stack: Stack) -> None:
    """Jobs whose retention is shorter than the lock's minimum fail. AWS Backup API reference,
    PutBackupVaultLockConfiguration.
    """
    lock = stack.one("aws_backup_vault_lock_configuration")
    assert stack.named(lock["backup_vault_name"]) == stack.one("aws_backup_vault")
    assert "changeable_for_days" not in lock.block  # governance mode
    rules = [rule for plan in stack.all("aws_backup_plan") for rule in plan["rule"]]
    assert all(rule["lifecycle"]["delete_after"] >= lock["min_retention_days"] == 7 for rule in rules)
