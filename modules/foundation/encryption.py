"""The one customer-managed key that encrypts everything at rest (R02)."""

from collections.abc import Mapping

from cdktf_cdktf_provider_aws.kms_alias import KmsAlias
from cdktf_cdktf_provider_aws.kms_key import KmsKey
from constructs import Construct

from modules.config import Deployment
from modules.foundation.iam import Statement, policy
from modules.foundation.waivers import waive_copies

# What the deploying roles may do to the key; encrypting and decrypting is not among it. `kms:RetireGrant` has
# no effect in a key policy (KMS developer guide, "Retiring and revoking grants").
ADMINISTRATION = [
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:DeleteAlias",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:ListGrants",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
]
# KMS refuses a policy under which the caller could not replace it again: whichever role applies has to pass.
# What it then may do is for its own policies to say.
REPLACEMENT = ["kms:PutKeyPolicy"]
# A plan refreshes: the role that plans is none of those that administer.
REFRESH = [
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListKeyPolicies",
    "kms:ListResourceTags",
]
USE = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]

# Services that encrypt with the key on behalf of a caller of this account (kms:ViaService).
VIA_SERVICES = ("backup", "dynamodb", "ecr", "lambda", "rds", "secretsmanager", "sns", "sqs", "states")
ALARMS, EVENTS = "cloudwatch.amazonaws.com", "events.amazonaws.com"


class Encryption(Construct):
    """A KMS key with yearly rotation, an alias and a key policy for exactly the services that use it.

    Source: AWS KMS developer guide, "Key policies in AWS KMS"; CloudWatch Logs user guide, "Encrypt log
    data".
    """

    def __init__(self, scope: Construct, id_: str, *, deployment: Deployment) -> None:
        super().__init__(scope, id_)
        self.key = KmsKey(
            self,
            "key",
            description=f"Encrypts everything of {deployment.prefix} at rest",
            enable_key_rotation=True,
            deletion_window_in_days=30,
            policy=_key_policy(deployment),
            tags={"Name": deployment.prefix},
        )
        waive_copies(self.key, deployment)
        self.key_id = self.key.key_id
        """Id of the key (a token until applied)."""
        self.key_arn = self.key.arn
        """ARN of the key (a token until applied)."""
        KmsAlias(self, "alias", name=f"alias/{deployment.prefix}", target_key_id=self.key_id)


def _key_policy(deployment: Deployment) -> str:
    prefix, region, account_id = deployment.prefix, deployment.region, deployment.account_id
    account = {"AWS": f"arn:aws:iam::{account_id}:root"}
    via = [f"{service}.{region}.amazonaws.com" for service in VIA_SERVICES]
    log_groups = f"arn:aws:logs:{region}:{account_id}:log-group:*{prefix}*"
    return policy(
        *_administration(deployment, account),
        Statement(
            sid="UseThroughServices",
            principals=account,
            actions=USE,
            resources=["*"],
            conditions={"StringEquals": {"kms:ViaService": via, "kms:CallerAccount": account_id}},
        ),
        Statement(
            sid="GrantsForServices",
            principals=account,
            actions=["kms:CreateGrant"],
            resources=["*"],
            conditions={
                "StringEquals": {"kms:ViaService": via, "kms:CallerAccount": account_id},
                "Bool": {"kms:GrantIsForAWSResource": "true"},
            },
        ),
        # AWS Backup makes these as its role, not through another service. Source: AWS's managed policy
        # AWSBackupServiceRolePolicyForBackup.
        Statement(
            sid="GrantsForBackups",
            principals=account,
            actions=["kms:CreateGrant"],
            resources=["*"],
            conditions={
                "Bool": {"kms:GrantIsForAWSResource": "true"},
                "ArnEquals": {
                    "aws:PrincipalArn": f"arn:aws:iam::{account_id}:role{deployment.iam.path}{prefix}-backup"
                },
            },
        ),
        Statement(
            sid="LogGroups",
            principals={"Service": f"logs.{region}.amazonaws.com"},
            actions=USE,
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
        ),
        *_messages(deployment),
        *_copies(deployment),
        *_trail(deployment),
        *_workflow(deployment, account),
        *_task_storage(deployment),
        *_network_firewall(deployment, account),
    )


