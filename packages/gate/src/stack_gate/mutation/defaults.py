"""What the AWS provider and the services take for an argument that is left out: a mutant that drops one with
that value changes nothing.

Sources: AWS provider 5.100, argument references; ECS API reference, ContainerDefinition.
"""

from collections.abc import Mapping
from typing import Any

DEFAULTS: Mapping[str, Any] = {
    "aws_cloudwatch_metric_alarm.actions_enabled": True,
    "aws_cloudwatch_composite_alarm.actions_enabled": True,
    "aws_ecs_service.deployment_maximum_percent": 200,
    "aws_ecs_service.deployment_minimum_healthy_percent": 100,
    "aws_ecs_service.enable_execute_command": False,
    "aws_ecs_service.network_configuration.assign_public_ip": False,
    "aws_ecs_task_definition.container_definitions[].privileged": False,
    "aws_lb.internal": False,
    "aws_lb.load_balancer_type": "application",
    "aws_lb_target_group.health_check.healthy_threshold": 3,
    "aws_lb_target_group.health_check.interval": 30,
    "aws_lb_target_group.health_check.matcher": "200",
    "aws_lb_target_group.health_check.port": "traffic-port",
    "aws_lb_target_group.health_check.unhealthy_threshold": 3,
    "aws_rds_cluster.deletion_protection": False,
    "aws_rds_cluster.skip_final_snapshot": False,
    "aws_rds_cluster_instance.publicly_accessible": False,
    "aws_route53_resolver_firewall_config.firewall_fail_open": "DISABLED",
    "aws_s3_bucket.force_destroy": False,
    "aws_secretsmanager_secret_policy.block_public_policy": False,
    "aws_subnet.map_public_ip_on_launch": False,
    "aws_vpc.enable_dns_support": True,
    "aws_wafv2_web_acl.rule[].statement.rate_based_statement.aggregate_key_type": "IP",
}
_ABSENT = object()


def is_default(argument: str, value: Any) -> bool:
    """Whether an argument has the value that it has anyway."""
    return type(value) is type(found := DEFAULTS.get(argument, _ABSENT)) and bool(value == found)
