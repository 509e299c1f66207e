"""What a function's role has to allow: the calls of its code, and what Lambda does in its name.

Sources: Lambda developer guide, "Execution role", "Giving Lambda functions access to resources in an Amazon
VPC", "AWS X-Ray"; KMS developer guide, "Condition keys" (kms:ViaService).
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product

from stack_gate.stack import LISTENERS, TARGET_GROUPS, Block, Body, Stack, listed

from iam_evaluation import Caller, Policies, PolicyError, Request, evaluate, parse_policy
from policies import _iam
from policies._accounts import Accounts
from policies._arns import partition_of
from policies._package import Code
from policies.platform._providers import aws

# boto3's name of a service → IAM's, where they differ.
_PREFIXES = {
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "sesv2": "ses",
    "stepfunctions": "states",
}
# Calls whose action has another name. Source: Service Authorization Reference.
_ACTIONS = {
    "lambda:invoke": ("lambda:InvokeFunction",),
    "s3:head_object": ("s3:GetObject",),
    "s3:list_objects_v2": ("s3:ListBucket",),
    "sqs:send_message_batch": ("sqs:SendMessage",),
    "sns:publish_batch": ("sns:Publish",),
}
# Calls that need more than their own action: (what AWS asks for, what it may ask for). Source: Service
# Authorization Reference, dependent actions.
_BESIDES = {"ecs:register_task_definition": (("iam:PassRole",), ("ecs:TagResource",))}
_TRANSACTIONS = "dynamodb:transact_write_items"  # authorised as what its items are
_ITEMS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
# IAM's name of a service → the types that its actions are about.
TYPES: Mapping[str, tuple[str, ...]] = {
    "cloudwatch": ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"),
    "dynamodb": ("aws_dynamodb_table",),
    "elasticloadbalancing": (*LISTENERS, *TARGET_GROUPS),
    "kms": ("aws_kms_key",),
    "lambda": ("aws_lambda_function", "aws_lambda_alias"),
    "logs": ("aws_cloudwatch_log_group",),
    "rds": ("aws_rds_cluster", "aws_rds_cluster_instance", "aws_db_instance"),
    "s3": ("aws_s3_bucket",),
    "secretsmanager": ("aws_secretsmanager_secret",),
    "sns": ("aws_sns_topic",),
    "sqs": ("aws_sqs_queue",),
    "ssm": ("aws_ssm_parameter",),
    "states": ("aws_sfn_state_machine",),
}
# Actions about one of these only.
_ONLY = {
    "ecs:describeservices": ("aws_ecs_service",),
    "ecs:updateservice": ("aws_ecs_service",),
    "iam:passrole": ("aws_iam_role",),
    "rds:describedbclusters": ("aws_rds_cluster",),
    "rds:describedbinstances": ("aws_rds_cluster_instance", "aws_db_instance"),
}
_INTERFACES = ("ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces")
_NETWORK = (
    "ec2:AssignPrivateIpAddresses", "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs",
    "ec2:UnassignPrivateIpAddresses",
)  # fmt: skip
_TASKS = "ecs-tasks.amazonaws.com"
_TRACES = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")


@dataclass
class Needs:
    """Actions in lower case → as AWS writes them. `allowed`: also those that it does well without."""

    required: dict[str, str] = field(default_factory=dict)
    allowed: dict[str, str] = field(default_factory=dict)

    def add(self, *actions: str, required: bool = True) -> None:
        named = {action.lower(): action for action in actions}
        self.allowed |= named
        if required:
            self.required |= named


def needs(function: Block, code: Code) -> Needs:
    """What the role of a function has to allow, and may allow."""
    found = Needs()
    for service, method in sorted(code.clients):
        prefix = _PREFIXES.get(service, service)
        if f"{prefix}:{method}" == _TRANSACTIONS:
            found.add(*(f"dynamodb:{item}" for word, item in _ITEMS.items() if word in code.words))
        elif method not in _NO_CALLS:
            found.add(*_ACTIONS.get(f"{prefix}:{method}", (f"{prefix}:{method.title().replace('_', '')}",)))
            needed, possible = _BESIDES.get(f"{prefix}:{method}", ((), ()))
            found.add(*needed)
            found.add(*possible, required=False)
    found.add("logs:CreateLogStream", "logs:PutLogEvents")
    found.add("logs:CreateLogGroup", required=False)
    if function.get("vpc_config"):
        found.add(*_INTERFACES)
        found.add(*_NETWORK, required=False)
    if function.get("tracing_config.mode") == "Active":
        found.add(*_TRACES)
        found.add("xray:GetSamplingRules", "xray:GetSamplingTargets", required=False)
    queue = function.refers("dead_letter_config.target_arn", "aws_sqs_queue", "aws_sns_topic")
    found.add(*("sqs:SendMessage" if block.type == "aws_sqs_queue" else "sns:Publish" for block in queue))
    if function.get("kms_key_arn"):
        found.add("kms:Decrypt")
        found.add(
            "kms:GenerateDataKey",
            required=bool(queue) or any("dynamodb" in client for client in code.clients),
        )
    return found


_NO_CALLS = frozenset({"can_paginate", "close", "generate_presigned_url", "get_paginator", "get_waiter"})


def told(function: Block, action: str) -> list[Block]:
    """The resources that an action of the function is about: those in its environment, and its own."""
    types = _ONLY.get(action.lower()) or TYPES.get(action.partition(":")[0].lower(), ())
    if not types:
        return []
    stack = function.stack
    if types == ("aws_iam_role",):
        return _task_roles(function)
    given = [function.get("environment"), function.get("dead_letter_config"), function.get("kms_key_arn")]
    found = stack.referred(given, *types)
    if "aws_cloudwatch_log_group" in types:
        name = str(function.get("function_name"))
        found += [
            group
            for group in stack.resources("aws_cloudwatch_log_group")
            if str(group.get("name")).endswith(name)
        ]
    return found


def _task_roles(function: Block) -> list[Block]:
    """The roles of the tasks of the services that it is told of: it may pass no others."""
    stack = function.stack
    services = stack.referred(function.get("environment"), "aws_ecs_service")
    definitions = stack.referred([s.get("task_definition") for s in services], "aws_ecs_task_definition")
    named = [d.get(key) for d in definitions for key in ("task_role_arn", "execution_role_arn")]
    return stack.referred(named, "aws_iam_role")


@dataclass(frozen=True)
class _World:
    """Where the stack may be applied: what the provider says, else what the conditions say themselves."""

    account: str
    region: str
    tags: Mapping[str, str]

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{partition_of(self.region)}:{service}:{self.region}:{self.account}:{resource}"


_NO_ACCOUNT, _NO_REGION = "000000000000", "us-east-1"
_ACCOUNT = re.compile(r"(?<!\d)\d{12}(?!\d)")
_REGION = re.compile(r"(?<![\w-])[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}(?![\w-])")
_REQUEST_TAG = "aws:requesttag/"


def is_met(statement: Body, action: str, function: Block, services: Iterable[str]) -> bool:
    """Whether the conditions of a statement hold when the function makes the call.

    An account, a region or tags that the provider does not name are no defect of the role: the conditions
    may hold. Policies about the provider report it.
    """
    return any(_holds(statement, action, function, services))


def _holds(statement: Body, action: str, function: Block, services: Iterable[str]) -> Iterator[bool]:
    """Whether the conditions hold, in each world."""
    wanted = statement.get("Condition")
    if not wanted:
        yield True
        return
    policy = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": action, "Resource": "*", "Condition": wanted}],
    }
    try:
        parsed = parse_policy(policy, name="conditions")
    except PolicyError:
        yield False
        return
    for world in _worlds(function.stack, wanted):
        caller = Caller.role(f"arn:{partition_of(world.region)}:iam::{world.account}:role/function")
        yield any(
            evaluate(Request(caller, action, "*", context), Policies(identity=(parsed,))).allowed
            for context in _contexts(action, function.stack, world, services)
        )


def _worlds(stack: Stack, wanted: object) -> Iterator[_World]:
    """One, where the provider names account, region and tags."""
    text = json.dumps(wanted)
    own = sorted(stack.derived(Accounts).own)[:1]
    regions = [str(found) for provider in aws(stack) if (found := provider.get("region"))][:1]
    default = _default_tags(stack)
    accounts = own or [_NO_ACCOUNT, *dict.fromkeys(_ACCOUNT.findall(text))]
    places = regions or [_NO_REGION, *dict.fromkeys(_REGION.findall(text))]
    tags: Sequence[Mapping[str, str]] = [default] if default else [{}, dict(_tags_wanted(wanted))]
    for account, region, carried in product(accounts, places, tags):
        yield _World(account, region, carried)


def _tags_wanted(wanted: object) -> Iterator[tuple[str, str]]:
    """The tags of a request that conditions name, with their first values."""
    for keys in wanted.values() if isinstance(wanted, dict) else ():
        for key, values in keys.items() if isinstance(keys, dict) else ():
            if key.lower().startswith(_REQUEST_TAG):
                yield key[len(_REQUEST_TAG) :], str(next(iter(listed(values)), ""))


def _contexts(
    action: str, stack: Stack, world: _World, services: Iterable[str]
) -> Iterator[dict[str, str | bool]]:
    """What the requests carry. Of a load balancer's keys, none: only weights change."""
    common: dict[str, str | bool] = {
        "aws:RequestedRegion": world.region,
        "aws:ResourceAccount": world.account,
        "aws:SecureTransport": True,
        "aws:ViaAWSService": False,
        "iam:PassedToService": _TASKS,
        "ecs:CreateAction": "RegisterTaskDefinition",
        **{f"aws:RequestTag/{key}": value for key, value in world.tags.items()},
    }
    if action.lower() == "ecs:listtasks":
        for cluster in stack.resources("aws_ecs_cluster"):
            yield common | {"ecs:cluster": world.arn("ecs", f"cluster/{cluster.get('name')}")}
        return
    if not action.startswith("kms:"):
        yield common
        return
    for service in sorted({"lambda", *services}):
        via = f"{service}.{world.region}.amazonaws.com"
        yield common | {"kms:CallerAccount": world.account, "kms:ViaService": via}