def _administration(deployment: Deployment, account: Mapping[str, str]) -> tuple[Statement, ...]:
    """Delegated to policies of identities, so a role needs both. A condition names the roles, not Principal:
    KMS refuses principals that it doesn't know (yet).

    Source: KMS API reference, CreateKey and PutKeyPolicy, `BypassPolicyLockoutSafetyCheck`; KMS developer
    guide, "Default key policy" and "Controlling access to aliases".
    """
    roles = deployment.iam.deploying_roles
    return (
        Statement(
            sid="Administration",
            principals=account,
            actions=ADMINISTRATION,
            resources=["*"],
            conditions={"ArnEquals": {"aws:PrincipalArn": roles}} if roles else {},
        ),
        Statement(sid="Refresh", principals=account, actions=REFRESH, resources=["*"]),
        Statement(sid="Replacement", principals=account, actions=REPLACEMENT, resources=["*"]),
    )


def _messages(deployment: Deployment) -> tuple[Statement, ...]:
    """Services that send to the encrypted topic and queues in their own name.

    EventBridge sends neither account nor rule to a topic's key, so the topic in the encryption context limits
    it; to a queue's key it sends the rule. One statement can't serve both.
    Source: SNS developer guide, "Managing encryption keys and costs"; SQS developer guide, "Key management".
    """
    where = f"{deployment.region}:{deployment.account_id}"
    topics = {"kms:EncryptionContext:aws:sns:topicArn": f"arn:aws:sns:{where}:{deployment.prefix}-*"}
    rules = {"aws:SourceArn": f"arn:aws:events:{where}:rule/{deployment.prefix}-*"}
    use = ["kms:Decrypt", "kms:GenerateDataKey*"]
    return (
        Statement(
            sid="AlarmsToTopics",
            principals={"Service": ALARMS},
            actions=use,
            resources=["*"],
            conditions={"StringEquals": {"aws:SourceAccount": deployment.account_id}, "ArnLike": topics},
        ),
        Statement(
            sid="EventsToTopics",
            principals={"Service": EVENTS},
            actions=use,
            resources=["*"],
            conditions={"ArnLike": topics},
        ),
        Statement(
            sid="EventsToQueues",
            principals={"Service": EVENTS},
            actions=use,
            resources=["*"],
            conditions={"ArnLike": rules},
        ),
    )


