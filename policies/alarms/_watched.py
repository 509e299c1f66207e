"""What of each type of resource an alarm has to be on."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from stack_gate.stack import LOAD_BALANCERS, TARGET_GROUPS, Block

from policies.ledger._ledger import Ledger

_FUNCTION, _QUEUE, _CLUSTER, _RULE = (
    "aws_lambda_function", "aws_sqs_queue", "aws_rds_cluster", "aws_cloudwatch_event_rule",
)  # fmt: skip


def _always(_: Block) -> bool:
    return True


def _takes_failures(queue: Block) -> bool:
    users = (
        (_FUNCTION, "dead_letter_config.target_arn"),
        ("aws_cloudwatch_event_target", "dead_letter_config.arn"),
    )
    return any(True for type_, path in users for _ in queue.stack.users(queue, path, type_))


def _has_queue(function: Block) -> bool:
    return bool(function.refers("dead_letter_config.target_arn", _QUEUE))


def _has_targets(rule: Block) -> bool:
    return any(True for _ in rule.stack.users(rule, "rule", "aws_cloudwatch_event_target"))


def _replicates(cluster: Block) -> bool:
    ledger = cluster.stack.derived(Ledger)
    return ledger.begun and cluster in ledger.clusters


def _is_standard(machine: Block) -> bool:
    return machine.get("type") in (None, "STANDARD")


@dataclass(frozen=True)
class Watch:
    """Resources of a type need an alarm on one of the metrics, with the operator that it begins with."""

    what: str
    namespace: str
    metrics: tuple[str, ...]
    where: Callable[[Block], bool] = _always
    operator: str = ""


_BALANCER = (
    Watch("its own errors", "AWS/ApplicationELB", ("HTTPCode_ELB_5XX_Count", "HTTPCode_ELB_500_Count")),
    Watch("connections that it rejects", "AWS/ApplicationELB", ("RejectedConnectionCount",)),
)
_GROUP = (
    Watch("errors of its targets", "AWS/ApplicationELB", ("HTTPCode_Target_5XX_Count",)),
    Watch("the health of its targets", "AWS/ApplicationELB", ("UnHealthyHostCount", "HealthyHostCount")),
)
# Type → what is watched of it. Sources: CloudWatch metrics in the user guide of each service.
WATCHED: Mapping[str, tuple[Watch, ...]] = {
    **dict.fromkeys(LOAD_BALANCERS, _BALANCER),
    **dict.fromkeys(TARGET_GROUPS, _GROUP),
    "aws_backup_vault": (
        Watch("failed backups", "AWS/Backup", ("NumberOfBackupJobsFailed", "NumberOfBackupJobsExpired")),
        Watch("backups that were made", "AWS/Backup", ("NumberOfBackupJobsCompleted",)),
    ),
    _RULE: (Watch("events that are not delivered", "AWS/Events", ("FailedInvocations",), _has_targets),),
    "aws_dynamodb_table": (Watch("failed requests", "AWS/DynamoDB", ("SystemErrors",)),),
    "aws_ecs_service": (
        Watch("the tasks that run", "ECS/ContainerInsights", ("RunningTaskCount",)),
        Watch("memory", "AWS/ECS", ("MemoryUtilization",)),
    ),
    _FUNCTION: (
        Watch("errors", "AWS/Lambda", ("Errors",)),
        Watch("throttled calls", "AWS/Lambda", ("Throttles",)),
        Watch("calls near the timeout", "AWS/Lambda", ("Duration",)),
        Watch("events that reach no dead-letter queue", "AWS/Lambda", ("DeadLetterErrors",), _has_queue),
    ),
    "aws_nat_gateway": (
        Watch("connections without a port", "AWS/NATGateway", ("ErrorPortAllocation", "PacketsDropCount")),
    ),
    _CLUSTER: (
        Watch("CPU", "AWS/RDS", ("CPUUtilization",)),
        Watch("memory", "AWS/RDS", ("FreeableMemory",)),
        Watch("the lag of its readers", "AWS/RDS", ("AuroraReplicaLagMaximum", "AuroraReplicaLag")),
        Watch("the ledger's lag", "AWS/RDS", ("AuroraBinlogReplicaLag",), _replicates, "Greater"),
        Watch("replication that stopped", "AWS/RDS", ("AuroraBinlogReplicaLag",), _replicates, "Less"),
    ),
    "aws_sfn_state_machine": (
        Watch("executions that fail", "AWS/States", ("ExecutionsFailed",)),
        Watch("executions that time out", "AWS/States", ("ExecutionsTimedOut",)),
        Watch("executions that are stopped", "AWS/States", ("ExecutionsAborted",), _is_standard),
    ),
    "aws_sns_topic": (Watch("failed deliveries", "AWS/SNS", ("NumberOfNotificationsFailed",)),),
    _QUEUE: (
        Watch(
            "what lies in it", "AWS/SQS",
            ("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"), _takes_failures,
        ),
    ),
    "aws_wafv2_web_acl": (Watch("blocked requests", "AWS/WAFV2", ("BlockedRequests",)),),
}  # fmt: skip
