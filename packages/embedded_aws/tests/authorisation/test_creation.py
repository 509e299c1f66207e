"""What AWS checks besides the action of a creation: tags, the new ARN, service-linked roles,
the boundary of a role; and by which tags a resource is known.

Service Authorization Reference; EC2 user guide, "Grant permission to tag resources during creation".
"""

import uuid
from typing import Any

import embedded_aws
from embedded_aws import LocalAws

from packages.embedded_aws.tests.authorisation.acting import HERE, ROOT, Acting, allow, denied, document

TAG = {"Key": "Deployment", "Value": "one"}
OWN = {"StringEquals": {"aws:ResourceTag/Deployment": "one"}}
SENT = {"StringEquals": {"aws:RequestTag/Deployment": "one"}}
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def tagged(type_: str, value: str = "one") -> list[dict[str, Any]]:
    return [{"ResourceType": type_, "Tags": [{**TAG, "Value": value}]}]


def test_tags_on_creation_need_the_action_that_sets_tags(aws: LocalAws) -> None:
    name = f"q-{uuid.uuid4()}"
    queue = f"arn:aws:sqs:{HERE}:{name}"
    without = Acting(aws, allow("sqs:CreateQueue", on=queue)).client("sqs")
    assert "sqs:TagQueue" in denied(without.create_queue, QueueName=name, tags={"a": "b"})[1]
    assert denied(without.create_queue, QueueName=name) == ("", "")
    both = Acting(aws, allow("sqs:CreateQueue", "sqs:TagQueue", on=f"{queue}-2")).client("sqs")
    assert denied(both.create_queue, QueueName=f"{name}-2", tags={"a": "b"}) == ("", "")


