"""What the provider and AWS accept of arguments: which have to be there, ranges of numbers, choices of words.

Sources: required.txt, from `terraform providers schema` of AWS provider 5.100; API references,
the request parameters of each resource's create call.
"""

from collections.abc import Mapping
from pathlib import Path

# Type → paths of required arguments; those of a nested block are required where the block is.
SCHEMA: Mapping[str, tuple[str, ...]] = {
    type_: tuple(paths)
    for type_, *paths in (
        line.split()
        for line in Path(__file__).with_name("required.txt").read_text(encoding="utf-8").splitlines()
    )
}
# What no literal range or list of words says, and what has to be known all the same.
KNOWN: Mapping[str, tuple[str, ...]] = {
    "aws_cloudwatch_event_rule": ("schedule_expression",),
    "aws_cloudwatch_log_metric_filter": (
        "metric_transformation.name", "metric_transformation.namespace", "metric_transformation.value",
        "pattern",
    ),
    "aws_cloudwatch_metric_alarm": (
        "metric_name", "metric_query.id", "metric_query.metric.metric_name", "metric_query.metric.namespace",
        "namespace",
    ),
    "aws_cloudwatch_composite_alarm": ("actions_enabled",),
    "aws_ecr_repository": ("image_scanning_configuration.scan_on_push",),
    "aws_ecs_service": ("load_balancer.container_name",),
    "aws_rds_cluster": ("final_snapshot_identifier",),
    "aws_wafv2_web_acl": (
        "rule.statement.managed_rule_group_statement.name",
        "rule.statement.managed_rule_group_statement.vendor_name",
    ),
}  # fmt: skip
KNOWN_OF_ALL = ("tags.Colour",)  # policies, gates and reports tell the colours by it
# Required by AWS, beside the provider's schema: CloudWatch API reference, MetricStat; Step Functions
# API reference, LoggingConfiguration.
_ALSO = {
    "aws_cloudwatch_metric_alarm": ("metric_query.metric.period", "metric_query.metric.stat"),
    "aws_sfn_state_machine": ("logging_configuration.log_destination",),
}
REQUIRED: Mapping[str, tuple[str, ...]] = {
    **SCHEMA,
    **{type_: (*SCHEMA.get(type_, ()), *paths) for type_, paths in _ALSO.items()},
}
# Of several arguments at least one.
ONE_OF: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "aws_cloudwatch_event_rule": (("event_pattern", "schedule_expression"),),
    "aws_cloudwatch_metric_alarm": (("metric_name", "metric_query"),),
    "aws_ecs_service": (("cluster",), ("task_definition", "deployment_controller", "external_id")),
    "aws_flow_log": (
        ("eni_id", "subnet_id", "transit_gateway_attachment_id", "transit_gateway_id", "vpc_id"),
        ("log_destination", "log_group_name"),
    ),
    "aws_internet_gateway": (("vpc_id",),),
    "aws_lambda_function": (("filename", "image_uri", "s3_bucket"),),
    "aws_lb": (("subnet_mapping", "subnets"),),
    "aws_lb_listener": (("port",), ("protocol",)),
    "aws_route": (
        ("destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id"),
        (
            "carrier_gateway_id", "core_network_arn", "egress_only_gateway_id", "gateway_id",
            "local_gateway_id", "nat_gateway_id", "network_interface_id", "transit_gateway_id",
            "vpc_endpoint_id", "vpc_peering_connection_id",
        ),
    ),
    "aws_route_table_association": (("gateway_id", "subnet_id"),),
    "aws_subnet": (("cidr_block", "ipv4_ipam_pool_id", "ipv6_native"),),
    "aws_vpc": (("cidr_block", "ipv4_ipam_pool_id"),),
    "aws_vpc_security_group_egress_rule": (
        ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"),
    ),
    "aws_vpc_security_group_ingress_rule": (
        ("cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"),
    ),
}  # fmt: skip

