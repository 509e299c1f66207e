"""Which call needs which action besides its own, and where AWS says so.

The embedded AWS checks these (`embedded_aws/authorisation`: actions, dependents, key_uses, passing, tagging).
A recording has an action under another call than its own: it has to be here.
"""

from collections.abc import Mapping

VAULT = 'AWS Backup developer guide, "Creating a backup vault"'
ON_CREATION = 'EC2 user guide, "Grant permission to tag resources during creation"'
ASSOCIATED = "Service Authorization Reference, AssociateWebACL"
WEB_ACL_LOGS = (
    "a web ACL or a network firewall logs",
    'AWS WAF developer guide, "Logging to CloudWatch Logs"; Network Firewall developer guide, "Permissions '
    'to configure AWS Network Firewall logging"',
)
FIREWALL_LOGS = (
    "a network firewall logs",
    'Network Firewall developer guide, "Permissions to configure AWS Network Firewall logging"',
)
ADMINISTRATOR = 'Aurora user guide, "Password management"'
MOUNT_TARGET = (
    "EFS manages the network interface of a mount target",
    "EFS API reference, CreateMountTarget, DeleteMountTarget, DescribeMountTargetSecurityGroups",
)
TAGGED = "Service Authorization Reference, dependent actions; creation with tags"
KEYS = "each service's guide, encryption at rest (../packages/embedded_aws: `key_uses.py`)"
# Action → why another call needs it; its source.
SOURCES: Mapping[str, tuple[str, str]] = {
    "backup-storage:MountCapsule": (
        "a vault is created",
        'AWS Backup developer guide, "Creating a backup vault"',
    ),
    "cloudtrail:AddTags": ("created with tags", TAGGED),
    "ec2:CreateTags": (
        "created with tags",
        'EC2 user guide, "Grant permission to tag resources during creation"',
    ),
    "ec2:CreateNetworkInterface": MOUNT_TARGET,
    "ec2:DeleteNetworkInterface": MOUNT_TARGET,
    "ec2:DescribeNetworkInterfaceAttribute": MOUNT_TARGET,
    "ec2:DescribeNetworkInterfaces": MOUNT_TARGET,
    "ec2:DescribeSubnets": MOUNT_TARGET,
    "elasticloadbalancing:AddTags": ("created with tags", TAGGED),
    "elasticloadbalancing:SetWebACL": (
        "a web ACL is associated",
        "Service Authorization Reference, AssociateWebACL",
    ),
    "iam:CreateServiceLinkedRole": (
        "the first use of a service in an account",
        'each service\'s guide, "Using service-linked roles"',
    ),
    "iam:PassRole": ("a role is given to a service", "Service Authorization Reference, dependent actions"),
    "iam:TagRole": ("created with tags", TAGGED),
    "kms:CreateGrant": ("an encrypted resource is created", KEYS),
    "kms:Decrypt": ("an encrypted resource is created or described", KEYS),
    "kms:DescribeKey": ("an encrypted resource is created", KEYS),
    "kms:Encrypt": ("a function's environment is encrypted", KEYS),
    "kms:GenerateDataKey": ("an encrypted resource is created", KEYS),
    "kms:RetireGrant": ("grants of a repository or vault", 'ECR user guide, "Encryption at rest"'),
    "lambda:InvokeFunction": ("a rotation starts", "Service Authorization Reference, RotateSecret"),
    "ec2:DescribeVpcs": (
        "a VPC gets DNS Firewall",
        "Service Authorization Reference, AssociateFirewallRuleGroup",
    ),
    "logs:CreateLogDelivery": WEB_ACL_LOGS,
    "logs:DeleteLogDelivery": FIREWALL_LOGS,
    "logs:DescribeLogGroups": FIREWALL_LOGS,
    "logs:DescribeResourcePolicies": WEB_ACL_LOGS,
    "logs:GetLogDelivery": FIREWALL_LOGS,
    "logs:ListLogDeliveries": FIREWALL_LOGS,
    "logs:UpdateLogDelivery": FIREWALL_LOGS,
    "logs:PutResourcePolicy": WEB_ACL_LOGS,
    "rds:AddTagsToResource": ("created with tags", TAGGED),
    "rds:CreateDBClusterSnapshot": ("the final snapshot", "Service Authorization Reference, DeleteDBCluster"),
    "route53:AssociateVPCWithHostedZone": (
        "an interface endpoint with private DNS",
        "Service Authorization Reference, CreateVpcEndpoint",
    ),
    "secretsmanager:CreateSecret": ("the administrator's secret", ADMINISTRATOR),
    "secretsmanager:TagResource": (
        "the administrator's secret; created with tags",
        'Aurora user guide, "Password management"',
    ),
    "sqs:TagQueue": ("created with tags", "SQS API reference, CreateQueue"),
    "ssm:AddTagsToResource": ("created with tags", TAGGED),
}
# Services whose TagResource a creation with tags needs.
TAGGING = [
    "application-autoscaling",
    "backup",
    "cloudtrail",
    "cloudwatch",
    "dynamodb",
    "ecr",
    "ecs",
    "events",
    "kms",
]
TAGGING += ["lambda", "logs", "network-firewall", "route53resolver", "sns", "states", "wafv2"]
S3 = 'Amazon S3 user guide, "Required permissions for Amazon S3 API operations"'


def source_of(action: str) -> tuple[str, str] | None:
    """Why another call than its own needs an action, and where AWS says so. None: the table lacks it."""
    service, _, name = action.partition(":")
    if name == "TagResource" and service in TAGGING:
        return ("created with tags", TAGGED)
    if service == "s3":
        return ("the call has another name", S3)
    return SOURCES.get(action)
