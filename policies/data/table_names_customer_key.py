"""Tables are encrypted with a key of the account's own."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies._keys import not_customer_managed
from policies._policy import ResourcePolicy
from policies.data._databases import TABLE


class TableNamesCustomerKey(ResourcePolicy):
    policy = "CKV_BG_113"
    title = "Each DynamoDB table is encrypted with a customer-managed key"
    requirement = "R13"
    pci = "3.5.1"
    profiles = ("general",)
    severity = "HIGH"
    why = "With a key of AWS the account can't restrict or revoke decryption"
    fix = (
        "set server_side_encryption.enabled = true and server_side_encryption.kms_key_arn to the "
        "stack's aws_kms_key"
    )
    types = (TABLE,)

    def defects(self, resource: Block) -> Iterator[str]:
        if not is_true(resource.get("server_side_encryption.enabled")):
            yield "is encrypted with a key that DynamoDB owns"
        elif defect := not_customer_managed(resource, "server_side_encryption.kms_key_arn"):
            yield defect


check = TableNamesCustomerKey()
