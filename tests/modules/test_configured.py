"""What is built when the keys that the shipped configurations leave alone are set."""

import re
from pathlib import Path

import pytest

from tests.iam.stack_decisions import arn, role_may
from tests.stack_reader import Stack
from tests.workspaces import ROOT, stack_of, synthesize, with_shipped_configuration

pytestmark = pytest.mark.integration

COSTS = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
IAM = """
[iam]
path = "/payments/"
permissions_boundary = "arn:aws:iam::123456789012:policy/workload-boundary"
"""
TABLES = Path(__file__).with_name("configured.toml")


@pytest.fixture(scope="session")
def configured(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """staging with the tables of configured.toml."""
    directory = tmp_path_factory.mktemp("configured")
    (directory / "config").mkdir()
    text = (ROOT / "config" / "staging.toml").read_text(encoding="utf-8")
    text = text.replace("\n[iam]\n", IAM)
    text += "\n" + TABLES.read_text(encoding="utf-8")
    (directory / "config" / "staging.toml").write_text(text, encoding="utf-8")
    (directory / "config" / "terraform.lock.hcl").write_bytes(
        (ROOT / "config" / "terraform.lock.hcl").read_bytes()
    )
    result = synthesize(directory)
    assert result.returncode == 0, result.stderr
    return Stack(stack_of(directory, "staging"))


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
        assert "CKV_AWS_115" in [one["id"] for one in function["//"]["checkov"]["skip"]]


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
