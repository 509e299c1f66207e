"""What services ask of names and of sizes, where stock moto takes anything.

Each row's source is the page of that operation in the service's API reference, unless it names another.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from embedded_aws.access.codes import Error
from embedded_aws.authorisation.calls import Call

IDENTIFIER = (
    "The parameter {name} is not a valid identifier. Identifiers must begin with a letter; must contain only "
    "ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
)
PATTERN = (
    "1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: "
    "Member must satisfy regular expression pattern: {pattern}"
)


@dataclass(frozen=True)
class Name:
    """A parameter that has to match a pattern as a whole. `message` may hold name, value and pattern."""

    name: str
    pattern: str
    code: str
    message: str = PATTERN

    def problem(self, call: Call) -> Error | None:
        """The answer of the service; None where there is nothing to say."""
        value = call.text(self.name)
        if not value or re.fullmatch(self.pattern, value, re.ASCII):
            return None
        told = self.message.format(name=self.name, value=value, pattern=self.pattern)
        return (400, self.code, told)


@dataclass(frozen=True)
class Most:
    """A list that may have no more members, or a number that may be no greater."""

    name: str
    most: int
    code: str
    message: str

    def problem(self, call: Call) -> Error | None:
        """As above."""
        given = call.text(self.name)
        count = int(given) if given.isdigit() else len(call.texts(self.name))
        return (400, self.code, self.message) if count > self.most else None


RDS = r"[A-Za-z](-?[A-Za-z0-9]){0,62}"
INVALID_ROLE = (
    "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the "
    "following: +=,.@_-"
)
PAGE = (
    "1 validation error detected: Value at 'pageSize' failed to satisfy constraint: "
    "Member must have value less than or equal to 400"
)
RULES: dict[tuple[str, str], tuple[Name | Most, ...]] = {
    ("backup", "CreateBackupVault"): (
        Name("backupVaultName", r"[a-zA-Z0-9\-_]{2,50}", "InvalidParameterValueException"),
    ),
    ("cloudwatch", "DescribeAlarms"): (
        Most("MaxRecords", 100, "ValidationError", "MaxRecords must be at most 100"),
        Most("AlarmNames", 100, "ValidationError", "AlarmNames must have at most 100 members"),
    ),
    ("dynamodb", "CreateTable"): (
        Name(
            "TableName",
            r"[a-zA-Z0-9_.-]{3,255}",
            "ValidationException",
            "TableName must be at least 3 characters long and at most 255 characters long",
        ),
    ),
    ("ecs", "DescribeServices"): (
        Most("services", 10, "InvalidParameterException", "services can have at most 10 items."),
    ),
    ("elasticloadbalancing", "CreateLoadBalancer"): (
        Name(
            "Name",
            r"(?!internal-).*",
            "ValidationError",
            "The load balancer name '{value}' cannot begin with 'internal-'",
        ),
    ),
    **{
        ("elasticloadbalancing", operation): (Most("PageSize", 400, "ValidationError", PAGE),)
        for operation in (
            "DescribeListeners",
            "DescribeLoadBalancers",
            "DescribeRules",
            "DescribeTargetGroups",
        )
    },
    ("events", "PutRule"): (Name("Name", r"[\.\-_A-Za-z0-9]{1,64}", "ValidationException"),),
    ("iam", "CreateRole"): (Name("RoleName", r"[\w+=,.@-]{1,64}", "ValidationError", INVALID_ROLE),),
    ("lambda", "CreateFunction"): (Name("FunctionName", r"[a-zA-Z0-9-_:]{1,140}", "ValidationException"),),
    ("logs", "CreateLogGroup"): (
        Name("logGroupName", r"[\.\-_/#A-Za-z0-9]{1,512}", "InvalidParameterException"),
    ),
    ("rds", "CreateDBCluster"): (Name("DBClusterIdentifier", RDS, "InvalidParameterValue", IDENTIFIER),),
    ("rds", "CreateDBInstance"): (Name("DBInstanceIdentifier", RDS, "InvalidParameterValue", IDENTIFIER),),
    # Amazon S3 user guide, "General purpose bucket naming rules".
    ("s3", "CreateBucket"): (
        Name(
            "Bucket",
            r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
            "InvalidBucketName",
            "The specified bucket is not valid.",
        ),
    ),
    ("secretsmanager", "CreateSecret"): (
        Name(
            "Name",
            r"[A-Za-z0-9/_+=.@!-]{1,512}",
            "ValidationException",
            "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: "
            "-/_+=.@!",
        ),
    ),
    ("sns", "Publish"): (
        Name("Subject", r"[^\x00-\x1f\x7f]{1,100}", "InvalidParameter", "Invalid parameter: Subject"),
    ),
    # Step Functions developer guide, "General quotas".
    ("states", "CreateStateMachine"): (
        Name("name", r"[^\s?*<>{}\[\]\"#%\\^|~`$&,;:/]{1,80}", "InvalidName"),
    ),
}


def problems(call: Call) -> Iterator[Error]:
    """What is wrong with a call, as its service words it."""
    for rule in RULES.get((call.service, call.operation), ()):
        if (problem := rule.problem(call)) is not None:
            yield problem
