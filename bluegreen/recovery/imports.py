"""The ID by which Terraform imports a resource that exists without being in the state.

An interrupt, a killed provider or a lost connection can cancel a call that AWS carries out all the same.
The next apply then fails where AWS refuses a second one of that name. The form of each ID is in the section
"Import" of the resource's page at https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs.
"""

from collections.abc import Callable, Mapping
from typing import Any

from bluegreen.recovery import network
from bluegreen.recovery.clients import ClientFor, calling

Values = Mapping[str, Any]  # attributes as planned
Finder = Callable[[Values, ClientFor], str]

# Those whose ID is made of what is planned.
BY_VALUES: dict[str, str] = {
    "aws_backup_vault": "{name}",
    "aws_cloudwatch_log_group": "{name}",
    "aws_db_subnet_group": "{name}",
    "aws_dynamodb_table": "{name}",
    "aws_ecr_repository": "{name}",
    "aws_ecs_cluster": "{name}",
    "aws_iam_role": "{name}",
    "aws_iam_role_policy": "{role}:{name}",
    "aws_kms_alias": "{name}",
    "aws_lambda_function": "{function_name}",
    "aws_lambda_permission": "{function_name}/{statement_id}",
    "aws_rds_cluster": "{cluster_identifier}",
    "aws_rds_cluster_instance": "{identifier}",
    "aws_rds_cluster_parameter_group": "{name}",
    "aws_route": "{route_table_id}_{destination_cidr_block}",
    "aws_route_table_association": "{subnet_id}/{route_table_id}",
    "aws_s3_bucket": "{bucket}",
    "aws_ssm_parameter": "{name}",
}


def import_id(type_: str, values: Values, client_for: ClientFor) -> str | None:
    """None where the ID can't be found: AWS has no such resource, or this doesn't know the type."""
    finder = BY_LOOKUP.get(type_)
    if finder is not None:
        return calling(lambda: finder(values, client_for), missing=lambda: None, failed=lambda _: None)
    try:
        return BY_VALUES[type_].format_map({key: _required(value) for key, value in values.items()})
    except (KeyError, ValueError):
        return None


def _required(value: Any) -> Any:
    """What isn't known before the apply is None."""
    return _Unknown() if value is None else value


class _Unknown:
    def __format__(self, _: str) -> str:
        raise ValueError("not known before the apply")


def _service(values: Values, _: ClientFor) -> str:
    return f"{values['cluster'].rpartition('/')[2]}/{values['name']}"


def _queue(values: Values, client_for: ClientFor) -> str:
    return str(client_for("sqs").get_queue_url(QueueName=values["name"])["QueueUrl"])


def _secret(values: Values, client_for: ClientFor) -> str:
    return str(client_for("secretsmanager").describe_secret(SecretId=values["name"])["ARN"])


def _load_balancer(values: Values, client_for: ClientFor) -> str:
    described = client_for("elbv2").describe_load_balancers(Names=[values["name"]])
    return str(described["LoadBalancers"][0]["LoadBalancerArn"])


def _target_group(values: Values, client_for: ClientFor) -> str:
    return str(
        client_for("elbv2").describe_target_groups(Names=[values["name"]])["TargetGroups"][0][
            "TargetGroupArn"
        ]
    )


def _listener(values: Values, client_for: ClientFor) -> str:
    described = client_for("elbv2").describe_listeners(LoadBalancerArn=values["load_balancer_arn"])
    return next(str(x["ListenerArn"]) for x in described["Listeners"] if x["Port"] == values["port"])


def _state_machine(values: Values, client_for: ClientFor) -> str:
    pages = client_for("stepfunctions").get_paginator("list_state_machines").paginate()
    found = pages.build_full_result()["stateMachines"]
    return next(str(machine["stateMachineArn"]) for machine in found if machine["name"] == values["name"])


def _web_acl(values: Values, client_for: ClientFor) -> str:
    found = client_for("wafv2").list_web_acls(Scope=values["scope"])["WebACLs"]
    ids = [str(acl["Id"]) for acl in found if acl["Name"] == values["name"]]
    return f"{ids[0]}/{values['name']}/{values['scope']}"


BY_LOOKUP: dict[str, Finder] = network.FINDERS | {
    "aws_ecs_service": _service,
    "aws_lb": _load_balancer,
    "aws_lb_listener": _listener,
    "aws_lb_target_group": _target_group,
    "aws_secretsmanager_secret": _secret,
    "aws_sfn_state_machine": _state_machine,
    "aws_sqs_queue": _queue,
    "aws_wafv2_web_acl": _web_acl,
}
