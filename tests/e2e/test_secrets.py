"""R17: what is secret is in the AWS that keeps it, and nowhere else."""

import json
import stat
from pathlib import Path

import embedded_aws
import pytest

from bluegreen.terraform.plans import DOCUMENT, PLAN_FILE
from tests.e2e.platform import Platform
from tests.terraform_commands import OF_PLAN, UNREFRESHED

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("platform: applied")]


def passwords(platform: Platform) -> set[str]:
    """Every password that Secrets Manager holds."""
    client = platform.aws.client("secretsmanager")
    pages = client.get_paginator("list_secrets").paginate()
    values = []
    for secret in (one for page in pages for one in page["SecretList"]):
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


@pytest.fixture(scope="module")
def told(platform: Platform) -> list[str]:
    """What the commands print. A plan, too, is made by then. What `local up --output json` prints:
    test_platform.py.
    """
    done = [
        platform.bluegreen(*command, *output)
        for command in (["status"], ["local", "status"])
        for output in ((), ("--output", "json"))
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(OF_PLAN, UNREFRESHED)  # it has the values of the state
        done.append(platform.bluegreen("plan", "--deployment", "local", "--output", "json"))
    assert [one.stderr for one in done if one.returncode] == []
    return [platform.said, *(one.stdout for one in done)]


def test_the_keys_of_the_run_are_in_its_state_file_only(platform: Platform, told: list[str]) -> None:
    aws = platform.aws
    keys = {aws.token, aws.credentials.secret_access_key}
    assert [text for text in told if any(key in text for key in keys)] == []
    assert files_with(keys, platform.workspace) == [".local/local/aws.json"]
    assert platform.bluegreen("local", "env").stdout.count(aws.credentials.secret_access_key) == 1


@pytest.mark.usefixtures("told")
def test_what_is_written_is_closed_to_other_users(platform: Platform) -> None:
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


def test_no_password_is_in_code_state_plan_output_or_logs(platform: Platform, told: list[str]) -> None:
    secrets = passwords(platform)
    # Of each colour: administrator and application; mover, health function and replication of the ledger.
    assert len(secrets) == 12

    plan = (platform.stack.parent / DOCUMENT).read_text()  # as `terraform show -json` has it
    assert json.loads(plan)["planned_values"]["root_module"]["resources"]
    found_in = [plan, json.dumps(platform.terraform.output()), *told]

    assert [text for text in found_in if any(secret in text for secret in secrets)] == []
    # Only in the data of the servers that stand for Aurora: MariaDB keeps what a replica logs in with, and
    # statements that set passwords. MySQL rewrites them (MySQL manual, "Passwords and Logging").
    servers = platform.workspace / ".local" / "local" / "services" / "databases"
    found = [platform.workspace / name for name in files_with(secrets, platform.workspace)]
    assert [path for path in found if servers not in path.parents or path.parent.name != "data"] == []
