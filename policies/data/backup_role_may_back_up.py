"""The role of a backup selection may make the backups."""

import re
from collections.abc import Iterator

from stack_gate.stack import Block, strings

from policies import _iam
from policies._colours import Colours
from policies._policy import ResourcePolicy
from policies.data._backups import Selections
from policies.data._databases import CLUSTER, TABLE

SERVICE = "backup.amazonaws.com"
# AWS managed policy AWSBackupServiceRolePolicyForBackup; any one of each line will do.
_NEEDED = {
    CLUSTER: (("rds:CreateDBClusterSnapshot",), ("rds:DescribeDBClusters",)),
    TABLE: (("dynamodb:StartAwsBackupJob", "dynamodb:CreateBackup"), ("dynamodb:DescribeTable",)),
}
_OF_THE_KEY = ("kms:CreateGrant",)
_MANAGED = "AWSBackupServiceRolePolicyForBackup"


class BackupRoleMayBackUp(ResourcePolicy):
    policy = "CKV_BG_411"
    title = (
        "Each backup selection selects something, with a role of the stack that AWS Backup may assume, and "
        "that may make backups"
    )
    requirement = "R06"
    pci = "12.10.1"
    severity = "HIGH"
    why = "Every job fails for want of permission, and there is no backup"
    fix = (
        "set iam_role_arn to a role of the stack that trusts backup.amazonaws.com and allows what the jobs "
        "call"
    )
    types = ("aws_backup_selection",)

    def defects(self, resource: Block) -> Iterator[str]:
        stack = resource.stack
        if stack.resources(CLUSTER, TABLE) and stack.derived(Selections).idle(resource, CLUSTER, TABLE):
            yield "selects no cluster and no table of the stack"
        yield from _astray(resource)
        roles = resource.refers("iam_role_arn", "aws_iam_role")
        if not roles:
            yield f"has the role {resource.get('iam_role_arn')}, which is not in the stack"
        for role in roles:
            trusted = [p for s in _iam.statements(role.get("assume_role_policy")) for p in _iam.principals(s)]
            if SERVICE not in trusted:
                yield f"has {role.address}, which AWS Backup may not assume"
            if not _is_managed(role):
                yield from _lacking(resource, role)


def _astray(selection: Block) -> Iterator[str]:
    """Resources of the other colour, and references to something else than their ARN."""
    colours = selection.stack.derived(Colours)
    own = colours.of(selection)
    selected = selection.refers("resources", CLUSTER, TABLE)
    if own and selected and all(colours.of(found) not in (None, own) for found in selected):
        yield f"is {own}, and selects {selected[0].address}"
    for text in strings(selection.get("resources")):
        for found in selection.stack.referred(text, CLUSTER, TABLE):
            if text.startswith("${") and not re.fullmatch(r"\$\{[^}]+\.arn\}", text):
                yield f"selects {text}, which is not the ARN of {found.address}"


def _is_managed(role: Block) -> bool:
    attached = role.stack.users(role, "role", "aws_iam_role_policy_attachment")
    named = [str(attachment.get("policy_arn")) for attachment in attached]
    return any(_MANAGED in text for text in [*named, str(role.get("managed_policy_arns"))])


def _lacking(selection: Block, role: Block) -> Iterator[str]:
    stack = selection.stack
    selected = selection.refers("resources", CLUSTER, TABLE) or stack.resources(CLUSTER, TABLE)
    statements = stack.derived(_iam.Roles).of(role)
    for type_ in sorted({block.type for block in selected}):
        for actions in _NEEDED[type_]:
            if not any(_iam.allows(statement, action) for statement in statements for action in actions):
                yield f"has {role.address}, which may not {actions[0]}"
    encrypted = any(
        block.get("kms_key_id") or block.get("server_side_encryption.kms_key_arn") for block in selected
    )
    if encrypted and not any(_iam.allows(s, action) for s in statements for action in _OF_THE_KEY):
        yield f"has {role.address}, which may not {_OF_THE_KEY[0]}"


check = BackupRoleMayBackUp()