def _copies(deployment: Deployment) -> tuple[Statement, ...]:
    """AWS Backup in the account of the copies decrypts the snapshots, which it finds shared.

    Source: AWS Backup developer guide, "Encryption for backups in AWS Backup", copies to another account.
    """
    owner = (deployment.backup.copy_to or deployment.account_id).split(":")[-3:][0]
    if deployment.backup.copy_to is None or owner == deployment.account_id:
        return ()
    caller = {
        "kms:CallerAccount": owner,
        "kms:ViaService": [f"{service}.{deployment.region}.amazonaws.com" for service in ("backup", "rds")],
    }
    there = {"AWS": f"arn:aws:iam::{owner}:root"}
    return (
        Statement(
            sid="CopiesInAnotherAccount",
            principals=there,
            actions=["kms:Decrypt", "kms:DescribeKey", "kms:ReEncryptFrom"],
            resources=["*"],
            conditions={"StringEquals": caller},
        ),
        Statement(
            sid="GrantsForCopies",
            principals=there,
            actions=["kms:CreateGrant"],
            resources=["*"],
            conditions={"StringEquals": caller, "Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    )


def _trail(deployment: Deployment) -> tuple[Statement, ...]:
    """Source: CloudTrail user guide, "Configure AWS KMS key policies for CloudTrail"."""
    if not deployment.audit.trail:
        return ()
    source = {"aws:SourceArn": trail_arn(deployment)}
    return (
        Statement(
            sid="Trail",
            principals={"Service": "cloudtrail.amazonaws.com"},
            actions=["kms:DescribeKey", "kms:GenerateDataKey*"],
            resources=["*"],
            conditions={"StringEquals": source},
        ),
    )


def trail_arn(deployment: Deployment) -> str:
    """Of the deployment's own trail."""
    where = f"{deployment.region}:{deployment.account_id}"
    return f"arn:aws:cloudtrail:{where}:trail/{deployment.prefix}"


def _workflow(deployment: Deployment, account: Mapping[str, str]) -> tuple[Statement, ...]:
    """Step Functions uses the key as the state machine's role; its log is encrypted on the way, too.

    Source: Step Functions developer guide, "Data at rest encryption in Step Functions".
    """
    where = f"{deployment.region}:{deployment.account_id}"
    return (
        Statement(
            sid="Executions",
            principals=account,
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=["*"],
            conditions={
                "StringEquals": {"kms:CallerAccount": deployment.account_id},
                "ArnLike": {
                    "kms:EncryptionContext:aws:states:stateMachineArn": (
                        f"arn:aws:states:{where}:stateMachine:{deployment.prefix}-*"
                    )
                },
            },
        ),
        Statement(
            sid="ExecutionLogs",
            principals=account,
            actions=["kms:GenerateDataKey"],
            resources=["*"],
            conditions={
                "StringEquals": {
                    "kms:CallerAccount": deployment.account_id,
                    "kms:EncryptionContext:SourceArn": f"arn:aws:logs:{where}:*",
                }
            },
        ),
        Statement(
            sid="DeliveryOfExecutionLogs",
            principals={"Service": "delivery.logs.amazonaws.com"},
            actions=["kms:Decrypt"],
            resources=["*"],
            conditions={"StringEquals": {"kms:EncryptionContext:SourceArn": f"arn:aws:logs:{where}:*"}},
        ),
    )


def _task_storage(deployment: Deployment) -> tuple[Statement, ...]:
    """Fargate encrypts the storage of tasks itself; which cluster they are of is in the context."""
    clusters = {
        "kms:EncryptionContext:aws:ecs:clusterAccount": deployment.account_id,
        "kms:EncryptionContext:aws:ecs:clusterName": [
            f"{deployment.prefix}-{colour}" for colour, _ in deployment.colours.items()
        ],
    }
    fargate = {"Service": "fargate.amazonaws.com"}
    return (
        Statement(
            sid="StorageOfTasks",
            principals=fargate,
            actions=["kms:GenerateDataKeyWithoutPlaintext"],
            resources=["*"],
            conditions={"StringEquals": clusters},
        ),
        Statement(
            sid="GrantsForStorageOfTasks",
            principals=fargate,
            actions=["kms:CreateGrant"],
            resources=["*"],
            conditions={
                "StringEquals": clusters,
                "ForAllValues:StringEquals": {"kms:GrantOperations": ["Decrypt"]},
            },
        ),
    )


def _network_firewall(deployment: Deployment, account: Mapping[str, str]) -> tuple[Statement, ...]:
    """Network Firewall encrypts firewall, policy and rule group in its own name, by grants of the caller.

    Source: Network Firewall developer guide, "Encryption at rest with AWS Key Management Service"; the
    encryption context as public modules have it, which the guide does not name.
    """
    if not deployment.network.firewall:
        return ()
    where = f"{deployment.region}:{deployment.account_id}"
    resources = f"arn:aws:network-firewall:{where}:*/{deployment.prefix}*"
    return (
        Statement(
            sid="NetworkFirewall",
            principals={"Service": "network-firewall.amazonaws.com"},
            actions=USE,
            resources=["*"],
            conditions={"ArnLike": {"kms:EncryptionContext:aws:network-firewall:resource-id": resources}},
        ),
        Statement(
            sid="GrantsForTheNetworkFirewall",
            principals=account,
            actions=["kms:CreateGrant", "kms:DescribeKey"],
            resources=["*"],
            conditions={
                "StringEquals": {
                    "kms:ViaService": f"network-firewall.{deployment.region}.amazonaws.com",
                    "kms:CallerAccount": deployment.account_id,
                }
            },
        ),
    )
