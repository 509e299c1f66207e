"""`bluegreen bootstrap` on the embedded AWS: what it makes, what it leaves alone, what it refuses."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.bluegreen.cli.conftest import run
from tests.bluegreen.terraform.bootstrap.conftest import ACCOUNT, FOREIGN, Remote, answer_of, credentials_of

ALL = [
    "key",
    "key rotation",
    "bucket",
    "public access",
    "ownership",
    "encryption",
    "versioning",
    "bucket policy",
    "lifecycle",
]
STAGING = ("bootstrap", "--deployment", "staging")
AS_JSON = (*STAGING, "--yes", "--output", "json")


def code_of(error: pytest.ExceptionInfo[ClientError]) -> str:
    return str(error.value.response["Error"]["Code"])


def test_it_makes_bucket_and_key_and_the_second_time_nothing(remote: Remote) -> None:
    first = run(*AS_JSON)
    assert first.exit_code == 0, first.output
    answer = answer_of(first.stdout)
    assert answer["changed"] == ALL
    assert [setting["ok"] for setting in answer["settings"]] == [False] * len(ALL)
    assert (answer["account_id"], answer["bucket"]) == (ACCOUNT, remote.bucket)

    again = run(*AS_JSON)
    assert again.exit_code == 0
    assert answer_of(again.stdout)["changed"] == []
    assert run(*STAGING, "--check").exit_code == 0


def test_what_it_makes(remote: Remote) -> None:
    assert run(*AS_JSON).exit_code == 0

    key = remote.kms.describe_key(KeyId=remote.alias)["KeyMetadata"]
    assert remote.kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True
    policy = json.loads(remote.kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])
    (use,) = [statement for statement in policy["Statement"] if "kms:Decrypt" in statement["Action"]]
    assert use["Condition"] == {
        "StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": ACCOUNT}
    }
    (rule,) = remote.s3.get_bucket_encryption(Bucket=remote.bucket)["ServerSideEncryptionConfiguration"][
        "Rules"
    ]
    assert rule == {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key["Arn"]},
        "BucketKeyEnabled": True,
    }
    assert remote.s3.get_bucket_versioning(Bucket=remote.bucket)["Status"] == "Enabled"
    closed = remote.s3.get_public_access_block(Bucket=remote.bucket)["PublicAccessBlockConfiguration"]
    assert set(closed.values()) == {True}
    assert len(closed) == 4
    tags = remote.s3.get_bucket_tagging(Bucket=remote.bucket)["TagSet"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"Environment": "staging", "CostCenter": "payments"}


def test_what_the_bucket_refuses(remote: Remote) -> None:
    assert run(*AS_JSON).exit_code == 0
    remote.s3.put_object(Bucket=remote.bucket, Key="state", Body=b"{}")
    with pytest.raises(ClientError) as unencrypted:
        remote.s3.put_object(Bucket=remote.bucket, Key="x", Body=b"{}", ServerSideEncryption="AES256")
    assert code_of(unencrypted) == "AccessDenied"
    with pytest.raises(ClientError) as foreign:
        remote.of_account(FOREIGN, "s3").get_object(Bucket=remote.bucket, Key="state")
    assert code_of(foreign) == "AccessDenied"
    statements = json.loads(remote.s3.get_bucket_policy(Bucket=remote.bucket)["Policy"])["Statement"]
    denied = {statement["Sid"]: statement for statement in statements}
    assert {statement["Effect"] for statement in statements} == {"Deny"}
    assert denied["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert denied["OwnAccountOnly"]["Condition"]["StringNotEquals"] == {"aws:PrincipalAccount": ACCOUNT}


def test_check_says_what_is_missing_and_makes_nothing(remote: Remote) -> None:
    result = run(*STAGING, "--check", "--output", "json")
    assert result.exit_code == 1
    assert [each["name"] for each in answer_of(result.stdout)["settings"] if not each["ok"]] == ALL
    with pytest.raises(ClientError) as error:
        remote.s3.head_bucket(Bucket=remote.bucket)
    assert code_of(error) == "404"


SUSPENDED = {"VersioningConfiguration": {"Status": "Suspended"}}
HARM: dict[str, tuple[str, dict[str, Any]]] = {
    "public access": ("delete_public_access_block", {}),
    "ownership": ("delete_bucket_ownership_controls", {}),
    "encryption": ("delete_bucket_encryption", {}),
    "versioning": ("put_bucket_versioning", SUSPENDED),
    "bucket policy": ("delete_bucket_policy", {}),
    "lifecycle": ("delete_bucket_lifecycle", {}),
}


@pytest.mark.parametrize("name", HARM)
def test_what_somebody_took_away_is_found_and_put_right(remote: Remote, name: str) -> None:
    assert run(*AS_JSON).exit_code == 0
    call, arguments = HARM[name]
    getattr(remote.s3, call)(Bucket=remote.bucket, **arguments)

    check = run(*STAGING, "--check", "--output", "json")
    assert check.exit_code == 1
    assert [each["name"] for each in answer_of(check.stdout)["settings"] if not each["ok"]] == [name]
    assert answer_of(run(*AS_JSON).stdout)["changed"] == [name]
    assert run(*STAGING, "--check").exit_code == 0


def test_what_others_have_set_stays(remote: Remote) -> None:
    remote.s3.create_bucket(Bucket=remote.bucket)
    theirs = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/auditor"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{remote.bucket}/*",
    }
    policy = {"Version": "2012-10-17", "Statement": theirs}
    remote.s3.put_bucket_policy(Bucket=remote.bucket, Policy=json.dumps(policy))
    rule = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "reports/"}, "Expiration": {"Days": 3}}
    remote.s3.put_bucket_lifecycle_configuration(
        Bucket=remote.bucket, LifecycleConfiguration={"Rules": [rule]}
    )

    assert run(*AS_JSON).exit_code == 0

    statements = json.loads(remote.s3.get_bucket_policy(Bucket=remote.bucket)["Policy"])["Statement"]
    assert theirs in statements
    rules = remote.s3.get_bucket_lifecycle_configuration(Bucket=remote.bucket)["Rules"]
    assert {rule["ID"] for rule in rules} == {"theirs", "old-versions", "plans"}


def test_a_bucket_of_another_account_is_not_touched(remote: Remote) -> None:
    foreign = remote.of_account(FOREIGN, "s3")
    foreign.create_bucket(Bucket=remote.bucket)
    for arguments in (("--check",), ("--yes",)):
        result = run(*STAGING, *arguments)
        assert result.exit_code == 1
        assert f"the bucket {remote.bucket} is not of account {ACCOUNT}" in result.stderr
    assert "Status" not in foreign.get_bucket_versioning(Bucket=remote.bucket)
    with pytest.raises(ClientError):
        remote.kms.describe_key(KeyId=remote.alias)


def test_credentials_of_another_account(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in credentials_of(remote.aws, FOREIGN).items():
        monkeypatch.setenv(name, value)
    result = run(*STAGING, "--yes")
    assert result.exit_code == 1
    assert f"is of account {FOREIGN}, the deployment of {ACCOUNT}" in result.stderr


def test_a_bucket_in_another_region(remote: Remote) -> None:
    place = {"LocationConstraint": "eu-central-1"}
    remote.s3.create_bucket(Bucket=remote.bucket, CreateBucketConfiguration=place)
    result = run(*STAGING, "--yes")
    assert result.exit_code == 1
    assert "is in eu-central-1, the backend says us-east-1" in result.stderr


def test_a_key_that_cannot_encrypt_the_state(remote: Remote) -> None:
    remote.write(kms_key_id=f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000")
    missing = run(*STAGING, "--yes")
    assert (missing.exit_code, "an ARN can't be chosen" in missing.stderr) == (1, True)

    key = remote.kms.create_key()["KeyMetadata"]
    remote.kms.disable_key(KeyId=key["KeyId"])
    remote.write(kms_key_id=key["Arn"])
    disabled = run(*STAGING, "--yes")
    assert (disabled.exit_code, "Disabled" in disabled.stderr) == (1, True)


def test_a_key_named_by_its_arn_is_used(remote: Remote) -> None:
    key = remote.kms.create_key()["KeyMetadata"]
    remote.write(kms_key_id=key["Arn"])
    assert "key" not in answer_of(run(*AS_JSON).stdout)["changed"]
    (rule,) = remote.s3.get_bucket_encryption(Bucket=remote.bucket)["ServerSideEncryptionConfiguration"][
        "Rules"
    ]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key["Arn"]


@pytest.mark.usefixtures("remote")
def test_it_asks_and_needs_a_terminal_for_it() -> None:
    result = run(*STAGING)
    assert result.exit_code == 2
    assert "add --yes" in result.stderr


def test_a_local_deployment_has_nothing_to_bootstrap(remote: Remote) -> None:
    (remote.stack / "cdk.tf.json").write_text('{"terraform": {"backend": {"local": {"path": "x"}}}}')
    result = run(*STAGING, "--yes")
    assert result.exit_code == 2
    assert "keeps its state in a local file" in result.stderr


@pytest.mark.usefixtures("remote")
def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    result = run(*STAGING, "--check")
    assert result.exit_code == 3
    assert "Unable to locate credentials" in result.stderr
    assert "fix: use credentials that may do this" in result.stderr