def _default_tags(stack: Stack) -> dict[str, str]:
    """Those that the provider gives to all that the stack makes, and that a copy of it has."""
    found = (tags for one in aws(stack) for part in one.blocks("default_tags") for tags in [part.get("tags")])
    tags = next((tags for tags in found if isinstance(tags, dict)), {})
    return {key: str(value) for key, value in tags.items()}


def wrong(statement: Body, action: str, function: Block) -> Iterator[str]:
    """The resources of a statement that are none of those that an action of the function is about."""
    stack, wanted = function.stack, told(function, action)
    types = _ONLY.get(action.lower()) or TYPES.get(action.partition(":")[0].lower())
    if action == "iam:PassRole" and "iam:passedtoservice" not in str(statement.get("Condition")).lower():
        yield "to any service: it has no condition on iam:PassedToService"
    for _, key, values in _iam.conditions(statement) if action == "iam:PassRole" else ():
        others = [value for value in listed(values) if value != _TASKS]
        if key.lower() == "iam:passedtoservice" and others:
            yield f"to {others[0]}, which runs none of the tasks"
    for text in _iam.resources(statement) if types else ():
        found = stack.referred(text)
        is_foreign = text.startswith("arn:") and action.startswith("sns:") and not _named(text, wanted)
        if (found or (wanted and is_foreign)) and not any(block in wanted for block in found):
            yield f"on {text}, which is none that it is told of"


