"""Which arguments join resources, and by which of them a resource is put to use."""

from collections.abc import Mapping

GROUPS = ("aws_lb_target_group", "aws_alb_target_group")
BALANCERS = ("aws_lb", "aws_alb")
LISTENERS = ("aws_lb_listener", "aws_alb_listener")
KEYS = ("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key", "aws_kms_alias")
FUNCTION = ("aws_lambda_function",)
ROLE = ("aws_iam_role",)
_SECURITY = ("aws_security_group", "aws_default_security_group")
_SUBNET = ("aws_subnet",)
_TABLE = ("aws_route_table", "aws_default_route_table")
_VPC = ("aws_vpc", "aws_default_vpc")
_QUEUE, _TOPIC, _LOGS = ("aws_sqs_queue",), ("aws_sns_topic",), ("aws_cloudwatch_log_group",)
_CLUSTER, _BUCKET, _SECRET = ("aws_rds_cluster",), ("aws_s3_bucket",), ("aws_secretsmanager_secret",)
_RULE = {
    "security_group_id": _SECURITY,
    "referenced_security_group_id": _SECURITY,
}
# Type → path → what it has to name.
LINKS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "aws_appautoscaling_policy": {"resource_id": ("aws_appautoscaling_target", "aws_ecs_service")},
    "aws_appautoscaling_target": {
        "resource_id": ("aws_ecs_service", "aws_rds_cluster", "aws_dynamodb_table")
    },
    "aws_backup_plan": {"rule.target_vault_name": ("aws_backup_vault",)},
    "aws_backup_selection": {"iam_role_arn": ROLE, "plan_id": ("aws_backup_plan",)},
    "aws_backup_vault_lock_configuration": {"backup_vault_name": ("aws_backup_vault",)},
    "aws_backup_vault_policy": {"backup_vault_name": ("aws_backup_vault",)},
    "aws_cloudwatch_event_target": {
        "arn": (*FUNCTION, "aws_lambda_alias", *_TOPIC, *_QUEUE, "aws_sfn_state_machine", *_LOGS),
        "dead_letter_config.arn": _QUEUE,
        "role_arn": ROLE,
        "rule": ("aws_cloudwatch_event_rule",),
    },
    "aws_cloudwatch_log_metric_filter": {"log_group_name": _LOGS},
    "aws_db_subnet_group": {"subnet_ids": _SUBNET},
    "aws_ecr_lifecycle_policy": {"repository": ("aws_ecr_repository",)},
    "aws_ecs_service": {
        "cluster": ("aws_ecs_cluster",),
        "load_balancer.target_group_arn": GROUPS,
        "network_configuration.security_groups": _SECURITY,
        "network_configuration.subnets": _SUBNET,
        "task_definition": ("aws_ecs_task_definition",),
    },
    "aws_ecs_task_definition": {"execution_role_arn": ROLE, "task_role_arn": ROLE},
    "aws_flow_log": {"iam_role_arn": ROLE, "log_destination": (*_LOGS, *_BUCKET), "vpc_id": _VPC},
    "aws_iam_role_policy": {"role": ROLE},
    "aws_internet_gateway": {"vpc_id": _VPC},
    "aws_kms_alias": {"target_key_id": KEYS},
    "aws_lambda_alias": {"function_name": FUNCTION},
    "aws_lambda_function": {
        "dead_letter_config.target_arn": (*_QUEUE, *_TOPIC),
        "role": ROLE,
        "vpc_config.security_group_ids": _SECURITY,
        "vpc_config.subnet_ids": _SUBNET,
    },
    "aws_lambda_permission": {"function_name": (*FUNCTION, "aws_lambda_alias")},
    "aws_lb": {"security_groups": _SECURITY, "subnets": _SUBNET},
    "aws_lb_listener": {
        "default_action.forward.target_group.arn": GROUPS,
        "default_action.target_group_arn": GROUPS,
        "load_balancer_arn": BALANCERS,
    },
    "aws_lb_listener_rule": {"listener_arn": LISTENERS},
    "aws_lb_target_group": {"vpc_id": _VPC},
    "aws_nat_gateway": {"allocation_id": ("aws_eip",), "subnet_id": _SUBNET},
    "aws_rds_cluster": {
        "db_cluster_parameter_group_name": ("aws_rds_cluster_parameter_group",),
        "db_subnet_group_name": ("aws_db_subnet_group",),
        "vpc_security_group_ids": _SECURITY,
    },
    "aws_rds_cluster_instance": {"cluster_identifier": _CLUSTER},
    "aws_route": {
        "gateway_id": ("aws_internet_gateway",),
        "nat_gateway_id": ("aws_nat_gateway",),
        "route_table_id": _TABLE,
    },
    "aws_route_table": {"vpc_id": _VPC},
    "aws_route_table_association": {"route_table_id": _TABLE, "subnet_id": _SUBNET},
    "aws_s3_bucket_notification": {"bucket": _BUCKET},
    "aws_s3_bucket_lifecycle_configuration": {"bucket": _BUCKET},
    "aws_s3_bucket_ownership_controls": {"bucket": _BUCKET},
    "aws_s3_bucket_policy": {"bucket": _BUCKET},
    "aws_s3_bucket_public_access_block": {"bucket": _BUCKET},
    "aws_s3_bucket_server_side_encryption_configuration": {"bucket": _BUCKET},
    "aws_s3_bucket_versioning": {"bucket": _BUCKET},
    "aws_secretsmanager_secret_policy": {"secret_arn": _SECRET},
    "aws_security_group": {"vpc_id": _VPC},
    "aws_sfn_state_machine": {"logging_configuration.log_destination": _LOGS, "role_arn": ROLE},
    "aws_sns_topic_policy": {"arn": _TOPIC},
    "aws_sqs_queue_policy": {"queue_url": _QUEUE},
    "aws_subnet": {"vpc_id": _VPC},
    "aws_vpc_endpoint": {
        "route_table_ids": _TABLE,
        "security_group_ids": _SECURITY,
        "subnet_ids": _SUBNET,
        "vpc_id": _VPC,
    },
    "aws_vpc_security_group_egress_rule": _RULE,
    "aws_vpc_security_group_ingress_rule": _RULE,
    "aws_wafv2_web_acl_association": {"resource_arn": BALANCERS, "web_acl_arn": ("aws_wafv2_web_acl",)},
    "aws_wafv2_web_acl_logging_configuration": {
        "log_destination_configs": (*_LOGS, *_BUCKET),
        "resource_arn": ("aws_wafv2_web_acl",),
    },
}