_OF_ACTION = {
    "authenticate-cognito": ("authenticate_cognito",),
    "authenticate-oidc": ("authenticate_oidc",),
    "fixed-response": ("fixed_response",),
    "forward": ("forward", "target_group_arn"),
    "redirect": ("redirect",),
}
# Type → path of actions → their type → what one of has to be there.
ACTIONS: Mapping[str, Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "aws_lb_listener": {"default_action": _OF_ACTION},
    "aws_lb_listener_rule": {"action": _OF_ACTION},
}
# Type → (path, values), what has to be there then. Sources: Elastic Load Balancing API reference,
# CreateListener; ECS developer guide, "Task execution IAM role"; EC2 API reference, CreateVpcEndpoint, which
# takes the VPC's default group where none is named.
DEPENDENT: Mapping[str, tuple[tuple[tuple[str, tuple[str, ...]], tuple[str, ...]], ...]] = {
    "aws_ecs_task_definition": ((("requires_compatibilities", ("FARGATE",)), ("execution_role_arn",)),),
    "aws_lb_listener": ((("protocol", ("HTTPS", "TLS")), ("certificate_arn",)),),
    "aws_lb_target_group": ((("target_type", ("alb", "instance", "ip")), ("vpc_id",)),),
    "aws_vpc_endpoint": ((("vpc_endpoint_type", ("Interface",)), ("security_group_ids", "subnet_ids")),),
}
# Type → arguments that are JSON objects, of those that aren't policies of IAM.
DOCUMENTS: Mapping[str, tuple[str, ...]] = {"aws_ecr_lifecycle_policy": ("policy",)}

_PORT = (0, 65_535)
_DAYS = (1, 36_500)
# Type → path → from, to.
RANGES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "aws_appautoscaling_policy": {
        "target_tracking_scaling_policy_configuration.scale_in_cooldown": (0, 86_400),
        "target_tracking_scaling_policy_configuration.scale_out_cooldown": (0, 86_400),
        "target_tracking_scaling_policy_configuration.target_value": (0.001, 1e9),
    },
    "aws_appautoscaling_target": {"max_capacity": (1, 5_000), "min_capacity": (0, 5_000)},
    "aws_backup_plan": {
        "rule.completion_window": (60, 527_039),
        "rule.lifecycle.delete_after": _DAYS,
        "rule.start_window": (60, 525_600),
    },
    "aws_backup_vault_lock_configuration": {
        "changeable_for_days": (3, 36_500),
        "max_retention_days": _DAYS,
        "min_retention_days": _DAYS,
    },
    "aws_cloudwatch_event_target": {
        "retry_policy.maximum_event_age_in_seconds": (60, 86_400),
        "retry_policy.maximum_retry_attempts": (0, 185),
    },
    "aws_cloudwatch_metric_alarm": {
        "datapoints_to_alarm": (1, 10_080),
        "evaluation_periods": (1, 10_080),
        "metric_query.metric.period": (10, 86_400),
        "period": (10, 86_400),
    },
    "aws_ecs_service": {
        "deployment_maximum_percent": (100, 200),
        "deployment_minimum_healthy_percent": (0, 100),
        "desired_count": (0, 5_000),
        "health_check_grace_period_seconds": (0, 2_147_483_647),
        "load_balancer.container_port": _PORT,
    },
    "aws_flow_log": {"max_aggregation_interval": (60, 600)},
    "aws_kms_key": {"deletion_window_in_days": (7, 30), "rotation_period_in_days": (90, 2_560)},
    "aws_lambda_function": {
        "ephemeral_storage.size": (512, 10_240),
        "memory_size": (128, 10_240),
        "reserved_concurrent_executions": (-1, 10_000),
        "timeout": (1, 900),
    },
    "aws_lb": {"idle_timeout": (1, 4_000), "client_keep_alive": (60, 604_800)},
    "aws_lb_listener": {"port": (1, 65_535)},
    "aws_lb_target_group": {
        "deregistration_delay": (0, 3_600),
        "health_check.healthy_threshold": (2, 10),
        "health_check.interval": (5, 300),
        "health_check.timeout": (2, 120),
        "health_check.unhealthy_threshold": (2, 10),
        "port": (1, 65_535),
        "slow_start": (0, 900),
    },
    "aws_rds_cluster": {"backup_retention_period": (1, 35), "port": (1_150, 65_535)},
    "aws_rds_cluster_instance": {"promotion_tier": (0, 15)},
    "aws_secretsmanager_secret": {"recovery_window_in_days": (0, 30)},
    "aws_secretsmanager_secret_rotation": {"rotation_rules.automatically_after_days": (1, 1_000)},
    "aws_sqs_queue": {
        "delay_seconds": (0, 900),
        "kms_data_key_reuse_period_seconds": (60, 86_400),
        "max_message_size": (1_024, 1_048_576),
        "message_retention_seconds": (60, 1_209_600),
        "receive_wait_time_seconds": (0, 20),
        "visibility_timeout_seconds": (0, 43_200),
    },
    "aws_vpc_security_group_egress_rule": {"from_port": _PORT, "to_port": _PORT},
    "aws_vpc_security_group_ingress_rule": {"from_port": _PORT, "to_port": _PORT},
    "aws_wafv2_web_acl": {"rule.priority": (0, 2_147_483_647)},
}

