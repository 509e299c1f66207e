"""Roles that a call hands to a service: `iam:PassRole` of the caller, and the role's trust in the service.

Source: Service Authorization Reference, dependent actions; which context a service sends when it assumes a
role: each service's guide, "confused deputy".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from embedded_aws.authorisation.calls import Call
from embedded_aws.authorisation.checks import Check
from embedded_aws.handle import ACCOUNT_ID
from iam_evaluation import Caller

ROLE = re.compile(r"arn:[\w-]+:iam::\d{12}:role/.+")


@dataclass(frozen=True)
class Passed:
    """`parameters`: where the role is, a path by dots; `source`: the ARN that the service sends, with
    `{region}`, or empty where it sends neither that nor its account; `checked`: whether AWS tries the trust
    at once; `code`, `refusal`: its answer when it doesn't get the role.
    """

    service: str
    parameters: tuple[str, ...]
    source: str = ""
    checked: bool = True
    code: str = ""
    refusal: str = ""


LAMBDA = Passed(
    "lambda.amazonaws.com",
    ("Role",),
    "arn:aws:lambda:{region}:{account}:function:{name}",
    code="InvalidParameterValueException",
    refusal="The role defined for the function cannot be assumed by Lambda.",
)
STATES = Passed(
    "states.amazonaws.com",
    ("roleArn",),
    "arn:aws:states:{region}:{account}:stateMachine:{name}",
    code="AccessDeniedException",
    refusal="Neither the global service principal states.amazonaws.com, nor the regional one is authorized "
    "to assume the provided role.",
)
MONITORING = Passed(
    "monitoring.rds.amazonaws.com",
    ("MonitoringRoleArn",),
    "arn:aws:rds:{region}:{account}:db:{name}",
    code="InvalidParameterValue",
    refusal="IAM role ARN value is invalid or does not include the required permissions for: "
    "ENHANCED_MONITORING",
)
BACKUP = Passed(
    "backup.amazonaws.com",
    ("BackupSelection.IamRoleArn",),
    code="InvalidParameterValueException",
    refusal="IAM Role cannot be assumed by AWS Backup",
)
# Operation → what it passes. AWS Backup sends neither ARN nor account when it assumes a role, as far as its
# guide says; ECS finds out when it starts a task, EventBridge when it delivers.
PASSING: dict[tuple[str, str], Passed] = {
    ("backup", "CreateBackupSelection"): BACKUP,
    ("backup", "StartBackupJob"): replace(BACKUP, parameters=("IamRoleArn",)),
    ("ec2", "CreateFlowLogs"): Passed(
        "vpc-flow-logs.amazonaws.com",
        ("DeliverLogsPermissionArn",),
        "arn:aws:ec2:{region}:{account}:vpc-flow-log/*",
        code="InvalidParameter",
        refusal="Unable to assume given IAM role",
    ),
    ("ecs", "RegisterTaskDefinition"): Passed(
        "ecs-tasks.amazonaws.com", ("taskRoleArn", "executionRoleArn"), checked=False
    ),
    ("events", "PutTargets"): Passed("events.amazonaws.com", ("Targets.RoleArn",), checked=False),
    ("lambda", "CreateFunction"): LAMBDA,
    ("lambda", "UpdateFunctionConfiguration"): LAMBDA,
    ("rds", "CreateDBInstance"): MONITORING,
    ("rds", "ModifyDBInstance"): MONITORING,
    ("states", "CreateStateMachine"): STATES,
    ("states", "UpdateStateMachine"): STATES,
}


def passed_roles(call: Call, caller: Caller) -> Iterator[Check]:
    """The caller passes the role, and the service assumes it."""
    passed = PASSING.get((call.service, call.operation))
    if passed is None:
        return
    for parameter in passed.parameters:
        for role in _at(call.parameters, parameter.split(".")):
            yield Check(caller, "iam:PassRole", role, {"iam:PassedToService": passed.service})
            if passed.checked:
                yield Check(
                    Caller.service(passed.service),
                    "sts:AssumeRole",
                    role,
                    source(passed, call),
                    code=passed.code,
                    refusal=passed.refusal,
                )


def source(passed: Passed, call: Call) -> dict[str, Any]:
    """`aws:SourceArn` and `aws:SourceAccount`, where the service sends them."""
    if not passed.source:
        return {}
    name = (
        call.text("FunctionName", "name", "DBInstanceIdentifier")
        or call.text("stateMachineArn").rpartition(":")[2]
    )
    arn = passed.source.format(region=call.region, account=ACCOUNT_ID, name=name.rpartition(":")[2])
    return {"aws:SourceArn": arn, "aws:SourceAccount": ACCOUNT_ID}


def _at(value: Any, path: list[str]) -> Iterator[str]:
    """The roles at a path; a list on the way stands for all of its members."""
    if isinstance(value, list):
        for one in value:
            yield from _at(one, path)
    elif path and isinstance(value, dict):
        yield from _at(value.get(path[0]), path[1:])
    elif isinstance(value, str) and ROLE.fullmatch(value):
        yield value
