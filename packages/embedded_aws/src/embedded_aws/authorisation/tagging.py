"""Tags that a creation carries: the caller needs the action that sets tags, too.

Source: Service Authorization Reference, dependent actions and the condition keys of these actions; EC2 user
guide, "Grant permission to tag resources during creation"; the API references of CreateLogGroup, CreateQueue,
CreateTopic. That every service in the table checks it is inferred.
"""

from collections.abc import Iterator

from embedded_aws.authorisation.calls import Call
from embedded_aws.authorisation.checks import Check
from embedded_aws.authorisation.context import tags_of
from embedded_aws.authorisation.resources import resources_of
from iam_evaluation import Caller

ACTIONS = {
    "application-autoscaling": "TagResource",
    "backup": "TagResource",
    "cloudtrail": "AddTags",
    "cloudwatch": "TagResource",
    "dynamodb": "TagResource",
    "ec2": "CreateTags",
    "ecr": "TagResource",
    "ecs": "TagResource",
    "elasticloadbalancing": "AddTags",
    "events": "TagResource",
    "iam": "TagRole",
    "kms": "TagResource",
    "lambda": "TagResource",
    "logs": "TagResource",
    "network-firewall": "TagResource",
    "rds": "AddTagsToResource",
    "route53resolver": "TagResource",
    "secretsmanager": "TagResource",
    "sns": "TagResource",
    "sqs": "TagQueue",
    "ssm": "AddTagsToResource",
    "states": "TagResource",
    "wafv2": "TagResource",
}
# Service → its condition key with the operation that creates, where it has one.
CREATE_ACTION = {
    "ec2": "ec2:CreateAction",
    "ecs": "ecs:CreateAction",
    "elasticloadbalancing": "elasticloadbalancing:CreateAction",
}
CREATES = ("Allocate", "AssociateFirewall", "Authorize", "Create", "Put", "Register")


def tagging_checks(call: Call, caller: Caller) -> Iterator[Check]:
    """One for each resource that is created with tags."""
    name = ACTIONS.get(call.service)
    if name is None or not call.operation.startswith(CREATES) or call.operation == "CreateTags":
        return
    if sent := tags_of(call):
        key = CREATE_ACTION.get(call.service)
        context = {**sent, **({key: call.operation} if key else {})}
        for resource in resources_of(call, f"{call.service}:{name}"):
            yield Check(caller, f"{call.service}:{name}", resource, context)
