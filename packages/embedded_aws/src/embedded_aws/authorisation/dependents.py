"""What else AWS checks for a call: dependent actions, and services that a configuration lets in.

Source: Service Authorization Reference, "dependent actions"; each service's guide, named below.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from embedded_aws.authorisation import held, lookups
from embedded_aws.authorisation.calls import Call
from embedded_aws.authorisation.checks import Check
from embedded_aws.authorisation.encryption import Use, checks
from embedded_aws.handle import ACCOUNT_ID
from iam_evaluation import Caller

DELIVERY = Caller.service("delivery.logs.amazonaws.com")
FIREWALL = Caller.service("network-firewall.amazonaws.com")
TRAILS = Caller.service("cloudtrail.amazonaws.com")
BALANCER_LOGS = Caller.service("logdelivery.elasticloadbalancing.amazonaws.com")
# Of a state machine's role, for its log. Step Functions developer guide, "Logging to CloudWatch Logs".
LOG_DELIVERY = (
    *("CreateLogDelivery", "GetLogDelivery", "UpdateLogDelivery", "DeleteLogDelivery", "ListLogDeliveries"),
    *("PutResourcePolicy", "DescribeResourcePolicies", "DescribeLogGroups"),
)
# Operation → the service whose service-linked role its first use makes, and that role's name. Each service's
# guide, "Using service-linked roles".
SERVICE_LINKED: dict[tuple[str, str], tuple[str, str]] = {
    ("application-autoscaling", "RegisterScalableTarget"): (
        "ecs.application-autoscaling.amazonaws.com",
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
    ),
    ("backup", "CreateBackupVault"): ("backup.amazonaws.com", "AWSServiceRoleForBackup"),
    ("ecs", "CreateCluster"): ("ecs.amazonaws.com", "AWSServiceRoleForECS"),
    ("elasticloadbalancing", "CreateLoadBalancer"): (
        "elasticloadbalancing.amazonaws.com",
        "AWSServiceRoleForElasticLoadBalancing",
    ),
    ("network-firewall", "CreateFirewall"): (
        "network-firewall.amazonaws.com",
        "AWSServiceRoleForNetworkFirewall",
    ),
    ("rds", "CreateDBCluster"): ("rds.amazonaws.com", "AWSServiceRoleForRDS"),
    ("wafv2", "PutLoggingConfiguration"): ("wafv2.amazonaws.com", "AWSServiceRoleForWAFV2Logging"),
}
NO_INTERFACES = "The provided execution role does not have permissions to call {} on EC2"
NO_LOG = "The state machine IAM Role is not authorized to access the Log Destination"


def dependent_checks(call: Call, caller: Caller) -> Iterator[Check]:
    """Besides the actions of the call, the roles that it passes and the keys that it uses."""
    find = _BY_OPERATION.get((call.service, call.operation))
    yield from find(call, caller) if find else ()
    yield from _service_linked(call, caller)


def _service_linked(call: Call, caller: Caller) -> Iterator[Check]:
    """While the account has no such role. Service Authorization Reference, dependent actions."""
    service, name = SERVICE_LINKED.get((call.service, call.operation), ("", ""))
    if name and held.role(name, call.account) is None:
        arn = f"arn:aws:iam::{call.account}:role/aws-service-role/{service}/{name}"
        yield Check(caller, "iam:CreateServiceLinkedRole", arn, {"iam:AWSServiceName": service})


def _endpoint(call: Call, caller: Caller) -> Iterator[Check]:
    """Of one with private DNS. Service Authorization Reference, CreateVpcEndpoint."""
    if call.text("VpcEndpointType") == "Interface" and call.text("PrivateDnsEnabled") != "false":
        yield Check(caller, "route53:AssociateVPCWithHostedZone", "arn:aws:route53:::hostedzone/*")


def _cluster(call: Call, caller: Caller) -> Iterator[Check]:
    """RDS makes the administrator's secret in the caller's name. Aurora user guide, "Password management"."""
    if call.text("ManageMasterUserPassword") == "true":
        secret = lookups.arn(
            Call("secretsmanager", "", call.region, {}, {}, call.account), "secret:rds!cluster-*"
        )
        for action in ("CreateSecret", "TagResource"):
            yield Check(caller, f"secretsmanager:{action}", secret)


def _log_group(call: Call, _: Caller) -> Iterator[Check]:
    """The service itself has to be let in to the key. CloudWatch Logs user guide, "Encrypt log data"."""
    group = call.text("logGroupName")
    arn = lookups.arn(call, f"log-group:{group}")
    actions = ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "DescribeKey")
    use = Use(call.text("kmsKeyId"), actions, "logs", (("aws:logs:arn", arn),))
    service = Caller.service(f"logs.{call.region}.amazonaws.com")
    for check in checks(use, service, call.region):
        refusal = f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'"
        yield Check(
            service,
            check.action,
            check.resource,
            check.context,
            code="AccessDeniedException",
            refusal=refusal,
        )


def _function(call: Call, _: Caller) -> Iterator[Check]:
    """Lambda calls EC2 with the function's role. Lambda developer guide, "Giving Lambda functions access to
    resources in a VPC".
    """
    function = held.function(call.text("FunctionName"), call.region)
    role = held.role((call.text("Role") or getattr(function, "role", "")).rpartition("/")[2])
    subnets = (call.parameters.get("VpcConfig") or {}).get("SubnetIds")
    if role is None or not subnets:
        return
    caller = Caller.role(role.arn, "awslambda")
    place = f"arn:aws:ec2:{call.region}:{ACCOUNT_ID}"
    wanted = [
        ("CreateNetworkInterface", f"{place}:network-interface/*"),
        *(("CreateNetworkInterface", f"{place}:subnet/{subnet}") for subnet in subnets),
        *(
            ("CreateNetworkInterface", f"{place}:security-group/{group}")
            for group in call.parameters["VpcConfig"].get("SecurityGroupIds", ())
        ),
        ("DescribeNetworkInterfaces", "*"),
        ("DescribeSubnets", "*"),
        ("DeleteNetworkInterface", f"{place}:network-interface/*"),
    ]
    for action, resource in wanted:
        code, refusal = "InvalidParameterValueException", NO_INTERFACES.format(action)
        yield Check(caller, f"ec2:{action}", resource, {}, code=code, refusal=refusal)


def _machine(call: Call, _: Caller) -> Iterator[Check]:
    """Its log, if it has one: made with the role; with the machine's key, which the log's delivery reads."""
    logging = call.parameters.get("loggingConfiguration") or {}
    role = held.role(call.text("roleArn").rpartition("/")[2])
    if role is None or logging.get("level", "OFF") == "OFF":
        return
    caller = Caller.role(role.arn, "states")
    for action in LOG_DELIVERY:
        group = lookups.arn(Call("logs", "", call.region, {}), "log-group::log-stream:")
        resource = group if action == "DescribeLogGroups" else "*"
        yield Check(caller, f"logs:{action}", resource, {}, code="AccessDeniedException", refusal=NO_LOG)
    key = (call.parameters.get("encryptionConfiguration") or {}).get("kmsKeyId", "")
    yield from log_uses(key, role.arn, call.region)


def log_uses(key: str, role: str, region: str) -> Iterator[Check]:
    """Of an encrypted state machine, by its role and by its log's delivery. Step Functions developer guide,
    "Data at rest encryption".
    """
    pairs = (("SourceArn", f"arn:aws:logs:{region}:{ACCOUNT_ID}:*"),)
    use = Use(key, ("GenerateDataKey",), "states", pairs)
    yield from checks(use, Caller.role(role, "states"), region, via=False)
    yield from checks(Use(key, ("Decrypt",), "logs", pairs), DELIVERY, region)


def _mount_target(call: Call, caller: Caller) -> Iterator[Check]:
    """EFS manages its network interface in the caller's name. EFS API reference, CreateMountTarget."""
    place = f"arn:aws:ec2:{call.region}:{call.account}"
    for action in ("DescribeSubnets", "DescribeNetworkInterfaces"):
        yield Check(caller, f"ec2:{action}", "*")
    groups = [f"security-group/{group}" for group in call.parameters.get("SecurityGroups") or ()]
    for resource in ("network-interface/*", f"subnet/{call.text('SubnetId')}", *groups):
        yield Check(caller, "ec2:CreateNetworkInterface", f"{place}:{resource}")


