"""The policy documents of a synthesized stack, and requests that they are about."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from iam_evaluation import Caller, Kind, UnknownActionError, expand_actions, find_action
from packages.iam.tests.cases import Case, Document
from tests.stack_reader import Resource, Stack

ACCOUNT, FOREIGN = "111122223333", "444455556666"
# The oracle doesn't know these keys. Another name changes nothing else.
ENCRYPTION_CONTEXT = "aws:PrincipalTag/"
_REFERENCE = re.compile(r"\$\{(?:data\.)?(aws_\w+)\.([\w-]+)\.[^}]+\}")
# Type of the resource → the end of its ARN, after `arn:aws:`; `{}` is the block's name.
_ARNS = {
    "aws_backup_vault": f"backup:eu-west-1:{ACCOUNT}:backup-vault:{{}}",
    "aws_cloudwatch_composite_alarm": f"cloudwatch:eu-west-1:{ACCOUNT}:alarm:{{}}",
    "aws_cloudwatch_event_rule": f"events:eu-west-1:{ACCOUNT}:rule/{{}}",
    "aws_cloudwatch_log_group": f"logs:eu-west-1:{ACCOUNT}:log-group:{{}}",
    "aws_dynamodb_table": f"dynamodb:eu-west-1:{ACCOUNT}:table/{{}}",
    "aws_ecr_repository": f"ecr:eu-west-1:{ACCOUNT}:repository/{{}}",
    "aws_ecs_service": f"ecs:eu-west-1:{ACCOUNT}:service/cluster/{{}}",
    "aws_iam_role": f"iam::{ACCOUNT}:role/{{}}",
    "aws_lambda_alias": f"lambda:eu-west-1:{ACCOUNT}:function:aliased:{{}}",
    "aws_lambda_function": f"lambda:eu-west-1:{ACCOUNT}:function:{{}}",
    "aws_lb_listener": f"elasticloadbalancing:eu-west-1:{ACCOUNT}:listener/app/lb/50dc6c495c0c9188/{{}}",
    "aws_rds_cluster": f"rds:eu-west-1:{ACCOUNT}:cluster:{{}}",
    "aws_rds_cluster_instance": f"rds:eu-west-1:{ACCOUNT}:db:{{}}",
    "aws_s3_bucket": "s3:::{}",
    "aws_secretsmanager_secret": f"secretsmanager:eu-west-1:{ACCOUNT}:secret:{{}}-AbCdEf",
    "aws_sfn_state_machine": f"states:eu-west-1:{ACCOUNT}:stateMachine:{{}}",
    "aws_sns_topic": f"sns:eu-west-1:{ACCOUNT}:{{}}",
    "aws_sqs_queue": f"sqs:eu-west-1:{ACCOUNT}:{{}}",
    "aws_ssm_parameter": f"ssm:eu-west-1:{ACCOUNT}:parameter/{{}}",
}
_KINDS = {"aws_iam_role": Kind.TRUST, "aws_iam_role_policy": Kind.IDENTITY, "aws_kms_key": Kind.KEY}
# Documents of a resource that another block names.
_OF_ANOTHER = {
    "aws_backup_vault_policy": "backup_vault_name",
    "aws_s3_bucket_policy": "bucket",
    "aws_secretsmanager_secret_policy": "secret_arn",
    "aws_sns_topic_policy": "arn",
    "aws_sqs_queue_policy": "queue_url",
}


def documents(stack: Stack) -> Iterator[tuple[Resource, Kind, Document]]:
    """Every policy document of the stack, with made-up ARNs in the place of references."""
    for type_ in stack.document["resource"]:
        for resource in stack.all(type_):
            for value in resource.block.values():
                if isinstance(value, str) and '"Statement"' in value:
                    text = resolved(value).replace("kms:EncryptionContext:", ENCRYPTION_CONTEXT)
                    yield resource, _KINDS.get(type_, Kind.RESOURCE), json.loads(text)


def resolved(text: str) -> str:
    """References replaced by ARNs."""
    return _REFERENCE.sub(lambda match: arn(match[1], match[2]), text)


def arn(type_: str, name: str) -> str:
    """Of a block."""
    if type_ == "aws_kms_key":
        return f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/{uuid5(NAMESPACE_URL, name)}"
    return "arn:aws:" + _ARNS[type_].format(name.replace("_", "-"))


def cases(stack: Stack) -> Iterator[Case]:
    """For every statement: its actions, on its resources and another, by those that it names and others, with
    its conditions met, with each of them unmet, and without any key."""
    of_roles: dict[str, tuple[Document, ...]] = {}
    for resource, kind, document in documents(stack):
        if kind is Kind.IDENTITY:
            role = resolved(_role(resource))
            of_roles[role] = (*of_roles.get(role, ()), document)
    for resource, kind, document in documents(stack):
        for statement in document["Statement"]:
            for caller in _callers(resource, kind, statement, min(of_roles)):
                identity = of_roles.get(caller.entity, ())
                for action in _actions(statement):
                    yield from _asked(
                        resource, kind, document, statement, action=action, caller=caller, identity=identity
                    )


def _role(resource: Resource) -> str:
    return re.sub(r"\.(id|name)\}", ".arn}", resource["role"])


def _callers(resource: Resource, kind: Kind, statement: Document, role: str) -> list[Caller]:
    """The role, those that are named, and others."""
    if kind is Kind.IDENTITY:
        return [Caller.role(resolved(_role(resource)))]
    return [*_named(statement), Caller.role(role), Caller.role(f"arn:aws:iam::{FOREIGN}:role/other")]


def _asked(
    resource: Resource,
    kind: Kind,
    document: Document,
    statement: Document,
    *,
    action: str,
    caller: Caller,
    identity: tuple[Document, ...],
) -> Iterator[Case]:
    at_endpoint = resource.type == "aws_vpc_endpoint"
    of_resource = None if kind is Kind.IDENTITY or at_endpoint else document
    for target in _targets(resource, kind, statement, action):
        case = Case(caller, action, target, ACCOUNT, identity=identity, of_resource=of_resource, kind=kind)
        case = replace(case, endpoint=document if at_endpoint else None)
        for context in _contexts(statement):
            yield replace(case, context=context)


def _actions(statement: Document) -> list[str]:
    """At most three of each pattern."""
    patterns = statement.get("Action", statement.get("NotAction"))
    found = [expand_actions(one)[:3] or (one,) for one in _list(patterns) if one != "*"]
    return sorted({one for names in found for one in names})


def _targets(resource: Resource, kind: Kind, statement: Document, action: str) -> set[str]:
    own = _own(resource, kind)
    found = {own} if own else {_concrete(one) for one in _list(statement.get("Resource", []))}
    try:
        described = find_action(action)
    except UnknownActionError:
        return set()
    types = [type_.arn for type_ in described.resource_types]
    found |= {_example(one) for one in types if one != "*"}
    return {target for target in found if described.accepts(target)} or {"*"}


def _own(resource: Resource, kind: Kind) -> str | None:
    if kind in (Kind.KEY, Kind.TRUST):
        return arn(resource.type, resource.name)
    argument = _OF_ANOTHER.get(resource.type)
    return resolved(resource[argument]) if argument else None


def _example(arn_format: str) -> str:
    filled = arn_format.replace("${Partition}", "aws").replace("${Region}", "eu-west-1")
    return re.sub(r"\$\{\w+\}", "example", filled.replace("${Account}", ACCOUNT))


def _named(statement: Document) -> Iterator[Caller]:
    principal = statement["Principal"]
    if principal == "*":
        return
    for name in _list(principal.get("Service", [])):
        yield Caller.service(name)
    for name in _list(principal.get("AWS", [])):
        if ":role/" in name:
            yield Caller.role(name)


def _contexts(statement: Document) -> Iterator[dict[str, Any]]:
    keys = [
        (key, _value(operator, _list(values)))
        for operator, block in statement.get("Condition", {}).items()
        for key, values in block.items()
    ]
    met = {key: value for key, value in keys if value is not None}
    yield met
    for key, value in met.items():
        yield {**met, key: "arn:aws:s3:::none" if str(value).startswith("arn:") else "other"}
    if met:
        yield {}


def _value(operator: str, values: list[str]) -> Any:
    """One that meets it, or nearly."""
    if operator == "Null":
        return None if values[0] == "true" else "x"
    found = _concrete(values[0])
    return [found] if operator.startswith("For") else found


def _concrete(pattern: str) -> str:
    return pattern if pattern == "*" else pattern.replace("*", "x").replace("?", "x")


def _list(value: Any) -> list[str]:
    return [
        str(one).lower() if isinstance(one, bool) else one
        for one in (value if isinstance(value, list) else [value])
    ]
