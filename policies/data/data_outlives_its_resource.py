"""What is destroyed by mistake can be had back."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_false, is_true, number

from policies._policy import ResourcePolicy
from policies.data._backups import VAULT
from policies.data._databases import DATABASES, SECRET, TABLE, is_replica


class DataOutlivesItsResource(ResourcePolicy):
    policy = "CKV_BG_132"
    title = "Nothing that keeps data can be destroyed without a trace"
    requirement = None
    pci = "12.10.1"
    severity = "HIGH"
    why = (
        "One destroy in the wrong directory, and payments, sessions or the way back to them are gone for good"
    )
    fix = (
        "set skip_final_snapshot = false and a final_snapshot_identifier on a database, "
        "deletion_protection_enabled = "
        "true on a table, recovery_window_in_days = 7 or more on a secret, no force_destroy on a vault"
    )
    types = (*DATABASES, SECRET, TABLE, VAULT)

    def defects(self, resource: Block) -> Iterator[str]:
        if resource.type in DATABASES and not is_replica(resource):
            if (skips := resource.get("skip_final_snapshot")) is not None and not is_false(skips):
                yield "leaves no final snapshot"
            elif not resource.get("final_snapshot_identifier"):
                yield "names no final_snapshot_identifier"
        elif resource.type == TABLE and not is_true(resource.get("deletion_protection_enabled")):
            yield "has no deletion protection"
        elif resource.type == SECRET and number(resource.get("recovery_window_in_days")) == 0:
            yield "is deleted at once, without a recovery window"
        elif resource.type == VAULT and is_true(resource.get("force_destroy")):
            yield "is destroyed along with the backups in it"


check = DataOutlivesItsResource()