def _interface(call: Call, caller: Caller) -> Iterator[Check]:
    """Of a mount target. EFS API reference, DeleteMountTarget, DescribeMountTargetSecurityGroups,
    ModifyMountTargetSecurityGroups.
    """
    target = held.mount_target(call.text("MountTargetId"), call.region)
    place = f"arn:aws:ec2:{call.region}:{call.account}"
    own = f"{place}:network-interface/{target.network_interface_id if target else '*'}"
    groups = [f"{place}:security-group/{group}" for group in call.parameters.get("SecurityGroups") or ()]
    action, resources = {
        "DeleteMountTarget": ("DeleteNetworkInterface", [own]),
        "DescribeMountTargetSecurityGroups": ("DescribeNetworkInterfaceAttribute", ["*"]),
        "ModifyMountTargetSecurityGroups": ("ModifyNetworkInterfaceAttribute", [own, *groups]),
    }[call.operation]
    for resource in resources:
        yield Check(caller, f"ec2:{action}", resource)


def _balancer(call: Call, _: Caller) -> Iterator[Check]:
    """A file is written at once. Application Load Balancers, "Enable access logs"; it sends neither ARN nor
    account.
    """
    attributes = {
        value: call.text(name.removesuffix("Key") + "Value")
        for name, value in call.parameters.items()
        if name.startswith("Attributes.") and name.endswith(".Key")
    }
    bucket, prefix = attributes.get("access_logs.s3.bucket"), attributes.get("access_logs.s3.prefix")
    if attributes.get("access_logs.s3.enabled") != "true" or not bucket:
        return
    path = f"{prefix}/AWSLogs" if prefix else "AWSLogs"
    yield Check(
        BALANCER_LOGS,
        "s3:PutObject",
        f"arn:aws:s3:::{bucket}/{path}/{ACCOUNT_ID}/ELBAccessLogTestFile",
        {"aws:SecureTransport": True},
        code="InvalidConfigurationRequest",
        refusal=f"Access Denied for bucket: {bucket}. Please check S3bucket permission",
    )


