"""The ID by which Terraform imports a resource that exists without being in the state.

An interrupt, a killed provider or a lost connection can cancel a call that AWS carries out all the same.
The next apply then fails where AWS refuses a second one of that name. The form of each ID is in the section
"Import" of the resource's page at https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from bluegreen.terraform.recovery import network
from bluegreen.terraform.recovery.clients import ClientFor, calling

Values = Mapping[str, Any]  # attributes as planned
Finder = Callable[[Values, ClientFor], str]

# Those whose ID is their name: which attribute that is, and the call that finds it, with the argument for it.
BY_NAME: dict[str, tuple[str, str, str, str]] = {
    "aws_db_subnet_group": ("name", "rds", "describe_db_subnet_groups", "DBSubnetGroupName"),
    "aws_dynamodb_table": ("name", "dynamodb", "describe_table", "TableName"),
    "aws_iam_role": ("name", "iam", "get_role", "RoleName"),
    "aws_kms_alias": ("name", "kms", "describe_key", "KeyId"),
    "aws_lambda_function": ("function_name", "lambda", "get_function_configuration", "FunctionName"),
    "aws_rds_cluster": ("cluster_identifier", "rds", "describe_db_clusters", "DBClusterIdentifier"),
    "aws_rds_cluster_instance": ("identifier", "rds", "describe_db_instances", "DBInstanceIdentifier"),
    "aws_rds_cluster_parameter_group": (
        "name",
        "rds",
        "describe_db_cluster_parameter_groups",
        "DBClusterParameterGroupName",
    ),
    "aws_s3_bucket": ("bucket", "s3", "get_bucket_location", "Bucket"),
    "aws_ssm_parameter": ("name", "ssm", "get_parameter", "Name"),
}


def import_id(type_: str, values: Values, client_for: ClientFor) -> str | None:
    """None where AWS has no such resource, where that can't be read, or where this doesn't know the type."""

    def find() -> str | None:
        return find_id(type_, values, client_for)

    return calling(find, missing=lambda: None, failed=lambda _: None)


def find_id(type_: str, values: Values, client_for: ClientFor) -> str:
    """The same, raising what `calling` tells apart: botocore's errors, LookupError, StopIteration."""
    if type_ in BY_LOOKUP:
        return BY_LOOKUP[type_](values, client_for)
    attribute, service, call, argument = BY_NAME[type_]
    getattr(client_for(service), call)(**{argument: values[attribute]})
    return str(values[attribute])


def _vault(values: Values, client_for: ClientFor) -> str:
    """DescribeBackupVault answers AccessDeniedException for one that doesn't exist."""
    pages = client_for("backup").get_paginator("list_backup_vaults").paginate()
    names = (str(vault["BackupVaultName"]) for page in pages for vault in page["BackupVaultList"])
    return next(name for name in names if name == values["name"])


def _log_group(values: Values, client_for: ClientFor) -> str:
    found = client_for("logs").describe_log_groups(logGroupNamePrefix=values["name"])["logGroups"]
    return next(str(group["logGroupName"]) for group in found if group["logGroupName"] == values["name"])


def _repository(values: Values, client_for: ClientFor) -> str:
    described = client_for("ecr").describe_repositories(repositoryNames=[values["name"]])
    return str(described["repositories"][0]["repositoryName"])


def _service(values: Values, client_for: ClientFor) -> str:
    cluster, name = values["cluster"], values["name"]
    found = client_for("ecs").describe_services(cluster=cluster, services=[name])["services"]
    (service,) = [service for service in found if service["status"] == "ACTIVE"]
    return f"{cluster.rpartition('/')[2]}/{service['serviceName']}"


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


def _function(values: Values) -> str:
    """The name of the function that `function_name` names, which may be an ARN."""
    return str(values["function_name"]).rpartition(":function:")[2]


def _alias(values: Values, client_for: ClientFor) -> str:
    function, name = _function(values), values["name"]
    return f"{function}/{client_for('lambda').get_alias(FunctionName=function, Name=name)['Name']}"


def _permission(values: Values, client_for: ClientFor) -> str:
    """An alias has a policy of its own."""
    function, alias = _function(values), values.get("qualifier")
    of = {"FunctionName": function} | ({"Qualifier": alias} if alias else {})
    document = json.loads(client_for("lambda").get_policy(**of)["Policy"])
    wanted = values["statement_id"]
    named = f"{function}:{alias}" if alias else function
    return next(f"{named}/{wanted}" for statement in document["Statement"] if statement["Sid"] == wanted)


def _web_acl(values: Values, client_for: ClientFor) -> str:
    found = client_for("wafv2").list_web_acls(Scope=values["scope"])["WebACLs"]
    ids = [str(acl["Id"]) for acl in found if acl["Name"] == values["name"]]
    return f"{ids[0]}/{values['name']}/{values['scope']}"


def _firewall(values: Values, client_for: ClientFor) -> str:
    described = client_for("network-firewall").describe_firewall(FirewallName=values["name"])
    return str(described["Firewall"]["FirewallArn"])


def _firewall_policy(values: Values, client_for: ClientFor) -> str:
    described = client_for("network-firewall").describe_firewall_policy(FirewallPolicyName=values["name"])
    return str(described["FirewallPolicyResponse"]["FirewallPolicyArn"])


def _rule_group(values: Values, client_for: ClientFor) -> str:
    described = client_for("network-firewall").describe_rule_group(
        RuleGroupName=values["name"], Type=values["type"]
    )
    return str(described["RuleGroupResponse"]["RuleGroupArn"])


# Those that are looked up by their own name: which attribute that is, and how.
BY_OWN_NAME: dict[str, tuple[str, Finder]] = {
    "aws_backup_vault": ("name", _vault),
    "aws_cloudwatch_log_group": ("name", _log_group),
    "aws_ecr_repository": ("name", _repository),
    "aws_lb": ("name", _load_balancer),
    "aws_lb_target_group": ("name", _target_group),
    "aws_networkfirewall_firewall": ("name", _firewall),
    "aws_networkfirewall_firewall_policy": ("name", _firewall_policy),
    "aws_networkfirewall_rule_group": ("name", _rule_group),
    "aws_secretsmanager_secret": ("name", _secret),
    "aws_sfn_state_machine": ("name", _state_machine),
    "aws_sqs_queue": ("name", _queue),
    "aws_wafv2_web_acl": ("name", _web_acl),
}
BY_LOOKUP: dict[str, Finder] = {
    **network.FINDERS,
    **{type_: find for type_, (_, find) in BY_OWN_NAME.items()},
    "aws_ecs_service": _service,
    "aws_lambda_alias": _alias,
    "aws_lambda_permission": _permission,
    "aws_lb_listener": _listener,
}
# What AWS has one of by name → the attribute that is the name.
NAMED: dict[str, str] = {
    **{type_: attribute for type_, (attribute, *_) in BY_NAME.items()},
    **{type_: attribute for type_, (attribute, _) in BY_OWN_NAME.items()},
}
