"""What AWS publishes of the services in use: metric → unit and the sets of dimensions that carry data.

Written from AWS's documentation, apart from the code that it checks. Only what is named here may be alarmed
or drawn: a metric under dimensions that AWS doesn't publish never has data, and its alarm never rings.

Pages are below https://docs.aws.amazon.com/. What they say of reporting decides what missing data means: most
counts are reported only when they aren't zero; host counts while health checks are on; RequestCount always.
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


def _each(unit: str, names: str, *dimensions: str) -> dict[str, Published]:
    """Several metrics of one unit and the same dimensions."""
    return dict.fromkeys(names.split(), _with(unit, *dimensions))


_CLUSTER = ("DBInstanceIdentifier", "DBClusterIdentifier", "DBClusterIdentifier+Role")
_BALANCER = ("LoadBalancer", "AvailabilityZone+LoadBalancer")
_TARGETS = ("LoadBalancer+TargetGroup", "AvailabilityZone+LoadBalancer+TargetGroup")
_WEB_ACL = ("Region+Rule+WebACL",)
_SERVICE = ("ClusterName", "ClusterName+ServiceName")
_EXECUTIONS = ("StateMachineArn", "StateMachineArn+Version", "Alias+StateMachineArn")
_VAULT = ("BackupVaultName", "BackupVaultName+ResourceType", "ResourceType")

PUBLISHED: Mapping[str, Mapping[str, Published]] = {
    # Aurora user guide, "Amazon CloudWatch metrics for Amazon Aurora" (instance-level metrics) and
    # "Amazon CloudWatch dimensions for Aurora": AmazonRDS/latest/AuroraUserGuide/dimensions.html. The writer
    # records AuroraReplicaLagMaximum, and only where there are readers.
    "AWS/RDS": {
        # Instance-level metrics; a cluster's data are those of all its instances.
        **_each(
            "Count",
            "AbortedClients AuroraSlowConnectionHandleCount AuroraSlowHandshakeCount "
            "ConnectionAttempts DatabaseConnections NumBinaryLogFiles "
            "RollbackSegmentHistoryListLength",
            *_CLUSTER,
        ),
        **_each(
            "Count/Second",
            "ActiveTransactions BlockedTransactions CommitThroughput DDLThroughput DMLThroughput "
            "Deadlocks DeleteThroughput InsertThroughput LoginFailures Queries SelectThroughput "
            "UpdateThroughput",
            *_CLUSTER,
        ),
        **_each("Percent", "BufferCacheHitRatio CPUUtilization ResultSetCacheHitRatio", *_CLUSTER),
        **_each(
            "Milliseconds",
            "AuroraReplicaLag AuroraReplicaLagMaximum AuroraReplicaLagMinimum CommitLatency "
            "DDLLatency DMLLatency DeleteLatency InsertLatency RowLockTime SelectLatency "
            "UpdateLatency",
            *_CLUSTER,
        ),
        **_each("Seconds", "AuroraBinlogReplicaLag EngineUptime ReadLatency WriteLatency", *_CLUSTER),
        **_each("Bytes", "FreeLocalStorage FreeableMemory SumBinaryLogSize SwapUsage", *_CLUSTER),
        # Cluster-level metrics.
        **_each(
            "Bytes",
            "AuroraVolumeBytesLeftTotal BackupRetentionPeriodStorageUsed SnapshotStorageUsed "
            "TotalBackupStorageBilled VolumeBytesUsed",
            "DBClusterIdentifier",
        ),
    },
    # Elastic Load Balancing user guide, "CloudWatch metrics for your Application Load Balancer":
    # elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html.
    "AWS/ApplicationELB": {
        **_each("Count", "ActiveConnectionCount NewConnectionCount", "LoadBalancer"),
        **_each(
            "Count",
            "ClientTLSNegotiationErrorCount DesyncMitigationMode_NonCompliant_Request_Count "
            "DroppedInvalidHeaderRequestCount ForwardedInvalidHeaderRequestCount "
            "HTTPCode_ELB_4XX_Count HTTPCode_ELB_502_Count HTTPCode_ELB_503_Count "
            "HTTPCode_ELB_504_Count HTTPCode_ELB_5XX_Count RejectedConnectionCount",
            *_BALANCER,
        ),
        **_each(
            "Count",
            "HTTPCode_Target_2XX_Count HTTPCode_Target_3XX_Count HTTPCode_Target_4XX_Count "
            "HTTPCode_Target_5XX_Count RequestCount TargetConnectionErrorCount "
            "TargetTLSNegotiationErrorCount",
            *_BALANCER,
            *_TARGETS,
        ),
        **_each("Count", "HealthyHostCount UnHealthyHostCount", *_TARGETS),
        "TargetResponseTime": _with("Seconds", *_BALANCER, *_TARGETS),
    },
    # AWS WAF developer guide, "AWS WAF metrics and dimensions": WebACL is the web ACL's metric name, Rule a
    # rule's, or ALL.
    "AWS/WAFV2": {
        "AllowedRequests": _with("Count", *_WEB_ACL),
        "BlockedRequests": _with("Count", *_WEB_ACL),
    },
    # Amazon ECS developer guide, "Amazon ECS CloudWatch metrics".
    "AWS/ECS": {
        "CPUUtilization": _with("Percent", *_SERVICE),
        "MemoryUtilization": _with("Percent", *_SERVICE),
    },
    # CloudWatch user guide, "Amazon ECS Container Insights metrics".
    "ECS/ContainerInsights": {
        "DesiredTaskCount": _with("Count", "ClusterName+ServiceName"),
        "RunningTaskCount": _with("Count", "ClusterName+ServiceName"),
    },
    # DynamoDB developer guide, "DynamoDB metrics and dimensions":
    # amazondynamodb/latest/developerguide/metrics-dimensions.html. ThrottledRequests and SystemErrors have no
    # data for a table as a whole.
    "AWS/DynamoDB": {
        **_each(
            "Count",
            "ReadThrottleEvents WriteThrottleEvents",
            "TableName",
            "TableName+GlobalSecondaryIndexName",
        ),
        **_each("Count", "SystemErrors ThrottledRequests", "TableName+Operation"),
        **_each("Count", "ConditionalCheckFailedRequests TransactionConflict", "TableName"),
        "SuccessfulRequestLatency": _with("Milliseconds", "TableName+Operation"),
    },
    # Lambda developer guide, "Types of metrics for Lambda functions": lambda/latest/dg/
    # monitoring-metrics-types.html; dimensions: "View metrics for Lambda functions".
    "AWS/Lambda": {
        **_each(
            "Count",
            "AsyncEventsDropped AsyncEventsReceived ConcurrentExecutions DeadLetterErrors "
            "DestinationDeliveryFailures Errors Invocations Throttles",
            "FunctionName",
            "FunctionName+Resource",
        ),
        **_each("Milliseconds", "AsyncEventAge Duration", "FunctionName", "FunctionName+Resource"),
    },
    # SQS developer guide, "Available CloudWatch metrics for Amazon SQS": AWSSimpleQueueService/latest/
    # SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html. QueueName is the only dimension; an idle queue
    # has no data.
    "AWS/SQS": {
        **_each(
            "Count",
            "ApproximateNumberOfMessagesDelayed ApproximateNumberOfMessagesNotVisible "
            "ApproximateNumberOfMessagesVisible NumberOfMessagesDeleted NumberOfMessagesReceived "
            "NumberOfMessagesSent",
            "QueueName",
        ),
        "ApproximateAgeOfOldestMessage": _with("Seconds", "QueueName"),
    },
    # SNS developer guide, "Monitoring Amazon SNS topics using CloudWatch": sns/latest/dg/
    # sns-monitoring-using-cloudwatch.html. For HTTP endpoints every failed attempt counts, retries too.
    "AWS/SNS": {
        **_each(
            "Count",
            "NumberOfMessagesPublished NumberOfNotificationsDelivered NumberOfNotificationsFailed "
            "NumberOfNotificationsFailedToRedriveToDlq NumberOfNotificationsRedrivenToDlq",
            "TopicName",
        ),
    },
    # AWS Backup developer guide, "AWS Backup metrics with Amazon CloudWatch": aws-backup/latest/devguide/
    # cloudwatch.html. Expired: could not begin within the start window. Aborted: cancelled by somebody.
    "AWS/Backup": {
        "NumberOfBackupJobsCompleted": _with("Count", *_VAULT),
        "NumberOfBackupJobsExpired": _with("Count", *_VAULT),
        "NumberOfBackupJobsFailed": _with("Count", *_VAULT),
    },
    # EventBridge user guide, "Monitoring Amazon EventBridge": eventbridge/latest/userguide/
    # eb-monitoring.html. RuleName alone means the default bus; both are sent only when they aren't zero.
    "AWS/Events": {
        "FailedInvocations": _with("Count", "RuleName"),
        "TriggeredRules": _with("Count", "RuleName"),
    },
    # Step Functions developer guide, "Monitoring Step Functions metrics using Amazon CloudWatch", execution
    # metrics.
    "AWS/States": {
        **_each(
            "Count",
            "ExecutionThrottled ExecutionsAborted ExecutionsFailed ExecutionsStarted "
            "ExecutionsSucceeded ExecutionsTimedOut",
            *_EXECUTIONS,
        ),
        "ExecutionTime": _with("Milliseconds", *_EXECUTIONS),
    },
    # The switch function itself, in the embedded metric format (lambda_src/switch).
    "BlueGreen/Switch": {
        "DurationMs": _with("Milliseconds", "Action+Deployment"),
        "LedgerPauseMs": _with("Milliseconds", "Colour+Deployment"),
        "Refusals": _with("Count", "Deployment+Gate"),
        "Weight": _with("Percent", "Colour+Deployment"),
    },
    # VPC user guide, "NAT gateway metrics and dimensions": vpc/latest/userguide/
    # metrics-dimensions-nat-gateway.html.
    "AWS/NATGateway": {
        **_each(
            "Count",
            "ActiveConnectionCount ConnectionAttemptCount ConnectionEstablishedCount "
            "ErrorPortAllocation IdleTimeoutCount PacketsDropCount",
            "NatGatewayId",
        ),
    },
    # Network Firewall developer guide, "AWS Network Firewall metrics in Amazon CloudWatch".
    "AWS/NetworkFirewall": {"DroppedPackets": _with("Count", "FirewallName+AvailabilityZone+Engine")},
    # ACM user guide, "Supported CloudWatch metrics": acm/latest/userguide/cloudwatch-metrics.html. A plain
    # number, of days; none once the certificate has expired.
    "AWS/CertificateManager": {"DaysToExpiry": _with("Days", "CertificateArn")},
    # This platform's own: a metric filter on what the rotation functions log (modules/data/secret_age.py).
    # That it finds what they log is a test of the applied platform.
    # The same of the ledger's health function (modules/ledger/watch.py).
    "BlueGreen/Ledger": {
        "Healthy": _with("Count", "FunctionName"),
        "SecondsSinceVerification": _with("Seconds", "FunctionName"),
    },
    "BlueGreen/Secrets": {"AgeDays": _with("Days", "SecretId")},
}

# Dimension → the resource and the attribute of it that AWS puts there; the others have fixed values.
DIMENSION_VALUES: Mapping[str, tuple[str, str]] = {
    "BackupVaultName": ("aws_backup_vault", "name"),
    "ClusterName": ("aws_ecs_cluster", "name"),
    "DBClusterIdentifier": ("aws_rds_cluster", "cluster_identifier"),
    "Deployment": ("aws_lambda_function", "function_name"),
    "FunctionName": ("aws_lambda_function", "function_name"),
    "LoadBalancer": ("aws_lb", "arn_suffix"),
    "NatGatewayId": ("aws_nat_gateway", "id"),
    "ServiceName": ("aws_ecs_service", "name"),
    "QueueName": ("aws_sqs_queue", "name"),
    "RuleName": ("aws_cloudwatch_event_rule", "name"),
    "SecretId": ("aws_secretsmanager_secret", "arn"),
    "StateMachineArn": ("aws_sfn_state_machine", "arn"),
    "TableName": ("aws_dynamodb_table", "name"),
    "TargetGroup": ("aws_lb_target_group", "arn_suffix"),
    "WebACL": ("aws_wafv2_web_acl", "name"),
    "TopicName": ("aws_sns_topic", "name"),
}
ROLES = {"READER", "WRITER"}
# DynamoDB developer guide, "DynamoDB metrics and dimensions", dimension Operation.
OPERATIONS = {
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "DeleteItem",
    "ExecuteStatement",
    "ExecuteTransaction",
    "GetItem",
    "GetRecords",
    "PutItem",
    "Query",
    "Scan",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
}
