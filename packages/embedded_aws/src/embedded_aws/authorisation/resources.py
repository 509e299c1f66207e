"""The resources that an operation is about, as AWS names them to policies.

Their types come from the Service Authorization Reference (`iam_evaluation.service_data`). A request's ARNs
that are of such a type are its resources; else the ARN is made of the parameters in NAMES, or found in
`lookups.py`. An action whose resource can't be told is decided for `*`, which a policy that names resources
doesn't cover: an incomplete table denies.
"""

import re
from collections.abc import Iterator

from embedded_aws.authorisation import lookups
from embedded_aws.authorisation.calls import Call
from iam_evaluation import ResourceType, UnknownActionError, find_action

EVERY = "*"
ACCOUNT_PART = 4  # of an ARN
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
ARN = re.compile(r"arn:[\w-]+:[\w-]+:[^:]*:[^:]*:.+")
# Service → placeholder of the reference's ARNs → the parameters that hold it.
NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "application-autoscaling": {},
    "backup": {
        "BackupVaultName": ("backupVaultName", "BackupVaultName"),
        "BackupPlanId": ("backupPlanId",),
    },
    "cloudtrail": {"TrailName": ("Name", "TrailName", "trailNameList", "ResourceIdList")},
    "cloudwatch": {
        "AlarmName": ("AlarmName", "AlarmNames"),
        "DashboardName": ("DashboardName", "DashboardNames"),
    },
    "dynamodb": {"TableName": ("TableName",), "IndexName": ("IndexName",)},
    "ecr": {"RepositoryName": ("repositoryName", "repositoryNames")},
    "ecs": {
        "ClusterName": ("clusterName", "cluster"),
        "ServiceName": ("serviceName", "service", "services"),
        "TaskDefinitionFamilyName": ("family",),
    },
    "elasticfilesystem": {"FileSystemId": ("FileSystemId",), "AccessPointId": ("AccessPointId",)},
    "events": {
        "EventBusName": ("EventBusName",),
        "RuleName": ("Name", "Rule"),
        "RuleNameOnDefaultEventBus": ("Name", "Rule"),
        "RuleNameOnCustomEventBus": ("Name", "Rule"),
    },
    "iam": {
        "GroupNameWithPath": ("GroupName",),
        "PolicyNameWithPath": ("PolicyName",),
        "UserNameWithPath": ("UserName",),
    },
    "kms": {"Alias": ("AliasName",)},
    "lambda": {"FunctionName": ("FunctionName",)},
    "logs": {"LogGroupName": ("logGroupName",), "LogStreamName": ("logStreamName",)},
    "rds": {
        "ClusterParameterGroupName": ("DBClusterParameterGroupName",),
        "ClusterSnapshotName": ("DBClusterSnapshotIdentifier",),
        "DbClusterInstanceName": ("DBClusterIdentifier",),
        "DbInstanceName": ("DBInstanceIdentifier",),
        "SubnetGroupName": ("DBSubnetGroupName",),
    },
    "s3": {"BucketName": ("Bucket",), "ObjectName": ("Key",)},
    "secretsmanager": {},
    "sns": {"TopicName": ("Name",)},
    "sqs": {"QueueName": ("QueueName",)},
    "ssm": {"ParameterNameWithoutLeadingSlash": ("Name", "Names")},
    "states": {"StateMachineName": ("name",)},
}  # fmt: skip


def resources_of(call: Call, action: str) -> tuple[str, ...]:
    """ARNs; `*` alone where the action has no resource, or none can be told."""
    try:
        types = find_action(action).resource_types
    except UnknownActionError:
        return (EVERY,)
    if not types:
        return (EVERY,)
    if (found := lookups.known(call, action)) is not None:
        return found
    named = tuple(dict.fromkeys((*_given(call, types), *_made(call, types))))
    return named or _all_of(call, types)


def _given(call: Call, types: tuple[ResourceType, ...]) -> Iterator[str]:
    """ARNs among the parameters."""
    for value in call.parameters.values():
        for text in value if isinstance(value, list) else (value,):
            if (
                isinstance(text, str)
                and ARN.fullmatch(text)
                and any(one.fits(text) for one in types if one.arn != EVERY)
            ):
                yield text


def _made(call: Call, types: tuple[ResourceType, ...]) -> Iterator[str]:
    for type_ in types:
        yield from _filled(call, type_.arn)


def _filled(call: Call, arn: str) -> list[str]:
    """`arn` with its placeholders filled: one for each of a parameter that is a list, none without one."""
    texts = [arn]
    for name in PLACEHOLDER.findall(arn):
        values = _values(call, name)
        texts = [text.replace(f"${{{name}}}", value, 1) for text in texts for value in values]
    return texts


def _values(call: Call, placeholder: str) -> list[str]:
    if placeholder in (where := _where(call)):
        return [where[placeholder]]
    for parameter in NAMES.get(call.service, {}).get(placeholder, ()):
        if found := [text for text in call.texts(parameter) if text]:
            return [lookups.bare(call.service, text) for text in found]
    return []


def _all_of(call: Call, types: tuple[ResourceType, ...]) -> tuple[str, ...]:
    """A call that names none is about all of its type, such as `cluster:*`.

    RDS user guide, "Actions, resources, and condition keys": DescribeDBClusters without an identifier.
    """
    where = _where(call)
    arn = PLACEHOLDER.sub(lambda found: where.get(found[1], EVERY), types[0].arn)
    return (arn if _account(arn) in ("", call.account) else EVERY,)


def _account(arn: str) -> str:
    """The account in an ARN."""
    return arn.split(":")[4] if arn.count(":") > ACCOUNT_PART else ""


def _where(call: Call) -> dict[str, str]:
    return {"Account": call.account, "Partition": "aws", "Region": call.region}
