"""Changes of what protects the platform are caught, and the switch's own work isn't."""

from typing import Any

import pytest

from tests.modules.test_monitoring_events import catches, reference, rule
from tests.stack_reader import Stack


def call(service: str, name: str, parameters: dict[str, Any], issuer: str | None = "other") -> dict[str, Any]:
    """As CloudTrail reports it; `issuer`: ARN of the caller's role, None for a user."""
    session = {"sessionContext": {"sessionIssuer": {"arn": issuer}}} if issuer else {}
    return {
        "source": f"aws.{service}",
        "detail-type": "AWS API Call via CloudTrail",
        "detail": {
            "eventSource": f"{service}.amazonaws.com",
            "eventName": name,
            "userIdentity": {"type": "AssumedRole" if issuer else "IAMUser", **session},
            "requestParameters": parameters,
        },
    }


@pytest.mark.parametrize("listener", ["https", "test", "http"])
def test_a_listener_that_another_caller_modifies(stack: Stack, listener: str) -> None:
    switch = reference(stack, "switching/switch/role", "arn")
    parameters = {"listenerArn": reference(stack, f"load-balancer/{listener}", "arn")}
    own = rule(stack, "listener-changed")
    for issuer in ("arn:aws:iam::123456789012:role/other", None):
        assert catches(own, call("elasticloadbalancing", "ModifyListener", parameters, issuer))
    assert not catches(own, call("elasticloadbalancing", "ModifyListener", parameters, switch))
    assert not catches(own, call("elasticloadbalancing", "ModifyListener", {"listenerArn": "another"}))


def test_key_roles_and_vault(stack: Stack) -> None:
    key = {"keyId": reference(stack, "encryption/key", "key_id")}
    role = {"roleName": f"{stack.one('aws_backup_vault')['name']}-switch"}
    vault = {"backupVaultName": reference(stack, "backup/vault", "name")}
    for name, event in (
        ("key-changed", call("kms", "PutKeyPolicy", key)),
        ("roles-changed", call("iam", "PutRolePolicy", role)),
        ("roles-changed", call("iam", "UpdateAssumeRolePolicy", role)),
        ("vault-changed", call("backup", "DeleteBackupVaultLockConfiguration", vault)),
        ("vault-changed", call("backup", "PutBackupVaultAccessPolicy", vault)),
    ):
        assert catches(rule(stack, name), event), event
    assert not catches(rule(stack, "key-changed"), call("kms", "PutKeyPolicy", {"keyId": "another"}))
    assert not catches(rule(stack, "roles-changed"), call("iam", "PutRolePolicy", {"roleName": "another"}))
    assert not catches(rule(stack, "vault-changed"), call("backup", "DescribeBackupVault", vault))


@pytest.mark.parametrize("colour", ["blue", "green"])
def test_a_cluster_whose_configuration_or_security_changes(stack: Stack, colour: str) -> None:
    cluster = reference(stack, f"{colour}-database/cluster", "arn")
    event = {
        "source": "aws.rds",
        "detail-type": "RDS DB Cluster Event",
        "detail": {"SourceArn": cluster, "EventCategories": ["configuration change"]},
    }
    assert catches(rule(stack, f"{colour}-database-changed"), event)
    event["detail"] = {"SourceArn": cluster, "EventCategories": ["backup"]}
    assert not catches(rule(stack, f"{colour}-database-changed"), event)