def _rotation(call: Call, caller: Caller) -> Iterator[Check]:
    """Of the caller, too. Service Authorization Reference, RotateSecret."""
    secret = held.secret(call.text("SecretId"), call.region)
    if function := call.text("RotationLambdaARN") or getattr(secret, "rotation_lambda_arn", None):
        yield Check(caller, "lambda:InvokeFunction", function)


def _web_acl(call: Call, caller: Caller) -> Iterator[Check]:
    if ":loadbalancer/" in call.text("ResourceArn"):
        yield Check(caller, "elasticloadbalancing:SetWebACL", "*")  # it has no resource type


def _final_snapshot(call: Call, caller: Caller) -> Iterator[Check]:
    """Of a cluster that is deleted. Service Authorization Reference, DeleteDBCluster."""
    name = call.text("FinalDBSnapshotIdentifier")
    if name and call.text("SkipFinalSnapshot") != "true":
        snapshot = lookups.arn(call, f"cluster-snapshot:{name}")
        for resource in (lookups.arn(call, f"cluster:{call.text('DBClusterIdentifier')}"), snapshot):
            yield Check(caller, "rds:CreateDBClusterSnapshot", resource)
        yield Check(caller, "rds:AddTagsToResource", snapshot)


def _web_acl_log(call: Call, caller: Caller) -> Iterator[Check]:
    """AWS WAF developer guide, "Logging to CloudWatch Logs": the caller sets the delivery up."""
    destinations = (call.parameters.get("LoggingConfiguration") or {}).get("LogDestinationConfigs", ())
    if any(":log-group:" in one for one in destinations):
        for action in ("CreateLogDelivery", "DescribeResourcePolicies", "PutResourcePolicy"):
            yield Check(caller, f"logs:{action}", "*")


def _firewall_log(_: Call, caller: Caller) -> Iterator[Check]:
    """Network Firewall developer guide, "Permissions to configure AWS Network Firewall logging" and "Sending
    Network Firewall logs to CloudWatch Logs".
    """
    for action in LOG_DELIVERY:
        yield Check(caller, f"logs:{action}", "*")


def _firewall_key(call: Call, _: Caller) -> Iterator[Check]:
    """The service itself uses the key. Network Firewall developer guide, "Encryption at rest"; the encryption
    context as public modules have it (inferred).
    """
    arn = (lookups.known(call, "") or ("",))[0]
    key = (call.parameters.get("EncryptionConfiguration") or {}).get("KeyId", "")
    pairs = (("aws:network-firewall:resource-id", arn),)
    use = Use(key, ("GenerateDataKey", "Decrypt"), "network-firewall", pairs)
    yield from checks(use, FIREWALL, call.region)


def _trail(call: Call, _: Caller) -> Iterator[Check]:
    """CloudTrail writes to the bucket, encrypted with the key, in its own name. CloudTrail user guide,
    "Amazon S3 bucket policy for CloudTrail", "Configure AWS KMS key policies for CloudTrail"; wording: issues
    29991 of hashicorp/terraform and 186 of trussworks/terraform-aws-cloudtrail.
    """
    bucket, key = call.text("S3BucketName"), call.text("KmsKeyId")
    trail = lookups.arn(call, f"trail/{lookups.bare('cloudtrail', call.text('Name'))}")
    sent = {"aws:SourceArn": trail, "aws:SourceAccount": call.account, "aws:SecureTransport": True}
    if bucket:
        folder = "/".join(filter(None, (bucket, call.text("S3KeyPrefix"), "AWSLogs", call.account)))
        writes = {**sent, "s3:x-amz-acl": "bucket-owner-full-control"}
        for action, resource, keys in (
            ("s3:GetBucketAcl", f"arn:aws:s3:::{bucket}", sent),
            ("s3:PutObject", f"arn:aws:s3:::{folder}/CloudTrail/{call.region}/x", writes),
        ):
            refusal = f"Incorrect S3 bucket policy is detected for bucket: {bucket}"
            code = "InsufficientS3BucketPolicyException"
            yield Check(TRAILS, action, resource, keys, code=code, refusal=refusal)
    use = Use(key, ("DescribeKey", "GenerateDataKey"), "cloudtrail", (("aws:cloudtrail:arn", trail),))
    for check in checks(use, TRAILS, call.region):
        refusal = f"Insufficient permissions to access S3 bucket {bucket} or KMS key {key}."
        code = "InsufficientEncryptionPolicyException"
        yield replace(check, context={**sent, **check.context}, code=code, refusal=refusal)


