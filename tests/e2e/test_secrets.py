"""R17: what is secret is in the AWS that keeps it, and nowhere else."""

import json
import stat
from pathlib import Path

import embedded_aws
import pytest

from bluegreen.terraform.plans import DOCUMENT, PLAN_FILE
from tests.e2e.platform import Platform

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]


def passwords(platform: Platform) -> set[str]:
    """Every password that Secrets Manager holds: the administrators' and the applications'."""
    client = platform.aws.client("secretsmanager")
    values = []
    for secret in client.list_secrets()["SecretList"]:
        if any("AWSCURRENT" in stages for stages in secret["SecretVersionsToStages"].values()):
            values.append(embedded_aws.secret_value(platform.aws, secret["ARN"]))
    return {json.loads(value)["password"] for value in values}


def files_with(secrets: set[str], directory: Path) -> list[str]:
    """Files below `directory` that hold one of the secrets in plain text."""
    return [
        f"{file.relative_to(directory)}"
        for file in directory.rglob("*")
        if file.is_file() and any(secret.encode() in file.read_bytes() for secret in secrets)
    ]


def test_the_keys_of_the_run_are_in_its_state_file_only(platform: Platform) -> None:
    aws = platform.aws
    keys = {aws.token, aws.credentials.secret_access_key}
    told = [
        platform.bluegreen(*command, "--output", "json").stdout
        for command in (["status"], ["local", "status"], ["local", "up"])
    ]
    assert [text for text in told if any(key in text for key in keys)] == []
    assert files_with(keys, platform.workspace) == [".local/local/aws.json"]
    assert platform.bluegreen("local", "env").stdout.count(aws.credentials.secret_access_key) == 1


def test_what_is_written_is_closed_to_other_users(platform: Platform) -> None:
    platform.json("plan", "--deployment", "local")
    stack = platform.stack.parent
    written = [platform.workspace / ".local", *(platform.workspace / ".local").rglob("*")]
    written += [stack / PLAN_FILE, stack / DOCUMENT]
    assert {"aws.json", "terraform.tfstate", "places.json", "plans"} <= {path.name for path in written}
    open_to_others = [
        path
        for path in written
        if not path.is_symlink() and path.lstat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]
    assert open_to_others == []


def test_no_password_is_in_code_state_plan_output_or_logs(platform: Platform) -> None:
    secrets = passwords(platform)
    # What `local up` gave to each colour's application, and what moto gives to every administrator.
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
