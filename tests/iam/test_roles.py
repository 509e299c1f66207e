"""What the stack's roles may do, where AWS asks for more than the resource at hand."""

from typing import Any

import pytest

from tests.iam.stack_decisions import ACCOUNT, REGION, arn, role_may
from tests.stack_reader import Stack


def test_the_switch_reads_composite_alarms(stack: Stack) -> None:
    """Composite alarms are returned only for a permission "that is scoped to *".

    Source: CloudWatch API reference, DescribeAlarms.
    """
    decision = role_may(stack, stack.at("switching/switch/role"), "cloudwatch:DescribeAlarms", "*")
    assert decision.allowed, decision.explain()


# VPC user guide, "Publish flow logs to CloudWatch Logs"; Step Functions developer guide, "Using CloudWatch
# Logs to log execution history"; Aurora user guide, "Setting up and enabling Enhanced Monitoring".
GROUP, STREAM = "log-group:{}", "log-group:{}:log-stream:x"
LOGGING: dict[str, tuple[str, dict[str, str | None]]] = {
    "flow-logs/role": (
        "/aws/vpc/{prefix}-flow-logs",
        {
            "logs:CreateLogGroup": GROUP,
            "logs:CreateLogStream": STREAM,
            "logs:PutLogEvents": STREAM,
            "logs:DescribeLogStreams": GROUP,
            "logs:DescribeLogGroups": None,
        },
    ),
    "workflow/role": (
        "",
        dict.fromkeys(
            (
                "logs:CreateLogDelivery",
                "logs:GetLogDelivery",
                "logs:UpdateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:DescribeResourcePolicies",
                "logs:DescribeLogGroups",
            )
        ),
    ),
    "database-monitoring": (
        "RDSOSMetrics",
        {
            "logs:CreateLogGroup": GROUP,
            "logs:PutRetentionPolicy": GROUP,
            "logs:CreateLogStream": STREAM,
            "logs:PutLogEvents": STREAM,
            "logs:DescribeLogStreams": GROUP,
            "logs:GetLogEvents": STREAM,
        },
    ),
}


@pytest.mark.parametrize("path", LOGGING)
def test_whoever_writes_a_log_has_what_its_document_asks_for(stack: Stack, path: str) -> None:
    group, actions = LOGGING[path]
    prefix = stack.one("aws_backup_vault")["name"]
    for action, on in actions.items():
        resource = f"arn:aws:logs:{REGION}:{ACCOUNT}:{on.format(group.format(prefix=prefix))}" if on else "*"
        decision = role_may(stack, stack.at(path), action, resource)
        assert decision.allowed, f"{action}: {decision.explain()}"


def test_the_backup_role_has_what_aws_s_own_policy_has_for_these_resources(stack: Stack) -> None:
    """AWS managed policy AWSBackupServiceRolePolicyForBackup, as far as it concerns Aurora and DynamoDB."""
    role, key, rds = stack.at("backup/role"), arn(stack.one("aws_kms_key")), f"arn:aws:rds:{REGION}:{ACCOUNT}"
    grant: dict[str, Any] = {"kms:GrantIsForAWSResource": True}
    point = f"arn:aws:backup:{REGION}:{ACCOUNT}:recovery-point:1EB3B5E7"
    needed: list[tuple[str, str, dict[str, Any]]] = [
        ("backup:TagResource", point, {}),
        ("rds:DescribeDBClusterAutomatedBackups", f"{rds}:cluster-auto-backup:ab-1", {}),
        ("rds:DeleteDBClusterAutomatedBackup", f"{rds}:cluster-auto-backup:ab-1", {}),
        ("tag:GetResources", "*", {}),
        ("kms:DescribeKey", key, {}),
        ("kms:CreateGrant", key, grant),
        (
            "kms:Decrypt",
            key,
            {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com", "kms:CallerAccount": ACCOUNT},
        ),
    ]
    for action, on, context in needed:
        decision = role_may(stack, role, action, on, context)
        assert decision.allowed, f"{action}: {decision.explain()}"
    assert not role_may(stack, role, "kms:Decrypt", key).allowed
    assert not role_may(stack, role, "kms:CreateGrant", key).allowed


def test_the_switch_modifies_listeners_without_weakening_them(stack: Stack) -> None:
    """The keys are in the request where it sets a protocol or a TLS policy; there is none for weights.

    Source: Service Authorization Reference, Elastic Load Balancing V2.
    """
    role, service = stack.at("switching/switch/role"), "elasticloadbalancing"
    listener = arn(stack.at("load-balancer/https"))
    policy = stack.at("load-balancer/https")["ssl_policy"]

    def may(**keys: str) -> bool:
        context = {f"{service}:{key}": value for key, value in keys.items()}
        return role_may(stack, role, f"{service}:ModifyListener", listener, context).allowed

    assert may()
    assert may(ListenerProtocol="HTTPS", SecurityPolicy=policy)
    assert not may(ListenerProtocol="HTTP")
    assert not may(SecurityPolicy="ELBSecurityPolicy-2016-08")
