"""Names that an apply would give to new resources, and that something outside of the state has already."""

from collections.abc import Iterator, Mapping
from typing import Any

from stack_gate.stack import Block

from bluegreen.operate.doctor.findings import Answer, Check, failed, passed, unknown
from bluegreen.operate.doctor.subject import Subject, listed
from bluegreen.terraform.recovery.clients import calling
from bluegreen.terraform.recovery.imports import NAMED, find_id

# Names of buckets are taken over all accounts; of another's, S3 says no more than that.
BUCKET = "aws_s3_bucket"
DENIED = "AccessDenied"
PERMISSIONS = (
    "backup:ListBackupVaults",
    "dynamodb:DescribeTable",
    "ecr:DescribeRepositories",
    "elasticloadbalancing:DescribeLoadBalancers",
    "elasticloadbalancing:DescribeTargetGroups",
    "iam:GetRole",
    "kms:DescribeKey",
    "lambda:GetFunctionConfiguration",
    "logs:DescribeLogGroups",
    "rds:DescribeDBClusterParameterGroups",
    "rds:DescribeDBClusters",
    "rds:DescribeDBInstances",
    "rds:DescribeDBSubnetGroups",
    "s3:GetBucketLocation",
    "secretsmanager:DescribeSecret",
    "sqs:GetQueueUrl",
    "ssm:GetParameter",
    "states:ListStateMachines",
    "wafv2:ListWebACLs",
)


def names(subject: Subject) -> Iterator[Answer]:
    """Every new resource that AWS finds by its name."""
    taken, unread = [], []
    asked = [block for block in subject.added(*NAMED) if _name(block)]
    for block in asked:
        verdict = _look(subject, block)
        if verdict is True:
            taken.append(f"{block.type} {_name(block)}")
        elif isinstance(verdict, str):
            unread.append(f"{block.type} {_name(block)}: {verdict}")
    if taken:
        fix = (
            "remove it or import it into the state (docs/runbook.md, An interrupted apply), or rename the "
            "deployment: its name is the file's"
        )
        yield failed(f"taken: {listed(taken)}", fix, needed=f"{len(asked)} names free")
    elif unread:
        yield unknown(f"unreadable: {listed(unread, 2)}", "allow the actions that docs/doctor.md lists")
    else:
        yield passed(f"{len(asked)} names are free" if asked else "no new names")


def _name(block: Block) -> str | None:
    """What AWS will call it; None where only the apply knows."""
    found = block.get(NAMED[block.type])
    return found if isinstance(found, str) and "${" not in found else None


def _look(subject: Subject, block: Block) -> bool | str:
    """Whether there is one; AWS's words where that is unreadable."""
    values: Mapping[str, Any] = block.body

    def there() -> bool | str:
        return bool(find_id(block.type, values, subject.client))

    found = calling(there, missing=lambda: False, failed=lambda why: why)
    return True if block.type == BUCKET and isinstance(found, str) and DENIED in found else found


CHECKS = (Check("names", "free, outside of the state", PERMISSIONS, names),)
