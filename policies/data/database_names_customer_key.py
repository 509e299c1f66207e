"""Databases are encrypted with a key of the account's own."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies._keys import not_customer_managed
from policies._policy import ResourcePolicy
from policies.data._databases import DATABASES


class DatabaseNamesCustomerKey(ResourcePolicy):
    policy = "CKV_BG_123"
    title = "Each database names a customer-managed key"
    requirement = "R19"
    pci = "3.6.1"
    severity = "HIGH"
    profiles = ("general",)
    why = (
        "Without kms_key_id it is aws/rds, whose policy can't be restricted, and the key can't be "
        "changed later"
    )
    fix = "set kms_key_id to the arn of the stack's aws_kms_key"
    types = DATABASES

    def defects(self, resource: Block) -> Iterator[str]:
        if defect := not_customer_managed(resource, "kms_key_id"):
            yield defect


check = DatabaseNamesCustomerKey()
