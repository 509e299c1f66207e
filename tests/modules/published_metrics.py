"""What AWS publishes of the services in use: metric → unit and the sets of dimensions that carry data.

Written from AWS's documentation, apart from the code that it checks. Only what is named here may be alarmed
or drawn: a metric under dimensions that AWS doesn't publish never has data, and its alarm never rings.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """`dimensions`: each set of names under which the metric appears."""

    unit: str
    dimensions: tuple[frozenset[str], ...]


def _with(unit: str, *dimensions: str) -> Published:
    """Each of `dimensions` is one set, its names joined by `+`."""
    return Published(unit, tuple(frozenset(names.split("+")) for names in dimensions))


_CLUSTER = ("DBInstanceIdentifier", "DBClusterIdentifier", "DBClusterIdentifier+Role")
_BALANCER = ("LoadBalancer", "AvailabilityZone+LoadBalancer")
_TARGETS = ("LoadBalancer+TargetGroup", "AvailabilityZone+LoadBalancer+TargetGroup")
_EXECUTIONS = ("StateMachineArn", "StateMachineArn+Version", "Alias+StateMachineArn")
_VAULT = ("BackupVaultName", "BackupVaultName+ResourceType", "ResourceType")

PUBLISHED: Mapping[str, Mapping[str, Published]] = {
    # Aurora user guide, "Amazon CloudWatch metrics for Amazon Aurora" (instance-level metrics) and
    # "Amazon CloudWatch dimensions for Aurora".
    "AWS/RDS": {
        "AuroraReplicaLagMaximum": _with("Milliseconds", *_CLUSTER),
        "CPUUtilization": _with("Percent", *_CLUSTER),
        "CommitLatency": _with("Milliseconds", *_CLUSTER),
        "DatabaseConnections": _with("Count", *_CLUSTER),
        "FreeableMemory": _with("Bytes", *_CLUSTER),
        "SelectLatency": _with("Milliseconds", *_CLUSTER),
    },
    # Elastic Load Balancing user guide, "CloudWatch metrics for your Application Load Balancer".
    "AWS/ApplicationELB": {
        "HTTPCode_ELB_5XX_Count": _with("Count", *_BALANCER),
        "HTTPCode_Target_5XX_Count": _with("Count", *_BALANCER, *_TARGETS),
        "HealthyHostCount": _with("Count", *_TARGETS),
        "RejectedConnectionCount": _with("Count", *_BALANCER),
        "RequestCount": _with("Count", *_BALANCER, *_TARGETS),
        "TargetResponseTime": _with("Seconds", *_BALANCER, *_TARGETS),
        "UnHealthyHostCount": _with("Count", *_TARGETS),
    },
    # DynamoDB developer guide, "DynamoDB metrics and dimensions". ThrottledRequests and SystemErrors have no
    # data for a table as a whole.
    "AWS/DynamoDB": {
        "ReadThrottleEvents": _with("Count", "TableName", "TableName+GlobalSecondaryIndexName"),
        "SystemErrors": _with("Count", "TableName+Operation"),
        "ThrottledRequests": _with("Count", "TableName+Operation"),
        "WriteThrottleEvents": _with("Count", "TableName", "TableName+GlobalSecondaryIndexName"),
    },
    # Lambda developer guide, "Types of metrics for Lambda functions" and "Using CloudWatch metrics".
    "AWS/Lambda": {
        "DeadLetterErrors": _with("Count", "FunctionName", "FunctionName+Resource"),
        "Duration": _with("Milliseconds", "FunctionName", "FunctionName+Resource"),
        "Errors": _with("Count", "FunctionName", "FunctionName+Resource"),
        "Throttles": _with("Count", "FunctionName", "FunctionName+Resource"),
    },
    # SQS developer guide, "Available CloudWatch metrics for Amazon SQS": QueueName is the only dimension.
    "AWS/SQS": {"ApproximateNumberOfMessagesVisible": _with("Count", "QueueName")},
    # SNS developer guide, "Monitoring Amazon SNS topics using CloudWatch".
    "AWS/SNS": {"NumberOfNotificationsFailed": _with("Count", "TopicName")},
    # AWS Backup developer guide, "AWS Backup metrics with Amazon CloudWatch".
    "AWS/Backup": {
        "NumberOfBackupJobsCompleted": _with("Count", *_VAULT),
        "NumberOfBackupJobsExpired": _with("Count", *_VAULT),
        "NumberOfBackupJobsFailed": _with("Count", *_VAULT),
    },
    # EventBridge user guide, "Monitoring Amazon EventBridge": RuleName alone means the default bus.
    "AWS/Events": {
        "FailedInvocations": _with("Count", "RuleName"),
        "TriggeredRules": _with("Count", "RuleName"),
    },
    # Step Functions developer guide, "Monitoring Step Functions metrics using Amazon CloudWatch", execution
    # metrics.
    "AWS/States": {
        "ExecutionThrottled": _with("Count", *_EXECUTIONS),
        "ExecutionsAborted": _with("Count", *_EXECUTIONS),
        "ExecutionsFailed": _with("Count", *_EXECUTIONS),
        "ExecutionsSucceeded": _with("Count", *_EXECUTIONS),
        "ExecutionsTimedOut": _with("Count", *_EXECUTIONS),
    },
    # The switch function itself, in the embedded metric format (lambda_src/switch).
    "BlueGreen/Switch": {
        "DurationMs": _with("Milliseconds", "Action+Deployment"),
        "Refusals": _with("Count", "Deployment+Gate"),
        "Weight": _with("Percent", "Colour+Deployment"),
    },
    # VPC user guide, "NAT gateway metrics and dimensions".
    "AWS/NATGateway": {"ErrorPortAllocation": _with("Count", "NatGatewayId")},
    # ACM user guide, "Supported CloudWatch metrics".
    "AWS/CertificateManager": {"DaysToExpiry": _with("Days", "CertificateArn")},
}

# Dimension → the resource and the attribute of it that AWS puts there; the others have fixed values.
DIMENSION_VALUES: Mapping[str, tuple[str, str]] = {
    "BackupVaultName": ("aws_backup_vault", "name"),
    "DBClusterIdentifier": ("aws_rds_cluster", "cluster_identifier"),
    "Deployment": ("aws_lambda_function", "function_name"),
    "FunctionName": ("aws_lambda_function", "function_name"),
    "LoadBalancer": ("aws_lb", "arn_suffix"),
    "NatGatewayId": ("aws_nat_gateway", "id"),
    "QueueName": ("aws_sqs_queue", "name"),
    "RuleName": ("aws_cloudwatch_event_rule", "name"),
    "StateMachineArn": ("aws_sfn_state_machine", "arn"),
    "TableName": ("aws_dynamodb_table", "name"),
    "TargetGroup": ("aws_lb_target_group", "arn_suffix"),
    "TopicName": ("aws_sns_topic", "name"),
}
ROLES = {"READER", "WRITER"}
# What the switch function says of itself (lambda_src/switch).
COLOURS = {"blue", "green"}
GATES = {"alarms", "credentials", "database", "frozen", "targets", "window"}
ACTIONS = {
    "abort",
    "approve",
    "ask",
    "begin",
    "finalize",
    "freeze",
    "history",
    "preflight",
    "reconcile",
    "rollback",
    "shift",
    "status",
    "switch",
    "unfreeze",
    "verify",
}
# DynamoDB developer guide, "DynamoDB metrics and dimensions", dimension Operation.
OPERATIONS = {
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
}
