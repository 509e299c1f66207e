"""Policies that give rights to an identity: documents in `policy` and in `inline_policy` blocks."""

from collections.abc import Iterator
from fnmatch import fnmatchcase

from stack_gate.stack import Block, Body

from policies import _iam

IDENTITY_POLICIES = (
    "aws_iam_group_policy",
    "aws_iam_policy",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_user_policy",
)
# Actions that take no resource, or only "*": column "Resource types" empty in the Service Authorization
# Reference, "Actions, resources, and condition keys". Patterns where that holds for all that they match.
# DescribeAlarms returns composite alarms for "*" only (CloudWatch API reference), and DescribeLogGroups is
# refused for a named group. ListTasks takes container instances, of which Fargate has none.
_WITHOUT_RESOURCE = (
    "acm:listcertificates", "application-autoscaling:describe*", "autoscaling:describe*",
    "cloudwatch:describealarms", "logs:describeloggroups", "cloudwatch:getmetricdata",
    "cloudwatch:getmetricstatistics", "cloudwatch:listmetrics",
    "cloudwatch:putmetricdata", "dynamodb:listtables", "ec2:describe*", "ecr:getauthorizationtoken",
    "ecs:describetaskdefinition", "ecs:listtasks", "ecs:registertaskdefinition",
    "elasticloadbalancing:describe*", "kms:generaterandom", "kms:listaliases", "kms:listkeys",
    "lambda:getaccountsettings", "lambda:listfunctions", "logs:createlogdelivery",
    "logs:deletelogdelivery", "logs:describeresourcepolicies", "logs:getlogdelivery",
    "logs:listlogdeliveries", "logs:putresourcepolicy", "logs:updatelogdelivery", "s3:listallmybuckets",
    "secretsmanager:getrandompassword", "secretsmanager:listsecrets", "ssm:describeparameters",
    "states:liststatemachines", "states:sendtask*",
    "ssmmessages:create*channel", "ssmmessages:open*channel", "sts:getcalleridentity", "tag:getresources",
    "xray:getsampling*", "xray:puttelemetryrecords", "xray:puttracesegments",
)  # fmt: skip
# What tools write where a policy has to have a statement: no service has the name.
_NO_SERVICES = ("none", "null")


def granting(resource: Block) -> Iterator[tuple[str, Body]]:
    """(how to call it, statement) of each statement that allows something."""
    documents = [resource.get("policy"), *(block.get("policy") for block in resource.blocks("inline_policy"))]
    for document in documents:
        for index, statement in enumerate(_iam.statements(document)):
            if _iam.is_allow(statement):
                yield f"statement {statement.get('Sid') or index + 1}", statement


def takes_a_resource(action: str) -> bool:
    """Whether a policy could name the resources of an action. One of no service of AWS allows nothing."""
    if action.partition(":")[0].lower() in _NO_SERVICES:
        return False
    return not any(fnmatchcase(action.lower(), pattern) for pattern in _WITHOUT_RESOURCE)
