"""A key policy has no public access."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies import _iam
from policies._policy import ResourcePolicy


class KeyPolicyAdmitsNobodyElse(ResourcePolicy):
    policy = "CKV_BG_3"
    title = "No KMS key policy is open to everyone"
    requirement = "R02"
    pci = "3.6.1.3"
    profiles = ("general",)
    severity = "CRITICAL"
    why = "A principal that may use the key reads everything that it encrypts, from any AWS account"
    fix = (
        "name the account's root or a role as Principal, or add a StringEquals condition on "
        "aws:PrincipalAccount"
    )
    types = ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_key_policy")

    def defects(self, resource: Block) -> Iterator[str]:
        for statement in _iam.statements(resource.get("policy")):
            if _iam.is_open(statement, resource.stack):
                yield f"statement {statement.get('Sid', 'without Sid')} admits everyone"


check = KeyPolicyAdmitsNobodyElse()
