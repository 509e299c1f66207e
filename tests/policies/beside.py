"""What broad policies find at the other end of a link that a mutant cuts: a finding that is right there, too.

On the resource of the narrow finding they wait (`stack_gate.yielding`).
"""

from collections.abc import Callable, Mapping

from tests.policies.harness import Document, Pair, on

_GROUP, _IDLE, _UNWRITTEN = "aws_cloudwatch_log_group", "CKV2_BG_442", "CKV2_BG_452"
_SECRET_POLICY = "aws_secretsmanager_secret_policy"
_SECRET = "CKV2_BG_447"
Expected = Callable[[Document], set[Pair]]

# Name of the mutant → what else is found.
BESIDE: Mapping[str, tuple[Expected, ...]] = {
    "connections of blue twice": (on("CKV2_BG_448", "aws_cloudwatch_metric_alarm", "database-connections"),),
    "default parameter group": (on(_IDLE, "aws_rds_cluster_parameter_group", "green"),),
    "one route table for two zones": (on(_IDLE, "aws_route_table", "application-us-east-1c"),),
    "condition that green does not meet": (on("CKV_BG_411", "aws_backup_selection", "green"),),
    "no table at all": (on("CKV_BG_411", "aws_backup_selection", "control"),),
    "rotation with a short timeout": (
        on("CKV_BG_207", "aws_cloudwatch_metric_alarm", "green_rotation-duration"),
    ),
    "switch with timeout 30": (on("CKV_BG_207", "aws_cloudwatch_metric_alarm", "_switch-duration"),),
    "switch with timeout None": (on("CKV_BG_207", "aws_cloudwatch_metric_alarm", "_switch-duration"),),
    "hello world as generated": (on("CKV_BG_207", "aws_cloudwatch_metric_alarm", "_switch-duration"),),
    "a range that is not known": (on("CKV2_BG_449", "aws_security_group_rule", "u"),),
    "tasks in public subnets": (on("CKV_BG_8", "aws_ecs_service", "green"),),
    "denied wildcard": (on("CKV2_BG_443", "aws_iam_role_policy", "backup"),),
    "no parameter group": (on(_IDLE, "aws_rds_cluster_parameter_group", "blue"),),
    "database in the default subnets": (on(_IDLE, "aws_db_subnet_group", "green"),),
    "no selections": (on(_IDLE, "aws_backup_plan"),),
    "selection of another plan": (on("CKV2_BG_441", "aws_backup_selection", "blue"),),
    "rotation function that may be looked at": (
        on("CKV2_BG_440", "aws_lambda_permission", "green-credentials_permission"),
    ),
    "rotation function that may not write": (
        on(_SECRET, _SECRET_POLICY, "green-credentials"),
        on(_SECRET, _SECRET_POLICY, "green-database_administrator"),
    ),
    "rotation function of another secret": (
        on(_SECRET, _SECRET_POLICY, "blue-credentials"),
        on(_SECRET, _SECRET_POLICY, "green-credentials"),
    ),
    "web ACL in front of something else": (on("CKV2_BG_441", "aws_wafv2_web_acl_association"),),
    "load balancer without any firewall": (on(_UNWRITTEN, _GROUP, "web-firewall"),),
    "firewall without logs": (on(_UNWRITTEN, _GROUP, "web-firewall"),),
    "code that switches, of a role that may not, told nothing": (on(_UNWRITTEN, _GROUP, "switching_switch"),),
    "flow log in another account's group": (on(_UNWRITTEN, _GROUP, "flow-logs"),),
    "green's tasks in blue's group": (on(_IDLE, "aws_lb_target_group", "green"),),
    "route to the NAT gateway of another zone": (on(_IDLE, "aws_nat_gateway", "us-east-1b"),),
    "inline route to another zone": (on(_IDLE, "aws_nat_gateway", "us-east-1b"),),
    "queue policy about another queue": (on("CKV2_BG_446", "aws_sqs_queue_policy", "blue-credentials"),),
    "reader that is told another table": (on("CKV_BG_453", "aws_lambda_function", "switching_read"),),
    "gateway endpoint of another service": (on("CKV_BG_404", "aws_vpc_endpoint", "endpoints_dynamodb"),),
    "value of a secret in the environment": (on("CKV2_BG_444", "aws_ecs_task_definition", "green"),),
    "green's targets in plain text": (on("CKV2_BG_275", "aws_lb_target_group", "green"),),
    "role for one repository": (
        on("CKV2_BG_440", "aws_ecs_task_definition", "green"),
        on("CKV2_BG_440", "aws_iam_role", "green_role"),
    ),
    "rule that may not call the ledger": (on("CKV2_BG_445", "aws_lambda_permission", "ledger_watching"),),
    "bucket that lets public policies through": (on("CKV2_BG_275", "aws_s3_bucket_public_access_block"),),
    "bucket that answers plain HTTP: denied without any value": (on("CKV_BG_458", "aws_s3_bucket"),),
    "bucket that answers plain HTTP: denied with TLS instead": (on("CKV_BG_458", "aws_s3_bucket"),),
    "named parameter": (on("CKV_BG_9", "aws_ssm_parameter", "migration-status"),),
    "alarm of green on a function of none": (
        on("CKV2_BG_456", "aws_lambda_function", "green-credentials_rotation"),
    ),
    "event rule without a target": (on("CKV2_BG_459"),),
    "rule for events of anyone": (on("CKV2_BG_459", "aws_backup_vault"),),
    "rule that leaves out a listener": (on("CKV2_BG_459", "aws_lb_listener", "_test_"),),
    "rule for fewer secrets of one colour": (on("CKV2_BG_459", "aws_secretsmanager_secret", "green-mover"),),
    "selection of blue, twice": (on("CKV_BG_411", "aws_backup_selection", "green"),),
    "rotation function that may be invoked for another secret": (
        on("CKV2_BG_445", "aws_lambda_permission", "green-credentials_permission"),
    ),
    "rotation function that may be invoked for other names": (
        on("CKV2_BG_445", "aws_lambda_permission", "blue-credentials_permission"),
    ),
    "function that is not told of its queue": (on("CKV2_BG_444", "aws_lambda_function", "ledger_setup"),),
}


def beside(name: str, document: Document) -> set[Pair]:
    """What is found beside the findings of a mutant of this name."""
    return set().union(*(expected(document) for expected in BESIDE.get(name, ())))
