"""Backups lie in a vault whose key and policy are known."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._policy import ResourcePolicy
from policies.data._backups import PLAN, VAULT


class BackupsGoToAVaultOfTheStack(ResourcePolicy):
    policy = "CKV_BG_108"
    title = "Each rule of a backup plan has a vault of the stack as its target"
    requirement = "R06"
    pci = "9.4.1"
    severity = "HIGH"
    why = (
        "The account's default vault has a key of AWS and no policy: AWS Backup's administrators can empty it"
    )
    fix = "set target_vault_name of each rule to the name of an aws_backup_vault of this stack"
    types = (PLAN,)

    def defects(self, resource: Block) -> Iterator[str]:
        for rule in resource.blocks("rule"):
            if not resource.stack.referred(rule.get("target_vault_name"), VAULT):
                name = rule.get("rule_name") or "without name"
                yield f"rule {name} has the vault {rule.get('target_vault_name')}, which is not in the stack"


check = BackupsGoToAVaultOfTheStack()
