"""What AWS services do to a stack's resources in their own name, and the keys that each one sends.

A key that AWS doesn't document for a call isn't sent: a condition on it would never hold.
Sources are named at each call.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from iam_evaluation import Caller, Decision, Kind, Policies, Policy, Request, evaluate, parse_policy
from tests.iam.stack_decisions import ACCOUNT, CONTEXT, REGION, arn, document
from tests.stack_reader import Resource, Stack

EVENTS, ALARMS = "events.amazonaws.com", "cloudwatch.amazonaws.com"
DATA_KEYS = ("kms:Decrypt", "kms:GenerateDataKey")
# Who is trusted → keys. Sources: Step Functions, "Create an IAM role"; Lambda, "AWS managed policies"; ECS,
# "Task IAM role"; VPC, "Publish flow logs to CloudWatch Logs"; Aurora, "Enabling Enhanced Monitoring". No
# page says that AWS Backup sends any.
ASSUMING: Mapping[str, Mapping[str, str]] = {
    "backup.amazonaws.com": {},
    "ecs-tasks.amazonaws.com": {"aws:SourceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:*"},
    "lambda.amazonaws.com": {"aws:SourceArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:x"},
    "monitoring.rds.amazonaws.com": {"aws:SourceArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:x"},
    "states.amazonaws.com": {"aws:SourceArn": f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:x"},
    "vpc-flow-logs.amazonaws.com": {"aws:SourceArn": f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc-flow-log/x"},
}


@dataclass(frozen=True)
class Call:
    """`policy`: the block that holds the policy of the resource `on` (an ARN)."""

    service: str
    action: str
    on: str
    policy: Resource
    context: Mapping[str, Any] = field(default_factory=dict)

    def decide(self, stack: Stack, **context: str) -> Decision:
        """With `context` in place of what it sends where both have a key."""
        keys = {"aws:SecureTransport": True, **self.context, **context}
        request = Request(Caller.service(self.service), self.action, self.on, keys, resource_account=ACCOUNT)
        return evaluate(request, Policies(resource=(_policy(stack, self.policy),)))


def calls(stack: Stack) -> Iterator[Call]:
    """All of them."""
    for target in stack.all("aws_cloudwatch_event_target"):
        yield from _delivery(stack, target)
    for type_ in ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"):
        for alarm in stack.all(type_):
            for action in alarm.block.get("alarm_actions", []):
                yield from _notification(stack, alarm, stack.named(action))
    for permission in stack.all("aws_lambda_permission"):
        if permission["principal"] == "secretsmanager.amazonaws.com":
            # Secrets Manager user guide, "Turn on rotation".
            function = stack.named(permission["function_name"])
            secret = stack.named(permission["source_arn"])
            yield Call(
                permission["principal"],
                "lambda:InvokeFunction",
                arn(function),
                permission,
                _sent(arn(secret)),
            )
    yield from _logs(stack)
    yield from _storage_of_tasks(stack)
    for role in stack.all("aws_iam_role"):
        (trust,) = role.policy("assume_role_policy")
        service = trust["Principal"]["Service"]
        keys = ASSUMING[service]
        yield Call(
            service, "sts:AssumeRole", arn(role), role, keys and {**keys, "aws:SourceAccount": ACCOUNT}
        )


def _delivery(stack: Stack, target: Resource) -> Iterator[Call]:
    """EventBridge user guide, "Using resource-based policies", "Troubleshooting", "Using dead-letter queues";
    SNS developer guide, "Managing encryption keys and costs"; SQS developer guide, "Key management".
    """
    rule = stack.named(target["rule"])
    from_rule = {"aws:SourceArn": arn(rule)}
    to = stack.named(target["arn"])
    if to.type == "aws_sns_topic":
        yield Call(EVENTS, "sns:Publish", arn(to), _policy_of(stack, "aws_sns_topic_policy", "arn", to))
        yield from _topic_key(stack, EVENTS, to, {})
    elif to.type in ("aws_lambda_alias", "aws_lambda_function"):
        (permission,) = (
            one
            for one in stack.all("aws_lambda_permission")
            if one["principal"] == EVENTS and stack.named(one["source_arn"]) == rule
        )
        yield Call(EVENTS, "lambda:InvokeFunction", arn(to), permission, from_rule)
    else:
        raise AssertionError(f"{target.path}: what does EventBridge send to {to.type}?")
    if dead := target.block.get("dead_letter_config"):
        queue = stack.named(dead["arn"])
        queue_policy = _policy_of(stack, "aws_sqs_queue_policy", "queue_url", queue)
        yield Call(EVENTS, "sqs:SendMessage", arn(queue), queue_policy, from_rule)
        for action in DATA_KEYS:
            context = {**from_rule, f"{CONTEXT}aws:sqs:arn": arn(queue)}
            yield Call(EVENTS, action, arn(stack.one("aws_kms_key")), stack.one("aws_kms_key"), context)


def _notification(stack: Stack, alarm: Resource, topic: Resource) -> Iterator[Call]:
    """CloudWatch user guide, "Setting up SNS notifications"."""
    sent = _sent(arn(alarm))
    yield Call(
        ALARMS, "sns:Publish", arn(topic), _policy_of(stack, "aws_sns_topic_policy", "arn", topic), sent
    )
    yield from _topic_key(stack, ALARMS, topic, sent)


def _topic_key(stack: Stack, service: str, topic: Resource, sent: Mapping[str, str]) -> Iterator[Call]:
    key = stack.named(topic["kms_master_key_id"])
    for action in DATA_KEYS:
        yield Call(service, action, arn(key), key, {**sent, f"{CONTEXT}aws:sns:topicArn": arn(topic)})


def _logs(stack: Stack) -> Iterator[Call]:
    """CloudWatch Logs user guide, "Encrypt log data" and "Enabling logging from AWS services"; Step Functions
    developer guide, "Data at rest encryption"; Application Load Balancer user guide, "Enable access logs".
    """
    key = stack.one("aws_kms_key")
    for group in stack.all("aws_cloudwatch_log_group"):
        for action in (*DATA_KEYS, "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:DescribeKey"):
            context = {f"{CONTEXT}aws:logs:arn": arn(group)}
            yield Call(f"logs.{REGION}.amazonaws.com", action, arn(key), key, context)
    delivery, here = "delivery.logs.amazonaws.com", f"arn:aws:logs:{REGION}:{ACCOUNT}:*"
    (vended,) = stack.all("aws_cloudwatch_log_resource_policy")
    (firewall,) = stack.one("aws_wafv2_web_acl_logging_configuration")["log_destination_configs"]
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        stream = f"{arn(stack.named(firewall))}:log-stream:x"
        yield Call(delivery, action, stream, vended, _sent(here))
    yield Call(delivery, "kms:Decrypt", arn(key), key, {f"{CONTEXT}SourceArn": here})
    bucket = stack.named(stack.one("aws_lb")["access_logs"]["bucket"])
    yield Call(
        "logdelivery.elasticloadbalancing.amazonaws.com",
        "s3:PutObject",
        f"{arn(bucket)}/AWSLogs/{ACCOUNT}/x",
        _policy_of(stack, "aws_s3_bucket_policy", "bucket", bucket),
    )


def _storage_of_tasks(stack: Stack) -> Iterator[Call]:
    """Amazon ECS developer guide, "Encryption key for Fargate ephemeral storage"."""
    key = stack.one("aws_kms_key")
    for cluster in stack.all("aws_ecs_cluster"):
        context = {
            f"{CONTEXT}aws:ecs:clusterAccount": ACCOUNT,
            f"{CONTEXT}aws:ecs:clusterName": cluster["name"],
        }
        fargate = "fargate.amazonaws.com"
        yield Call(fargate, "kms:GenerateDataKeyWithoutPlaintext", arn(key), key, context)
        granted = {**context, "kms:GrantOperations": ["Decrypt"]}
        yield Call(fargate, "kms:CreateGrant", arn(key), key, granted)


def _sent(source: str) -> dict[str, str]:
    return {"aws:SourceArn": source, "aws:SourceAccount": ACCOUNT}


def _policy_of(stack: Stack, type_: str, argument: str, of: Resource) -> Resource:
    (found,) = (one for one in stack.all(type_) if stack.named(one[argument]) == of)
    return found


def _policy(stack: Stack, block: Resource) -> Policy:
    """A permission of a function is a statement of its policy (Lambda API reference, AddPermission)."""
    if block.type != "aws_lambda_permission":
        (argument,) = {"policy", "assume_role_policy", "policy_document"} & set(block.block)
        return document(stack, block, argument)
    condition: dict[str, dict[str, str]] = {}
    if source := block.block.get("source_arn"):
        condition["ArnLike"] = {"AWS:SourceArn": arn(stack.named(source))}
    if account := block.block.get("source_account"):
        condition["StringEquals"] = {"AWS:SourceAccount": account}
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": block["principal"]},
        "Action": block["action"],
        "Resource": arn(stack.named(block.block.get("qualifier", block["function_name"]))),
        "Condition": condition,
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return parse_policy(text, name=block.path, kind=Kind.RESOURCE)
