"""What is built when the keys that the shipped configurations leave alone are set."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bluegreen.terraform import Terraform
from iam_evaluation import Caller, Policies, Request, evaluate
from tests.iam.stack_decisions import arn, document, role_may, role_policies
from tests.stack_reader import Stack
from tests.terraform_commands import validate
from tests.workspaces import ROOT, stack_directory, stack_of, synthesize, with_shipped_configuration

pytestmark = pytest.mark.integration

COSTS = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
BOUNDARY = """path = "/payments/"
permissions_boundary = "arn:aws:iam::123456789012:policy/workload-boundary"
"""
TABLES = Path(__file__).with_name("configured.toml")


@pytest.fixture(scope="session")
def configured_workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """staging with the tables of configured.toml."""
    directory = tmp_path_factory.mktemp("configured")
    (directory / "config").mkdir()
    text = (ROOT / "config" / "staging.toml").read_text(encoding="utf-8")
    text = re.sub(r"^permissions_boundary = .*\n", BOUNDARY, text, flags=re.MULTILINE)
    text = text.replace("[load_balancer]\n", "[load_balancer]\nlog_lock_days = 365\n")
    text += "\n" + TABLES.read_text(encoding="utf-8")
    (directory / "config" / "staging.toml").write_text(text, encoding="utf-8")
    (directory / "config" / "terraform.lock.hcl").write_bytes(
        (ROOT / "config" / "terraform.lock.hcl").read_bytes()
    )
    result = synthesize(directory)
    assert result.returncode == 0, result.stderr
    return directory


@pytest.fixture(scope="session")
def configured(configured_workspace: Path) -> Stack:
    return Stack(stack_of(configured_workspace, "staging"))


def test_without_a_ledger_neither_colour_reaches_the_other(configured: Stack) -> None:
    text = json.dumps([configured.document["resource"], configured.document["output"]])
    assert not re.findall(r"ledger|replicate-|gtid|GREEN_DATABASE|blue-database_green", text)


def test_the_vault_lock_in_compliance_mode_shows_its_grace_period(configured: Stack) -> None:
    assert configured.one("aws_backup_vault_lock_configuration")["changeable_for_days"] == 14


def test_services_reach_exactly_the_acquirers_that_are_named(configured: Stack) -> None:
    def outside(colour: str) -> list[tuple[str | None, str | None, int, str]]:
        group = configured.at(f"{colour}/security-group")
        return [
            (
                rule.block.get("cidr_ipv4"),
                rule.block.get("prefix_list_id"),
                rule["from_port"],
                rule["description"],
            )
            for rule in configured.all("aws_vpc_security_group_egress_rule")
            if configured.named(rule["security_group_id"]) == group and "/egress-" in rule.path
        ]

    bank = ("203.0.113.0/24", None, 443, "acquirer Example Bank, authorisations")
    assert outside("blue") == [bank]
    assert sorted(outside("green"), key=str) == sorted(
        [bank, (None, "pl-0123456789abcdef0", 8443, "acquirer Sample Bank")], key=str
    )


def test_a_deployment_without_acquirers_is_told_what_its_gateways_cost(tmp_path: Path) -> None:
    """docs/costs.md has the prices."""
    result = synthesize(with_shipped_configuration(tmp_path), DEPLOYMENT="staging")
    assert "egress names no acquirer" in result.stderr
    gateways, addresses = re.findall(
        r"^\| (?:NAT gateways|public addresses) .* \| ([\d.]+) \|$", COSTS, re.MULTILINE
    )
    month = float(gateways) + float(addresses) / 2  # the load balancer has as many addresses
    assert f"about {month:.2f} USD a month" in result.stderr


def test_an_account_with_little_concurrency_reserves_none(configured: Stack) -> None:
    """CKV_AWS_115 is waived by that key alone. Lambda API reference, PutFunctionConcurrency."""
    for function in configured.all("aws_lambda_function"):
        assert "reserved_concurrent_executions" not in function.block
        skipped = configured.document["resource"]["aws_lambda_function"][function.name]["//"]["checkov"][
            "skip"
        ]
        assert "CKV_AWS_115" in [one["id"] for one in skipped]


def test_every_role_has_the_boundary_and_the_path(configured: Stack) -> None:
    roles = configured.all("aws_iam_role")
    assert len(roles) >= 10
    assert {(role["path"], role["permissions_boundary"]) for role in roles} == {
        ("/payments/", "arn:aws:iam::123456789012:policy/workload-boundary")
    }
    backup = role_may(
        configured,
        configured.at("backup/role"),
        "kms:CreateGrant",
        arn(configured.one("aws_kms_key")),
        {"kms:GrantIsForAWSResource": True},
    )
    assert backup.allowed, backup.explain()


def test_daily_backups_are_copied_to_one_vault_of_another_account(configured: Stack) -> None:
    """AWS Backup developer guide, "Creating backup copies across AWS accounts"."""
    target = "arn:aws:backup:us-east-1:210987654321:backup-vault:copies"
    rules = {one["rule_name"]: one for plan in configured.all("aws_backup_plan") for one in plan["rule"]}
    assert [copy["destination_vault_arn"] for copy in rules["daily"]["copy_action"]] == [target]
    assert "copy_action" not in rules["continuous"]

    vault = document(configured, configured.one("aws_backup_vault_policy"))
    role, key = configured.at("backup/role"), configured.one("aws_kms_key")
    point = "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:awsbackup:x"
    for to, allowed in ((target, True), (target.replace("copies", "other"), False)):
        request = Request(
            Caller.role(arn(role)), "backup:CopyFromBackupVault", point, {"backup:CopyTargets": [to]}
        )
        policies = Policies(identity=role_policies(configured, role), resource=(vault,))
        assert evaluate(request, policies).allowed is allowed
    statements = {one["Sid"]: one for one in key.policy()}
    assert statements["CopiesInAnotherAccount"]["Principal"] == {"AWS": "arn:aws:iam::210987654321:root"}


def test_a_trail_records_management_events_and_who_reads_the_state(configured: Stack) -> None:
    trail = configured.one("aws_cloudtrail")
    bucket = configured.at("audit/log/bucket")
    name = trail["name"]
    sent = {"aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:123456789012:trail/{name}"}
    write: dict[str, Any] = {**sent, "s3:x-amz-acl": "bucket-owner-full-control", "aws:SecureTransport": True}
    delivery = document(configured, configured.at("audit/log/policy"))
    key = document(configured, configured.one("aws_kms_key"))

    (selector,) = trail["event_selector"]
    assert selector["data_resource"][0]["values"] == ["arn:aws:s3:::payments-terraform-state-123456789012/"]
    assert configured.named(trail["s3_bucket_name"]) == bucket
    service = Caller.service("cloudtrail.amazonaws.com")
    for request, policy in (
        (Request(service, "s3:GetBucketAcl", arn(bucket), sent, "123456789012"), delivery),
        (
            Request(service, "s3:PutObject", f"{arn(bucket)}/AWSLogs/123456789012/x", write, "123456789012"),
            delivery,
        ),
        (Request(service, "kms:GenerateDataKey", arn(configured.one("aws_kms_key")), sent), key),
    ):
        assert evaluate(request, Policies(resource=(policy,))).allowed


def test_logs_are_locked_and_images_scanned_continuously(configured: Stack) -> None:
    locks = configured.all("aws_s3_bucket_object_lock_configuration")
    assert {one["rule"]["default_retention"]["days"] for one in locks} == {365}
    assert len(locks) == len(configured.all("aws_s3_bucket")) == 2
    # S3 takes no lock before versioning is on.
    versioned = {
        one["bucket"]: f"{one.type}.{one.name}" for one in configured.all("aws_s3_bucket_versioning")
    }
    assert all(one["depends_on"] == [versioned[one["bucket"]]] for one in locks)
    scanning = configured.one("aws_ecr_registry_scanning_configuration")
    assert scanning["scan_type"] == "ENHANCED"


def test_the_policies_pass(configured_workspace: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "bluegreen", "scan", str(configured_workspace / "cdktf.out")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout


def test_terraform_accepts_it(configured_workspace: Path, tmp_path: Path) -> None:
    stack = stack_directory(configured_workspace, "staging")
    shutil.copytree(stack, tmp_path, dirs_exist_ok=True)
    document = json.loads((stack / "cdk.tf.json").read_text(encoding="utf-8"))
    del document["terraform"]["backend"]  # initializing it needs an account
    (tmp_path / "cdk.tf.json").write_text(json.dumps(document), encoding="utf-8")
    terraform = Terraform(tmp_path)
    terraform.init()
    validate(terraform)