def test_what_ec2_creates_is_a_resource_and_what_it_is_created_in_another(aws: LocalAws) -> None:
    """And the tags of each: those that are sent, those that are there."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=tagged("vpc"))["Vpc"]["VpcId"]
    other = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
    acting = Acting(
        aws,
        allow("ec2:CreateSubnet", on=f"arn:aws:ec2:{HERE}:subnet/*", Condition=SENT),
        allow("ec2:CreateSubnet", on=f"arn:aws:ec2:{HERE}:vpc/*", Condition=OWN),
        allow(
            "ec2:CreateTags",
            on=f"arn:aws:ec2:{HERE}:subnet/*",
            Condition={"StringEquals": {"ec2:CreateAction": "CreateSubnet"}},
        ),
    ).client("ec2")

    def create(inside: str, value: str = "one") -> str:
        block = "10.1.1.0/24" if inside == vpc else "10.2.1.0/24"
        given = {"CidrBlock": block, "TagSpecifications": tagged("subnet", value)}
        return denied(acting.create_subnet, VpcId=inside, **given)[0]

    assert create(other) == "UnauthorizedOperation"
    assert create(vpc, "another") == "UnauthorizedOperation"
    assert create(vpc) == ""
    assert denied(acting.create_tags, Resources=[vpc], Tags=[TAG])[0] == "UnauthorizedOperation"


def test_a_key_is_known_by_tag_and_alias(aws: LocalAws) -> None:
    kms, alias = aws.client("kms"), f"alias/{uuid.uuid4()}"
    own = kms.create_key(Tags=[{"TagKey": "Deployment", "TagValue": "one"}])["KeyMetadata"]["KeyId"]
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=alias, TargetKeyId=other)
    keys = f"arn:aws:kms:{HERE}:key/*"
    by_tag = Acting(aws, allow("kms:GetKeyRotationStatus", on=keys, Condition=OWN)).client("kms")
    named = {"ForAnyValue:StringEquals": {"kms:ResourceAliases": alias}}
    by_alias = Acting(aws, allow("kms:GetKeyRotationStatus", on=keys, Condition=named)).client("kms")
    assert (
        denied(by_tag.get_key_rotation_status, KeyId=own)
        == denied(by_alias.get_key_rotation_status, KeyId=other)
        == ("", "")
    )
    assert denied(by_tag.get_key_rotation_status, KeyId=other)[0] == "AccessDeniedException"
    assert denied(by_alias.get_key_rotation_status, KeyId=own)[0] == "AccessDeniedException"


def test_the_lock_out_check_knows_the_tags_of_the_key(aws: LocalAws) -> None:
    """KMS API reference, CreateKey: the caller has to be able to replace the policy."""
    own = Acting(
        aws,
        allow("kms:CreateKey", "kms:TagResource", Condition=SENT),
        allow("kms:PutKeyPolicy", on=f"arn:aws:kms:{HERE}:key/*", Condition=OWN),
    ).client("kms")
    policy = document(allow("kms:*", Principal={"AWS": ROOT}))
    tags = [{"TagKey": "Deployment", "TagValue": "one"}]
    assert denied(own.create_key, Policy=policy)[0] == "AccessDeniedException"
    key = own.create_key(Policy=policy, Tags=tags)["KeyMetadata"]["KeyId"]
    assert denied(own.put_key_policy, KeyId=key, PolicyName="default", Policy=policy) == ("", "")


def test_the_first_cluster_of_an_account_makes_the_service_linked_role(aws: LocalAws) -> None:
    name = f"c-{uuid.uuid4()}"
    cluster = allow("ecs:CreateCluster", on=f"arn:aws:ecs:{HERE}:cluster/{name}")
    without = Acting(aws, cluster).client("ecs")
    assert "iam:CreateServiceLinkedRole" in denied(without.create_cluster, clusterName=name)[1]
    linked = allow(
        "iam:CreateServiceLinkedRole", Condition={"StringEquals": {"iam:AWSServiceName": "ecs.amazonaws.com"}}
    )
    assert denied(Acting(aws, cluster, linked).client("ecs").create_cluster, clusterName=name) == ("", "")


def test_tasks_are_listed_of_one_cluster(aws: LocalAws) -> None:
    """ECS developer guide, "List and describe tasks": no resource, a condition on the cluster."""
    ecs = aws.client("ecs")
    for name in ("own", "other"):
        ecs.create_cluster(clusterName=name)
    condition = {"ArnEquals": {"ecs:cluster": f"arn:aws:ecs:{HERE}:cluster/own"}}
    acting = Acting(aws, allow("ecs:ListTasks", Condition=condition)).client("ecs")
    for cluster in ("own", f"arn:aws:ecs:{HERE}:cluster/own"):
        assert denied(acting.list_tasks, cluster=cluster) == ("", "")
    assert denied(acting.list_tasks, cluster="other")[0] == "AccessDeniedException"


def test_a_role_carries_its_boundary(aws: LocalAws) -> None:
    limited = {"StringEquals": {"iam:PermissionsBoundary": ADMINISTRATOR}}
    acting = Acting(aws, allow("iam:CreateRole", "iam:PutRolePolicy", Condition=limited)).client("iam")
    name, trust = f"r-{uuid.uuid4()}", document(allow("sts:AssumeRole"))
    given = {"RoleName": name, "AssumeRolePolicyDocument": trust}
    assert denied(acting.create_role, **given)[0] == "AccessDenied"
    assert denied(acting.create_role, **given, PermissionsBoundary=ADMINISTRATOR) == ("", "")
    policy = {"PolicyName": "x", "PolicyDocument": document(allow("s3:ListAllMyBuckets"))}
    assert denied(acting.put_role_policy, RoleName=name, **policy) == ("", "")
    aws.client("iam").delete_role_permissions_boundary(RoleName=name)
    assert denied(acting.put_role_policy, RoleName=name, **policy)[0] == "AccessDenied"


def test_what_was_allowed_is_told_with_caller_resource_and_keys(aws: LocalAws) -> None:
    acting = Acting(aws, allow("ssm:DescribeParameters"))
    acting.client("ssm").describe_parameters()
    (need,) = [one for one in embedded_aws.needs(aws) if acting.name in one["caller"]]
    assert need["action"] == "ssm:DescribeParameters"
    assert (need["resource"], need["operation"], need["context"]) == ("*", "DescribeParameters", {})
