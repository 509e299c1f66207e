"""The role that applies can't raise its own rights: each attempt is denied by the embedded AWS.

Where the role may write the policy of a resource, the attempt has that policy allow it, as an attacker would.
"""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from embedded_aws import ACCOUNT_ID, LocalAws

from bluegreen.permissions import Scope

pytestmark = pytest.mark.integration

EVERYTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
DENIED = {"AccessDenied", "AuthorizationError", "AccessDeniedException", "UnauthorizedOperation"}


def trusting(arn: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture(scope="module")
def role(made: LocalAws, scope: Scope) -> str:
    """A role of the stack, with the boundary, as the role that applies makes it."""
    name = f"{scope.prefix}-application"
    made.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=trusting(ACCOUNT_ID), PermissionsBoundary=scope.boundary
    )
    return name


@pytest.fixture(scope="module")
def group(made: LocalAws) -> str:
    """Another stack's security group, without tags."""
    ec2 = made.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    return str(ec2.create_security_group(GroupName="other", Description="-", VpcId=vpc)["GroupId"])


@pytest.fixture(scope="module")
def key(made: LocalAws) -> str:
    """Another stack's key, with an alias."""
    kms = made.client("kms")
    arn = str(kms.create_key()["KeyMetadata"]["Arn"])
    kms.create_alias(AliasName="alias/other", TargetKeyId=arn)
    return arn


def denied(call: Callable[..., Any], **arguments: Any) -> bool:
    """AWS denied it; with another answer the test fails."""
    with pytest.raises(ClientError) as refusal:
        call(**arguments)
    return refusal.value.response["Error"]["Code"] in DENIED


def test_it_makes_no_role_without_the_boundary(applier: LocalAws, scope: Scope) -> None:
    iam, given = applier.client("iam"), {"AssumeRolePolicyDocument": trusting(ACCOUNT_ID)}
    name = f"{scope.prefix}-new"
    assert denied(iam.create_role, RoleName=name, **given)
    assert denied(iam.create_role, RoleName=name, PermissionsBoundary=ADMINISTRATOR, **given)


def test_it_makes_roles_of_its_own_stack_only(applier: LocalAws, scope: Scope) -> None:
    iam = applier.client("iam")
    for name, path in (("other-new", "/"), (f"{scope.prefix}-new", "/deployers/")):
        assert denied(
            iam.create_role,
            RoleName=name,
            Path=path,
            AssumeRolePolicyDocument=trusting(ACCOUNT_ID),
            PermissionsBoundary=scope.boundary,
        )


def test_it_does_not_remove_the_boundary(applier: LocalAws, role: str) -> None:
    iam = applier.client("iam")
    assert denied(iam.delete_role_permissions_boundary, RoleName=role)
    assert denied(iam.put_role_permissions_boundary, RoleName=role, PermissionsBoundary=ADMINISTRATOR)


def test_it_does_not_widen_the_boundary(applier: LocalAws, scope: Scope) -> None:
    iam = applier.client("iam")
    assert denied(
        iam.create_policy_version, PolicyArn=scope.boundary, PolicyDocument=EVERYTHING, SetAsDefault=True
    )
    assert denied(iam.set_default_policy_version, PolicyArn=scope.boundary, VersionId="v1")


def test_it_does_not_change_its_own_policies_or_those_of_the_others(applier: LocalAws, scope: Scope) -> None:
    iam = applier.client("iam")
    for name in ("bootstrap", "plan", "apply", "operate"):
        role = scope.role_arn(name).rpartition("/")[2]
        assert denied(iam.attach_role_policy, RoleName=role, PolicyArn=ADMINISTRATOR)
        assert denied(iam.put_role_policy, RoleName=role, PolicyName="x", PolicyDocument=EVERYTHING)
        assert denied(iam.update_assume_role_policy, RoleName=role, PolicyDocument=trusting(ACCOUNT_ID))
        assert denied(
            iam.create_policy_version,
            PolicyArn=scope.policy_arn(f"{name}-1"),
            PolicyDocument=EVERYTHING,
            SetAsDefault=True,
        )


def test_it_assumes_no_role_even_one_that_trusts_it(
    applier: LocalAws, made: LocalAws, scope: Scope, role: str
) -> None:
    own = scope.role_arn("apply")
    made.client("iam").update_assume_role_policy(RoleName=role, PolicyDocument=trusting(own))
    arn = f"arn:aws:iam::{ACCOUNT_ID}:role/{role}"
    sts = applier.client("sts")
    assert denied(sts.assume_role, RoleArn=arn, RoleSessionName="escalation")