def _of_vpc(_: Call, caller: Caller) -> Iterator[Check]:
    """Service Authorization Reference, dependent actions."""
    yield Check(caller, "ec2:DescribeVpcs", "*")


def _selection(call: Call, _: Caller) -> Iterator[Check]:
    """Of the role. Seen where resources are selected by tags; that AWS asks for it where they are selected by
    ARN, too, is assumed (Terraform's provider repeats a selection after this refusal, whatever it selects).
    """
    role = str((call.parameters.get("BackupSelection") or {}).get("IamRoleArn", ""))
    refusal = f"IAM Role {role} is not authorized to call tag:GetResources"
    code = "InvalidParameterValueException"
    if role:
        yield Check(Caller.role(role, "AWSBackup"), "tag:GetResources", "*", code=code, refusal=refusal)


def _vault(_: Call, caller: Caller) -> Iterator[Check]:
    """AWS Backup developer guide, "Creating a backup vault"."""
    yield Check(caller, "backup-storage:MountCapsule", "*")


def _copied(call: Call, caller: Caller) -> Iterator[Check]:
    source = str(call.headers.get("HTTP_X_AMZ_COPY_SOURCE", "")).lstrip("/").partition("?")[0]
    yield Check(caller, "s3:GetObject", f"arn:aws:s3:::{source}")


def _batch(call: Call, caller: Caller) -> Iterator[Check]:
    for name in call.texts("SecretIdList"):
        secret: Any = held.secret(name, call.region)
        if secret:
            yield Check(caller, "secretsmanager:GetSecretValue", secret.arn)


_BY_OPERATION: dict[tuple[str, str], Callable[[Call, Caller], Iterator[Check]]] = {
    ("backup", "CreateBackupSelection"): _selection,
    ("backup", "CreateBackupVault"): _vault,
    ("cloudtrail", "CreateTrail"): _trail,
    ("cloudtrail", "UpdateTrail"): _trail,
    ("ec2", "CreateVpcEndpoint"): _endpoint,
    ("elasticfilesystem", "CreateMountTarget"): _mount_target,
    ("elasticfilesystem", "DeleteMountTarget"): _interface,
    ("elasticfilesystem", "DescribeMountTargetSecurityGroups"): _interface,
    ("elasticfilesystem", "ModifyMountTargetSecurityGroups"): _interface,
    ("elasticloadbalancing", "ModifyLoadBalancerAttributes"): _balancer,
    ("lambda", "CreateFunction"): _function,
    ("lambda", "UpdateFunctionConfiguration"): _function,
    ("logs", "AssociateKmsKey"): _log_group,
    ("logs", "CreateLogGroup"): _log_group,
    **{
        ("network-firewall", operation): _firewall_key
        for operation in (
            *("CreateFirewall", "CreateFirewallPolicy", "CreateRuleGroup", "UpdateFirewallPolicy"),
            *("UpdateFirewallEncryptionConfiguration", "UpdateRuleGroup"),
        )
    },
    ("network-firewall", "UpdateLoggingConfiguration"): _firewall_log,
    ("rds", "CreateDBCluster"): _cluster,
    ("rds", "DeleteDBCluster"): _final_snapshot,
    ("route53resolver", "AssociateFirewallRuleGroup"): _of_vpc,
    ("route53resolver", "UpdateFirewallConfig"): _of_vpc,
    ("s3", "CopyObject"): _copied,
    ("secretsmanager", "BatchGetSecretValue"): _batch,
    ("secretsmanager", "RotateSecret"): _rotation,
    ("states", "CreateStateMachine"): _machine,
    ("states", "UpdateStateMachine"): _machine,
    ("wafv2", "AssociateWebACL"): _web_acl,
    ("wafv2", "DisassociateWebACL"): _web_acl,
    ("wafv2", "PutLoggingConfiguration"): _web_acl_log,
}
