"""Would AWS allow it? Asks the policies of a synthesized stack, with exactly the keys that AWS documents."""

import json
from collections.abc import Mapping
from typing import Any

from iam_evaluation import Caller, Decision, Kind, Policies, Policy, Request, evaluate, parse_policy
from tests.stack_reader import REFERENCE, Resource, Stack

ACCOUNT, REGION = "123456789012", "us-east-1"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
CONTEXT = "kms:EncryptionContext:"
# Type → argument that has the name (None: AWS makes one), and the ARN with `{}` in its place.
_ARNS: Mapping[str, tuple[str | None, str]] = {
    "aws_backup_vault": ("name", f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:{{}}"),
    "aws_cloudwatch_composite_alarm": ("alarm_name", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{{}}"),
    "aws_cloudwatch_event_rule": ("name", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{{}}"),
    "aws_cloudwatch_log_group": ("name", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{}}"),
    "aws_cloudwatch_metric_alarm": ("alarm_name", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{{}}"),
    "aws_dynamodb_table": ("name", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{}}"),
    "aws_ecs_service": ("name", f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/cluster/{{}}"),
    "aws_ecr_repository": ("name", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{{}}"),
    "aws_iam_role": ("name", f"arn:aws:iam::{ACCOUNT}:role/{{}}"),
    "aws_lambda_alias": ("name", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:aliased:{{}}"),
    "aws_lambda_function": ("function_name", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{{}}"),
    "aws_lb_listener": (None, f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:listener/app/lb/5/{{}}"),
    "aws_rds_cluster": ("cluster_identifier", f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{{}}"),
    "aws_rds_cluster_instance": ("identifier", f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{{}}"),
    "aws_s3_bucket": ("bucket", "arn:aws:s3:::{}"),
    "aws_secretsmanager_secret": ("name", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{{}}-AbCdEf"),
    "aws_sfn_state_machine": ("name", f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{{}}"),
    "aws_sns_topic": ("name", f"arn:aws:sns:{REGION}:{ACCOUNT}:{{}}"),
    "aws_sqs_queue": ("name", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{}}"),
    "aws_ssm_parameter": ("name", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{{}}"),
}
_KINDS = {"aws_kms_key": Kind.KEY, "aws_iam_role": Kind.TRUST, "aws_iam_role_policy": Kind.IDENTITY}


def arn(resource: Resource) -> str:
    """As it will be once the resource is applied."""
    if resource.type == "aws_kms_key":
        return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{KEY_ID}"
    argument, pattern = _ARNS[resource.type]
    name = resource[argument] if argument else resource.name.replace("_", "-")
    return pattern.format(resource.block.get("path", "/")[1:] + name)


def document(stack: Stack, resource: Resource, argument: str = "policy") -> Policy:
    """The resource's policy with every reference replaced by the ARN that it stands for."""
    text = REFERENCE.sub(lambda found: arn(stack.named(found[0])), resource[argument])
    return parse_policy(text, name=resource.path, kind=_KINDS.get(resource.type, Kind.RESOURCE))


def role_policies(stack: Stack, role: Resource) -> tuple[Policy, ...]:
    """The inline policies of a role."""
    own = [one for one in stack.all("aws_iam_role_policy") if stack.named(one["role"]) == role]
    return tuple(document(stack, one) for one in own)


def role_may(
    stack: Stack, role: Resource, action: str, on: str = "*", context: Mapping[str, Any] | None = None
) -> Decision:
    """Whether a role of the stack may do it by its own policies, and by the key's where `on` is the key."""
    found = {"aws:SecureTransport": True, "aws:RequestedRegion": REGION, **(context or {})}
    key = stack.one("aws_kms_key")
    of_resource = (document(stack, key),) if on == arn(key) else ()
    request = Request(Caller.role(arn(role)), action, on, found)
    return evaluate(request, Policies(identity=role_policies(stack, role), resource=of_resource))


def administrator_may(
    stack: Stack, action: str, on: str, *, role: str, context: Mapping[str, Any] | None = None
) -> Decision:
    """Whether a role whose own policies allow everything may do it under the key's policy."""
    request = Request(Caller.role(role), action, on, {**(context or {})})
    policies = Policies(identity=(everything(),), resource=(document(stack, stack.one("aws_kms_key")),))
    return evaluate(request, policies)


def everything() -> Policy:
    """An identity's policy that allows everything: what is denied is denied by the resource's."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    return parse_policy(json.dumps(document), name="everything")