def test_it_attaches_no_policy_of_aws_to_a_role_of_the_stack(applier: LocalAws, role: str) -> None:
    iam = applier.client("iam")
    assert denied(iam.attach_role_policy, RoleName=role, PolicyArn=ADMINISTRATOR)


def test_it_passes_no_role_to_another_service_and_no_other_role(
    applier: LocalAws, scope: Scope, role: str
) -> None:
    functions = applier.client("lambda")
    for passed in (f"arn:aws:iam::{ACCOUNT_ID}:role/{role}", scope.role_arn("apply")):
        assert denied(
            functions.create_function,
            FunctionName=f"{scope.prefix}-switch",
            Runtime="python3.13",
            Handler="x.x",
            Role=passed,
            Code={"ZipFile": b"x"},
        )


def test_it_reads_no_secret_even_one_whose_policy_allows_it(
    applier: LocalAws, made: LocalAws, scope: Scope
) -> None:
    secrets = made.client("secretsmanager")
    arn = secrets.create_secret(Name=f"{scope.prefix}/blue/x", SecretString="x")["ARN"]
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": scope.role_arn("apply")},
        "Action": "secretsmanager:GetSecretValue",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=policy)
    own = applier.client("secretsmanager")
    assert denied(own.get_secret_value, SecretId=arn)


def test_it_takes_over_no_key_and_no_group_of_another_stack(
    applier: LocalAws, scope: Scope, group: str, key: str
) -> None:
    kms, ec2 = applier.client("kms"), applier.client("ec2")
    tag = {"TagKey": "Deployment", "TagValue": scope.prefix}
    assert denied(kms.tag_resource, KeyId=key, Tags=[tag])
    assert denied(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=EVERYTHING)
    assert denied(kms.schedule_key_deletion, KeyId=key)
    assert denied(ec2.create_tags, Resources=[group], Tags=[{"Key": "Deployment", "Value": scope.prefix}])
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    assert denied(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[rule])
    assert denied(ec2.delete_security_group, GroupId=group)


def test_it_decrypts_nothing_by_itself(applier: LocalAws, made: LocalAws, scope: Scope) -> None:
    kms = made.client("kms")
    own = kms.create_key(Tags=[{"TagKey": "Deployment", "TagValue": scope.prefix}])["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=own, Plaintext=b"x")["CiphertextBlob"]
    client = applier.client("kms")
    assert denied(client.decrypt, CiphertextBlob=blob, KeyId=own)


def test_the_role_that_plans_writes_nothing_and_reads_no_data(planner: LocalAws, scope: Scope) -> None:
    prefix = scope.prefix
    for service, call, arguments in (
        ("backup", "create_backup_vault", {"BackupVaultName": prefix}),
        ("dynamodb", "get_item", {"TableName": f"{prefix}-control", "Key": {"id": {"S": "x"}}}),
        ("dynamodb", "put_item", {"TableName": f"{prefix}-control", "Item": {"id": {"S": "x"}}}),
        ("ec2", "create_vpc", {"CidrBlock": "10.98.0.0/16"}),
        ("events", "put_rule", {"Name": f"{prefix}-x", "ScheduleExpression": "rate(1 day)"}),
        ("iam", "delete_role", {"RoleName": f"{prefix}-switch"}),
        ("kms", "create_key", {}),
        ("lambda", "invoke", {"FunctionName": f"{prefix}-switch"}),
        ("logs", "create_log_group", {"logGroupName": f"/aws/lambda/{prefix}-switch"}),
        ("rds", "delete_db_cluster", {"DBClusterIdentifier": f"{prefix}-blue"}),
        ("secretsmanager", "create_secret", {"Name": f"{prefix}/blue/y", "SecretString": "y"}),
        ("sns", "create_topic", {"Name": f"{prefix}-notifications"}),
        ("sqs", "create_queue", {"QueueName": f"{prefix}-x"}),
        ("ssm", "put_parameter", {"Name": f"/{prefix}/x", "Value": "x", "Type": "String"}),
        ("sts", "assume_role", {"RoleArn": scope.role_arn("apply"), "RoleSessionName": "escalation"}),
    ):
        assert denied(getattr(planner.client(service), call), **arguments), call


def test_it_makes_no_users_and_no_providers(applier: LocalAws) -> None:
    iam = applier.client("iam")
    assert denied(iam.create_user, UserName="x")
    assert denied(iam.create_access_key, UserName="x")
    assert denied(iam.create_open_id_connect_provider, Url="https://example.com", ClientIDList=["x"])