def _named(arn: str, wanted: list[Block]) -> bool:
    """Whether an ARN in full is that of one of the resources."""
    return arn.rpartition(":")[2] in {str(block.get("name")) for block in wanted}


def missing(statements: list[Body], action: str, function: Block) -> Iterator[str]:
    """The resources that an action of the function is about, and that no statement names."""
    named = [text for statement in statements for text in _iam.resources(statement)]
    if "*" in named or action.startswith(("elasticloadbalancing:", "cloudwatch:")):
        return
    stack = function.stack
    known = stack.referred(named)
    literal = [text for text in named if "${" not in text]
    wanted = told(function, action)
    if action.lower() == "states:startexecution":
        values = [str(value) for body in function.blocks("environment.variables") for value in body.values()]
        machines = [value for value in values if ":states:" in value]
        yield from (value for value in machines if value not in literal)
    elif not action.startswith(("logs:", "kms:")) or not literal:
        yield from (block.address for block in wanted if block not in known)
    elif wanted and not any(block in known for block in wanted):
        yield wanted[0].address


def is_denied(statement: Body, action: str, function: Block, services: Iterable[str]) -> bool:
    """Whether a Deny may take an action away: on everything, or on one of its resources."""
    if str(statement.get("Effect", "")) != "Deny" or not _iam.is_about(statement, action):
        return False
    touched = [
        text
        for text in _iam.resources(statement) or ["*"]
        if text == "*" or any(block in told(function, action) for block in function.stack.referred(text))
    ]
    return bool(touched) and all(_holds(statement, action, function, services))


def vias(needed: Needs) -> set[str]:
    """The services through which the function uses keys, as kms:ViaService names them."""
    return {action.partition(":")[0] for action in needed.required} - {"kms", "ec2", "logs", "xray"}
