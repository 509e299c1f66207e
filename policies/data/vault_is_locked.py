"""A backup vault is locked."""

from collections.abc import Iterator

from stack_gate.stack import Block, number, objects

from policies._policy import ResourcePolicy
from policies.data._backups import VAULT

LOCK = "aws_backup_vault_lock_configuration"
WEEK = 7


class VaultIsLocked(ResourcePolicy):
    policy = "CKV_BG_274"
    title = "Each backup vault has a vault lock of at least a week"
    requirement = "R06"
    pci = "9.4.1"
    severity = "HIGH"
    why = "Without a lock, a role that may call AWS Backup deletes recovery points before their time"
    fix = "add an aws_backup_vault_lock_configuration with min_retention_days = 7"
    types = (VAULT,)

    def defects(self, resource: Block) -> Iterator[str]:
        locks = list(resource.stack.users(resource, "backup_vault_name", LOCK))
        if not locks:
            yield "has no vault lock"
        for lock in locks:
            days = number(lock.get("min_retention_days"))
            if days is None or days < WEEK:
                yield f"has a lock with min_retention_days = {lock.get('min_retention_days')}"
            elif shorter := [kept for kept in _kept(resource) if kept < days]:
                yield f"has a lock of {days:g} days, which refuses backups that are kept for {min(shorter):g}"


def _kept(vault: Block) -> Iterator[float]:
    """For how many days the plans of the stack keep what they put into a vault."""
    for plan in vault.stack.resources("aws_backup_plan"):
        for rule in plan.blocks("rule"):
            if vault in vault.stack.referred(rule.get("target_vault_name"), VAULT):
                for lifecycle in objects(rule.get("lifecycle")):
                    if (kept := number(lifecycle.get("delete_after"))) is not None:
                        yield kept


check = VaultIsLocked()
