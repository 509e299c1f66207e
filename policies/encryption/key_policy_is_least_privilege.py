"""A key policy says what may be done with the key."""

from collections.abc import Iterator

from stack_gate.stack import Block

from policies import _iam
from policies._policy import ResourcePolicy


class KeyPolicyIsLeastPrivilege(ResourcePolicy):
    policy = "CKV_BG_4"
    title = "Each KMS key has a policy that names its actions"
    requirement = "R02"
    pci = "3.6.1.3"
    profiles = ("general",)
    severity = "HIGH"
    why = (
        "With kms:* an administrator of the key may also decrypt with it, and any role of the account "
        "may be given it all"
    )
    fix = (
        "give the key a policy in which administration and use are separate statements, each with the "
        "actions it needs"
    )
    types = ("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key", "aws_kms_key_policy")

    def defects(self, resource: Block) -> Iterator[str]:
        document = resource.get("policy")
        if not document and not any(resource.stack.users(resource, "key_id", "aws_kms_key_policy")):
            yield "has no policy, so AWS gives the whole account kms:*"
        elif document and not _iam.statements(document):
            yield "has a policy that can't be read"
        for statement in _iam.statements(document):
            if _iam.is_allow(statement) and (
                "NotAction" in statement or {"*", "kms:*"} & set(_iam.actions(statement))
            ):
                yield f"statement {statement.get('Sid', 'without Sid')} allows every action"


check = KeyPolicyIsLeastPrivilege()
