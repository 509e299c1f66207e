"""R17: what is secret is in the AWS that keeps it, and nowhere else."""

import json
from pathlib import Path

import pytest

from tests.e2e.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]

CANARY = "canary-4f0c9a51b7d2"


def passwords(platform: Platform) -> set[str]:
    """Every password that Secrets Manager holds: the administrators' and, as the application's, a canary."""
    client = platform.aws.client("secretsmanager")
    client.put_secret_value(
        SecretId="payments-local/blue/database", SecretString=json.dumps({"password": CANARY})
    )
    values = []
    for secret in client.list_secrets()["SecretList"]:
        if any("AWSCURRENT" in stages for stages in secret["SecretVersionsToStages"].values()):
            values.append(client.get_secret_value(SecretId=secret["ARN"])["SecretString"])
    return {json.loads(value)["password"] for value in values}


def files_with(secrets: set[str], directory: Path) -> list[str]:
    """Files below `directory` that hold one of the secrets in plain text."""
    return [
        f"{file.relative_to(directory)}"
        for file in directory.rglob("*")
        if file.is_file() and any(secret.encode() in file.read_bytes() for secret in secrets)
    ]


def test_no_password_is_in_code_state_plan_output_or_logs(platform: Platform) -> None:
    secrets = passwords(platform)
    assert CANARY in secrets
    # The canary, what `local up` gave to green's application, and what moto gives to every administrator.
    assert len(secrets) == 3

    plan = platform.workspace / "saved.tfplan"
    platform.terraform.plan(out=plan)
    told = [
        json.dumps(platform.terraform.show(plan)),
        json.dumps(platform.terraform.output()),
        *(
            platform.bluegreen(*command).stdout
            for command in (["status"], ["local", "status"], ["local", "up"])
        ),
    ]

    assert [text for text in told if any(secret in text for secret in secrets)] == []
    assert files_with(secrets, platform.workspace) == []
