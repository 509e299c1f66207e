"""The environment of a handle leads to the embedded AWS, whatever the user's own says."""

import subprocess
import sys

import embedded_aws

ASK = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
USERS_OWN = {
    "AWS_PROFILE": "production",
    "AWS_SESSION_TOKEN": "the user's",
    "AWS_CA_BUNDLE": "/nowhere",
    "HTTP_PROXY": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "NO_PROXY": "intranet.example",
}


def test_a_child_process_uses_the_embedded_aws(aws: embedded_aws.LocalAws) -> None:
    environment = aws.environment(USERS_OWN)
    asked = subprocess.run(
        [sys.executable, "-c", ASK], env=environment, capture_output=True, text=True, check=True
    )
    assert asked.stdout.strip() == embedded_aws.ACCOUNT_ID


def test_the_environment_is_the_users_without_its_aws_settings(aws: embedded_aws.LocalAws) -> None:
    environment = aws.environment(USERS_OWN)
    assert {name for name in environment if name not in USERS_OWN} == {
        "AWS_ACCESS_KEY_ID",
        "AWS_CONFIG_FILE",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_ENDPOINT_URL",
        "AWS_MAX_ATTEMPTS",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SHARED_CREDENTIALS_FILE",
        "no_proxy",
    }
    assert "AWS_PROFILE" not in environment
    assert environment["HTTPS_PROXY"] == USERS_OWN["HTTPS_PROXY"]
    assert environment["NO_PROXY"] == "intranet.example,127.0.0.1,localhost"
