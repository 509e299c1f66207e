"""The secret that RDS makes for the administrator is encrypted with a key of the account's own."""

from collections.abc import Iterator

from stack_gate.stack import Block, is_true

from policies._keys import not_customer_managed
from policies._policy import ResourcePolicy
from policies.data._databases import DATABASES


class AdministratorSecretNamesCustomerKey(ResourcePolicy):
    policy = "CKV_BG_131"
    title = "The administrator's secret of each database names a customer-managed key"
    requirement = "R02"
    pci = "3.6.1"
    severity = "HIGH"
    profiles = ("general",)
    why = (
        "The password that opens everything is then under aws/secretsmanager, which every reader of "
        "secrets may use"
    )
    fix = "set master_user_secret_kms_key_id to the arn of the stack's aws_kms_key"
    types = DATABASES

    def defects(self, resource: Block) -> Iterator[str]:
        if is_true(resource.get("manage_master_user_password")) and (
            defect := not_customer_managed(resource, "master_user_secret_kms_key_id")
        ):
            yield defect


check = AdministratorSecretNamesCustomerKey()
