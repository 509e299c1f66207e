"""There are backups at all."""

from collections.abc import Iterator

from stack_gate.stack import Block, Stack

from policies._policy import StackPolicy
from policies.data._backups import PLAN, VAULT


class BackupPlanExists(StackPolicy):
    policy = "CKV2_BG_105"
    title = "The stack has an AWS Backup vault and a plan"
    requirement = "R06"
    pci = "12.10.1"
    severity = "HIGH"
    why = "What a release or an intruder destroys is gone, and with it the way back from a failed migration"
    fix = (
        "add an aws_backup_vault with kms_key_arn, an aws_backup_plan with a rule that keeps backups for "
        "7 days, and an aws_backup_selection"
    )

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        for type_, what in ((VAULT, "vault"), (PLAN, "plan")):
            if not stack.resources(type_):
                yield None, f"has no backup {what}"


check = BackupPlanExists()
