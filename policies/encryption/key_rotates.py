"""A customer-managed key rotates."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies._policy import ResourcePolicy


class KeyRotates(ResourcePolicy):
    policy = "CKV_BG_2"
    title = "Each symmetric KMS key rotates"
    requirement = "R02"
    pci = "3.7.4"
    severity = "HIGH"
    why = "A key that never changes protects all data ever written, and is lost as a whole"
    fix = "set enable_key_rotation = true"
    types = ("aws_kms_key",)

    def defects(self, resource: Block) -> Iterator[str]:
        asymmetric = resource.get("customer_master_key_spec") not in (None, "SYMMETRIC_DEFAULT")
        if not asymmetric and not is_true(resource.get("enable_key_rotation")):
            yield "does not rotate"


check = KeyRotates()
