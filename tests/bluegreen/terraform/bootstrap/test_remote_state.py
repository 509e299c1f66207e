"""What uses the bucket: Terraform's own S3 backend, and credentials as people have them."""

import json
import os
from pathlib import Path

import pytest

from bluegreen.terraform import Terraform
from packages.embedded_aws.tests.roles import EVERYTHING
from tests.bluegreen.cli.conftest import run
from tests.bluegreen.terraform.bootstrap.conftest import ACCOUNT, Remote, answer_of, document

STAGING = ("bootstrap", "--deployment", "staging")
STATE = "payments-staging/terraform.tfstate"


def test_terraform_keeps_its_state_there(remote: Remote) -> None:
    assert run(*STAGING, "--yes").exit_code == 0
    backend = {"terraform": document(remote.bucket, remote.alias)["terraform"]}
    something = {
        "resource": {"terraform_data": {"something": {"input": "1"}}},
        "output": {"x": {"value": "y"}},
    }
    (remote.stack / "cdk.tf.json").write_text(json.dumps(backend | something))
    terraform = Terraform(remote.stack)

    terraform.init()
    assert terraform.apply().added == 1

    assert terraform.output() == {"x": "y"}
    state = remote.s3.head_object(Bucket=remote.bucket, Key=STATE)
    assert state["ServerSideEncryption"] == "aws:kms"
    objects = remote.s3.list_objects_v2(Bucket=remote.bucket)["Contents"]
    assert [entry["Key"] for entry in objects] == [STATE]  # the lock file is gone


def test_a_profile_that_assumes_a_role(
    remote: Remote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusted = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    iam, name = remote.aws.client("iam"), "platform-engineer"
    iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trusted]}),
    )
    iam.put_role_policy(RoleName=name, PolicyName="everything", PolicyDocument=EVERYTHING)
    role = f"arn:aws:iam::{ACCOUNT}:role/{name}"
    config, keys = tmp_path / "aws-config", remote.aws.credentials
    config.write_text(
        f"[profile staging]\nrole_arn = {role}\nrole_session_name = ada\nsource_profile = me\n"
        f"[profile me]\naws_access_key_id = {keys.access_key_id}\n"
        f"aws_secret_access_key = {keys.secret_access_key}\n"
    )
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        if name not in {"AWS_ENDPOINT_URL", "AWS_EC2_METADATA_DISABLED"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", remote.aws.endpoint)  # all that Terraform assumes a role by
    monkeypatch.setenv("AWS_PROFILE", "staging")

    result = run(*STAGING, "--yes", "--output", "json")

    assert result.exit_code == 0, result.output
    assert (
        answer_of(result.stdout)["identity"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/platform-engineer/ada"
    )
    backend = {"terraform": document(remote.bucket, remote.alias)["terraform"]}
    (remote.stack / "cdk.tf.json").write_text(json.dumps(backend | {"output": {"x": {"value": "y"}}}))
    terraform = Terraform(remote.stack)
    terraform.init()
    terraform.apply()
    assert terraform.output() == {"x": "y"}