# Application Auto Scaling API reference, RegisterScalableTarget: of what the gate knows.
_SCALING = ("dynamodb", "ecs", "elasticache", "lambda", "rds")
_SCALED = (
    "dynamodb:index:ReadCapacityUnits", "dynamodb:index:WriteCapacityUnits",
    "dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits", "ecs:service:DesiredCount",
    "elasticache:replication-group:NodeGroups", "elasticache:replication-group:Replicas",
    "lambda:function:ProvisionedConcurrency", "rds:cluster:ReadReplicaCount",
)  # fmt: skip
_RETENTIONS = (
    "0", "1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731", "1096",
    "1827", "2192", "2557", "2922", "3288", "3653",
)  # fmt: skip
_COMPARISONS = (
    "GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "GreaterThanUpperThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "LessThanOrEqualToThreshold",
    "LessThanThreshold",
)  # fmt: skip
_PROTOCOLS = ("-1", "tcp", "udp", "icmp", "icmpv6", *(str(number) for number in range(256)))
# Type → path → words.
CHOICES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "aws_appautoscaling_policy": {
        "policy_type": ("StepScaling", "TargetTrackingScaling", "PredictiveScaling"),
        "scalable_dimension": _SCALED,
        "service_namespace": _SCALING,
    },
    "aws_appautoscaling_target": {"scalable_dimension": _SCALED, "service_namespace": _SCALING},
    "aws_cloudwatch_log_group": {"retention_in_days": _RETENTIONS},
    "aws_cloudwatch_metric_alarm": {
        "actions_enabled": ("True", "true", "1", "False", "false", "0"),  # CKV_BG_205 has what is off
        "comparison_operator": _COMPARISONS,
        "treat_missing_data": ("breaching", "ignore", "missing", "notBreaching"),
    },
    "aws_ecs_service": {
        "launch_type": ("EC2", "EXTERNAL", "FARGATE"),
        "availability_zone_rebalancing": ("DISABLED", "ENABLED"),
    },
    "aws_ecs_task_definition": {"network_mode": ("awsvpc", "bridge", "host", "none")},
    "aws_eip": {"domain": ("vpc",)},
    "aws_flow_log": {
        "log_destination_type": ("cloud-watch-logs", "kinesis-data-firehose", "s3"),
        "traffic_type": ("ACCEPT", "ALL", "REJECT"),
    },
    "aws_lambda_permission": {
        "action": ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl"),
    },
    "aws_lambda_function": {"tracing_config.mode": ("Active", "PassThrough")},
    "aws_lb": {"load_balancer_type": ("application", "gateway", "network")},
    "aws_lb_listener": {
        "default_action.redirect.status_code": ("HTTP_301", "HTTP_302"),
        "default_action.type": tuple(_OF_ACTION),
        "protocol": ("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE"),
    },
    "aws_lb_target_group": {
        "protocol": ("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP", "GENEVE"),
        "target_type": ("alb", "instance", "ip", "lambda"),
    },
    "aws_rds_cluster_instance": {
        "monitoring_interval": ("0", "1", "5", "10", "15", "30", "60"),
        "performance_insights_retention_period": ("7", "731", *(str(31 * month) for month in range(1, 24))),
    },
    "aws_sfn_state_machine": {"type": ("EXPRESS", "STANDARD")},
    "aws_ssm_parameter": {"type": ("SecureString", "String", "StringList")},
    "aws_vpc_endpoint": {"vpc_endpoint_type": ("Gateway", "GatewayLoadBalancer", "Interface")},
    "aws_vpc_security_group_egress_rule": {"ip_protocol": _PROTOCOLS},
    "aws_vpc_security_group_ingress_rule": {"ip_protocol": _PROTOCOLS},
    "aws_wafv2_web_acl": {"scope": ("CLOUDFRONT", "REGIONAL")},
}

# Type → argument with a role → the service that has to be able to take it. Sources: each service's guide,
# "service role" and "trust policy".
TRUSTS: Mapping[str, Mapping[str, str]] = {
    "aws_backup_selection": {"iam_role_arn": "backup"},
    "aws_ecs_task_definition": {"execution_role_arn": "ecs-tasks", "task_role_arn": "ecs-tasks"},
    "aws_flow_log": {"iam_role_arn": "vpc-flow-logs"},
    "aws_lambda_function": {"role": "lambda"},
    "aws_rds_cluster_instance": {"monitoring_role_arn": "monitoring.rds"},
    "aws_sfn_state_machine": {"role_arn": "states"},
}
