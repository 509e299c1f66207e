"""What serves the platform deletes none of it, and changes no guard of it."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from stack_gate.stack import Block, Body, Stack, objects

from policies import _iam
from policies._keys import KEYS
from policies._policy import StackPolicy

_ROLE = "aws_iam_role"
# Source: Service Authorization Reference, access levels "Write" and "Permissions management".
_DESTROYING = (
    "backup:delete*", "backup:put*", "backup:updaterecoverypointlifecycle", "cloudwatch:deletealarms",
    "cloudwatch:disablealarmactions", "dynamodb:deletetable", "dynamodb:updatetable", "ec2:delete*",
    "ecr:delete*", "ecs:delete*", "events:deleterule", "events:disablerule", "events:removetargets",
    "iam:*attach*", "iam:add*", "iam:create*", "iam:delete*", "iam:put*", "iam:set*", "iam:update*",
    "kms:disablekey", "kms:disablekeyrotation", "kms:putkeypolicy", "kms:schedulekeydeletion",
    "lambda:addpermission", "lambda:delete*", "lambda:update*", "logs:deleteloggroup",
    "logs:deletelogstream", "logs:deleteretentionpolicy", "rds:deletedbcluster", "rds:deletedbinstance",
    "rds:deleteglobalcluster", "rds:modifydbclustersnapshotattribute", "s3:deletebucket*",
    "s3:putbucketpolicy", "secretsmanager:deleteresourcepolicy", "secretsmanager:deletesecret",
    "secretsmanager:putresourcepolicy", "sns:deletetopic", "sns:settopicattributes", "sqs:deletequeue",
    "sqs:purgequeue", "sqs:setqueueattributes", "states:delete*", "states:update*",
    "wafv2:delete*", "wafv2:disassociatewebacl", "wafv2:update*",
)  # fmt: skip
# What Lambda and AWS Backup themselves need of them. Sources: Lambda developer guide, "Giving Lambda
# functions access to resources in an Amazon VPC"; managed policy AWSBackupServiceRolePolicyForBackup.
_NEEDED = {
    "lambda.amazonaws.com": ("ec2:deletenetworkinterface",),
    "backup.amazonaws.com": ("rds:modifydbclustersnapshotattribute",),
}
_OF_KEYS = ("kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "kms:DisableKey")


class DeployersAloneDestroy(StackPolicy):
    policy = "CKV2_BG_464"
    title = "No role that a service of AWS assumes may delete data, or change what guards it"
    requirement = None
    pci = "7.2.5"
    severity = "CRITICAL"
    why = (
        "One flaw in a function, or one wrong call, then deletes the ledger, its backups, its key or its logs"
    )
    fix = "take the action out of the role; who deploys deletes, after a reviewed plan"

    def defects(self, stack: Stack) -> Iterator[tuple[Block | None, str]]:
        roles = [(role, services) for role in stack.resources(_ROLE) if (services := _services(role))]
        for role, services in roles:
            needed = {action for service in services for action in _NEEDED.get(service, ())}
            for place, statement in stack.derived(_iam.Roles).granted(role):
                for action in _iam.actions(statement) if _iam.is_allow(statement) else ():
                    name = action.lower()
                    if name not in needed and any(fnmatchcase(name, form) for form in _DESTROYING):
                        yield place, f"allows {role.address} {action}"
        for key in stack.resources(*KEYS, "aws_kms_key_policy"):
            for statement in _iam.statements(key.get("policy")):
                held = stack.referred(_iam.principals(statement), _ROLE)
                for action in _OF_KEYS:
                    for role, _ in roles:
                        if role in held and _iam.allows(statement, action):
                            yield key, f"allows {role.address} {action}"


def _services(role: Block) -> list[str]:
    """The services that a role trusts; none where people or pipelines may take it, too."""
    trusted: list[Body] = _iam.statements(role.get("assume_role_policy"))
    principals = [body for one in trusted if _iam.is_allow(one) for body in objects(one.get("Principal"))]
    if any("AWS" in body or "Federated" in body for body in principals):
        return []
    return [name for one in trusted for name in _iam.principals(one)]


check = DeployersAloneDestroy()