# Type → where a resource of it has to be named: in one place of each row.
USES: Mapping[str, tuple[tuple[tuple[str, str], ...], ...]] = {
    "aws_backup_plan": ((("aws_backup_selection", "plan_id"),),),
    "aws_cloudwatch_event_rule": ((("aws_cloudwatch_event_target", "rule"),),),
    "aws_db_subnet_group": (
        (("aws_rds_cluster", "db_subnet_group_name"), ("aws_db_instance", "db_subnet_group_name")),
    ),
    "aws_ecs_cluster": ((("aws_ecs_service", "cluster"),),),
    "aws_ecs_service": ((("aws_appautoscaling_target", "resource_id"),),),
    "aws_ecs_task_definition": ((("aws_ecs_service", "task_definition"),),),
    "aws_appautoscaling_target": ((("aws_appautoscaling_policy", "resource_id"),),),
    "aws_lb_target_group": (
        (
            ("aws_ecs_service", "load_balancer.target_group_arn"),
            ("aws_lb_target_group_attachment", "target_group_arn"),
        ),
    ),
    "aws_route_table": (
        (
            ("aws_route_table_association", "route_table_id"),
            ("aws_main_route_table_association", "route_table_id"),
        ),
    ),
    "aws_subnet": ((("aws_route_table_association", "subnet_id"),),),
    "aws_internet_gateway": ((("aws_route", "gateway_id"), ("aws_route_table", "route")),),
    "aws_nat_gateway": ((("aws_route", "nat_gateway_id"), ("aws_route_table", "route")),),
    "aws_rds_cluster_parameter_group": ((("aws_rds_cluster", "db_cluster_parameter_group_name"),),),
    "aws_secretsmanager_secret": ((("aws_secretsmanager_secret_policy", "secret_arn"),),),
    "aws_sns_topic": ((("aws_sns_topic_policy", "arn"), ("aws_sns_topic", "policy")),),
    "aws_sqs_queue": ((("aws_sqs_queue_policy", "queue_url"), ("aws_sqs_queue", "policy")),),
}

# Dimension of an alarm's metric → what it names. Source: CloudWatch user guide, "AWS services that publish
# CloudWatch metrics", and the services' pages.
DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "BackupVaultName": ("aws_backup_vault",),
    "ClusterName": ("aws_ecs_cluster",),
    "DBClusterIdentifier": _CLUSTER,
    "DBInstanceIdentifier": ("aws_rds_cluster_instance", "aws_db_instance"),
    "FunctionName": FUNCTION,
    "LoadBalancer": BALANCERS,
    "NatGatewayId": ("aws_nat_gateway",),
    "QueueName": _QUEUE,
    "ServiceName": ("aws_ecs_service",),
    "StateMachineArn": ("aws_sfn_state_machine",),
    "TableName": ("aws_dynamodb_table",),
    "TargetGroup": GROUPS,
    "TopicName": _TOPIC,
    "WebACL": ("aws_wafv2_web_acl",),
}
