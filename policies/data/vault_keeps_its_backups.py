"""No one deletes recovery points before their time."""

from collections.abc import Iterator

from stack_gate.stack import Block, Body

from policies import _iam
from policies._policy import ResourcePolicy
from policies.data._backups import PLAN, VAULT
from policies.data.vault_is_locked import LOCK

DELETES, _SHORTENS = "backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"
_COPIES = ("backup:CopyFromBackupVault", "backup:StartCopyJob")  # out to a vault of another account
# Without them nothing is backed up or restored, and no one changes the policy again.
_NEEDED = (
    "backup:DescribeBackupVault", "backup:PutBackupVaultAccessPolicy", "backup:StartBackupJob",
    "backup:StartRestoreJob",
)  # fmt: skip


class VaultKeepsItsBackups(ResourcePolicy):
    policy = "CKV_BG_412"
    title = "The policy of each backup vault denies everyone the deletion of recovery points, and no backup"
    requirement = "R06"
    pci = "9.4.1"
    severity = "HIGH"
    why = "Who may call AWS Backup empties the vault, and then the database"
    fix = (
        f"add an aws_backup_vault_policy that denies {DELETES} and {_SHORTENS} to every principal, without a "
        f"condition, and {_COPIES[0]} where no plan has a copy_action"
    )
    types = (VAULT,)

    def defects(self, resource: Block) -> Iterator[str]:
        stack = resource.stack
        policies = [
            p.get("policy") for p in stack.users(resource, "backup_vault_name", "aws_backup_vault_policy")
        ]
        statements = [statement for document in policies for statement in _iam.statements(document)]
        denied = _all(statements, DELETES)
        in_compliance_mode = any(
            lock.get("changeable_for_days") for lock in stack.users(resource, "backup_vault_name", LOCK)
        )
        if not denied and not in_compliance_mode:
            yield f"lets principals call {DELETES}"
        if denied and not in_compliance_mode and not _all(statements, _SHORTENS):
            yield f"lets principals call {_SHORTENS}"
        copies = any(
            rule.get("copy_action") for plan in stack.resources(PLAN) for rule in plan.blocks("rule")
        )
        if denied and not copies and not any(_all(statements, action) for action in _COPIES):
            yield f"lets principals call {_COPIES[0]}, and no plan makes copies"
        for statement in statements:
            refused = [action for action in _NEEDED if _iam.denies(statement, action)]
            if refused and "*" in _iam.principals(statement):
                yield f"denies everyone {refused[0]}"


def _all(statements: list[Body], action: str) -> bool:
    """Whether a statement denies every principal an action."""
    return any(_iam.denies(s, action) and "*" in _iam.principals(s) for s in statements)


check = VaultKeepsItsBackups()
