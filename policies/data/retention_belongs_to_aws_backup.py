"""An apply does not set back what AWS Backup sets of a cluster."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true, listed

from policies._policy import ResourcePolicy
from policies.data._backups import Selections
from policies.data._databases import CLUSTER

_TAKEN_OVER = ("backup_retention_period", "preferred_backup_window")


class RetentionBelongsToAwsBackup(ResourcePolicy):
    policy = "CKV_BG_461"
    title = "Terraform ignores retention and window of clusters that AWS Backup backs up continuously"
    requirement = "R06"
    pci = "12.10.1"
    severity = "MEDIUM"
    why = "AWS Backup sets both with its first job; then RDS refuses to change them, and each apply fails"
    fix = f"set lifecycle.ignore_changes = {list(_TAKEN_OVER)} on the cluster"
    types = (CLUSTER,)

    def defects(self, resource: Block) -> Iterator[str]:
        """Source: AWS Backup developer guide, "Continuous backups and point-in-time recovery"."""
        continuous = [
            plan
            for plan in resource.stack.derived(Selections).plans(resource)
            if any(is_true(rule.get("enable_continuous_backup")) for rule in plan.blocks("rule"))
        ]
        ignored = [str(path) for path in listed(resource.get("lifecycle.ignore_changes"))]
        if continuous and "all" not in ignored:
            for name in _TAKEN_OVER:
                if resource.get(name) is not None and name not in ignored:
                    yield f"sets {name}, which {continuous[0].address} leaves to AWS Backup"


check = RetentionBelongsToAwsBackup()
