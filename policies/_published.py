"""Under which dimensions AWS publishes metrics, and what stands in these.

A metric under any other set of dimensions never has data: its alarm never rings.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Dimension:
    """The types of the resource that the value names, and the attributes that give what AWS publishes."""

    types: tuple[str, ...]
    attributes: tuple[str, ...]


# Namespace → metric → sets of dimensions, joined by "+"; under "*" those of all other metrics. Sources:
# Aurora user guide, "Amazon CloudWatch dimensions for Aurora"; Elastic Load Balancing user guide, "CloudWatch
# metrics for your Application Load Balancer"; DynamoDB developer guide, "DynamoDB metrics and dimensions";
# Lambda developer guide, "Types of metrics for Lambda functions"; likewise the SQS, SNS, VPC, ECS and WAF
# guides; CloudWatch user guide, "Amazon ECS Container Insights metrics".
_TARGETS = ("LoadBalancer+TargetGroup", "AvailabilityZone+LoadBalancer+TargetGroup")
_BALANCER = ("LoadBalancer", "AvailabilityZone+LoadBalancer")
_WEB_ACL = ("Region+Rule+WebACL", "Region+Rule+RuleGroup+WebACL")
_OPERATION = ("Operation+TableName",)
_INDEX = ("TableName", "GlobalSecondaryIndexName+TableName")
_SETS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "AWS/RDS": {"*": ("DBInstanceIdentifier", "DBClusterIdentifier", "DBClusterIdentifier+Role")},
    "AWS/ApplicationELB": {
        "*": _BALANCER + _TARGETS,
        "HealthyHostCount": _TARGETS,
        "UnHealthyHostCount": _TARGETS,
        "RequestCountPerTarget": ("TargetGroup", *_TARGETS),
        "ActiveConnectionCount": ("LoadBalancer",),
        "HTTPCode_ELB_5XX_Count": _BALANCER,
        "NewConnectionCount": ("LoadBalancer",),
        "RejectedConnectionCount": _BALANCER,
    },
    "AWS/Backup": {"*": ("BackupVaultName", "BackupVaultName+ResourceType")},
    "AWS/CertificateManager": {"*": ("CertificateArn",)},
    "AWS/DynamoDB": {
        "ConditionalCheckFailedRequests": ("TableName",),
        "ReadThrottleEvents": _INDEX,
        "SuccessfulRequestLatency": _OPERATION,
        "SystemErrors": _OPERATION,
        "ThrottledRequests": _OPERATION,
        "WriteThrottleEvents": _INDEX,
    },
    "AWS/ECS": {"*": ("ClusterName", "ClusterName+ServiceName")},
    "AWS/Events": {"*": ("RuleName", "EventBusName+RuleName")},
    "AWS/Lambda": {"*": ("FunctionName", "FunctionName+Resource", "ExecutedVersion+FunctionName+Resource")},
    "AWS/NATGateway": {"*": ("NatGatewayId",)},
    "AWS/NetworkFirewall": {"*": ("AvailabilityZone+Engine+FirewallName",)},
    "AWS/SNS": {"*": ("TopicName",)},
    "AWS/States": {"*": ("StateMachineArn",)},
    "AWS/WAFV2": {"AllowedRequests": _WEB_ACL, "BlockedRequests": _WEB_ACL, "CountedRequests": _WEB_ACL},
    "AWS/SQS": {"*": ("QueueName",)},
    "ECS/ContainerInsights": {
        "DesiredTaskCount": ("ClusterName+ServiceName",),
        "RunningTaskCount": ("ClusterName+ServiceName",),
    },
}

DIMENSIONS: Mapping[str, Dimension] = {
    "BackupVaultName": Dimension(("aws_backup_vault",), ("name", "id")),
    "RuleName": Dimension(("aws_cloudwatch_event_rule",), ("name", "id")),
    "StateMachineArn": Dimension(("aws_sfn_state_machine",), ("arn", "id")),
    "FirewallName": Dimension(("aws_networkfirewall_firewall",), ("name",)),
    "ClusterName": Dimension(("aws_ecs_cluster",), ("name",)),
    "DBClusterIdentifier": Dimension(("aws_rds_cluster",), ("cluster_identifier", "id")),
    "DBInstanceIdentifier": Dimension(("aws_rds_cluster_instance", "aws_db_instance"), ("identifier", "id")),
    "FunctionName": Dimension(("aws_lambda_function",), ("function_name", "id")),
    "LoadBalancer": Dimension(("aws_lb", "aws_alb"), ("arn_suffix",)),
    "NatGatewayId": Dimension(("aws_nat_gateway",), ("id",)),
    "QueueName": Dimension(("aws_sqs_queue",), ("name",)),
    "ServiceName": Dimension(("aws_ecs_service",), ("name",)),
    "TableName": Dimension(("aws_dynamodb_table",), ("name", "id")),
    "TargetGroup": Dimension(("aws_lb_target_group", "aws_alb_target_group"), ("arn_suffix",)),
    "TopicName": Dimension(("aws_sns_topic",), ("name",)),
}

# DynamoDB developer guide, "DynamoDB metrics and dimensions", Operation.
OPERATIONS = frozenset({
    "BatchExecuteStatement", "BatchGetItem", "BatchWriteItem", "DeleteItem", "ExecuteStatement",
    "ExecuteTransaction", "GetItem", "GetRecords", "PutItem", "Query", "Scan", "TransactGetItems",
    "TransactWriteItems", "UpdateItem",
})  # fmt: skip


def dimension_sets(namespace: str, metric: str) -> list[frozenset[str]] | None:
    """The sets of dimensions that carry a metric's data; None where this table does not know."""
    known = _SETS.get(namespace, {})
    sets = known.get(metric, known.get("*"))
    return None if sets is None else [frozenset(names.split("+")) for names in sets]


@dataclass(frozen=True)
class Scale:
    """The unit of a metric, and the most that it takes: a threshold above it was meant in another unit."""

    unit: str
    most: float


# Elastic Load Balancing user guide (idle timeout of 60 s by default); Aurora user guide, "Maximum connections
# to an Aurora MySQL DB instance"; throttled requests have no limit that a threshold comes near.
SCALES: Mapping[tuple[str, str], Scale] = {
    ("AWS/ApplicationELB", "TargetResponseTime"): Scale("Seconds", 60),
    ("AWS/RDS", "DatabaseConnections"): Scale("Count", 16_000),
    ("AWS/DynamoDB", "ReadThrottleEvents"): Scale("Count", 100_000),
    ("AWS/DynamoDB", "ThrottledRequests"): Scale("Count", 100_000),
    ("AWS/DynamoDB", "WriteThrottleEvents"): Scale("Count", 100_000),
}
