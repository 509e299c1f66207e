"""Calls that change what protects the platform: EventBridge hears of them from CloudTrail, through a trail.

Source: EventBridge user guide, "AWS service events delivered via AWS CloudTrail"; CloudTrail user guide,
"CloudTrail userIdentity element". The parameters are those of each call's API reference.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from cdktf_cdktf_provider_aws.backup_vault import BackupVault
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.lb_listener import LbListener

from modules.foundation.encryption import Encryption
from modules.observability.event_rules import EventRules
from modules.observability.events import Pattern


def key_changed(encryption: Encryption) -> Pattern:
    """Its policy, its rotation, its grants."""
    calls = ["CancelKeyDeletion", "DisableKeyRotation", "EnableKey", "PutKeyPolicy", "RevokeGrant"]
    return _calls("kms", calls, {"requestParameters": {"keyId": [encryption.key_arn, encryption.key_id]}})


def roles_changed(prefix: str) -> Pattern:
    """Trust, permissions and boundary of the stack's roles. IAM's events are in us-east-1 only."""
    calls = [
        "AttachRolePolicy",
        "DeleteRole",
        "DeleteRolePermissionsBoundary",
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "PutRolePermissionsBoundary",
        "PutRolePolicy",
        "UpdateAssumeRolePolicy",
    ]
    return _calls("iam", calls, {"requestParameters": {"roleName": [{"prefix": f"{prefix}-"}]}})


def listener_changed(listeners: Sequence[LbListener], switch: IamRole) -> Pattern:
    """A caller that isn't the switch modifies or deletes a listener, which IAM can't limit to weights."""
    return _calls(
        "elasticloadbalancing",
        ["DeleteListener", "ModifyListener"],
        {
            "requestParameters": {"listenerArn": [listener.arn for listener in listeners]},
            # A user or root has no session.
            "userIdentity": {
                "sessionContext": {
                    "sessionIssuer": {"arn": [{"anything-but": [switch.arn]}, {"exists": False}]}
                }
            },
        },
    )


def vault_changed(vault: BackupVault) -> Pattern:
    """Its lock, its policy, its recovery points."""
    calls = [
        "DeleteBackupVault",
        "DeleteBackupVaultAccessPolicy",
        "DeleteBackupVaultLockConfiguration",
        "DeleteRecoveryPoint",
        "PutBackupVaultAccessPolicy",
        "PutBackupVaultLockConfiguration",
    ]
    return _calls("backup", calls, {"requestParameters": {"backupVaultName": [vault.name]}})


def change_rules(
    rules: EventRules,
    *,
    prefix: str,
    key: Encryption,
    listeners: Sequence[LbListener],
    switch: IamRole,
    vault: BackupVault,
) -> None:
    """Adds one rule each."""
    rules.add("key-changed", key_changed(key), "The key's policy, rotation or state was changed")
    rules.add("roles-changed", roles_changed(prefix), "Trust or permissions of a role were changed")
    rules.add("listener-changed", listener_changed(listeners, switch), "Not the switch changed a listener")
    rules.add("vault-changed", vault_changed(vault), "The backup vault's protection was changed")


def _calls(service: str, names: Sequence[str], detail: Mapping[str, Any]) -> Pattern:
    return {
        "source": [f"aws.{service}"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventSource": [f"{service}.amazonaws.com"], "eventName": list(names), **detail},
    }
