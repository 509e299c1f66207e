"""What the Service Authorization Reference says of actions."""

import pytest

from iam_evaluation import UnknownActionError, condition_key_types, expand_actions, find_action


def test_an_action() -> None:
    action = find_action("KMS:decrypt")
    assert (action.name, action.access_level, action.resource_level) == ("kms:Decrypt", "Write", True)
    (key,) = action.resource_types
    assert (key.name, key.required) == ("key", True)
    assert key.arn == "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}"
    assert "kms:ViaService" in action.condition_keys
    assert "aws:ResourceTag/${TagKey}" in key.condition_keys


def test_dependent_actions() -> None:
    wanted = {
        "iam:PassRole",
        "kms:CreateGrant",
        "kms:DescribeKey",
        "rds:AddTagsToResource",
        "secretsmanager:CreateSecret",
    }
    action = find_action("rds:CreateDBCluster")
    assert wanted <= action.dependent_actions
    (cluster,) = (type_ for type_ in action.resource_types if type_.name == "cluster")
    assert wanted <= cluster.dependent_actions


@pytest.mark.parametrize(
    ("action", "resource", "accepted"),
    [
        ("s3:GetObject", "arn:aws:s3:::bucket/a/b:c", True),
        ("s3:GetObject", "arn:aws:s3:::bucket", False),
        ("s3:ListBucket", "arn:aws:s3:::bucket", True),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/1", True),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:alias/a", False),
        ("kms:Decrypt", "*", False),
        ("kms:ListKeys", "*", True),
        ("kms:ListKeys", "arn:aws:kms:eu-west-1:111122223333:key/1", False),
        ("logs:PutLogEvents", "arn:aws:logs:eu-west-1:111122223333:log-group:/a/b:log-stream:c", True),
        ("cloudwatch:DescribeAlarms", "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:a", True),
        ("elasticloadbalancing:DescribeListeners", "*", True),
        ("sts:AssumeRole", "arn:aws:iam::111122223333:role/a/b", True),
    ],
)
def test_resources_that_make_sense(action: str, resource: str, accepted: bool) -> None:
    assert find_action(action).accepts(resource) is accepted


def test_whether_policies_can_name_resources() -> None:
    assert find_action("sns:Publish").resource_level
    assert not find_action("ec2:DescribeVpcs").resource_level


@pytest.mark.parametrize(
    ("name", "fix"),
    [
        ("s3:GetObjec", "s3:GetObject"),
        ("dynamdb:GetItem", "dynamodb:GetItem"),
        ("GetObject", "write"),
        ("nothinglikeit1234:X", "SERVICE:Action"),
    ],
)
def test_an_unknown_action(name: str, fix: str) -> None:
    with pytest.raises(UnknownActionError) as caught:
        find_action(name)
    assert fix in str(caught.value)
    assert "cause: " in str(caught.value)


def test_patterns_are_expanded() -> None:
    found = expand_actions("kms:*Grant*")
    assert {"kms:CreateGrant", "kms:RevokeGrant"} <= {*found}
    assert all("grant" in name.lower() for name in found)
    assert list(found) == sorted(found)
    assert expand_actions("KMS:decryp?") == ("kms:Decrypt",)
    assert expand_actions("nothing:*") == ()
    assert {"kms:Decrypt", "s3:GetObject"} <= {*expand_actions("*")} == {*expand_actions("*:*")}


def test_types_of_condition_keys() -> None:
    kms = condition_key_types("KMS")
    assert (kms["kms:ViaService"], kms["kms:GrantOperations"]) == ("String", "ArrayOfString")
    assert condition_key_types("nothing") == {}


def test_policies_of_aws_itself_name_known_actions() -> None:
    """Of services that this project uses; a data package that is too old to know them would mislead."""
    for service in (
        "backup",
        "dynamodb",
        "ecr",
        "ecs",
        "kms",
        "lambda",
        "rds",
        "s3",
        "secretsmanager",
        "states",
    ):
        assert expand_actions(f"{service}:*")
