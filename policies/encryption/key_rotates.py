"""A customer-managed key rotates."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true, number

from policies._policy import ResourcePolicy

YEAR = 366  # days; PCI DSS 4.0.1 asks for the end of a crypto period, and AWS's own is a year


class KeyRotates(ResourcePolicy):
    policy = "CKV_BG_2"
    title = "Each symmetric KMS key rotates, every year or more often"
    requirement = "R02"
    pci = "3.7.4"
    profiles = ("general",)
    severity = "HIGH"
    why = "A key that never changes protects all data ever written, and is lost as a whole"
    fix = "set enable_key_rotation = true; leave rotation_period_in_days out, or at 365 at most"
    types = ("aws_kms_key",)

    def defects(self, resource: Block) -> Iterator[str]:
        asymmetric = resource.get("customer_master_key_spec") not in (None, "SYMMETRIC_DEFAULT")
        if not asymmetric and not is_true(resource.get("enable_key_rotation")):
            yield "does not rotate"
        days = resource.get("rotation_period_in_days")
        period = number(days)
        if days is not None and (period is None or period > YEAR):
            yield f"rotates every {days} days"


check = KeyRotates()
